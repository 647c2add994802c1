//! One enterprise: masked facts, its attempts of 人脸核验, its requests, its authorisations by number, and the holds of its account.

use application::{
    enterprises::EnterpriseCase,
    ports::{
        enterprise_desk::{AccountHold, AccountState, Verification},
        supervision::{CityRow, HoldStatus},
    },
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    identity::{CheckStatus, ReviewStatus},
    ids::EnterpriseId,
    values::Cents,
};
use serde::Serialize;

use super::{
    Room, base, crumbs,
    list::{account_tag, profile_tag, verified_tag},
};
use crate::{
    errors::WebError,
    parts::{Cell, Described, Link, Table, Tag, TagKind},
    show,
    two_people::reasons,
    visit::{StaffVisit, id_of},
};

/// `enterprises/detail.html`.
#[derive(Serialize)]
pub(super) struct DetailPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub tags: Vec<Tag>,
    pub full_href: String,
    pub hold_href: String,
    pub hold_label: &'static str,
    /// Who is 企业管理员, and how that changes.
    pub owner_href: String,
    pub waiting: Option<Waiting>,
    pub facts: Vec<Described>,
    pub standing: Vec<Described>,
    pub requests: Table,
    /// All of them, where not all are shown.
    pub more_href: String,
    pub verifications: Table,
    pub holds: Table,
}

impl DetailPage {
    pub const TEMPLATE: &'static str = "enterprises/detail.html";
}

/// A hold that waits for a second person.
#[derive(Serialize)]
pub(super) struct Waiting {
    pub title: String,
    pub text: String,
    pub hint: String,
    pub confirm: String,
    pub decline: String,
    pub yes: String,
    /// For the one who asked.
    pub withdraw: String,
}

fn waiting(case: &EnterpriseCase) -> Option<Waiting> {
    let hold = case.open_hold()?;
    let href = base(hold.enterprise);
    let settle = case.powers.settle_hold;
    let path = |path: &str| {
        if settle {
            format!("{href}/hold/{path}")
        } else {
            String::new()
        }
    };
    Some(Waiting {
        title: format!(
            "{}申请{}企业账户，等待另一人确认",
            hold.asked_name,
            hold.kind.zh()
        ),
        text: format!("原因：{}（{}）", hold.reason, show::minute(hold.asked_at)),
        hint: if settle {
            String::new()
        } else {
            "需由另一位平台运营人员确认，申请人自己不能确认。".to_owned()
        },
        confirm: path("confirm"),
        decline: path("decline"),
        yes: format!("确认{}", hold.kind.zh()),
        withdraw: if case.powers.withdraw_hold {
            format!("{href}/hold/withdraw")
        } else {
            String::new()
        },
    })
}

fn or(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise } else { text }.to_owned()
}

fn code(case: &EnterpriseCase) -> Cell {
    let row = &case.sheet.row;
    if row.credit_code.is_empty() {
        return Cell::text("未填写");
    }
    if !case.doubtful {
        return Cell::text(&row.credit_code);
    }
    // what fails the public check was admitted, and by whom can be read.
    let second = case.proposal.as_ref().map_or_else(
        || "不符合公开校验规则，经核实登记".to_owned(),
        |p| {
            format!(
                "不符合公开校验规则，{}提出、{}核实登记",
                p.asked_name, p.settled_name
            )
        },
    );
    Cell::text(&row.credit_code).second(second)
}

fn facts(case: &EnterpriseCase) -> Vec<Described> {
    let facts = &case.facts;
    let text = |label: &str, value: &str| Described::new(label, or(value, "未填写"));
    let capital = facts
        .registered_capital_cents
        .and_then(|cents| Cents::new(cents).ok())
        .map_or_else(String::new, |c| format!("{} 万元", c.format_wan_short()));
    vec![
        Described::cell("统一社会信用代码", code(case)),
        text("法定代表人", &facts.legal_representative),
        text("法定代表人身份证号", &facts.legal_id),
        text("联系电话", &facts.contact_phone),
        text("电子邮箱", &facts.email),
        text("所在区县", &case.county),
        text("所属行业", &case.industry),
        text("注册资本", &capital),
        Described::new("企业规模", crate::size::words(case.size.as_ref())),
        Described::new("首贷户", if facts.first_loan { "是" } else { "否" }),
        text("推荐机构", &case.sheet.recommender),
    ]
}

pub(super) fn channel(code: &str) -> &'static str {
    match code {
        "phone" => "手机网页",
        "mini_program" => "小程序",
        _ => "电脑网页",
    }
}

fn standing(case: &EnterpriseCase) -> Vec<Described> {
    let sheet = &case.sheet;
    let row = &sheet.row;
    vec![
        Described::cell(
            "注册时间",
            Cell::text(show::minute(row.registered_at)).second(channel(&sheet.channel)),
        ),
        Described::new(
            "信息完善时间",
            case.facts
                .completed_at
                .map_or_else(|| "尚未完善".to_owned(), show::minute),
        ),
        Described::new("企业人员", format!("{} 人", sheet.people)),
        Described::new("有效授权", format!("{} 份", sheet.consents)),
        Described::new("已撤回授权", format!("{} 份", sheet.withdrawn)),
        Described::new("融资需求", format!("{} 笔", row.applications)),
    ]
}

fn requests(rows: &[CityRow]) -> Table {
    let mut table = Table::new("融资需求")
        .column("申请编号", "nowrap")
        .column("机构和支行", "")
        .column("提交时间", "nowrap")
        .column("阶段", "nowrap");
    for row in rows {
        let stage = if row.frozen {
            Cell::tag("已冻结", TagKind::Danger).second(row.stage.zh())
        } else {
            Cell::text(row.stage.zh())
        };
        table.push(vec![
            Cell::link(&row.number, format!("/operator/applications/{}", row.id)),
            Cell::text(&row.bank_name).second(&row.branch_name),
            Cell::text(show::minute(row.submitted_at)),
            stage,
        ]);
    }
    table
}

/// The word of an attempt, good or not.
fn outcome(one: &Verification) -> Cell {
    let kind = match one.status.as_str() {
        "passed" | "manual_passed" => TagKind::Success,
        "failed" | "manual_refused" | "refused" => TagKind::Danger,
        "cancelled" => TagKind::Neutral,
        _ => TagKind::Warning,
    };
    let word = if one.by_photo {
        ReviewStatus::from_code(&one.status).map(ReviewStatus::zh)
    } else {
        CheckStatus::from_code(&one.status).map(CheckStatus::zh)
    };
    Cell::tag(word.unwrap_or("结果待确认"), kind)
}

fn verifications(rows: &[Verification]) -> Table {
    let mut table = Table::new("核验记录")
        .column("时间", "nowrap")
        .column("方式", "")
        .column("被核验人", "nowrap")
        .column("结果", "nowrap");
    for one in rows {
        let way = match (one.by_photo, one.branch.is_empty()) {
            (true, _) => Cell::text("平台人工核验"),
            (false, true) => Cell::text("人脸核验"),
            (false, false) => Cell::text("柜面核验").second(&one.branch),
        };
        let settled = one.settled_at.map_or_else(
            || "尚无结果".to_owned(),
            |at| format!("结果 {}", show::minute(at)),
        );
        table.push(vec![
            Cell::text(show::minute(one.at)).second(settled),
            way,
            Cell::text(or(&one.person, "-")),
            outcome(one),
        ]);
    }
    table
}

fn holds(rows: &[AccountHold]) -> Table {
    let mut table = Table::new("账户冻结记录")
        .column("事项", "nowrap")
        .column("申请人", "nowrap")
        .column("原因", "wrap")
        .column("处理", "");
    for hold in rows {
        let settled = match (hold.status, hold.settled_at) {
            (HoldStatus::Open, _) | (_, None) => Cell::text(hold.status.zh()),
            (status, Some(at)) => {
                Cell::text(format!("{}{}", hold.settled_name, status.zh())).second(show::minute(at))
            }
        };
        table.push(vec![
            Cell::text(hold.kind.zh()),
            Cell::text(&hold.asked_name).second(show::minute(hold.asked_at)),
            reasons(&hold.reason, &hold.withdrawal),
            settled,
        ]);
    }
    table
}

fn page(case: &EnterpriseCase) -> DetailPage {
    let row = &case.sheet.row;
    let href = base(row.id);
    let path = |there: bool, path: &str| {
        if there {
            format!("{href}/{path}")
        } else {
            String::new()
        }
    };
    let mut tags = vec![profile_tag(row.profile), verified_tag(row.verified)];
    if row.account != AccountState::Active {
        tags.push(account_tag(row.account));
    }
    DetailPage {
        crumbs: crumbs(&[(&row.name, "")]),
        name: row.name.clone(),
        tags,
        full_href: path(case.powers.unmask, "full"),
        hold_href: path(case.powers.ask_hold, "hold"),
        hold_label: if case.is_frozen() {
            "申请解除冻结"
        } else {
            "申请冻结账户"
        },
        owner_href: format!("{href}/owner"),
        waiting: waiting(case),
        facts: facts(case),
        standing: standing(case),
        requests: requests(&case.requests),
        more_href: if case.more_requests && !row.credit_code.is_empty() {
            format!("/operator/applications?list=all&q={}", row.credit_code)
        } else {
            String::new()
        },
        verifications: verifications(&case.verifications),
        holds: holds(&case.holds),
    }
}

pub(super) async fn detail(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = EnterpriseId(id_of(&id)?);
    let case = web.uses.view(visit.actor(), id).await?;
    let page = page(&case);
    Ok(visit
        .0
        .staff_console()
        .render(DetailPage::TEMPLATE, &page.name, &page))
}
