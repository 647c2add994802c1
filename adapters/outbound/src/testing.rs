//! For tests of adapters 测试支持: a switchboard in a hurry, and every signature verified a second time by code that shares
//! nothing with [`crate::sign`]: another library, and the request read as the provider reads it.

mod clock;
mod verify;

use std::{sync::Arc, time::Duration};

use application::ports::clock::Clock;

pub use clock::Fixed;
pub use verify::{acs3_signed, rpc_signed, sdk_hmac_signed, tc3_signed, wsse_signed};

use crate::{Manners, Reach, Switchboard};

/// A switchboard that reaches this machine, waits a quarter of a second for answers, and lets nobody rest for longer.
pub fn hurried() -> Switchboard {
    hurried_with(Arc::new(Fixed::default()))
}

/// The same with a clock of the test's own.
pub fn hurried_with(clock: Arc<dyn Clock>) -> Switchboard {
    let manners = Manners {
        whole: Duration::from_millis(250),
        rest: Duration::from_millis(1),
        ..Manners::default()
    };
    Switchboard::with(clock, Reach::default().and_loopback(), manners)
        .expect("a client can be built")
}
