//! 确认拒单 (row 10): nobody of the institution takes it.

use std::sync::Arc;

use application::{
    access::Actor,
    dispatch::{DispatchCase, RefuseIntake, Way},
    error::UseResult,
    review::Intent,
};
use futures::future::BoxFuture;

use super::{
    Hq,
    sending::{self, Sending},
};
use crate::{
    deed::{Deed, Shown, ticked},
    forms::{Choice, Field, FormView},
    parts::{Described, Link},
    posted::Posted,
    show,
    visit::Visit,
};

pub(super) struct Refuse;

impl Deed for Refuse {
    type On = Sending;

    const PATH: &'static str = "/branch/applications/{id}/confirm-decline";
    const TITLE: &'static str = "确认拒单";
    const LEAD: &'static str = "本机构没有支行受理时，由您确认拒单。原因将展示给企业。";
    const ASK: &'static str = "要确认拒单吗？";
    const WARN: &'static str = "融资需求将结束，企业会看到原因，并可改选其他机构再次申请。";
    const YES: &'static str = "确认拒单";
    const DONE: &'static str = "已确认拒单，企业会收到通知。";
    const DANGER: bool = true;
    const WEIGHS: bool = true;

    fn offered(case: &DispatchCase, _: &Actor) -> UseResult<()> {
        sending::fits(case, &[Way::ReassignFromHq])
    }

    fn fields(visit: &Visit, _: &DispatchCase, form: FormView) -> FormView {
        let reasons = visit.city.offered_reasons();
        form.with(
            Field::checks("reasons", "拒单原因")
                .required()
                .hint("至少选择一项。")
                .options(reasons.map(|r| Choice::new(&r.code, &r.label))),
        )
        .with(
            Field::textarea("refusal_note", "拒单说明")
                .required()
                .hint("展示给企业，请写明企业可以怎样继续申请，最多 500 个字。")
                .rows(4)
                .maxlength(500),
        )
    }

    fn summary(visit: &Visit, case: &DispatchCase, posted: &Posted) -> Vec<Described> {
        let reasons = show::reasons(&visit.city, &ticked(posted, "reasons"));
        let mut rows = sending::standing(case);
        rows.push(Described::new("拒单原因", reasons));
        rows.push(Described::new("拒单说明", posted.get("refusal_note")));
        rows
    }

    fn run(
        uses: Arc<Hq>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = RefuseIntake {
            seen: shown.seen(),
            reasons: ticked(posted, "reasons"),
            note: posted.get("refusal_note").to_owned(),
        };
        Box::pin(async move { uses.dispatch.refuse(&actor, ask, intent).await })
    }

    fn menu(case: &DispatchCase) -> &'static str {
        sending::menu(case)
    }

    fn crumbs(case: &DispatchCase) -> Vec<Link> {
        sending::way_here(case, Self::TITLE)
    }

    fn beside(visit: &Visit, case: &DispatchCase) -> Vec<Described> {
        sending::beside(visit, case)
    }
}
