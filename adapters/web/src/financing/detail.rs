//! The detail of one request: states, terms, progress, materials, what to do next.

use application::{
    city::City,
    financing::{ApplicationDetail, Deed, SecondChance},
    ports::{
        dossiers::{APPEAL_MATERIAL, DossierFile, DossierSize, SupplementItem},
        moves::MoveStatus,
    },
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    financing::{ApplicationEvent, DisbursementStatus, Stage, Verb},
    ids::{FileId, FinancingApplicationId},
    rating::is_ratable,
    tenant::Role,
};
use serde::Serialize;

use super::{Desk, LIST, crumbs, id_of, show};
use crate::{
    errors::WebError,
    parts::{Cell, Described, Event, Link, Table, Tag},
    portal,
    visit::EnterpriseVisit,
};

#[derive(Serialize)]
struct DetailPage {
    crumbs: Vec<Link>,
    number: String,
    tags: Vec<Tag>,
    facts: Vec<Described>,
    terms: Table,
    timeline: Vec<Event>,
    files: Vec<Described>,
    items: Option<Table>,
    dossier: Vec<Described>,
    supplement: Option<SupplementNote>,
    refusal: Option<RefusalNote>,
    due: Option<DueNote>,
    again: String,
    withdraw: String,
    reconsider: String,
    appeal: String,
    move_asked: String,
    loan: String,
    give_up: String,
    /// 沟通记录, and how many letters of the branch are unread.
    thread: String,
    complain: String,
    /// 评价 once a branch has decided; empty before.
    rate: String,
    unread: i64,
    print: String,
    own: String,
    consent_withdrawn: bool,
    /// 重新授权; empty for whoever may not.
    renew: String,
    frozen: bool,
}

#[derive(Serialize)]
struct SupplementNote {
    due: String,
    labels: Vec<String>,
    href: String,
}

#[derive(Serialize)]
struct RefusalNote {
    opinion: String,
    reasons: Vec<Reason>,
    again_from: String,
    /// 其他适合的产品 (W17), at most three; `None`: none fits.
    others: Option<Table>,
}

#[derive(Serialize)]
struct Reason {
    label: String,
    tip: String,
}

#[derive(Serialize)]
struct DueNote {
    what: String,
    at: String,
    tag: Tag,
}

fn facts(view: &ApplicationDetail) -> Vec<Described> {
    let r = view.application.record();
    let mut rows = vec![
        Described::new("申请编号", show::number(&view.application)),
        Described::new("机构", &r.handler_name),
        Described::new("金融产品名称", &r.product_name),
        Described::new("企业名称", &r.enterprise_name),
        Described::new("申请时间", show::second(r.submitted_at)),
    ];
    if !r.holder_name.is_empty() {
        rows.push(Described::new("客户经理", &r.holder_name));
    }
    let custody = show::custody_text(r, &view.events);
    if !custody.is_empty() {
        rows.push(Described::new("当前办理", custody));
    }
    rows.extend(show::promise_rows(&view.promises));
    rows.extend(show::related_rows(&view.related, LIST));
    let paid = r.stage.disbursement();
    rows.push(Described::new(
        "放款状态",
        if paid == DisbursementStatus::None {
            "-"
        } else {
            paid.zh()
        },
    ));
    rows
}

/// 申请的条件 beside 批准的条件.
fn terms(view: &ApplicationDetail) -> Table {
    let r = view.application.record();
    let mut table = Table::new("申请条件与审核结果")
        .column("项目", "nowrap")
        .column("申请", "num")
        .column("审核结果", "num");
    let dash = || "-".to_owned();
    let mut line = |label: &str, asked: String, approved: Option<String>| {
        table.push(vec![
            Cell::text(label),
            Cell::text(asked),
            Cell::text(approved.unwrap_or_else(dash)),
        ]);
    };
    line(
        "融资金额",
        show::money(r.amount),
        r.approved_amount.map(show::money),
    );
    line("利率", show::rate(r.rate), r.approved_rate.map(show::rate));
    line("期限", show::term(r.term), r.approved_term.map(show::term));
    line(
        "有效期至",
        dash(),
        r.approval_valid_until.map(|d| d.to_string()),
    );
    table
}

fn actor(event: &ApplicationEvent, view: &ApplicationDetail) -> String {
    let r = view.application.record();
    if event.actor.id.is_none() {
        "系统".to_owned()
    } else if event.actor.role.is_enterprise() {
        event.actor.name.clone()
    } else if matches!(event.actor.role, Role::Operator | Role::Supervisor) {
        "平台".to_owned()
    } else if matches!(
        event.actor.role,
        Role::CustomerManager | Role::BranchHead | Role::BranchApprover
    ) {
        format!("{} {}", r.handler_name, event.actor.name)
    } else {
        // Whoever acts from headquarters is not of the branch that holds it.
        format!("{} {}", event.actor.role.zh(), event.actor.name)
    }
}

fn note(event: &ApplicationEvent, city: &City) -> String {
    let mut parts: Vec<String> = show::event_facts(&event.detail).into_iter().collect();
    if !event.reason_codes.is_empty() {
        parts.push(format!(
            "原因：{}",
            show::reasons(city, &event.reason_codes)
        ));
    }
    if !event.note.is_empty() {
        let word = match event.verb {
            Verb::Approve | Verb::Reject => "审核意见：",
            _ => "",
        };
        parts.push(format!("{word}{}", event.note));
    }
    parts.join("。")
}

fn timeline(view: &ApplicationDetail, city: &City) -> Vec<Event> {
    let mut items: Vec<Event> = view
        .events
        .iter()
        .map(|event| Event {
            event: event.verb.zh().to_owned(),
            time: show::minute(event.at),
            actor: actor(event, view),
            note: note(event, city),
            pending: false,
            kind: match event.to {
                Stage::Rejected | Stage::RefusedIntake => "danger",
                Stage::NeedSupplement => "warning",
                Stage::Approved => "success",
                _ => "",
            }
            .to_owned(),
        })
        .collect();
    if let Some(next) = show::next_step(&view.application) {
        let promise = view.promises.first();
        items.push(Event {
            event: format!("下一步：{next}"),
            time: promise.map_or(String::new(), show::promise_time),
            pending: true,
            ..Event::default()
        });
    }
    items
}

fn file_row(file: &DossierFile) -> Described {
    let round = if file.kind == "thread" {
        format!("沟通中提交，{}", show::minute(file.added_at))
    } else if file.kind == APPEAL_MATERIAL {
        format!("申请复议时提交，{}", show::minute(file.added_at))
    } else if file.round > 0 {
        format!("第 {} 次补充，{}", file.round, show::minute(file.added_at))
    } else {
        format!("随申请提交，{}", show::minute(file.added_at))
    };
    let kind = if file.media_type == "application/pdf" {
        "下载 PDF"
    } else {
        "查看图片"
    };
    Described::cell(
        &file.label,
        Cell::link(kind, format!("/enterprise/files/{}", file.id)).second(round),
    )
}

/// Where the enterprise opens a file of its own.
fn own_file(file: &FileId) -> String {
    format!("/enterprise/files/{file}")
}

fn items_table(items: &[SupplementItem]) -> Option<Table> {
    if items.is_empty() {
        return None;
    }
    let mut table = Table::new("补充清单")
        .column("次数", "nowrap")
        .column("需要补充的材料", "")
        .column("要求", "nowrap")
        .column("答复", "");
    for item in items {
        let answer = match item.answered_at {
            None => Cell::text("未答复"),
            Some(at) if item.files.is_empty() => Cell::text(&item.answer).second(show::minute(at)),
            Some(at) => Cell::files("已上传文件", item.files.iter().map(own_file).collect())
                .second(format!("{} {}", item.answer, show::minute(at))),
        };
        table.push(vec![
            Cell::text(format!("第 {} 次", item.round)),
            Cell::text(&item.label).second(&item.hint),
            Cell::text(if item.required { "必需" } else { "选填" }),
            answer,
        ]);
    }
    Some(table)
}

fn dossier(view: &ApplicationDetail) -> Vec<Described> {
    let Some(shown) = &view.shown else {
        return Vec::new();
    };
    [
        ("企业名称", &shown.company_name),
        ("统一社会信用代码", &shown.unified_social_credit_code),
        ("法定代表人姓名", &shown.legal_representative),
        ("法定代表人身份证号", &shown.legal_id),
        ("法定代表人联系电话", &shown.contact_phone),
        ("注册区县", &shown.county),
        ("所属行业", &shown.industry),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(label, value)| Described::new(label, value))
    .chain(
        shown
            .size
            .as_ref()
            .map(|size| Described::new("企业规模", DossierSize::words(Some(size)))),
    )
    .collect()
}

fn refusal(view: &ApplicationDetail, city: &City) -> Option<RefusalNote> {
    let r = view.application.record();
    if !matches!(r.stage, Stage::Rejected | Stage::RefusedIntake) {
        return None;
    }
    Some(RefusalNote {
        opinion: r.review_opinion.clone(),
        reasons: city
            .rejection_reasons
            .iter()
            .filter(|reason| r.reason_codes.contains(&reason.code))
            .map(|reason| Reason {
                label: reason.label.clone(),
                tip: reason.tip.clone(),
            })
            .collect(),
        again_from: view.cool_down.as_ref().map_or(String::new(), |wait| {
            domain::calendar::local_date(wait.until).to_string()
        }),
        others: None,
    })
}

/// Each with the way to a new request that follows this one.
fn others(chance: &SecondChance, refused: FinancingApplicationId) -> Option<Table> {
    let mut table = Table::new("其他可以申请的产品")
        .column("金融产品", "")
        .column("参考利率", "nowrap")
        .column("额度", "nowrap")
        .column("期限", "nowrap")
        .column("准入条件", "nowrap")
        .column("操作", "nowrap");
    for (id, fit) in &chance.products {
        let Some(product) = chance.snapshot.product(*id) else {
            continue;
        };
        let card = portal::product_card(&chance.snapshot, product);
        let apply = format!("/enterprise/apply/{id}?again={refused}");
        table.push(vec![
            Cell::link(card.name, card.href).second(card.institution),
            Cell::text(card.rate).second(card.rate_label),
            Cell::text(card.amount),
            Cell::text(card.term),
            Cell {
                tag: Some(portal::fit_tag(*fit)),
                ..Cell::default()
            },
            Cell::links(vec![Link::new("再次申请这款产品", apply)]),
        ]);
    }
    Some(table).filter(|table| !table.rows.is_empty())
}

/// How a 复议 stands, in one sentence.
fn appeal(view: &ApplicationDetail) -> String {
    let Some(asked) = &view.appeal.asked else {
        return String::new();
    };
    let note = if asked.note.is_empty() {
        String::new()
    } else {
        format!("机构总部的说明：{}", asked.note)
    };
    format!(
        "您于 {} 申请复议，{}。{note}",
        show::minute(asked.asked_at),
        asked.status.zh()
    )
}

fn due(view: &ApplicationDetail) -> Option<DueNote> {
    let promise = view.promises.first()?;
    Some(DueNote {
        what: show::next_step(&view.application)?,
        at: show::promise_time(promise),
        tag: show::promise_tag(promise),
    })
}

impl DetailPage {
    /// For 企业查看人员: what they would only be refused is not offered.
    fn hide_deeds(&mut self) {
        self.supplement = None;
        for deed in [
            &mut self.again,
            &mut self.withdraw,
            &mut self.reconsider,
            &mut self.move_asked,
            &mut self.give_up,
            &mut self.complain,
        ] {
            deed.clear();
        }
    }
}

fn page(view: &ApplicationDetail, city: &City, last: (&str, &str)) -> DetailPage {
    let r = view.application.record();
    let own = format!("{LIST}/{}", r.id);
    let number = show::number(&view.application);
    let mut trail = vec![("融资需求管理", LIST), (number.as_str(), own.as_str())];
    if !last.0.is_empty() {
        trail.push(last);
    }
    DetailPage {
        crumbs: crumbs(&trail),
        tags: show::tags(&view.application)
            .into_iter()
            .chain(show::loan_tag(r.stage))
            .chain(show::renewal_tag(r))
            .collect(),
        facts: facts(view),
        terms: terms(view),
        timeline: timeline(view, city),
        files: view.files.iter().map(file_row).collect(),
        items: items_table(&view.items),
        dossier: dossier(view),
        supplement: view.task().map(|task| SupplementNote {
            due: task.due_at.map_or(String::new(), show::minute),
            labels: task.items.iter().map(|i| i.label.clone()).collect(),
            href: format!("{own}/supplement"),
        }),
        refusal: refusal(view, city),
        due: due(view),
        again: if view.may(Deed::ApplyAgain) {
            format!("/enterprise/apply/{}?again={}", r.product, r.id)
        } else {
            String::new()
        },
        withdraw: if view.may(Deed::Withdraw) {
            format!("{own}/withdraw")
        } else {
            String::new()
        },
        reconsider: if view.appeal.may_ask {
            format!("{own}/reconsider")
        } else {
            String::new()
        },
        appeal: appeal(view),
        move_asked: view
            .move_asked
            .as_ref()
            .filter(|ask| ask.status == MoveStatus::Open)
            .map_or_else(String::new, |_| format!("{own}/move")),
        loan: if r.stage.disbursement() == DisbursementStatus::None {
            String::new()
        } else {
            format!("{own}/loan")
        },
        give_up: if r.stage == Stage::Approved {
            format!("{own}/give-up")
        } else {
            String::new()
        },
        thread: format!("{own}/thread"),
        complain: format!("/enterprise/complaints/new?application={}", r.id),
        rate: if is_ratable(r.stage) && r.handler.is_some() {
            format!("{own}/rating")
        } else {
            String::new()
        },
        unread: view.letters.unread,
        print: format!("{own}/print"),
        own: own.clone(),
        consent_withdrawn: r.stage.is_open() && !view.consent_stands,
        renew: if view.may_renew {
            format!("{own}/consents")
        } else {
            String::new()
        },
        frozen: r.frozen && r.stage.is_open(),
        number,
    }
}

pub(super) async fn show(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let view = web
        .uses
        .financing
        .detail(visit.actor(), id_of(&id)?)
        .await?;
    let only_looks = visit.actor().only_looks();
    let record = view.application.record();
    let chance = web.uses.chances.after(visit.actor(), record).await?;
    let visit = visit.0.enterprise_console();
    let mut page = page(&view, &visit.city, ("", ""));
    if let (Some(refusal), Some(chance)) = (&mut page.refusal, &chance) {
        refusal.others = others(chance, record.id);
    }
    if only_looks {
        page.hide_deeds();
    }
    let title = format!("融资需求 {}", page.number);
    Ok(visit.render("financing/detail.html", &title, &page))
}

pub(super) async fn print(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let view = web
        .uses
        .financing
        .detail(visit.actor(), id_of(&id)?)
        .await?;
    let visit = visit.0.enterprise_console();
    let page = page(&view, &visit.city, ("打印", ""));
    let title = format!("融资需求 {} 打印", page.number);
    Ok(visit.render("financing/print.html", &title, &page))
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    use crate::parts::TagKind;
    let page = |full: bool| {
        let some = |text: &str| if full { text.to_owned() } else { String::new() };
        let rows = || {
            if full {
                vec![Described::new(ODD, ODD)]
            } else {
                Vec::new()
            }
        };
        let mut table = Table::new("补充清单").column("次数", "nowrap");
        table.push(vec![Cell::text(ODD)]);
        DetailPage {
            crumbs: crumbs(&[(ODD, "")]),
            number: ODD.to_owned(),
            tags: vec![Tag::new(ODD, TagKind::Info)],
            facts: vec![Described::new(ODD, ODD)],
            terms: table.clone(),
            timeline: vec![Event {
                event: ODD.to_owned(),
                note: ODD.to_owned(),
                pending: full,
                ..Event::default()
            }],
            files: rows(),
            items: full.then_some(table),
            dossier: rows(),
            supplement: full.then(|| SupplementNote {
                due: some(ODD),
                labels: vec![ODD.to_owned(), "二".to_owned()],
                href: "/enterprise/applications/x/supplement".to_owned(),
            }),
            refusal: full.then(|| RefusalNote {
                opinion: ODD.to_owned(),
                reasons: vec![Reason {
                    label: ODD.to_owned(),
                    tip: ODD.to_owned(),
                }],
                again_from: some("2026-12-14"),
                others: Some({
                    let mut table = Table::new(ODD).column(ODD, "");
                    table.push(vec![Cell::link(ODD, "/market/x").second(ODD)]);
                    table
                }),
            }),
            due: full.then(|| DueNote {
                what: ODD.to_owned(),
                at: "2026-03-05 09:30".to_owned(),
                tag: Tag::new(ODD, TagKind::Danger),
            }),
            again: some("/enterprise/apply/x?again=y"),
            withdraw: some("/enterprise/applications/x/withdraw"),
            reconsider: some("/enterprise/applications/x/reconsider"),
            appeal: some(ODD),
            move_asked: some("/enterprise/applications/x/move"),
            loan: some("/enterprise/applications/x/loan"),
            give_up: some("/enterprise/applications/x/give-up"),
            thread: "/enterprise/applications/x/thread".to_owned(),
            complain: "/enterprise/complaints/new?application=x".to_owned(),
            rate: "/enterprise/applications/x/rating".to_owned(),
            unread: i64::from(full),
            print: "/enterprise/applications/x/print".to_owned(),
            own: "/enterprise/applications/x".to_owned(),
            consent_withdrawn: full,
            renew: some("/enterprise/applications/x/consents"),
            frozen: full,
        }
    };
    vec![
        sample("financing/detail.html", &page(true)),
        sample("financing/detail.html", &page(false)),
        sample("financing/print.html", &page(true)),
        sample("financing/print.html", &page(false)),
    ]
}
