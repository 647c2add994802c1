//! 拒单 before it is accepted, 转办 afterwards.

use std::sync::Arc;

use application::{
    access::Actor,
    dossier::Case,
    error::{UseError, UseResult},
    ports::branch_board::Officer,
    review::{DeclineIntake, HandOver, Intent},
};
use domain::{
    financing::{ApplicationRecord, Stage},
    ids::UserId,
};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{Branch, ground::Held, show};
use crate::{
    deed::{Deed, Ground, Shown, allowed, barred, ticked, typed},
    forms::{Choice, Field, FormView},
    parts::Described,
    posted::Posted,
    visit::Visit,
};

/// 拒单 (row 8).
pub(super) struct Decline;

impl Deed for Decline {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/decline";
    const TITLE: &'static str = "拒单";
    const LEAD: &'static str = "拒单后由机构总部在 1 个工作日内改派其他支行，申请编号不变。";
    const ASK: &'static str = "要拒绝接下这笔融资需求吗？";
    const WARN: &'static str = "拒单后本支行不再办理，由机构总部改派。拒单说明只供本机构内部使用。";
    const YES: &'static str = "拒单";
    const DONE: &'static str = "已拒单，由机构总部改派。";
    const DANGER: bool = true;

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        allowed(case.powers.decline, &case.record)
    }

    fn fields(visit: &Visit, _: &Case, form: FormView) -> FormView {
        let reasons = visit.city.offered_refusals();
        form.with(
            Field::checks("intake_reasons", "拒单原因")
                .required()
                .hint("至少选择一项。")
                .options(reasons.map(|r| Choice::new(&r.code, &r.label))),
        )
        .with(
            Field::textarea("decline_note", "拒单说明")
                .required()
                .hint("供机构总部改派时参考，企业看不到。最多 300 个字。")
                .rows(4)
                .maxlength(300),
        )
    }

    fn summary(visit: &Visit, _: &Case, posted: &Posted) -> Vec<Described> {
        vec![
            Described::new(
                "拒单原因",
                show::reasons(&visit.city, &ticked(posted, "intake_reasons")),
            ),
            typed(posted, "拒单说明", "decline_note"),
        ]
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = DeclineIntake {
            seen: shown.seen(),
            reasons: ticked(posted, "intake_reasons"),
            note: posted.get("decline_note").to_owned(),
        };
        Box::pin(async move { uses.review.decline(&actor, ask, intent).await })
    }
}

/// An application, and who else of the branch could work on it.
pub(super) struct AmongColleagues;

/// The same, read.
pub(super) struct HandCase {
    case: Case,
    colleagues: Vec<Choice>,
}

impl Ground for AmongColleagues {
    type Uses = Branch;
    type Case = HandCase;

    fn read(uses: Arc<Branch>, actor: Actor, id: Uuid) -> BoxFuture<'static, UseResult<HandCase>> {
        Box::pin(async move {
            let case = Held::read(uses.clone(), actor.clone(), id).await?;
            let mut officers = Vec::new();
            if case.powers.hand_over {
                let (id, holder) = (case.record.id, case.record.holder);
                officers = uses.review.colleagues(&actor, id, holder).await?;
            }
            let choice = |officer: Officer| Choice::new(officer.id.to_string(), officer.name);
            let colleagues = officers.into_iter().map(choice).collect();
            Ok(HandCase { case, colleagues })
        })
    }

    fn record(hand: &HandCase) -> &ApplicationRecord {
        &hand.case.record
    }
}

/// 转办 (row 16).
pub(super) struct Hand;

impl Deed for Hand {
    type On = AmongColleagues;

    const PATH: &'static str = "/branch/applications/{id}/hand-over";
    const TITLE: &'static str = "转办";
    const LEAD: &'static str = "转给本支行其他客户经理或负责人办理，办理时限继续计算。";
    const ASK: &'static str = "要转给其他人办理吗？";
    const WARN: &'static str = "转办后由新的经办人联系企业和办理，企业会看到新的客户经理。";
    const YES: &'static str = "转办";
    const DONE: &'static str = "已转办，新的经办人会收到通知。";

    fn offered(hand: &HandCase, _: &Actor) -> UseResult<()> {
        if hand.case.powers.hand_over {
            return Ok(());
        }
        let record = &hand.case.record;
        let working = matches!(record.stage, Stage::Accepted | Stage::DueDiligence);
        if working && !record.frozen {
            let holder = &record.holder_name;
            return Err(UseError::conflict("financing.not_holder").with("holder", holder));
        }
        Err(barred(record))
    }

    fn fields(_: &Visit, hand: &HandCase, form: FormView) -> FormView {
        let hint = if hand.colleagues.is_empty() {
            "本支行没有其他客户经理或负责人，暂时不能转办。"
        } else {
            ""
        };
        form.with(
            Field::select("to", "新的经办人", "请选择")
                .required()
                .hint(hint)
                .options(hand.colleagues.clone()),
        )
        .with(
            Field::textarea("hand_reason", "转办原因")
                .required()
                .hint("企业看不到。最多 300 个字。")
                .rows(3)
                .maxlength(300),
        )
    }

    fn summary(_: &Visit, hand: &HandCase, posted: &Posted) -> Vec<Described> {
        let chosen = hand.colleagues.iter().find(|c| c.value == posted.get("to"));
        vec![
            Described::new("新的经办人", chosen.map_or("", |c| c.label.as_str())),
            typed(posted, "转办原因", "hand_reason"),
        ]
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = HandOver {
            seen: shown.seen(),
            to: Uuid::try_parse(posted.get("to")).ok().map(UserId),
            reason: posted.get("hand_reason").to_owned(),
        };
        Box::pin(async move { uses.review.hand_over(&actor, ask, intent).await })
    }
}
