//! 审核通过 (row 21) and 审核不通过 (row 22) where one person decides alone.

use std::sync::Arc;

use application::{
    access::Actor,
    dossier::Case,
    error::{UseError, UseResult},
    review::{ApproveApplication, Intent, RejectApplication},
};
use domain::financing::{ApplicationRecord, Stage};
use futures::future::BoxFuture;

use super::{Branch, detail, ground::Held, show, terms};
use crate::{
    deed::{Deed, Shown, barred, ticked},
    forms::{Choice, Field, FormView},
    parts::Described,
    posted::Posted,
    visit::Visit,
};

/// While it is worked on, only whoever decides has the button.
fn not_decider(record: &ApplicationRecord) -> UseError {
    let working = matches!(record.stage, Stage::Accepted | Stage::DueDiligence);
    if working && !record.frozen {
        return UseError::conflict("review.not_decider");
    }
    barred(record)
}

fn opinion() -> Field {
    Field::textarea("opinion", "审核意见")
        .required()
        .hint("展示给企业，最多 500 个字。")
        .rows(4)
        .maxlength(500)
}

/// 审核通过.
pub(super) struct Approve;

impl Deed for Approve {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/approve";
    const TITLE: &'static str = "审核通过";
    const LEAD: &'static str = "批准的条件和审核意见将展示给企业。";
    const ASK: &'static str = "要通过这笔融资需求吗？";
    const WARN: &'static str = "通过后企业会看到批准的条件和审核意见，审核结果不能改为不通过。";
    const YES: &'static str = "审核通过";
    const DONE: &'static str = "已审核通过，企业会收到通知。";
    const WEIGHS: bool = true;

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if case.powers.approve {
            return Ok(());
        }
        Err(not_decider(&case.record))
    }

    fn fields(_: &Visit, case: &Case, form: FormView) -> FormView {
        terms::fields(case, form, terms::APPROVED).with(opinion())
    }

    fn summary(_: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let unit = show::unit(case.record.term.unit());
        let mut rows = vec![detail::wished(&case.record)];
        rows.extend(terms::rows(posted, unit, terms::APPROVED));
        rows.push(Described::new("审核意见", posted.get("opinion")));
        rows
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = ApproveApplication {
            seen: shown.seen(),
            terms: terms::typed(posted, "opinion"),
        };
        Box::pin(async move { uses.review.approve(&actor, ask, intent).await })
    }
}

/// 审核不通过.
pub(super) struct Reject;

impl Deed for Reject {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/reject";
    const TITLE: &'static str = "审核不通过";
    const LEAD: &'static str = "原因和审核意见将展示给企业，请写明企业可以怎样改进。";
    const ASK: &'static str = "要将这笔融资需求审核为不通过吗？";
    const WARN: &'static str = "企业会看到原因和审核意见，并可在条件满足后再次申请。";
    const YES: &'static str = "审核不通过";
    const DONE: &'static str = "已审核为不通过，企业会收到通知。";
    const DANGER: bool = true;
    const WEIGHS: bool = true;

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if case.powers.reject {
            return Ok(());
        }
        Err(not_decider(&case.record))
    }

    fn fields(visit: &Visit, _: &Case, form: FormView) -> FormView {
        let reasons = visit.city.offered_reasons();
        form.with(
            Field::checks("reasons", "不通过原因")
                .required()
                .hint("至少选择一项。")
                .options(reasons.map(|r| Choice::new(&r.code, &r.label))),
        )
        .with(opinion())
    }

    fn summary(visit: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let reasons = show::reasons(&visit.city, &ticked(posted, "reasons"));
        vec![
            detail::wished(&case.record),
            Described::new("不通过原因", reasons),
            Described::new("审核意见", posted.get("opinion")),
        ]
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = RejectApplication {
            seen: shown.seen(),
            reasons: ticked(posted, "reasons"),
            opinion: posted.get("opinion").to_owned(),
        };
        Box::pin(async move { uses.review.reject(&actor, ask, intent).await })
    }
}
