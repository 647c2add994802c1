//! What narrows a list: the words of its address, as links and as a search.

use std::collections::HashMap;

use application::desk::Board;
use serde::Serialize;

use crate::{
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
    pub mine: bool,
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
            mine: word("mine") == "1",
        }
    }

    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mine = if self.mine { "1" } else { "" };
        [
            ("stage", self.stage.clone()),
            ("due", self.due.clone()),
            ("decided", self.decided.clone()),
            ("product", self.product.clone()),
            ("q", self.q.clone()),
            ("branch", self.branch.clone()),
            ("mine", mine.to_owned()),
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

/// Words that only the links of a headquarters' desk use.
const NARROW_GROUPS: [(&str, &str); 4] = [
    ("submitted", "待接单"),
    ("returned", "待改派"),
    ("in_approval", "审批中"),
    ("to_draw", "待放款"),
];

const GROUPS: [(&str, &str); 8] = [
    ("", "全部"),
    ("waiting", "待接单"),
    ("working", "办理中"),
    ("supplement", "退回补充"),
    ("approved", "通过"),
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
        });
        Link::new(label, other.href(base, &[]))
            .current(filters.due.is_empty() && filters.stage == value)
    });
    let by_due = DUE.map(|(value, label)| {
        let other = filters.with(|f| {
            f.due = value.to_owned();
            f.stage.clear();
            f.decided.clear();
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
        row("状态", by_stage.to_vec()),
        row("时限", by_due.to_vec()),
        row("产品", by_product),
    ];
    if !board.branches.is_empty() {
        rows.push(row("受理支行", by_branch(base, filters, board)));
    }
    rows
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
    add(
        filters.decided == "week",
        "本周审核".to_owned(),
        filters.with(|f| f.decided.clear()),
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
