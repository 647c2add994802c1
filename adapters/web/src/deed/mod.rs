//! A deed 办理 on one matter: a form, a page to check it, and only then the deed. One frame for every room of the staff.
//!
//! A room tells what its deeds are about ([`Ground`]) and, deed by deed, the words, the fields and the use case ([`Deed`]);
//! [`both`] makes the two doors. The proof before what weighs, lost races, repeats and corrections are the frame's.

mod frame;
mod pages;

pub(crate) use frame::{Start, both, offer, post};
pub use pages::samples;
pub(crate) use pages::{CheckPage, FormPage, Hidden};

use std::sync::Arc;

use application::{
    access::Actor,
    error::{UseError, UseResult},
    once::Once,
    review::{Intent, Seen},
};
use domain::{financing::ApplicationRecord, ids::FinancingApplicationId};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::{
    errors::WebError,
    forms::{Field, FormView},
    matter::{asked, base, crumbs},
    parts::{Described, Link},
    posted::{Posted, once},
    show,
    visit::Visit,
};

/// What deeds are about: where it is read, and the application in it.
pub(crate) trait Ground: Send + Sync + 'static {
    type Uses: Send + Sync + 'static;
    type Case: Send + Sync + 'static;

    fn read(
        uses: Arc<Self::Uses>,
        actor: Actor,
        id: Uuid,
    ) -> BoxFuture<'static, UseResult<Self::Case>>;

    fn record(case: &Self::Case) -> &ApplicationRecord;
}

/// The use cases behind a deed.
pub(crate) type Uses<D> = <<D as Deed>::On as Ground>::Uses;
/// What a deed is done to, as its pages know it.
pub(crate) type Case<D> = <<D as Deed>::On as Ground>::Case;

/// What a posted form names: the matter by its address, the version that the page showed, and the key against repeats.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub id: Uuid,
    pub version: i32,
    pub once: Once,
}

impl Shown {
    pub fn read(id: Uuid, posted: &Posted) -> Result<Self, WebError> {
        Ok(Self {
            id,
            version: posted.get("version").parse().unwrap_or(0),
            once: once(posted)?,
        })
    }

    /// The same where the address names the application itself.
    pub fn seen(self) -> Seen {
        Seen {
            application: FinancingApplicationId(self.id),
            version: self.version,
            once: self.once,
        }
    }
}

/// The question of the check page, and what follows from a yes.
#[derive(Clone, Copy)]
pub(crate) struct Question {
    pub ask: &'static str,
    pub warn: &'static str,
    pub yes: &'static str,
    pub danger: bool,
}

/// What differs between one deed and the next.
pub(crate) trait Deed: Sized + Send + Sync + 'static {
    type On: Ground;

    /// Its address, with `{id}`.
    const PATH: &'static str;
    const TITLE: &'static str;
    const LEAD: &'static str;
    const ASK: &'static str;
    const WARN: &'static str;
    const YES: &'static str;
    const DONE: &'static str;
    const DANGER: bool = false;
    /// A decision wants a fresh proof (S-41).
    const WEIGHS: bool = false;

    /// Why there is no form; `Ok`: there is one.
    fn offered(case: &Case<Self>, actor: &Actor) -> UseResult<()>;

    fn fields(visit: &Visit, case: &Case<Self>, form: FormView) -> FormView;

    /// What was filled in, below the number and the enterprise.
    fn summary(visit: &Visit, case: &Case<Self>, posted: &Posted) -> Vec<Described>;

    fn run(
        uses: Arc<Uses<Self>>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>>;

    // --- what most deeds leave as it is ---

    fn title(_: &Case<Self>) -> &'static str {
        Self::TITLE
    }

    fn lead(_: &Case<Self>) -> String {
        Self::LEAD.to_owned()
    }

    const QUESTION: Question = Question {
        ask: Self::ASK,
        warn: Self::WARN,
        yes: Self::YES,
        danger: Self::DANGER,
    };

    fn question(_: &Case<Self>, _: &Posted) -> Question {
        Self::QUESTION
    }

    /// What does not forbid it and should be seen before it is done; empty: nothing.
    fn warned(_: &Case<Self>, _: &Posted) -> String {
        String::new()
    }

    /// What is said once it is done.
    fn done(_: &Posted) -> &'static str {
        Self::DONE
    }

    /// Where the menu stands; empty: as the address says.
    fn menu(_: &Case<Self>) -> &'static str {
        ""
    }

    fn crumbs(case: &Case<Self>) -> Vec<Link> {
        crumbs(Self::On::record(case), Some(Self::title(case)))
    }

    /// Back from the form without doing it.
    fn back(case: &Case<Self>) -> String {
        base(Self::On::record(case).id)
    }

    /// Where a posted form leads, done or come too late.
    fn home(id: Uuid) -> String {
        base(FinancingApplicationId(id))
    }

    /// Where it goes on once it is done.
    fn after(_: &Actor, id: Uuid) -> String {
        Self::home(id)
    }

    /// What stands beside the form.
    fn beside(_: &Visit, case: &Case<Self>) -> Vec<Described> {
        asked(Self::On::record(case))
    }

    /// Another way to fill the form, as a button beside the first one.
    fn other_way(_: &Case<Self>) -> Option<Link> {
        None
    }
}

/// Which application it is: the first rows of every page about one.
pub(crate) fn named(record: &ApplicationRecord) -> Vec<Described> {
    vec![
        Described::new("申请编号", show::number(record)),
        Described::new("企业名称", &record.enterprise_name),
    ]
}

/// `Ok` where a person has the power; otherwise what the application itself says against it.
pub(crate) fn allowed(power: bool, record: &ApplicationRecord) -> UseResult<()> {
    if power {
        return Ok(());
    }
    Err(barred(record))
}

/// Frozen, or at a stage that knows no such deed.
pub(crate) fn barred(record: &ApplicationRecord) -> UseError {
    if record.frozen {
        return UseError::conflict("financing.frozen");
    }
    UseError::conflict("financing.not_allowed").with("stage", record.stage.zh())
}

/// A row of the check page that says what was typed.
pub(crate) fn typed(posted: &Posted, label: &str, name: &str) -> Described {
    let text = posted.get(name).trim();
    Described::new(label, if text.is_empty() { "未填写" } else { text })
}

/// Every box that was ticked.
pub(crate) fn ticked(posted: &Posted, name: &str) -> Vec<String> {
    posted.all(name).into_iter().map(str::to_owned).collect()
}

/// 处理意见 on what somebody asked for; the first option is a yes.
pub(crate) fn verdict(yes: &str, no: &str) -> Field {
    Field::radio("verdict", "处理意见")
        .required()
        .options([("accept", yes), ("decline", no)])
}

pub(crate) fn said_yes(posted: &Posted) -> bool {
    posted.get("verdict") == "accept"
}
