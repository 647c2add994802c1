//! 概览: what comes next first, then what is under way.

use application::{
    financing::{Overview, Urgent, UrgentKind},
    ports::ownership::ChangeKind,
};
use axum::{extract::State, response::Response};
use domain::financing::FinancingApplication;
use serde::Serialize;

use super::{Desk, show};
use crate::{
    errors::WebError,
    parts::{Cell, Figure, Link, NewsLine, ProductCard, Table, Tag, TagKind, Task},
    visit::EnterpriseVisit,
};

#[derive(Serialize)]
struct HomePage {
    lead: String,
    /// What waits for the enterprise, before everything else.
    urgent: Vec<UrgentLine>,
    /// 企业管理员 is to be another one.
    owner_changes: Vec<&'static str>,
    /// 请您评价: requests whose branch was not rated.
    unrated: Vec<Link>,
    /// 企业账户 is held: what that means and what to do.
    frozen: String,
    /// 企业划型 is due; empty when it is not.
    size_due: String,
    figures: Vec<Figure>,
    tasks: Vec<Task>,
    finished: bool,
    open: Option<Table>,
    open_total: u64,
    drafts: Vec<Link>,
    messages: Vec<NewsLine>,
    products: Vec<ProductCard>,
}

/// One thing that the enterprise alone can move on.
#[derive(Serialize)]
struct UrgentLine {
    text: String,
    href: String,
    label: &'static str,
}

impl UrgentLine {
    fn of(one: &Urgent) -> Self {
        let r = one.application.record();
        let own = format!("/enterprise/applications/{}", r.id);
        let number = show::number(&one.application);
        let until = one.until.map_or(String::new(), |at| {
            format!("，请在 {} 前办理", show::minute(at))
        });
        let (what, path, label) = match one.kind {
            UrgentKind::Supplement => ("请您补充材料", "/supplement", "去补充材料"),
            UrgentKind::Move => ("请您答复是否同意更换受理支行", "/move", "去答复"),
            UrgentKind::Draw => ("有放款待您确认", "/loan", "去确认放款"),
            UrgentKind::Appeal => ("审核未通过，可以申请复议", "/reconsider", "去申请复议"),
        };
        Self {
            text: format!("申请 {number}（{}）{what}{until}", r.product_name),
            href: format!("{own}{path}"),
            label,
        }
    }
}

const fn owner_change(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Handover => "企业管理员的移交正在等待确认。",
        ChangeKind::Recovery => {
            "平台收到更换企业管理员的申请，正在核实。如不同意，请企业管理员提出异议。"
        }
    }
}

fn rating_link(application: &FinancingApplication) -> Link {
    let r = application.record();
    Link::new(
        format!(
            "评价{}（申请 {}）",
            r.handler_name,
            show::number(application)
        ),
        format!("/enterprise/applications/{}/rating", r.id),
    )
}

/// 注册 → 完善信息 → 人脸核验 → 提交需求; the first that is not done carries the primary button.
fn tasks(view: &Overview) -> Vec<Task> {
    let complete = view.standing.is_some_and(|s| s.profile_complete);
    let verified = view.standing.is_some_and(|s| s.face_verified);
    let steps = [
        ("注册", "账号已开通", true, "", ""),
        (
            "完善信息",
            "上传营业执照和法定代表人身份证，填写企业信息",
            complete,
            "/enterprise/profile",
            if complete {
                "查看信息"
            } else {
                "去完善信息"
            },
        ),
        (
            "人脸核验",
            "由法定代表人本人完成，可用手机或到柜面办理",
            verified,
            if verified { "" } else { "/enterprise/face" },
            "去核验",
        ),
        (
            "提交需求",
            "选择金融产品和受理支行，由受理银行审核",
            view.submitted > 0,
            "/market",
            "去金融超市",
        ),
    ];
    let next = steps.iter().position(|(_, _, done, _, _)| !done);
    steps
        .into_iter()
        .enumerate()
        .map(|(at, (title, note, done, href, label))| Task {
            title: title.to_owned(),
            note: note.to_owned(),
            done,
            next: next == Some(at),
            tag: match (done, next == Some(at)) {
                (true, _) => Tag::new("已完成", TagKind::Success),
                (false, true) => Tag::new("下一步", TagKind::Warning),
                (false, false) => Tag::new("未开始", TagKind::Neutral),
            },
            href: href.to_owned(),
            label: label.to_owned(),
        })
        .collect()
}

fn open_table(view: &Overview) -> Option<Table> {
    if view.open.is_empty() {
        return None;
    }
    let mut table = Table::new("办理中的融资需求")
        .column("申请编号", "nowrap")
        .column("金融产品名称", "")
        .column("机构", "")
        .column("融资金额 (万)", "num")
        .column("下一步", "")
        .column("接单状态", "nowrap")
        .column("审核状态", "nowrap");
    for application in view.open.iter().take(5) {
        let r = application.record();
        let mut cells = vec![
            Cell::link(
                show::number(application),
                format!("/enterprise/applications/{}", r.id),
            ),
            Cell::text(&r.product_name),
            Cell::text(&r.handler_name),
            Cell::text(r.amount.format_wan_short()),
            Cell::text(show::next_step(application).unwrap_or_default()).second(
                r.due_at
                    .map_or(String::new(), |due| format!("{} 前", show::minute(due))),
            ),
        ];
        cells.extend(
            show::tags(application)
                .into_iter()
                .map(|t| Cell::tag(t.label, t.kind)),
        );
        table.push(cells);
    }
    Some(table)
}

fn figures(view: &Overview) -> Vec<Figure> {
    let figure = |label: &str, value: u64, unit: &str, href: &str| Figure {
        value: value.to_string(),
        unit: unit.to_owned(),
        label: label.to_owned(),
        href: href.to_owned(),
        ..Figure::default()
    };
    let mut loans = figure("在贷", view.loans.unsigned_abs(), "笔", "/enterprise/loans");
    if view.loans_overdue > 0 {
        loans.note = format!("{} 笔已过到期日", view.loans_overdue);
        "danger".clone_into(&mut loans.kind);
    }
    vec![
        figure(
            "办理中的融资需求",
            view.open_total,
            "笔",
            "/enterprise/applications?open=1",
        ),
        figure(
            "全部融资需求",
            view.submitted,
            "笔",
            "/enterprise/applications",
        ),
        loans,
        figure(
            "草稿",
            u64::try_from(view.drafts.len()).unwrap_or(0),
            "份",
            "/enterprise/applications/drafts",
        ),
        figure("未读消息", view.unread, "条", "/enterprise/messages"),
    ]
}

fn products(view: &Overview) -> Vec<ProductCard> {
    view.products
        .iter()
        .map(|offer| {
            let facts = super::apply::facts(offer);
            let range = &offer.range;
            ProductCard {
                href: format!("/market/{}", offer.product),
                name: offer.name.clone(),
                institution: offer.bank_name.clone(),
                seal: if offer.bank_mark.is_empty() {
                    offer.bank_name.chars().take(1).collect()
                } else {
                    offer.bank_mark.clone()
                },
                rate_label: facts[0].label.clone(),
                rate: facts[0].value.clone(),
                amount: format!(
                    "{}–{} 万元",
                    range.amount_min.format_wan_short(),
                    range.amount_max.format_wan_short()
                ),
                term: format!(
                    "{}–{} {}",
                    range.term_min,
                    range.term_max,
                    show::unit(range.term_unit)
                ),
                tags: vec![offer.guarantee.zh().to_owned()],
                fit: None,
                estimate_href: crate::estimates::href(offer.product),
            }
        })
        .collect()
}

pub(super) async fn show(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
) -> Result<Response, WebError> {
    let view = web.uses.financing.overview(visit.actor()).await?;
    let size = web.uses.size.standing(visit.actor()).await?;
    let visit = visit.0.enterprise_console();
    let tasks = tasks(&view);
    let next = tasks.iter().find(|t| t.next);
    let urgent: Vec<UrgentLine> = view.urgent.iter().map(UrgentLine::of).collect();
    let prepared = next.map_or_else(
        || "各项准备已经完成，可以随时在金融超市选择产品提交融资需求。".to_owned(),
        |task| format!("下一步：{}。{}。", task.title, task.note),
    );
    let lead = match urgent.len() {
        0 => prepared,
        many => format!("有 {many} 件事项等待您办理，请先办理。"),
    };
    let page = HomePage {
        lead,
        urgent,
        owner_changes: view
            .owner_changes
            .iter()
            .map(|k| owner_change(*k))
            .collect(),
        unrated: view.unrated.iter().map(rating_link).collect(),
        frozen: if view.standing.is_some_and(|s| s.frozen) {
            format!(
                "暂不能提交新的融资需求；已提交的照常办理，仍可查看、补充材料和撤回。如有疑问，请拨打客服电话 {}。",
                visit.city.hotline
            )
        } else {
            String::new()
        },
        size_due: crate::size::reminder(&size),
        figures: figures(&view),
        finished: next.is_none(),
        tasks,
        open: open_table(&view),
        open_total: view.open_total,
        drafts: view
            .drafts
            .iter()
            .take(3)
            .map(|d| {
                let r = d.application.record();
                Link::new(&r.product_name, format!("/enterprise/apply/{}", r.product))
            })
            .collect(),
        messages: view
            .messages
            .iter()
            .map(|m| NewsLine {
                href: if m.link.is_empty() {
                    "/enterprise/messages".to_owned()
                } else {
                    m.link.clone()
                },
                title: if m.read_at.is_none() {
                    format!("【未读】{}", m.title)
                } else {
                    m.title.clone()
                },
                date: show::minute(m.at),
                summary: m.body.clone(),
                source: String::new(),
                ..NewsLine::default()
            })
            .collect(),
        products: products(&view),
    };
    Ok(visit.render("financing/home.html", "概览", &page))
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    let task = |done, next| Task {
        title: ODD.to_owned(),
        note: ODD.to_owned(),
        done,
        next,
        tag: Tag::new(ODD, TagKind::Warning),
        href: "/market".to_owned(),
        label: ODD.to_owned(),
    };
    let mut table = Table::new("办理中的融资需求").column("申请编号", "nowrap");
    table.push(vec![Cell::link(ODD, "/enterprise")]);
    let full = HomePage {
        lead: ODD.to_owned(),
        urgent: vec![UrgentLine {
            text: ODD.to_owned(),
            href: "/enterprise/applications/x/supplement".to_owned(),
            label: "去补充材料",
        }],
        owner_changes: vec![ODD],
        unrated: vec![Link::new(ODD, "/enterprise/applications/x/rating")],
        frozen: ODD.to_owned(),
        size_due: ODD.to_owned(),
        figures: vec![Figure {
            label: ODD.to_owned(),
            value: "3".to_owned(),
            ..Figure::default()
        }],
        tasks: vec![task(true, false), task(false, true)],
        finished: false,
        open: Some(table),
        open_total: 1,
        drafts: vec![Link::new(ODD, "/enterprise/apply/x"), Link::new("二", "/")],
        messages: vec![NewsLine {
            href: "/enterprise/messages".to_owned(),
            title: ODD.to_owned(),
            summary: ODD.to_owned(),
            ..NewsLine::default()
        }],
        products: vec![ProductCard {
            href: "/market/x".to_owned(),
            name: ODD.to_owned(),
            tags: vec![ODD.to_owned()],
            ..ProductCard::default()
        }],
    };
    let empty = HomePage {
        lead: String::new(),
        urgent: Vec::new(),
        owner_changes: Vec::new(),
        unrated: Vec::new(),
        frozen: String::new(),
        size_due: String::new(),
        figures: Vec::new(),
        tasks: Vec::new(),
        finished: true,
        open: None,
        open_total: 0,
        drafts: Vec::new(),
        messages: Vec::new(),
        products: Vec::new(),
    };
    [full, empty]
        .map(|page| sample("financing/home.html", &page))
        .to_vec()
}
