//! 接单 (row 6): nothing to fill in, so the page that asks is the form.

use application::{dossier::Case, error::UseError, intake::AcceptApplication};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{financing::Stage, ids::FinancingApplicationId};
use uuid::Uuid;

use super::{Branch, once, staff, told};
use crate::{
    deed::{CheckPage, barred},
    errors::WebError,
    kit::Web,
    matter,
    posted::Form,
    spawned::spawned,
    visit::StaffVisit,
};

pub(super) async fn ask(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id);
    let case = web.uses.dossier.view(visit.actor(), id).await?;
    let visit = visit.0.staff_console();
    let href = matter::base(id);
    if !case.powers.accept {
        return told(&visit, refusal(&case), &href);
    }
    let page = CheckPage {
        title: "要接下这笔融资需求吗？",
        text: "接单后由您负责联系企业和办理，企业会收到通知。",
        warned: String::new(),
        crumbs: matter::crumbs(&case.record, Some("接单")),
        rows: matter::asked(&case.record),
        action: format!("{href}/accept"),
        key: visit.kit.tokens().one_time(),
        hidden: Vec::new(),
        yes: "接单",
        no: "暂不接单",
        back: href,
        danger: false,
        editable: false,
    };
    Ok(visit.render(CheckPage::TEMPLATE, "接单", &page))
}

/// Why the button is not there.
fn refusal(case: &Case) -> UseError {
    let record = &case.record;
    if record.stage != Stage::Submitted && !record.holder_name.is_empty() {
        return UseError::conflict("financing.already_accepted").with("by", &record.holder_name);
    }
    barred(record)
}

pub(super) async fn accept(
    State(web): State<Web<Branch>>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let ask = AcceptApplication {
        application: FinancingApplicationId(id),
        once: once(&posted)?,
    };
    let href = matter::base(ask.application);
    let uses = web.uses.clone();
    match spawned(async move { uses.intake.accept(&actor, ask).await }).await {
        Ok(number) => Ok(visit.redirect(
            &href,
            Some(("success", &format!("已接单：{number}。请尽快联系企业。"))),
        )),
        Err(error) => told(&visit.staff_console(), error, &href),
    }
}
