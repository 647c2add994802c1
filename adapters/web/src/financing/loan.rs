//! 贷款: draws to confirm or doubt, what was paid back, what is owed; and giving an approval up (row 27).

use application::{
    error::{Kind, UseError},
    financing::{DrawAnswer, GiveUp, LoanSheet, RenewalStanding},
    ports::{
        lending::{DrawState, StoredDraw},
        loan_corrections::{LoanChange, LoanCorrection},
    },
    subsidies::LoanOffers,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    financing::Stage,
    ids::{DrawId, FinancingApplicationId, RepaymentId},
};
use serde::Serialize;

use super::{
    Desk, LIST,
    ask::{AskPage, back, offer, offer_again, once},
    crumbs, defer, id_of, show,
};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    parts::{Cell, Described, Link, Table, Tag, TagKind},
    posted::Form,
    spawned::spawned,
    subsidies::{LoanLine, lines},
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
};

#[derive(Serialize)]
struct LoanPage {
    crumbs: Vec<Link>,
    number: String,
    branch: String,
    facts: Vec<Described>,
    draws: Vec<DrawCard>,
    repayments: Option<Table>,
    /// 申请续贷, or how it stands; empty where there is nothing to say.
    renew: String,
    renewal: String,
    renewed_by: Option<Link>,
    /// 申请延期, and 撤回 of what nobody has answered.
    defer: String,
    deferrals: Option<Table>,
    take_back: String,
    key: String,
    give_up: String,
    own: String,
}

/// One draw with what may be said to it.
#[derive(Serialize)]
struct DrawCard {
    title: String,
    tag: Tag,
    rows: Vec<Described>,
    confirm: String,
    key: String,
    dispute: String,
    /// 可享政策.
    policies: Vec<LoanLine>,
}

fn tag(draw: &StoredDraw, stage: Stage) -> Tag {
    let state = draw.state(stage);
    let kind = match state {
        DrawState::Confirmed => TagKind::Success,
        DrawState::Settled => TagKind::Neutral,
        DrawState::Waiting | DrawState::Disputed | DrawState::Answered => TagKind::Warning,
    };
    Tag::new(state.zh(), kind)
}

/// What a record said before it was corrected, newest last.
fn corrected<'a>(
    sheet: &'a LoanSheet,
    of: impl Fn(&LoanChange) -> Option<String> + 'a,
) -> impl Iterator<Item = (String, &'a LoanCorrection)> {
    let all = sheet.corrections.iter();
    all.filter_map(move |one| of(&one.change).map(|was| (was, one)))
}

/// 已更正: what a draw said before, when it was corrected and why.
fn corrections_of(sheet: &LoanSheet, draw: DrawId) -> Vec<Described> {
    let was = move |change: &LoanChange| match change {
        LoanChange::Draw(id, change) if *id == draw => Some(show::draw_facts(&change.was)),
        _ => None,
    };
    let rows = corrected(sheet, was).map(|(was, one)| {
        let at = one.settled_at.map_or_else(String::new, show::minute);
        let why = format!("{at} 更正，原因：{}", one.reason);
        let cell = Cell::text(format!("原登记：{was}")).second(why);
        Described::cell("已更正", cell)
    });
    rows.collect()
}

/// The same of a repayment, in one cell.
fn correction_of(sheet: &LoanSheet, repayment: RepaymentId) -> String {
    let was = move |change: &LoanChange| match change {
        LoanChange::Repayment(id, change) if *id == repayment => {
            Some(show::repayment_facts(change.was))
        }
        _ => None,
    };
    let lines = corrected(sheet, was).map(|(was, one)| {
        let at = one.settled_at.map_or_else(String::new, show::minute);
        format!("已更正（{at}），原登记：{was}，原因：{}", one.reason)
    });
    lines.collect::<Vec<_>>().join("；")
}

fn draw_rows(draw: &StoredDraw) -> Vec<Described> {
    let mut rows = vec![
        Described::new("放款金额", show::money_both(draw.amount)),
        Described::new("执行利率", show::rate(draw.rate)),
        Described::new("放款日期", draw.on.to_string()),
        Described::new(
            "到期日期",
            draw.due_on
                .map_or_else(|| "-".to_owned(), |d| d.to_string()),
        ),
        Described::new("合同编号", &draw.contract_no),
    ];
    if let Some(at) = draw.disputed_at {
        rows.push(Described::cell(
            "您的异议",
            Cell::text(&draw.dispute).second(show::minute(at)),
        ));
    }
    if let Some(at) = draw.settled_at {
        rows.push(Described::cell(
            "支行答复",
            Cell::text(&draw.settled_note).second(show::minute(at)),
        ));
    }
    rows
}

/// How the loan stands to 续贷, and the renewal that there is.
fn renewal(sheet: &LoanSheet) -> (String, Option<Link>) {
    match &sheet.renewal {
        RenewalStanding::None => (String::new(), None),
        RenewalStanding::From(day) => (
            format!("到期前 60 天，即 {day} 起，可以申请续贷。"),
            None,
        ),
        RenewalStanding::Open => (
            "到期后仍需资金的，可以申请续贷：原申请的金额、期限和利率会自动带入，由原受理支行审核。".to_owned(),
            None,
        ),
        RenewalStanding::Taken(one) => {
            let link = Link::new(&one.number, format!("{LIST}/{}", one.id));
            ("已提交续贷申请：".to_owned(), Some(link))
        }
    }
}

fn page(visit: &Visit, sheet: &LoanSheet, offers: &[LoanOffers]) -> LoanPage {
    let r = sheet.application.record();
    let own = format!("{LIST}/{}", r.id);
    let number = show::number(&sheet.application);
    let dash = || "-".to_owned();
    let when_there = |there: bool, path: &str| {
        if there {
            format!("{own}/{path}")
        } else {
            String::new()
        }
    };
    let (renewal, renewed_by) = renewal(sheet);
    let cards = sheet.draws.iter().map(|draw| {
        let base = format!("{own}/loan/{}", draw.id);
        let answers = sheet.may_answer && draw.confirmed_at.is_none();
        let when = |there: bool, what: &str| {
            if there {
                format!("{base}/{what}")
            } else {
                String::new()
            }
        };
        let mut rows = draw_rows(draw);
        rows.extend(corrections_of(sheet, draw.id));
        DrawCard {
            title: format!("第 {} 笔放款", draw.number),
            tag: tag(draw, r.stage),
            rows,
            confirm: when(answers, "confirm"),
            key: visit.kit.tokens().one_time(),
            dispute: when(answers && draw.disputed_at.is_none(), "dispute"),
            policies: lines(r.id, draw.id, offers),
        }
    });
    LoanPage {
        crumbs: crumbs(&[("融资需求管理", LIST), (&number, &own), ("放款与还款", "")]),
        facts: vec![
            Described::new("放款状态", r.stage.disbursement().zh()),
            Described::new("批准金额", r.approved_amount.map_or_else(dash, show::money)),
            Described::new("批准利率", r.approved_rate.map_or_else(dash, show::rate)),
            Described::new("批准期限", r.approved_term.map_or_else(dash, show::term)),
            Described::new(
                "额度有效期至",
                r.approval_valid_until.map_or_else(dash, |d| d.to_string()),
            ),
            Described::new("累计放款", show::money(r.drawn)),
            Described::new("待还本金", show::money_both(sheet.owed)),
        ],
        draws: cards.collect(),
        repayments: repayments(sheet),
        renew: when_there(sheet.may_renew, "renew"),
        renewal,
        renewed_by,
        defer: when_there(sheet.may_defer, "defer"),
        deferrals: defer::history(sheet),
        take_back: when_there(defer::may_take_back(sheet), "defer/withdraw"),
        key: visit.kit.tokens().one_time(),
        give_up: when_there(sheet.may_give_up, "give-up"),
        branch: r.handler_name.clone(),
        number,
        own,
    }
}

fn repayments(sheet: &LoanSheet) -> Option<Table> {
    if sheet.repayments.is_empty() {
        return None;
    }
    let corrected = sheet
        .corrections
        .iter()
        .any(|one| matches!(one.change, LoanChange::Repayment(..)));
    let mut table = Table::new("还款记录")
        .column("还款日期", "nowrap")
        .column("归还本金（元）", "num")
        .column("待还本金（元）", "num");
    if corrected {
        table = table.column("更正", "wrap");
    }
    for one in &sheet.repayments {
        let mut cells = vec![
            Cell::text(one.on.to_string()),
            Cell::text(one.principal.format_yuan()),
            Cell::text(one.balance.format_yuan()),
        ];
        if corrected {
            cells.push(Cell::text(correction_of(sheet, one.id)));
        }
        table.push(cells);
    }
    Some(table)
}

pub(super) async fn show(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: FinancingApplicationId = id_of(&id)?;
    let sheet = web.uses.financing.loan(visit.actor(), id).await;
    // What policies there are beside it is told where it can be; a failure costs that, not the page.
    let offers = match &sheet {
        Ok(_) => web.uses.subsidies.of_loan(visit.actor(), id).await,
        Err(_) => Ok(Vec::new()),
    };
    let visit = visit.0.enterprise_console();
    match sheet {
        Ok(sheet) => {
            let page = page(&visit, &sheet, &offers.unwrap_or_default());
            let title = format!("放款与还款 {}", page.number);
            Ok(visit.render("financing/loan.html", &title, &page))
        }
        Err(error) => back(&visit, &format!("{LIST}/{id}"), error),
    }
}

fn dispute_page(visit: &Visit, sheet: &LoanSheet, draw: DrawId) -> Result<AskPage, UseError> {
    let one = sheet.draws.iter().find(|d| d.id == draw);
    let one = one.ok_or_else(UseError::not_found)?;
    if sheet.application.record().stage == Stage::Settled {
        return Err(UseError::conflict("lending.over"));
    }
    if one.disputed_at.is_some() || one.confirmed_at.is_some() {
        return Err(UseError::conflict("lending.answered_before"));
    }
    let own = format!("{LIST}/{}", sheet.application.record().id);
    let loan = format!("{own}/loan");
    let number = show::number(&sheet.application);
    Ok(AskPage {
        crumbs: crumbs(&[
            ("融资需求管理", LIST),
            (&number, &own),
            ("放款与还款", &loan),
            ("提出异议", ""),
        ]),
        title: "提出异议",
        lead: format!(
            "第 {} 笔放款与实际不一致的，请写明哪一项不一致。",
            one.number
        ),
        warn: "提出后支行会核实并答复您，每笔放款只能提出一次异议。",
        rows: draw_rows(one),
        form: FormView::new(format!("{loan}/{draw}/dispute"))
            .key(visit.kit.tokens().one_time())
            .with(
                Field::textarea("dispute", "异议内容")
                    .required()
                    .hint("如：到账金额为 5 万元，与登记的 8 万元不一致。最多 300 个字。")
                    .rows(4)
                    .maxlength(300),
            ),
        yes: "提出异议",
        danger: false,
        multipart: false,
        back: loan,
    })
}

pub(super) async fn ask_dispute(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path((id, draw)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (id, draw): (FinancingApplicationId, DrawId) = (id_of(&id)?, id_of(&draw)?);
    let sheet = web.uses.financing.loan(visit.actor(), id).await;
    let visit = visit.0.enterprise_console();
    let page = sheet.and_then(|sheet| dispute_page(&visit, &sheet, draw));
    offer(&visit, page, &format!("{LIST}/{id}"))
}

pub(super) async fn confirm(
    web: State<Desk>,
    path: Path<(String, String)>,
    form: Form,
) -> Result<Response, WebError> {
    answer(web.0, path.0, form, false).await
}

pub(super) async fn dispute(
    web: State<Desk>,
    path: Path<(String, String)>,
    form: Form,
) -> Result<Response, WebError> {
    answer(web.0, path.0, form, true).await
}

async fn answer(
    web: Desk,
    (id, draw): (String, String),
    Form(visit, posted): Form,
    doubts: bool,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let (id, draw): (FinancingApplicationId, DrawId) = (id_of(&id)?, id_of(&draw)?);
    let ask = DrawAnswer {
        application: id,
        draw,
        dispute: doubts.then(|| posted.get("dispute").to_owned()),
        once: once(&visit, &posted)?,
    };
    let visit = visit.enterprise_console();
    let (uses, who) = (web.uses.clone(), actor.clone());
    let loan = format!("{LIST}/{id}/loan");
    match spawned(async move { uses.financing.answer_draw(&who, ask).await }).await {
        Ok(()) => {
            let said = if doubts {
                "已提出异议，支行会核实并答复您。"
            } else {
                "已确认放款无误。"
            };
            Ok(visit.redirect(&loan, Some(("success", said))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let sheet = web.uses.financing.loan(&actor, id).await;
            let page = sheet.and_then(|sheet| dispute_page(&visit, &sheet, draw));
            offer_again(&visit, page, &format!("{LIST}/{id}"), &posted, &error)
        }
        Err(error) => back(&visit, &loan, error),
    }
}

fn give_up_page(visit: &Visit, sheet: &LoanSheet) -> Result<AskPage, UseError> {
    let r = sheet.application.record();
    if !sheet.may_give_up {
        let stage = r.stage.zh();
        return Err(UseError::conflict("financing.not_allowed").with("stage", stage));
    }
    let own = format!("{LIST}/{}", r.id);
    let number = show::number(&sheet.application);
    Ok(AskPage {
        crumbs: crumbs(&[("融资需求管理", LIST), (&number, &own), ("放弃额度", "")]),
        title: "要放弃已批准的额度吗？",
        lead: format!("申请 {number}，{}", r.handler_name),
        warn: "放弃后支行不再放款，审核状态仍为通过。以后需要融资的，可以再次申请。",
        rows: page(visit, sheet, &[]).facts,
        form: FormView::new(format!("{own}/give-up"))
            .key(visit.kit.tokens().one_time())
            .with(
                Field::textarea("give_up_reason", "放弃原因（选填）")
                    .hint("最多 200 个字，受理支行可以看到")
                    .rows(3)
                    .maxlength(200),
            ),
        yes: "放弃额度",
        danger: true,
        multipart: false,
        back: own,
    })
}

pub(super) async fn ask_give_up(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: FinancingApplicationId = id_of(&id)?;
    let sheet = web.uses.financing.loan(visit.actor(), id).await;
    let visit = visit.0.enterprise_console();
    let page = sheet.and_then(|sheet| give_up_page(&visit, &sheet));
    offer(&visit, page, &format!("{LIST}/{id}"))
}

pub(super) async fn give_up(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id: FinancingApplicationId = id_of(&id)?;
    let ask = GiveUp {
        application: id,
        reason: posted.get("give_up_reason").to_owned(),
        once: once(&visit, &posted)?,
    };
    let visit = visit.enterprise_console();
    let own = format!("{LIST}/{id}");
    let (uses, who) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.financing.give_up(&who, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&own, Some(("success", "已放弃额度，受理支行会收到通知。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let sheet = web.uses.financing.loan(&actor, id).await;
            let page = sheet.and_then(|sheet| give_up_page(&visit, &sheet));
            offer_again(&visit, page, &own, &posted, &error)
        }
        Err(error) => back(&visit, &own, error),
    }
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    let policy = |open: bool| LoanLine {
        title: ODD.to_owned(),
        href: "/policies/x".to_owned(),
        tags: vec![Tag::new(ODD, TagKind::Info)],
        rows: vec![Described::new("补贴金额", ODD)],
        note: if open { "" } else { ODD }.to_owned(),
        apply: if open { "/enterprise/x" } else { "" }.to_owned(),
        claim: if open { "" } else { "/enterprise/subsidies/x" }.to_owned(),
    };
    let page = |full: bool| {
        let some = |text: &str| if full { text.to_owned() } else { String::new() };
        let mut table = Table::new("还款记录").column("还款日期", "nowrap");
        table.push(vec![Cell::text(ODD)]);
        LoanPage {
            crumbs: crumbs(&[(ODD, "")]),
            number: ODD.to_owned(),
            branch: ODD.to_owned(),
            facts: vec![Described::new(ODD, ODD)],
            draws: if full {
                vec![DrawCard {
                    title: ODD.to_owned(),
                    tag: Tag::new(ODD, TagKind::Warning),
                    rows: vec![Described::new(ODD, ODD)],
                    confirm: some("/enterprise/applications/x/loan/y/confirm"),
                    key: "k".to_owned(),
                    dispute: some("/enterprise/applications/x/loan/y/dispute"),
                    policies: [true, false].map(policy).into(),
                }]
            } else {
                Vec::new()
            },
            repayments: full.then(|| table.clone()),
            renew: some("/enterprise/applications/x/renew"),
            renewal: some(ODD),
            renewed_by: full.then(|| Link::new(ODD, "/enterprise/applications/y")),
            defer: some("/enterprise/applications/x/defer"),
            deferrals: full.then_some(table),
            take_back: some("/enterprise/applications/x/defer/withdraw"),
            key: "k".to_owned(),
            give_up: some("/enterprise/applications/x/give-up"),
            own: "/enterprise/applications/x".to_owned(),
        }
    };
    [true, false]
        .map(|full| sample("financing/loan.html", &page(full)))
        .to_vec()
}
