//! 拒单 before it is accepted, 转办 afterwards.

use std::sync::Arc;

use application::{
    access::Actor,
    dossier::{Case, Powers},
    error::{UseError, UseResult},
    review::{DeclineIntake, HandOver, Intent, Seen},
};
use domain::{financing::Stage, ids::UserId};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{
    Branch,
    deed::{Choices, Deed, typed},
    show,
};
use crate::{
    forms::{Choice, Field, FormView},
    parts::Described,
    posted::Posted,
    visit::Visit,
};

/// 拒单 (row 8).
pub(super) struct Decline;

fn codes(posted: &Posted) -> Vec<String> {
    let picked = posted.all("intake_reasons").into_iter();
    picked.map(str::to_owned).collect()
}

impl Deed for Decline {
    const PATH: &'static str = "decline";
    const TITLE: &'static str = "拒单";
    const LEAD: &'static str = "拒单后由机构总部在 1 个工作日内改派其他支行，申请编号不变。";
    const ASK: &'static str = "要拒绝接下这笔融资需求吗？";
    const WARN: &'static str = "拒单后本支行不再办理，由机构总部改派。拒单说明只供本机构内部使用。";
    const YES: &'static str = "拒单";
    const DONE: &'static str = "已拒单，由机构总部改派。";
    const DANGER: bool = true;

    fn offered(powers: Powers) -> bool {
        powers.decline
    }

    fn fields(visit: &Visit, _: &Case, _: &Choices, form: FormView) -> FormView {
        let reasons = visit.city.intake_refusals.iter();
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

    fn summary(visit: &Visit, _: &Case, _: &Choices, posted: &Posted) -> Vec<Described> {
        vec![
            Described::new("拒单原因", show::reasons(&visit.city, &codes(posted))),
            typed(posted, "拒单说明", "decline_note"),
        ]
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        seen: Seen,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = DeclineIntake {
            seen,
            reasons: codes(posted),
            note: posted.get("decline_note").to_owned(),
        };
        Box::pin(async move { uses.review.decline(&actor, ask, intent).await })
    }
}

/// 转办 (row 16).
pub(super) struct Hand;

impl Deed for Hand {
    const PATH: &'static str = "hand-over";
    const TITLE: &'static str = "转办";
    const LEAD: &'static str = "转给本支行其他客户经理或负责人办理，办理时限继续计算。";
    const ASK: &'static str = "要转给其他人办理吗？";
    const WARN: &'static str = "转办后由新的经办人联系企业和办理，企业会看到新的客户经理。";
    const YES: &'static str = "转办";
    const DONE: &'static str = "已转办，新的经办人会收到通知。";

    fn offered(powers: Powers) -> bool {
        powers.hand_over
    }

    fn refusal(case: &Case) -> UseError {
        let record = &case.record;
        let working = matches!(record.stage, Stage::Accepted | Stage::DueDiligence);
        if working && !record.frozen {
            return UseError::conflict("financing.not_holder").with("holder", &record.holder_name);
        }
        UseError::conflict("financing.not_allowed").with("stage", record.stage.zh())
    }

    fn choices(
        uses: Arc<Branch>,
        actor: Actor,
        case: &Case,
    ) -> BoxFuture<'static, UseResult<Choices>> {
        let (id, holder) = (case.record.id, case.record.holder);
        let offered = case.powers.hand_over;
        Box::pin(async move {
            if !offered {
                return Ok(Vec::new());
            }
            let officers = uses.review.colleagues(&actor, id, holder).await?;
            let choice = |officer: application::ports::branch_board::Officer| {
                Choice::new(officer.id.to_string(), officer.name)
            };
            Ok(officers.into_iter().map(choice).collect())
        })
    }

    fn fields(_: &Visit, _: &Case, choices: &Choices, form: FormView) -> FormView {
        let hint = if choices.is_empty() {
            "本支行没有其他客户经理或负责人，暂时不能转办。"
        } else {
            ""
        };
        form.with(
            Field::select("to", "新的经办人", "请选择")
                .required()
                .hint(hint)
                .options(choices.clone()),
        )
        .with(
            Field::textarea("hand_reason", "转办原因")
                .required()
                .hint("企业看不到。最多 300 个字。")
                .rows(3)
                .maxlength(300),
        )
    }

    fn summary(_: &Visit, _: &Case, choices: &Choices, posted: &Posted) -> Vec<Described> {
        let chosen = choices.iter().find(|c| c.value == posted.get("to"));
        vec![
            Described::new("新的经办人", chosen.map_or("", |c| c.label.as_str())),
            typed(posted, "转办原因", "hand_reason"),
        ]
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        seen: Seen,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = HandOver {
            seen,
            to: Uuid::try_parse(posted.get("to")).ok().map(UserId),
            reason: posted.get("hand_reason").to_owned(),
        };
        Box::pin(async move { uses.review.hand_over(&actor, ask, intent).await })
    }
}
