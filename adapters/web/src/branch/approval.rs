//! 提交审批, 待我审批 and the four ways to sign a step.

use std::sync::Arc;

use application::{
    access::Actor,
    approval::{Propose, Queue, SignStep, Verdict, Waiting},
    dossier::Case,
    error::{UseError, UseResult},
    review::Intent,
};
use axum::{extract::State, response::Response};
use domain::financing::Stage;
use futures::future::BoxFuture;
use serde::Serialize;

use super::{Branch, ground::Held, papers, show, terms};
use crate::{
    deed::{Deed, Shown, barred, named, ticked, typed},
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    matter,
    parts::{Cell, Described, Link, Table},
    posted::Posted,
    visit::{StaffVisit, Visit},
};

/// 提交审批 (row 18).
pub(super) struct Up;

impl Deed for Up {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/propose";
    const TITLE: &'static str = "提交审批";
    const LEAD: &'static str =
        "填写建议的批准条件和经办意见。提交后由审批人逐级审批，报告和条件不能再修改。";
    const ASK: &'static str = "要提交审批吗？";
    const WARN: &'static str = "提交后尽调报告和建议条件不能修改，需要修改的，请审批人退回经办。";
    const YES: &'static str = "提交审批";
    const DONE: &'static str = "已提交审批。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if case.powers.propose {
            return Ok(());
        }
        let record = &case.record;
        if record.stage != Stage::DueDiligence || record.frozen {
            return Err(barred(record));
        }
        // Said before anything is typed; the way on leads to the report.
        if case.powers.write_report {
            return Err(UseError::conflict("financing.report_incomplete"));
        }
        Err(UseError::conflict("financing.not_holder").with("holder", &record.holder_name))
    }

    fn back(case: &Case) -> String {
        let href = matter::base(case.record.id);
        if case.powers.write_report && !case.powers.propose {
            return format!("{href}/diligence");
        }
        href
    }

    fn fields(_: &Visit, case: &Case, form: FormView) -> FormView {
        terms::fields(case, form, terms::PROPOSED).with(
            Field::textarea("proposal_opinion", "经办意见")
                .required()
                .hint("供审批人参考，企业看不到。最多 500 个字。")
                .rows(4)
                .maxlength(500),
        )
    }

    fn summary(_: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let unit = show::unit(case.record.term.unit());
        let mut rows = terms::rows(posted, unit, terms::PROPOSED);
        rows.push(typed(posted, "经办意见", "proposal_opinion"));
        rows
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let terms = terms::typed(posted, "proposal_opinion");
        Box::pin(async move {
            let ask = Propose {
                seen: shown.seen(),
                terms,
            };
            uses.approval.propose(&actor, ask, intent).await
        })
    }
}

fn not_next(case: &Case) -> UseError {
    let record = &case.record;
    if record.stage == Stage::InApproval && !record.frozen {
        return UseError::conflict("approval.not_your_turn");
    }
    barred(record)
}

fn sign(
    uses: Arc<Branch>,
    actor: Actor,
    verdict: Verdict,
    posted: &Posted,
    shown: Shown,
    intent: Intent,
) -> BoxFuture<'static, UseResult<()>> {
    let field = if verdict == Verdict::Return {
        "return_reason"
    } else {
        "sign_opinion"
    };
    let ask = SignStep {
        seen: shown.seen(),
        verdict,
        reasons: ticked(posted, "reasons"),
        opinion: posted.get(field).to_owned(),
    };
    Box::pin(async move { uses.approval.sign(&actor, ask, intent).await })
}

/// 审批意见 of a step in between stays inside; at the last step it is the 审核意见 that the enterprise reads.
fn opinion_field(label: &str, hint: &str) -> Field {
    Field::textarea("sign_opinion", label)
        .required()
        .hint(hint)
        .rows(4)
        .maxlength(500)
}

/// What is signed, beside what was asked.
fn signed_rows(case: &Case) -> Vec<Described> {
    let mut rows = named(&case.record);
    rows.push(Described::new("金融产品", &case.record.product_name));
    rows.extend(papers::proposed(case));
    rows.push(Described::new("经办人", &case.record.holder_name));
    rows
}

/// 同意 (row 19): one of several steps, not the last.
pub(super) struct Agree;

impl Deed for Agree {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/agree";
    const TITLE: &'static str = "审批同意";
    const LEAD: &'static str = "同意后转下一级审批。审批意见只供本机构内部使用。";
    const ASK: &'static str = "要同意这笔融资需求的建议条件吗？";
    const WARN: &'static str = "同意后转下一级审批，您的签署会记录。";
    const YES: &'static str = "同意";
    const DONE: &'static str = "已同意，转下一级审批。";
    const WEIGHS: bool = true;

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if case.powers.sign && !case.powers.sign_last {
            return Ok(());
        }
        Err(not_next(case))
    }

    fn fields(_: &Visit, _: &Case, form: FormView) -> FormView {
        form.with(opinion_field(
            "审批意见",
            "供下一级审批人参考，企业看不到。最多 500 个字。",
        ))
    }

    fn summary(_: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let mut rows = papers::proposed(case);
        rows.push(typed(posted, "审批意见", "sign_opinion"));
        rows
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        signed_rows(case)
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        sign(uses, actor, Verdict::Agree, posted, shown, intent)
    }
}

/// 通过 at the last step (row 21).
pub(super) struct Pass;

impl Deed for Pass {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/pass";
    const TITLE: &'static str = "审批通过";
    const LEAD: &'static str = "这是最后一级审批。批准的条件和审核意见将展示给企业。";
    const ASK: &'static str = "要通过这笔融资需求吗？";
    const WARN: &'static str = "通过后企业会看到批准的条件和审核意见，审核结果不能改为不通过。";
    const YES: &'static str = "通过";
    const DONE: &'static str = "已审批通过，企业会收到通知。";
    const WEIGHS: bool = true;

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if case.powers.sign_last {
            return Ok(());
        }
        Err(not_next(case))
    }

    fn fields(_: &Visit, _: &Case, form: FormView) -> FormView {
        form.with(opinion_field("审核意见", "展示给企业，最多 500 个字。"))
    }

    fn summary(_: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let mut rows = papers::proposed(case);
        rows.push(typed(posted, "审核意见", "sign_opinion"));
        rows
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        signed_rows(case)
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        sign(uses, actor, Verdict::Agree, posted, shown, intent)
    }
}

/// 不通过 at a step (row 22).
pub(super) struct Refuse;

impl Deed for Refuse {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/veto";
    const TITLE: &'static str = "审批不通过";
    const LEAD: &'static str = "原因和审核意见将展示给企业，请写明企业可以怎样改进。";
    const ASK: &'static str = "要将这笔融资需求审批为不通过吗？";
    const WARN: &'static str = "企业会看到原因和审核意见，并可在 5 个工作日内申请复议一次。";
    const YES: &'static str = "不通过";
    const DONE: &'static str = "已审批为不通过，企业会收到通知。";
    const DANGER: bool = true;
    const WEIGHS: bool = true;

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if case.powers.sign {
            return Ok(());
        }
        Err(not_next(case))
    }

    fn fields(visit: &Visit, _: &Case, form: FormView) -> FormView {
        let reasons = visit.city.offered_reasons();
        form.with(
            Field::checks("reasons", "不通过原因")
                .required()
                .hint("至少选择一项。")
                .options(reasons.map(|r| Choice::new(&r.code, &r.label))),
        )
        .with(opinion_field("审核意见", "展示给企业，最多 500 个字。"))
    }

    fn summary(visit: &Visit, _: &Case, posted: &Posted) -> Vec<Described> {
        let codes = ticked(posted, "reasons");
        vec![
            Described::new("不通过原因", show::reasons(&visit.city, &codes)),
            typed(posted, "审核意见", "sign_opinion"),
        ]
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        signed_rows(case)
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        sign(uses, actor, Verdict::Reject, posted, shown, intent)
    }
}

/// 退回经办 (row 20).
pub(super) struct GiveBack;

impl Deed for GiveBack {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/return";
    const TITLE: &'static str = "退回经办";
    const LEAD: &'static str = "经办人修改报告或条件后重新提交审批，办理时限继续计算。";
    const ASK: &'static str = "要退回经办人吗？";
    const WARN: &'static str = "退回后经办人可以修改报告和条件，已有的签署不再有效，需要重新审批。";
    const YES: &'static str = "退回经办";
    const DONE: &'static str = "已退回经办人。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if case.powers.sign {
            return Ok(());
        }
        Err(not_next(case))
    }

    fn fields(_: &Visit, _: &Case, form: FormView) -> FormView {
        form.with(
            Field::textarea("return_reason", "退回原因")
                .required()
                .hint("经办人可以看到，企业看不到。最多 500 个字。")
                .rows(4)
                .maxlength(500),
        )
    }

    fn summary(_: &Visit, _: &Case, posted: &Posted) -> Vec<Described> {
        vec![typed(posted, "退回原因", "return_reason")]
    }

    fn beside(_: &Visit, case: &Case) -> Vec<Described> {
        signed_rows(case)
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        sign(uses, actor, Verdict::Return, posted, shown, intent)
    }
}

/// 待我审批.
#[derive(Serialize)]
pub(super) struct QueuePage {
    pub crumbs: Vec<Link>,
    pub table: Table,
    pub more: bool,
}

impl QueuePage {
    pub const TEMPLATE: &'static str = "branch/approvals.html";
}

pub(super) async fn queue(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let queue = web.uses.approval.queue(visit.actor()).await?;
    let page = QueuePage {
        crumbs: vec![
            Link::new("全部融资需求", "/branch/applications"),
            Link::new("待我审批", "/branch/approvals"),
        ],
        more: queue.more,
        table: table(&queue),
    };
    Ok(visit
        .0
        .staff_console()
        .render(QueuePage::TEMPLATE, "待我审批", &page))
}

fn table(queue: &Queue) -> Table {
    let mut table = Table::new("待我审批")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("申请金额（万元）", "num")
        .column("建议金额（万元）", "num")
        .column("受理支行", "")
        .column("审批级次", "nowrap")
        .column("剩余时间", "");
    for Waiting { row, urgency } in &queue.rows {
        let one = &row.row;
        table.push(vec![
            Cell::link(&one.number, matter::base(one.id)),
            Cell::text(&one.enterprise_name).second(&one.product_name),
            Cell::text(one.amount.format_wan()),
            Cell::text(row.proposed.format_wan()),
            Cell::text(&row.handler_name).second(&one.holder_name),
            Cell::text(format!("第 {} 级，共 {} 级", row.step, row.steps)),
            show::urgency_cell(domain::financing::Stage::InApproval, *urgency, one.due_at),
        ]);
    }
    table
}
