//! 代码核实: the city's pages for a 统一社会信用代码 that fails the public check and is genuine all the same. One person says
//! what it was seen on, another one admits it.

use application::{
    codes::{CodeCase, CodeDesk, CodeSheet, ProposeCode, SettleCode},
    error::{Kind, UseError},
    ports::{
        admitted_codes::{AdmittedCode, CodeEvidence, CodeProposal},
        supervision::HoldStatus,
    },
    two_people::Withdrawal,
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    console::{show_errors, told},
    doors::{self, Door, Who},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Table, TagKind},
    posted::{Form, Posted, once},
    proof, show,
    spawned::spawned,
    two_people::withdraw_field,
    visit::{StaffVisit, Visit, id_of, posted_by_staff},
};

const PAGE: &str = "/operator/codes";
const TITLE: &str = "统一社会信用代码核实";

type Room = Web<CodeDesk>;

pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get(PAGE, Who::Staff, list),
        Door::post(PAGE, Who::Staff, propose),
        Door::get("/operator/codes/{id}", Who::Staff, case),
        Door::post("/operator/codes/{id}", Who::Staff, settle),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// `codes/list.html`.
#[derive(Serialize)]
struct CodesPage {
    crumbs: Vec<Link>,
    form: FormView,
    waiting: Table,
    table: Table,
    declined: Table,
    withdrawn: Table,
}

/// `codes/case.html`.
#[derive(Serialize)]
struct CasePage {
    crumbs: Vec<Link>,
    rows: Vec<Described>,
    may_settle: bool,
    may_withdraw: bool,
    /// 撤回.
    form: FormView,
    /// Why nobody is asked here.
    hint: &'static str,
    action: String,
    key: String,
}

impl CasePage {
    const TEMPLATE: &'static str = "codes/case.html";

    fn new(case: &CodeCase, key: String) -> Self {
        let one = &case.proposal;
        let mut rows = vec![
            Described::new("统一社会信用代码", &one.code),
            Described::new("企业名称", &one.company_name),
            Described::new("核对依据", one.evidence.zh()),
            Described::new("核实情况", &one.reason),
            Described::cell(
                "提出人",
                Cell::text(&one.asked_name).second(show::minute(one.asked_at)),
            ),
            Described::cell("状态", status(one)),
        ];
        if let Some(at) = one.settled_at {
            let taken_back = one.status == HoldStatus::Withdrawn;
            rows.push(Described::cell(
                if taken_back { "撤回人" } else { "复核人" },
                Cell::text(&one.settled_name).second(show::minute(at)),
            ));
        }
        if !one.withdrawal.is_empty() {
            rows.push(Described::new("撤回原因", &one.withdrawal));
        }
        let action = format!("{PAGE}/{}", one.id);
        Self {
            crumbs: vec![
                Link::new("平台工作台", "/operator"),
                Link::new(TITLE, PAGE),
                Link::new(&one.code, ""),
            ],
            rows,
            may_settle: case.may_settle,
            may_withdraw: case.may_withdraw,
            form: FormView::new(action.as_str())
                .key(&key)
                .with(withdraw_field()),
            hint: if case.may_settle || one.status != HoldStatus::Open {
                ""
            } else {
                "须由提出人以外的平台运营人员复核。复核前企业还不能用这个代码保存企业信息。"
            },
            action,
            key,
        }
    }
}

impl CodesPage {
    const TEMPLATE: &'static str = "codes/list.html";

    fn new(form: FormView, sheet: &CodeSheet) -> Self {
        let of = |status: HoldStatus| sheet.proposals.iter().filter(move |p| p.status == status);
        Self {
            crumbs: vec![Link::new("平台工作台", "/operator"), Link::new(TITLE, PAGE)],
            form,
            waiting: proposals("等待复核的代码", of(HoldStatus::Open)),
            table: table(&sheet.admitted),
            declined: proposals("未同意的代码", of(HoldStatus::Declined)),
            withdrawn: proposals("已撤回的代码", of(HoldStatus::Withdrawn)),
        }
    }
}

fn status(one: &CodeProposal) -> Cell {
    match one.status {
        HoldStatus::Open => Cell::tag("待复核", TagKind::Warning),
        HoldStatus::Confirmed => Cell::tag("已登记", TagKind::Success),
        HoldStatus::Declined => Cell::tag("未同意", TagKind::Neutral),
        HoldStatus::Withdrawn => Cell::tag("已撤回", TagKind::Neutral),
    }
}

fn form(key: &str) -> FormView {
    FormView::new(PAGE)
        .key(key)
        .with(
            Field::text("code", "统一社会信用代码")
                .required()
                .hint("18 位，按营业执照原件逐位录入。")
                .maxlength(18)
                .autocomplete("off"),
        )
        .with(
            Field::text("company_name", "企业名称")
                .required()
                .maxlength(100)
                .autocomplete("off"),
        )
        .with(
            Field::select("evidence", "核对依据", "请选择")
                .required()
                .options(CodeEvidence::ALL.iter().map(|e| (e.code(), e.zh())))
                .width("m"),
        )
        .with(
            Field::textarea("code_reason", "核实情况")
                .required()
                .hint("如：已在国家企业信用信息公示系统查到该代码，并核对营业执照原件。")
                .maxlength(300)
                .rows(3),
        )
}

fn table(codes: &[AdmittedCode]) -> Table {
    let mut table = Table::new("已核实的代码")
        .column("统一社会信用代码", "nowrap")
        .column("企业名称", "name")
        .column("核实情况", "wrap")
        .column("核实人", "nowrap")
        .column("核实时间", "nowrap");
    for code in codes {
        table.push(vec![
            Cell::text(&code.code),
            Cell::text(&code.company_name),
            Cell::text(&code.reason),
            Cell::text(&code.by_name),
            Cell::text(show::minute(code.at)),
        ]);
    }
    table
}

fn proposals<'a>(caption: &str, rows: impl Iterator<Item = &'a CodeProposal>) -> Table {
    let mut table = Table::new(caption)
        .column("统一社会信用代码", "nowrap")
        .column("企业名称", "name")
        .column("核对依据", "")
        .column("提出人", "nowrap")
        .column("状态", "nowrap");
    for one in rows {
        table.push(vec![
            Cell::link(&one.code, format!("{PAGE}/{}", one.id)),
            Cell::text(&one.company_name),
            Cell::text(one.evidence.zh()),
            Cell::text(&one.asked_name).second(show::minute(one.asked_at)),
            status(one),
        ]);
    }
    table
}

async fn list(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let sheet = web.uses.list(visit.actor()).await?;
    let page = CodesPage::new(form(&visit.0.kit.tokens().one_time()), &sheet);
    Ok(visit
        .0
        .staff_console()
        .render(CodesPage::TEMPLATE, TITLE, &page))
}

async fn propose(State(web): State<Room>, Form(visit, posted): Form) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let ask = ProposeCode {
        code: posted.get("code").to_owned(),
        company_name: posted.get("company_name").to_owned(),
        evidence: posted.get("evidence").to_owned(),
        reason: posted.get("code_reason").to_owned(),
        once: once(&posted)?,
    };
    let (uses, who, key) = (web.uses.clone(), actor.clone(), ask.once.key.clone());
    match spawned(async move { uses.propose(&who, ask).await }).await {
        Ok(()) => {
            let told = "已提交，请另一位平台运营人员复核后登记。";
            Ok(visit.redirect(PAGE, Some(("success", told))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let mut form = form(&key).fill(posted.pairs());
            show_errors(&mut form, &error);
            let sheet = web.uses.list(&actor).await?;
            let page = CodesPage::new(form, &sheet);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit
                .staff_console()
                .render_with(status, CodesPage::TEMPLATE, TITLE, &page))
        }
        Err(error) => Err(WebError(error)),
    }
}

async fn case(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let case = web.uses.case(visit.actor(), id_of(&id)?).await?;
    let page = CasePage::new(&case, visit.0.kit.tokens().one_time());
    Ok(visit
        .0
        .staff_console()
        .render(CasePage::TEMPLATE, TITLE, &page))
}

async fn settle(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let once = once(&posted)?;
    let taking_back = posted.action() == "withdraw";
    // Whoever may not do it is told so before they prove anything.
    let case = web.uses.case(&actor, id).await?;
    let may = if taking_back {
        case.may_withdraw
    } else {
        case.may_settle
    };
    if let Some(to_proof) = proof::carry(&visit).filter(|_| may) {
        return Ok(to_proof);
    }
    let confirm = posted.action() == "confirm";
    let uses = web.uses.clone();
    let outcome = if taking_back {
        let ask = Withdrawal {
            asked: id,
            reason: posted.get("withdraw_reason").to_owned(),
            once,
        };
        spawned(async move { uses.withdraw(&actor, ask).await }).await
    } else {
        let ask = SettleCode {
            proposal: id,
            confirm,
            once,
        };
        spawned(async move { uses.settle(&actor, ask).await }).await
    };
    let done = if taking_back {
        "已撤回。需要时可以重新提出登记。"
    } else if confirm {
        "已登记。企业现在可以用这个代码保存企业信息。"
    } else {
        "已记录为不同意，这个代码没有登记。"
    };
    match outcome {
        Ok(()) => Ok(visit.redirect(PAGE, Some(("success", done)))),
        Err(error) if error.kind == Kind::Invalid => Ok(again(&visit, &case, &posted, &error)),
        Err(error) => told(&visit, error, &format!("{PAGE}/{id}")),
    }
}

/// The page with what was typed, and what is wrong in it.
fn again(visit: &Visit, case: &CodeCase, posted: &Posted, error: &UseError) -> Response {
    let mut page = CasePage::new(case, visit.kit.tokens().one_time());
    page.form = page.form.fill(posted.pairs());
    show_errors(&mut page.form, error);
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    visit.render_with(status, CasePage::TEMPLATE, TITLE, &page)
}

/// The pages in their shapes, with values that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>长企业名称".repeat(4);
    let at = time::OffsetDateTime::UNIX_EPOCH;
    let nobody = domain::ids::UserId(uuid::Uuid::nil());
    let mut failed = form("k");
    failed.fail("code", &nasty);
    let code = AdmittedCode {
        code: nasty.clone(),
        company_name: nasty.clone(),
        reason: nasty.clone(),
        by: nobody,
        by_name: nasty.clone(),
        at,
    };
    let proposal = |status| CodeProposal {
        id: uuid::Uuid::nil(),
        code: nasty.clone(),
        company_name: nasty.clone(),
        evidence: CodeEvidence::Licence,
        reason: nasty.clone(),
        asked_by: nobody,
        asked_name: nasty.clone(),
        asked_at: at,
        status,
        settled_by: None,
        settled_name: nasty.clone(),
        settled_at: (status != HoldStatus::Open).then_some(at),
        withdrawal: if status == HoldStatus::Withdrawn {
            nasty.clone()
        } else {
            String::new()
        },
    };
    let blank = CodeSheet {
        proposals: Vec::new(),
        admitted: Vec::new(),
    };
    let full = CodeSheet {
        proposals: HoldStatus::ALL.iter().copied().map(proposal).collect(),
        admitted: vec![code],
    };
    let value = |page: &CodesPage| {
        let value = serde_json::to_value(page).unwrap_or_default();
        (CodesPage::TEMPLATE, value)
    };
    let case = |status, may_settle, may_withdraw| {
        let case = CodeCase {
            proposal: proposal(status),
            may_settle,
            may_withdraw,
        };
        let page = CasePage::new(&case, "k".to_owned());
        let value = serde_json::to_value(page).unwrap_or_default();
        (CasePage::TEMPLATE, value)
    };
    vec![
        value(&CodesPage::new(form("k"), &blank)),
        value(&CodesPage::new(failed, &full)),
        case(HoldStatus::Open, true, false),
        case(HoldStatus::Open, false, true),
        case(HoldStatus::Declined, false, false),
        case(HoldStatus::Withdrawn, false, false),
    ]
}
