//! The list: looked through by name or 统一社会信用代码, by 完善信息, 核验, account, county, section and day of registration.

use std::collections::HashMap;

use application::{
    city::City,
    enterprises::{EnterpriseLeaf, EnterpriseRoom, ListAsk},
    ports::{
        branch_board::Cursor,
        enterprise_desk::{
            AccountHold, AccountState, EnterpriseRow, FOUND_CAP, ProfileState, VerifiedState,
        },
    },
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{calendar::parse_day, ids::TenantId};
use serde::Serialize;
use time::Duration;

use super::{LIST, Room, TITLE, base, code_words, crumbs};
use crate::{
    branch::{leaf, write_cursor},
    errors::WebError,
    forms::Field,
    operator::midnight,
    parts::{Cell, Link, Table, Tag, TagKind},
    show,
    visit::{StaffVisit, encode},
};

/// `enterprises/list.html`.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub fields: Vec<Field>,
    /// What of the filters could not be read, and how to write it.
    pub problem: String,
    pub filtered: bool,
    pub clear: &'static str,
    pub total: String,
    pub holds: Table,
    pub table: Table,
    pub prev: String,
    pub next: String,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "enterprises/list.html";
}

pub(super) fn profile_tag(state: ProfileState) -> Tag {
    Tag::new(
        state.zh(),
        match state {
            ProfileState::Complete => TagKind::Success,
            ProfileState::Incomplete => TagKind::Warning,
        },
    )
}

pub(super) fn verified_tag(state: VerifiedState) -> Tag {
    Tag::new(
        state.zh(),
        match state {
            VerifiedState::Verified => TagKind::Success,
            VerifiedState::InReview => TagKind::Info,
            VerifiedState::Unverified => TagKind::Warning,
        },
    )
}

pub(super) fn account_tag(state: AccountState) -> Tag {
    Tag::new(
        state.zh(),
        match state {
            AccountState::Active => TagKind::Success,
            AccountState::Frozen => TagKind::Danger,
            AccountState::Closed => TagKind::Neutral,
        },
    )
}

fn tag(tag: Tag) -> Cell {
    Cell::tag(tag.label, tag.kind)
}

fn or_dash(text: String) -> String {
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}

fn table(room: &EnterpriseRoom, city: TenantId, rows: &[EnterpriseRow]) -> Table {
    let mut table = Table::new("企业")
        .column("企业名称", "name")
        .column("区县和行业", "")
        .column("注册时间", "nowrap")
        .column("融资需求", "num")
        .column("完善信息", "nowrap")
        .column("人脸核验", "nowrap")
        .column("账户", "nowrap");
    for row in rows {
        table.push(vec![
            Cell::link(&row.name, base(row.id)).second(code_words(&row.credit_code)),
            Cell::text(or_dash(room.county(city, &row.region_code)))
                .second(room.industry(&row.industry_code)),
            Cell::text(show::minute(row.registered_at)),
            Cell::text(format!("{} 笔", row.applications)),
            tag(profile_tag(row.profile)),
            tag(verified_tag(row.verified)),
            tag(account_tag(row.account)),
        ]);
    }
    table
}

fn holds(rows: &[AccountHold]) -> Table {
    let mut table = Table::new("等待第二人确认的账户冻结申请")
        .column("企业名称", "name")
        .column("事项", "nowrap")
        .column("申请人", "nowrap")
        .column("原因", "wrap");
    for hold in rows {
        table.push(vec![
            Cell::link(&hold.enterprise_name, base(hold.enterprise))
                .second(code_words(&hold.credit_code)),
            Cell::text(hold.kind.zh()),
            Cell::text(&hold.asked_name).second(show::minute(hold.asked_at)),
            Cell::text(&hold.reason),
        ]);
    }
    table
}

const NAMES: [&str; 8] = [
    "q", "profile", "verified", "account", "county", "section", "from", "to",
];

fn href(asked: &HashMap<String, String>) -> String {
    let pairs: Vec<String> = NAMES
        .iter()
        .filter_map(|name| {
            let value = asked.get(*name)?.trim();
            (!value.is_empty()).then(|| format!("{name}={}", encode(value)))
        })
        .collect();
    format!("{LIST}?{}", pairs.join("&"))
}

fn fields(room: &EnterpriseRoom, city: &City, asked: &HashMap<String, String>) -> Vec<Field> {
    let value = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let counties = room.counties(city);
    vec![
        Field::text("q", "企业名称或统一社会信用代码")
            .value(value("q"))
            .maxlength(100),
        Field::select("profile", "完善信息", "全部")
            .options(ProfileState::ALL.iter().map(|s| (s.code(), s.zh())))
            .value(value("profile")),
        Field::select("verified", "人脸核验", "全部")
            .options(VerifiedState::ALL.iter().map(|s| (s.code(), s.zh())))
            .value(value("verified")),
        Field::select("account", "账户状态", "全部")
            .options(AccountState::ALL.iter().map(|s| (s.code(), s.zh())))
            .value(value("account")),
        Field::select("county", "区县", "全部")
            .options(counties.iter().map(|c| (c.code.as_str(), c.name.as_str())))
            .value(value("county")),
        Field::select("section", "行业", "全部")
            .options(
                room.sections()
                    .iter()
                    .map(|s| (s.code.as_str(), s.name.as_str())),
            )
            .value(value("section")),
        Field::text("from", "注册日期起")
            .value(value("from"))
            .maxlength(10)
            .placeholder("2026-01-31"),
        Field::text("to", "注册日期止")
            .value(value("to"))
            .maxlength(10)
            .placeholder("2026-01-31"),
    ]
}

/// What was asked for, and what of it nobody can read.
fn read(asked: &HashMap<String, String>) -> (ListAsk, String) {
    let word = |name: &str| asked.get(name).map_or("", |text| text.trim());
    let mut problems: Vec<String> = Vec::new();
    let mut read_day = |name: &str, label: &str| {
        let typed = word(name);
        let found = parse_day(typed);
        if found.is_none() && !typed.is_empty() {
            problems.push(format!(
                "“{label}”没有用于查询，请按 2026-01-31 的格式填写真实的日期。"
            ));
        }
        found
    };
    let (from, to) = (read_day("from", "注册日期起"), read_day("to", "注册日期止"));
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        problems.push("“注册日期起”晚于“注册日期止”，请交换两个日期。".to_owned());
    }
    let ask = ListAsk {
        words: word("q").to_owned(),
        profile: ProfileState::from_code(word("profile")),
        verified: VerifiedState::from_code(word("verified")),
        account: AccountState::from_code(word("account")),
        county: word("county").to_owned(),
        section: word("section").chars().take(1).collect(),
        from: from.map(midnight),
        until: to.map(|day| midnight(day) + Duration::days(1)),
    };
    (ask, problems.concat())
}

fn total(found: i64) -> String {
    if found > FOUND_CAP {
        format!("超过 {FOUND_CAP} 家")
    } else {
        format!("共 {found} 家")
    }
}

pub(super) async fn list(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let (ask, problem) = read(&asked);
    let EnterpriseLeaf { found, holds: held } =
        web.uses.list(visit.actor(), &ask, leaf(&asked)).await?;
    let address = href(&asked);
    let beside = |name: &str, row: Option<&EnterpriseRow>, there: bool| {
        row.filter(|_| there).map_or_else(String::new, |row| {
            let cursor = write_cursor(Cursor {
                at: Some(row.registered_at),
                id: row.id.0,
            });
            format!("{address}&{name}={cursor}")
        })
    };
    let page = ListPage {
        crumbs: crumbs(&[]),
        fields: fields(&web.uses, &visit.0.city, &asked),
        problem,
        filtered: address.len() > LIST.len() + 1,
        clear: LIST,
        total: total(found.found),
        holds: holds(&held),
        table: table(&web.uses, visit.0.city.id, &found.rows),
        prev: beside("before", found.rows.first(), found.before),
        next: beside("after", found.rows.last(), found.after),
    };
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, TITLE, &page))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_day_that_nobody_can_read_is_told_and_narrows_nothing() {
        let (ask, problem) = read(&asked(&[("from", "2026-02-30"), ("to", "2026-02-28")]));
        assert!(ask.from.is_none() && ask.until.is_some());
        assert!(problem.contains("注册日期起") && !problem.contains("注册日期止"));
        let (_, problem) = read(&asked(&[("from", "2026-03-02"), ("to", "2026-03-01")]));
        assert!(problem.contains("晚于"), "{problem}");
        assert_eq!(read(&asked(&[("profile", "x")])).1, "");
    }

    #[test]
    fn a_page_keeps_its_filters_and_nothing_else() {
        let href = href(&asked(&[("q", "瀚 岳"), ("after", "1_2"), ("county", "")]));
        assert_eq!(href, format!("{LIST}?q={}", encode("瀚 岳")));
    }
}
