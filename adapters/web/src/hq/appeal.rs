//! 处理复议申请 (row 23): taken up or not, by the approver of headquarters.

use std::sync::Arc;

use application::{
    access::Actor,
    appeal::{AppealCase, SettleAppeal},
    error::{UseError, UseResult},
    review::Intent,
};
use domain::{financing::ApplicationRecord, ids::FinancingApplicationId};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{
    Hq,
    appeals::proposed_rows,
    second_look::{LIST, decision, way_here},
};
use crate::{
    deed::{Deed, Ground, Question, Shown, said_yes, verdict},
    forms::{Field, FormView},
    matter::{asked, base},
    parts::{Cell, Described, Link},
    posted::Posted,
    show,
    visit::Visit,
};

/// 复议申请 before the person who settles it.
pub(super) struct Asked;

impl Ground for Asked {
    type Uses = Hq;
    type Case = AppealCase;

    fn read(uses: Arc<Hq>, actor: Actor, id: Uuid) -> BoxFuture<'static, UseResult<AppealCase>> {
        Box::pin(async move {
            let id = FinancingApplicationId(id);
            uses.appeals.appeal(&actor, id).await
        })
    }

    fn record(case: &AppealCase) -> &ApplicationRecord {
        &case.record
    }
}

/// The appeal, the decision, and what will be put before the approvers.
fn matter(visit: &Visit, case: &AppealCase) -> Vec<Described> {
    let mut rows = vec![
        Described::new("复议理由", &case.appeal.facts),
        Described::new("提出时间", show::minute(case.appeal.asked_at)),
    ];
    if !case.materials.is_empty() {
        let base = base(case.record.id);
        let hrefs = case.materials.iter();
        let hrefs = hrefs.map(|file| format!("{base}/materials/{}", file.id));
        let files = Cell::files("查看材料", hrefs.collect());
        rows.insert(1, Described::cell("新材料", files));
    }
    rows.extend(decision(visit, &case.record));
    rows.extend(proposed_rows(&case.proposed, &case.steps));
    rows
}

pub(super) struct Settle;

impl Deed for Settle {
    type On = Asked;

    const PATH: &'static str = "/hq/appeals/{id}";
    const TITLE: &'static str = "处理复议申请";
    const LEAD: &'static str = "受理后重新进入审批，审核时限重新计算。每笔融资需求只能复议一次。";
    const ASK: &'static str = "要受理这笔复议申请吗？";
    const WARN: &'static str = "受理后融资需求重新进入审批，企业会收到通知。";
    const YES: &'static str = "受理复议";
    const DONE: &'static str = "已受理复议，融资需求重新进入审批，企业会收到通知。";
    const WEIGHS: bool = true;

    fn offered(case: &AppealCase, _: &Actor) -> UseResult<()> {
        if case.may_settle {
            return Ok(());
        }
        let by = &case.appeal.settled_name;
        if by.is_empty() {
            return Err(UseError::conflict("appeal.not_yours"));
        }
        Err(UseError::conflict("appeal.settled_before").with("by", by))
    }

    fn fields(_: &Visit, _: &AppealCase, form: FormView) -> FormView {
        form.with(verdict("受理，重新进入审批", "不受理")).with(
            Field::textarea("appeal_note", "答复企业")
                .hint("不受理时必须填写，展示给企业，最多 500 个字。")
                .rows(4)
                .maxlength(500),
        )
    }

    fn question(_: &AppealCase, posted: &Posted) -> Question {
        if said_yes(posted) {
            return Self::QUESTION;
        }
        Question {
            ask: "要答复不受理吗？",
            warn: "企业会看到您的答复，不能再次申请复议。",
            yes: "不受理",
            danger: true,
        }
    }

    fn summary(visit: &Visit, case: &AppealCase, posted: &Posted) -> Vec<Described> {
        let mut rows = vec![Described::new("金融产品", &case.record.product_name)];
        rows.extend(matter(visit, case));
        let note = posted.get("appeal_note").trim();
        if !note.is_empty() {
            rows.push(Described::new("答复企业", note));
        }
        rows
    }

    fn run(
        uses: Arc<Hq>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = SettleAppeal {
            seen: shown.seen(),
            verdict: posted.get("verdict").to_owned(),
            note: posted.get("appeal_note").to_owned(),
        };
        Box::pin(async move { uses.appeals.settle_appeal(&actor, ask, intent).await })
    }

    fn done(posted: &Posted) -> &'static str {
        if said_yes(posted) {
            Self::DONE
        } else {
            "已答复不受理，企业会收到通知。"
        }
    }

    fn crumbs(_: &AppealCase) -> Vec<Link> {
        way_here(Self::TITLE)
    }

    fn back(_: &AppealCase) -> String {
        LIST.to_owned()
    }

    fn home(_: Uuid) -> String {
        LIST.to_owned()
    }

    fn beside(visit: &Visit, case: &AppealCase) -> Vec<Described> {
        let mut rows = asked(&case.record);
        rows.extend(matter(visit, case));
        rows
    }
}
