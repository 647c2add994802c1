//! 在贷总览 of an enterprise and 贷后台账 of a branch: what runs, what is due next, the longest due first.

use application::{
    lending::{LOANS_PAGE, LoanBook},
    ports::loans::RunningLoan,
};
use domain::calendar::SHANGHAI;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use crate::parts::{Cell, Figure, Link, Pager, Table, TagKind};

/// Days before a due day from which it stands out.
const SOON: i64 = 7;

/// Which page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LoansQuery {
    page: String,
}

impl LoansQuery {
    /// From 1 on; whatever is no number is the first.
    pub fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, 10_000)
    }
}

/// Who reads it, and in which words.
pub(crate) struct Side {
    pub title: &'static str,
    pub lead: &'static str,
    pub home: Link,
    pub base: &'static str,
    pub empty: &'static str,
    /// Where a loan stands, after its id.
    pub detail: fn(&RunningLoan) -> String,
    pub of_enterprise: bool,
}

impl Side {
    /// Beyond the last page: what was there is paid back meanwhile, and the list begins anew.
    pub fn beyond(&self, book: &LoanBook, page: i64) -> Option<&'static str> {
        (page > 1 && book.leaf.rows.is_empty()).then_some(self.base)
    }
}

#[derive(Serialize)]
pub(crate) struct LoansPage {
    title: &'static str,
    lead: &'static str,
    crumbs: Vec<Link>,
    figures: Vec<Figure>,
    table: Table,
    pager: Pager,
    empty: &'static str,
    home: String,
}

impl LoansPage {
    pub const TEMPLATE: &'static str = "loans/list.html";

    pub fn new(side: &Side, book: &LoanBook, page: i64) -> Self {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let figure = |label: &str, n: i64, kind: &str| Figure {
            label: label.to_owned(),
            value: n.to_string(),
            unit: "笔".to_owned(),
            kind: if n > 0 { kind } else { "" }.to_owned(),
            ..Figure::default()
        };
        let home = side.home.href.clone();
        Self {
            title: side.title,
            lead: side.lead,
            crumbs: vec![side.home.clone(), Link::new(side.title, "").current(true)],
            figures: vec![
                figure("在贷", book.leaf.total, ""),
                figure("已过到期日", book.leaf.overdue, "danger"),
            ],
            table: table(side, book),
            pager: Pager::new(
                count(book.leaf.total),
                count(page),
                count(LOANS_PAGE),
                |number| format!("{}?page={number}", side.base),
            ),
            empty: side.empty,
            home,
        }
    }
}

fn table(side: &Side, book: &LoanBook) -> Table {
    let mut table = Table::new(side.title).column("申请编号", "nowrap");
    table = if side.of_enterprise {
        table.column("受理支行", "")
    } else {
        table.column("企业名称", "name").column("经办人", "")
    };
    table = table
        .column("放款总额（万元）", "num")
        .column("待还本金（万元）", "num")
        .column("下次到期日", "nowrap")
        .column("到期本金（万元）", "num")
        .column("到期情况", "nowrap");
    for loan in &book.leaf.rows {
        let number = Cell::link(&loan.number, (side.detail)(loan)).second(&loan.product_name);
        let mut cells = vec![number];
        if side.of_enterprise {
            cells.push(Cell::text(&loan.branch_name));
        } else {
            cells.push(Cell::text(&loan.enterprise_name));
            cells.push(Cell::text(&loan.holder_name).second(&loan.branch_name));
        }
        cells.push(Cell::text(loan.drawn.format_wan()));
        cells.push(Cell::text(loan.owed.format_wan()));
        cells.extend(next(loan, book.today));
        table.push(cells);
    }
    table
}

/// The next due day, what is due on it, and how near it is.
fn next(loan: &RunningLoan, today: Date) -> [Cell; 3] {
    let Some((day, sum)) = loan.next else {
        return [Cell::text("未登记"), Cell::text("-"), Cell::text("-")];
    };
    let left = (day - today).whole_days();
    let standing = match left {
        ..0 => Cell::tag(format!("已到期 {} 天", -left), TagKind::Danger),
        0 => Cell::tag("今日到期", TagKind::Warning),
        1..=SOON => Cell::tag(format!("{left} 天后到期"), TagKind::Warning),
        _ => Cell::text(format!("{left} 天后到期")),
    };
    [
        Cell::text(day.to_string()),
        Cell::text(sum.format_wan()),
        standing,
    ]
}

/// The page in every shape, for the test that draws them all.
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use application::ports::loans::LoanLeaf;
    use domain::{ids::FinancingApplicationId, values::Cents};

    let today = OffsetDateTime::UNIX_EPOCH.to_offset(SHANGHAI).date();
    let odd = crate::financing::ODD.to_owned();
    let loan = |days: Option<i64>| RunningLoan {
        application: FinancingApplicationId(uuid::Uuid::nil()),
        number: odd.clone(),
        enterprise_name: odd.clone(),
        product_name: odd.clone(),
        branch_name: odd.clone(),
        holder_name: odd.clone(),
        drawn: Cents::ZERO,
        owed: Cents::ZERO,
        next: days.map(|days| (today + time::Duration::days(days), Cents::ZERO)),
    };
    let book = |rows: Vec<RunningLoan>| LoanBook {
        leaf: LoanLeaf {
            total: 45,
            overdue: 1,
            rows,
        },
        today,
    };
    let side = |of_enterprise| Side {
        title: "贷后台账",
        lead: "",
        home: Link::new(&odd, "/branch"),
        base: "/branch/loans",
        empty: "现在没有在贷融资。",
        detail: |loan| format!("/branch/applications/{}", loan.application),
        of_enterprise,
    };
    let all = book(
        [None, Some(-3), Some(0), Some(5), Some(90)]
            .map(loan)
            .to_vec(),
    );
    let pages = [
        LoansPage::new(&side(true), &all, 2),
        LoansPage::new(&side(false), &all, 1),
        LoansPage::new(&side(false), &book(Vec::new()), 1),
    ];
    pages
        .iter()
        .map(|page| {
            let value = serde_json::to_value(page).unwrap_or_default();
            (LoansPage::TEMPLATE, value)
        })
        .collect()
}
