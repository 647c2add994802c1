//! 督办: a page that says who will read it, and the deed.

use application::{
    error::{Kind, UseError},
    supervision::{CityCase, Urge},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::FinancingApplicationId;

use super::{
    OperatorDesk,
    applications::{base, facts, number, section},
    crumbs,
};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, id_of},
};

fn page(case: &CityCase, key: &str, typed: &Posted) -> AskPage {
    let href = base(case.record.id);
    let number = number(case);
    let form = FormView::new(format!("{href}/supervise")).key(key).with(
        Field::textarea("notice_words", "督办内容")
            .required()
            .hint("请写明希望何时前完成什么。最多 500 个字。")
            .maxlength(500)
            .value(typed.get("notice_words")),
    );
    AskPage {
        title: format!("对融资需求 {number} 发出督办"),
        lead: "督办通知发给受理支行和总行，并记录双方的阅读时间。督办不改变接单状态和审核状态。"
            .to_owned(),
        crumbs: crumbs(section(), Some(&number)),
        rows: facts(case),
        form,
        yes: "发出督办",
        no: "返回",
        back: href,
        danger: false,
    }
}

pub(super) async fn ask(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id_of(&id)?);
    let case = web.uses.supervision.view(visit.actor(), id).await?;
    let visit = visit.0.staff_console();
    if !case.powers.urge {
        let late = UseError::conflict("supervision.not_overdue");
        return told(&visit, late, &base(id));
    }
    let key = visit.kit.tokens().one_time();
    Ok(page(&case, &key, &Posted::default()).drawn(&visit, None))
}

pub(super) async fn send(
    State(web): State<Web<OperatorDesk>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = FinancingApplicationId(id_of(&id)?);
    let once = once(&posted)?;
    let key = once.key.clone();
    let ask = Urge {
        application: id,
        words: posted.get("notice_words").to_owned(),
        once,
    };
    let (uses, who) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.supervision.urge(&who, ask).await }).await {
        Ok(()) => {
            let done = "督办已发出，受理支行和总行会收到通知。";
            Ok(visit.redirect(&base(id), Some(("success", done))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let case = web.uses.supervision.view(&actor, id).await?;
            Ok(page(&case, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}
