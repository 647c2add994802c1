//! 到期名单 (B11): what is due within 60, 30 or 15 days, the nearest day first, each with one button to invite its enterprise to 续贷.

use std::collections::HashMap;

use application::{
    lending::DueList,
    ports::{loans::RunningLoan, renewals::DueRow},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{calendar::parse_day, ids::FinancingApplicationId, renewal::RenewalStep};
use serde::Serialize;
use time::Date;
use uuid::Uuid;

use super::{Branch, home, show, staff, told};
use crate::{
    errors::WebError,
    kit::Web,
    matter,
    parts::{Filter, Link, Tag, TagKind},
    posted::{Form, once},
    spawned::spawned,
    visit::StaffVisit,
};

const PAGE: &str = "/branch/loans/due";

/// Which page of the list: how near, and after which row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    within: RenewalStep,
    after: Option<(Date, Uuid)>,
}

impl Place {
    /// The one that an address names.
    fn read(asked: &HashMap<String, String>) -> Self {
        let word = |name: &str| asked.get(name).map_or("", String::as_str);
        Self {
            within: RenewalStep::from_code(word("within")).unwrap_or(RenewalStep::Sixty),
            after: read_after(word("after")),
        }
    }

    /// As an address names it.
    fn query(self) -> String {
        let base = format!("within={}", self.within.code());
        match self.after {
            Some((day, id)) => format!("{base}&after={day}_{id}"),
            None => base,
        }
    }

    fn href(self) -> String {
        format!("{PAGE}?{}", self.query())
    }

    /// Where 邀请续贷 is posted to; it leads back to the same page of the list.
    fn invite_href(self, loan: FinancingApplicationId) -> String {
        format!("/branch/loans/{loan}/invite?{}", self.query())
    }
}

/// The row after which a page begins, as [`Place::query`] writes it.
fn read_after(text: &str) -> Option<(Date, Uuid)> {
    let (day, id) = text.split_once('_')?;
    Some((parse_day(day)?, Uuid::try_parse(id).ok()?))
}

/// `loans/due.html`.
#[derive(Serialize)]
pub(super) struct DuePage {
    lead: &'static str,
    crumbs: Vec<Link>,
    within: Filter,
    lines: Vec<Line>,
    /// The next page; empty on the last one.
    next: String,
    /// Back to the first one; empty there.
    first: String,
    home: String,
}

impl DuePage {
    pub const TEMPLATE: &'static str = "loans/due.html";
}

/// One loan.
#[derive(Serialize)]
struct Line {
    day: String,
    left: Tag,
    loan: Link,
    product: String,
    enterprise: String,
    holder: String,
    due: String,
    owed: String,
    /// 续贷申请 that there is.
    renewal: Option<Link>,
    /// 已邀请, by whom and when; empty: not at this step.
    invited: String,
    deferral: bool,
    frozen: bool,
    /// Where 邀请续贷 is posted to; empty for whoever may not, and where there is nothing to invite to.
    invite: String,
    key: String,
}

fn left(row: &DueRow, today: Date) -> Tag {
    match (row.due_on - today).whole_days() {
        0 => Tag::new("今日到期", TagKind::Danger),
        days if days <= RenewalStep::Fifteen.days() => {
            Tag::new(format!("{days} 天后到期"), TagKind::Warning)
        }
        days => Tag::new(format!("{days} 天后到期"), TagKind::Neutral),
    }
}

fn line(row: &DueRow, may: bool, today: Date, place: Place, key: impl FnOnce() -> String) -> Line {
    let loan = &row.loan;
    let open = may && !row.frozen && row.invited.is_none() && row.renewal.is_none();
    let due = loan.next.map(|(_, sum)| sum.format_wan());
    Line {
        day: row.due_on.to_string(),
        left: left(row, today),
        loan: Link::new(&loan.number, matter::base(loan.application)),
        product: loan.product_name.clone(),
        enterprise: loan.enterprise_name.clone(),
        holder: holder(loan),
        due: due.unwrap_or_default(),
        owed: loan.owed.format_wan(),
        renewal: row
            .renewal
            .as_ref()
            .map(|(id, number)| Link::new(number, matter::base(*id))),
        invited: row.invited.as_ref().map_or_else(String::new, |(name, at)| {
            format!("{} {name}", show::minute(*at))
        }),
        deferral: row.deferral,
        frozen: row.frozen,
        invite: if open {
            place.invite_href(loan.application)
        } else {
            String::new()
        },
        key: if open { key() } else { String::new() },
    }
}

fn holder(loan: &RunningLoan) -> String {
    if loan.holder_name.is_empty() {
        return loan.branch_name.clone();
    }
    format!("{}，{}", loan.holder_name, loan.branch_name)
}

fn page(home: Link, list: &DueList, place: Place, key: impl Fn() -> String) -> DuePage {
    let within = place.within;
    let from = |within, after| Place { within, after }.href();
    let steps = RenewalStep::ALL.iter();
    let last = list.rows.last().filter(|_| list.more);
    DuePage {
        lead: "先到期的在前。每笔贷款在到期前 60 天、30 天和 15 天各可以邀请一次；企业会收到站内消息和短信，打开即可填写续贷申请。",
        home: home.href.clone(),
        crumbs: vec![
            home,
            Link::new("贷后台账", "/branch/loans"),
            Link::new("到期名单", "").current(true),
        ],
        within: Filter {
            label: "到期时间".to_owned(),
            options: steps
                .map(|step| Link::new(step.zh(), from(*step, None)).current(*step == within))
                .collect(),
        },
        lines: list
            .rows
            .iter()
            .map(|(row, may)| line(row, *may, list.today, place, &key))
            .collect(),
        next: last.map_or_else(String::new, |(row, _)| {
            from(within, Some((row.due_on, row.loan.application.0)))
        }),
        first: place.after.map_or_else(String::new, |_| from(within, None)),
    }
}

pub(super) async fn list(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let place = Place::read(&asked);
    let lending = &web.uses.lending;
    let Place { within, after } = place;
    let list = lending.due_list(visit.actor(), within, after).await?;
    let home = home(visit.actor());
    let visit = visit.0.staff_console();
    let tokens = visit.kit.tokens();
    let shown = page(home, &list, place, || tokens.one_time());
    Ok(visit.render(DuePage::TEMPLATE, "到期名单", &shown))
}

/// 邀请续贷, back to the list.
pub(super) async fn invite(
    State(web): State<Web<Branch>>,
    Path(id): Path<Uuid>,
    Query(asked): Query<HashMap<String, String>>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let list = Place::read(&asked).href();
    let actor = staff(&visit)?;
    let once = once(&posted)?;
    let visit = visit.staff_console();
    let id = FinancingApplicationId(id);
    let uses = web.uses.clone();
    let done = async move { uses.lending.invite_renewal(&actor, id, &once).await };
    match spawned(done).await {
        Ok(()) => Ok(visit.redirect(
            &list,
            Some(("success", "已邀请续贷，企业会收到站内消息和短信。")),
        )),
        Err(error) => told(&visit, error, &list),
    }
}

/// The page in every shape, with text that must be escaped.
pub(super) fn samples(nasty: &str) -> Vec<DuePage> {
    use domain::values::Cents;

    let today = parse_day("2026-11-25").unwrap_or(Date::MIN);
    let row = |days: i64, invited: bool, renewed: bool| DueRow {
        loan: RunningLoan {
            application: FinancingApplicationId(Uuid::nil()),
            number: nasty.to_owned(),
            enterprise_name: nasty.to_owned(),
            product_name: nasty.to_owned(),
            branch_name: nasty.to_owned(),
            holder_name: nasty.to_owned(),
            drawn: Cents::ZERO,
            owed: Cents::ZERO,
            next: Some((today, Cents::ZERO)),
        },
        due_on: today + time::Duration::days(days),
        holder: None,
        frozen: invited && renewed,
        invited: invited.then(|| (nasty.to_owned(), time::OffsetDateTime::UNIX_EPOCH)),
        renewal: renewed.then(|| {
            let id = FinancingApplicationId(Uuid::nil());
            (id, nasty.to_owned())
        }),
        deferral: renewed,
    };
    let list = |rows: Vec<(DueRow, bool)>, more| DueList { rows, more, today };
    let full = list(
        vec![
            (row(0, false, false), true),
            (row(10, true, false), true),
            (row(40, false, true), false),
            (row(50, true, true), true),
        ],
        true,
    );
    let after = Some((today, Uuid::nil()));
    let drawn = |list: &DueList, within, after| {
        let home = Link::new("支行工作台", "/branch");
        page(home, list, Place { within, after }, || "k".to_owned())
    };
    vec![
        drawn(&full, RenewalStep::Sixty, after),
        drawn(&list(Vec::new(), false), RenewalStep::Fifteen, None),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_again_by_the_address_that_was_written_for_it() {
        let after = parse_day("2026-12-20").map(|day| (day, Uuid::from_u128(7)));
        let within = RenewalStep::Thirty;
        let href = Place { within, after }.href();
        let (_, text) = href.split_once("&after=").unwrap();
        assert_eq!(read_after(text), after);
        for bad in ["", "2026-12-20", "2026-12-32_x", "_", "2026-12-20_7"] {
            assert_eq!(read_after(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_invitation_leads_back_to_its_page_of_the_list() {
        let after = parse_day("2026-12-20").map(|day| (day, Uuid::from_u128(7)));
        let within = RenewalStep::Thirty;
        let place = Place { within, after };
        let href = place.invite_href(FinancingApplicationId(Uuid::nil()));
        let (_, asked) = href.split_once('?').unwrap();
        let pairs = asked.split('&').filter_map(|pair| pair.split_once('='));
        let asked = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(Place::read(&asked.collect()), place);
    }
}
