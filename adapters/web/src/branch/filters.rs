//! What narrows a list: the words of its address, as links and as a search.

use std::collections::HashMap;

use application::{desk::Board, headquarters::RATE_DAYS};
use domain::calendar::parse_day;
use serde::Serialize;

use crate::{
    forms::{Field, FormView},
    parts::{Filter, Link},
    visit::encode,
};

#[derive(Serialize)]
pub(super) struct Search {
    pub action: &'static str,
    pub value: String,
    pub hidden: Vec<Pair>,
}

#[derive(Serialize)]
pub(super) struct Pair {
    pub name: &'static str,
    pub value: String,
}

/// The filters of an address, each a plain word; the cursor is left out of links that start anew.
#[derive(Clone, Default)]
pub(super) struct Filters {
    pub stage: String,
    pub due: String,
    pub decided: String,
    pub product: String,
    pub q: String,
    pub branch: String,
    pub accepted: String,
    pub from: String,
    pub until: String,
    pub holder: String,
    pub mine: bool,
    pub renewals: bool,
}

impl Filters {
    pub fn read(asked: &HashMap<String, String>) -> Self {
        let word = |name: &str| asked.get(name).cloned().unwrap_or_default();
        Self {
            stage: word("stage"),
            due: word("due"),
            decided: word("decided"),
            product: word("product"),
            q: word("q")
                .chars()
                .take(50)
                .collect::<String>()
                .trim()
                .to_owned(),
            branch: word("branch"),
            accepted: word("accepted"),
            from: day_of(&word("from")),
            until: day_of(&word("until")),
            holder: word("holder"),
            mine: word("mine") == "1",
            renewals: word("renewals") == "1",
        }
    }

    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let one = |there: bool| String::from(if there { "1" } else { "" });
        [
            ("stage", self.stage.clone()),
            ("due", self.due.clone()),
            ("decided", self.decided.clone()),
            ("product", self.product.clone()),
            ("q", self.q.clone()),
            ("branch", self.branch.clone()),
            ("accepted", self.accepted.clone()),
            ("from", self.from.clone()),
            ("until", self.until.clone()),
            ("holder", self.holder.clone()),
            ("mine", one(self.mine)),
            ("renewals", one(self.renewals)),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }

    pub fn href(&self, base: &str, more: &[(&str, String)]) -> String {
        let mut parts: Vec<String> = self
            .pairs()
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        parts.extend(
            more.iter()
                .map(|(name, value)| format!("{name}={}", encode(value))),
        );
        if parts.is_empty() {
            base.to_owned()
        } else {
            format!("{base}?{}", parts.join("&"))
        }
    }

    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = self.clone();
        change(&mut other);
        other
    }
}

/// As much as a day takes, without spaces around it.
fn day_of(typed: &str) -> String {
    typed.trim().chars().take(10).collect()
}

/// Words that only the links of the desks and boards use.
const NARROW_GROUPS: [(&str, &str); 4] = [
    ("submitted", "待接单"),
    ("returned", "待改派"),
    ("in_approval", "审批中"),
    ("decided", "已审结"),
];

const GROUPS: [(&str, &str); 12] = [
    ("", "全部"),
    ("waiting", "待接单"),
    ("working", "办理中"),
    ("supplement", "退回补充"),
    ("approved", "通过"),
    ("to_draw", "待放款"),
    ("disbursing", "部分放款"),
    ("disbursed", "已放款"),
    ("settled", "已结清"),
    ("rejected", "不通过"),
    ("withdrawn", "已撤回"),
    ("expired", "已失效"),
];

const DUE: [(&str, &str); 3] = [("", "不限"), ("overdue", "已超时"), ("today", "今日到期")];

pub(super) fn filter_rows(base: &str, filters: &Filters, board: &Board) -> Vec<Filter> {
    let by_stage = GROUPS.map(|(value, label)| {
        let other = filters.with(|f| {
            f.stage = value.to_owned();
            f.due.clear();
            f.decided.clear();
            f.accepted.clear();
        });
        Link::new(label, other.href(base, &[]))
            .current(filters.due.is_empty() && filters.stage == value)
    });
    let by_due = DUE.map(|(value, label)| {
        let other = filters.with(|f| {
            f.due = value.to_owned();
            f.stage.clear();
            f.decided.clear();
            f.accepted.clear();
        });
        Link::new(label, other.href(base, &[])).current(filters.due == value)
    });
    let of_product = |id: String, label: &str| {
        let other = filters.with(|f| f.product.clone_from(&id));
        Link::new(label, other.href(base, &[])).current(filters.product == id)
    };
    let mut by_product = vec![of_product(String::new(), "全部")];
    by_product.extend(
        board
            .products
            .iter()
            .map(|p| of_product(p.id.0.to_string(), &p.name)),
    );
    let row = |label: &str, options: Vec<Link>| Filter {
        label: label.to_owned(),
        options,
    };
    let mut rows = vec![
        by_kind(base, filters),
        row("状态", by_stage.to_vec()),
        row("时限", by_due.to_vec()),
        row("产品", by_product),
    ];
    if !board.branches.is_empty() {
        rows.push(row("受理支行", by_branch(base, filters, board)));
    }
    if !board.officers.is_empty() {
        rows.push(row("经办人", by_holder(base, filters, board)));
    }
    rows
}

/// 续贷 as a queue of its own.
pub(super) fn by_kind(base: &str, filters: &Filters) -> Filter {
    let link = |label: &str, renewals: bool| {
        let other = filters.with(|f| f.renewals = renewals);
        Link::new(label, other.href(base, &[])).current(filters.renewals == renewals)
    };
    Filter {
        label: "类型".to_owned(),
        options: vec![link("全部", false), link("续贷", true)],
    }
}

/// Everybody, the person who looks, the others by name.
fn by_holder(base: &str, filters: &Filters, board: &Board) -> Vec<Link> {
    let link = |label: &str, holder: &str, mine: bool| {
        let other = filters.with(|f| {
            holder.clone_into(&mut f.holder);
            f.mine = mine;
        });
        let here = filters.mine == mine && (mine || filters.holder == holder);
        Link::new(label, other.href(base, &[])).current(here)
    };
    let mut links = vec![link("全部", "", false)];
    if board.officers.iter().any(|one| one.id == board.own) {
        links.push(link("我经办的", "", true));
    }
    let others = board.officers.iter().filter(|one| one.id != board.own);
    links.extend(others.map(|one| link(&one.name, &one.id.0.to_string(), false)));
    links
}

/// Whose rows the list shows, in a word; empty: everybody's.
fn holder_word(filters: &Filters, board: &Board) -> String {
    if filters.mine {
        return "我经办的".to_owned();
    }
    if filters.holder.is_empty() {
        return String::new();
    }
    let officer = board
        .officers
        .iter()
        .find(|one| one.id.0.to_string() == filters.holder)
        .map(|one| one.name.as_str());
    // A headquarters knows the people of its branches by what they hold.
    let held = || board.rows.first().map(|row| row.row.holder_name.as_str());
    format!("经办人：{}", officer.or_else(held).unwrap_or("所选人员"))
}

/// 提交日期 from and until; what is no day is told and filters nothing.
pub(super) fn days(action: &'static str, filters: &Filters) -> FormView {
    let mut form = FormView::new(action);
    for (name, label, value) in [
        ("from", "提交日期从", &filters.from),
        ("until", "提交日期至", &filters.until),
    ] {
        let field = Field::text(name, label)
            .placeholder("例如 2026-03-05")
            .width("m")
            .maxlength(10)
            .value(value);
        form.push(if value.is_empty() || parse_day(value).is_some() {
            field
        } else {
            field.error("日期格式应为 2026-03-05")
        });
    }
    for (name, value) in filters.pairs() {
        if name != "from" && name != "until" {
            form.push(Field::hidden(name, value));
        }
    }
    form
}

fn by_branch(base: &str, filters: &Filters, board: &Board) -> Vec<Link> {
    let of_branch = |id: String, label: &str| {
        let other = filters.with(|f| f.branch.clone_from(&id));
        Link::new(label, other.href(base, &[])).current(filters.branch == id)
    };
    let mut links = vec![of_branch(String::new(), "全部")];
    links.extend(
        board
            .branches
            .iter()
            .map(|b| of_branch(b.id.0.to_string(), &b.name)),
    );
    links
}

pub(super) fn active(base: &str, filters: &Filters, board: &Board) -> Vec<Link> {
    let mut links = Vec::new();
    let mut add = |there: bool, label: String, without: Filters| {
        if there {
            links.push(Link::new(label, without.href(base, &[])));
        }
    };
    let word = |list: &[(&str, &str)], value: &str| {
        list.iter()
            .find(|(v, _)| *v == value && !v.is_empty())
            .map(|(_, label)| (*label).to_owned())
    };
    if let Some(label) =
        word(&GROUPS, &filters.stage).or_else(|| word(&NARROW_GROUPS, &filters.stage))
    {
        add(true, label, filters.with(|f| f.stage.clear()));
    }
    if let Some(label) = word(&DUE, &filters.due) {
        add(true, label, filters.with(|f| f.due.clear()));
    }
    let recently = |verb: &str| format!("近 {RATE_DAYS} 天{verb}");
    for (there, label) in [
        (filters.decided == "week", "本周审核".to_owned()),
        (filters.decided == "recent", recently("审结")),
    ] {
        add(there, label, filters.with(|f| f.decided.clear()));
    }
    add(
        filters.accepted == "recent",
        recently("接单"),
        filters.with(|f| f.accepted.clear()),
    );
    let whose = holder_word(filters, board);
    add(
        !whose.is_empty(),
        whose,
        filters.with(|f| {
            f.mine = false;
            f.holder.clear();
        }),
    );
    add(
        filters.renewals,
        "续贷".to_owned(),
        filters.with(|f| f.renewals = false),
    );
    add(
        parse_day(&filters.from).is_some(),
        format!("提交日期从 {}", filters.from),
        filters.with(|f| f.from.clear()),
    );
    add(
        parse_day(&filters.until).is_some(),
        format!("提交日期至 {}", filters.until),
        filters.with(|f| f.until.clear()),
    );
    let product = board
        .products
        .iter()
        .find(|p| p.id.0.to_string() == filters.product);
    if let Some(product) = product {
        add(
            true,
            product.name.clone(),
            filters.with(|f| f.product.clear()),
        );
    }
    let branch = board
        .branches
        .iter()
        .find(|b| b.id.0.to_string() == filters.branch);
    if let Some(branch) = branch {
        add(
            true,
            branch.name.clone(),
            filters.with(|f| f.branch.clear()),
        );
    }
    add(
        !filters.q.is_empty(),
        format!("“{}”", filters.q),
        filters.with(|f| f.q.clear()),
    );
    links
}

pub(super) fn search(action: &'static str, filters: &Filters) -> Search {
    let hidden = filters
        .pairs()
        .into_iter()
        .filter(|(name, _)| *name != "q")
        .map(|(name, value)| Pair { name, value })
        .collect();
    Search {
        action,
        value: filters.q.clone(),
        hidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_link_keeps_the_other_filters_and_encodes_them() {
        let filters = Filters {
            q: "管道&装备".into(),
            stage: "waiting".into(),
            ..Filters::default()
        };
        assert_eq!(
            filters.href("/branch/applications", &[]),
            format!(
                "/branch/applications?stage=waiting&q={}",
                encode("管道&装备")
            )
        );
    }
}
