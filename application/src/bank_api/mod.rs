//! Bank API 系统接口: a bank's own system reads its applications, reports draws and repayments, and hears of what happened.
//! The console's half (keys, address, log) is [`KeyRoom`]; the machine's half is [`Gate`] and [`BankDesk`].

mod desk;
mod gate;
mod hooks;
mod keys;
pub mod post;
mod sandbox;
mod view;

pub use desk::{Answered, BankDesk, Deed, ListAsk, Page, Write};
pub use gate::{Admitted, Budget, Gate, Machine, Presented, RATE, RATE_WINDOW, SKEW_SECONDS};
pub use keys::{CreateKey, Issued, KeyRoom, KeysCase};
pub use view::{Approved, DrawView, Loan, LoanView, Named, RepaymentView, TermView};

use uuid::Uuid;

use crate::ports::sealing::Place;

/// Where the secret of an access key stands.
fn key_place(city: Uuid, key: Uuid) -> Place {
    Place {
        tenant: city,
        table: "bank_api_keys",
        row: key,
        column: "secret_sealed",
    }
}

/// Where the secret of a webhook stands.
fn hook_place(city: Uuid, hook: Uuid) -> Place {
    Place {
        tenant: city,
        table: "bank_webhooks",
        row: hook,
        column: "secret_sealed",
    }
}
