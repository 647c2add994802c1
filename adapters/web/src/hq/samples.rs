//! Every page of the console in every shape, with text that must be escaped.

use serde::Serialize;
use serde_json::Value;

use super::{
    appeals::AppealsPage,
    board::BoardPage,
    desk::DeskPage,
    dispatch::DispatchPage,
    moving::RunningPage,
    results::ResultsPage,
    rules::{RuleLine, RulesPage},
    settings::SettingsPage,
};
use crate::{
    charts::Bars,
    forms::{Field, FormView},
    parts::{Cell, Described, Figure, Link, Table, Tag, TagKind},
};

fn nasty() -> String {
    "<b>\"'\\&</b>长企业名称".repeat(6)
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

fn table(rows: usize) -> Table {
    let mut table = Table::new(nasty())
        .column("申请编号", "nowrap")
        .column("剩余时间", "");
    for _ in 0..rows {
        table.push(vec![
            Cell::link(nasty(), "javascript:alert(1)"),
            Cell::tag(nasty(), TagKind::Danger).second(nasty()),
        ]);
    }
    table
}

fn crumbs() -> Vec<Link> {
    vec![Link::new("机构工作台", "/hq"), Link::new(nasty(), "")]
}

fn bars(rows: usize) -> Bars {
    let rows = (0..rows)
        .map(|n| (nasty(), n as u64, nasty(), "danger"))
        .collect();
    Bars::new("load", &nasty(), &nasty(), rows)
}

fn desk(rows: usize) -> DeskPage {
    DeskPage {
        lead: nasty(),
        stats: vec![Figure {
            label: nasty(),
            value: "300+".into(),
            href: "/hq/dispatch".into(),
            ..Figure::default()
        }],
        supervised: table(rows),
        table: table(rows),
        empty: rows == 0,
    }
}

fn board(rows: usize) -> BoardPage {
    BoardPage {
        lead: nasty(),
        crumbs: crumbs(),
        load: bars(rows),
        speed: bars(rows),
        branches: table(rows),
        people: table(rows),
        rule: nasty(),
    }
}

fn results() -> ResultsPage {
    ResultsPage {
        lead: nasty(),
        crumbs: crumbs(),
        measures: table(3),
        load: table(2),
        rule: nasty(),
    }
}

fn dispatch(rows: usize) -> DispatchPage {
    DispatchPage {
        crumbs: crumbs(),
        table: table(rows),
        total: "300+".into(),
        prev: String::new(),
        next: if rows > 0 {
            "/hq/dispatch?after=1_2".into()
        } else {
            String::new()
        },
        running: table(rows),
    }
}

fn moving(agreed: bool) -> RunningPage {
    RunningPage {
        crumbs: crumbs(),
        tag: Tag::new(nasty(), TagKind::Warning),
        rows: vec![Described::new("转派原因", nasty())],
        text: "正在等待企业答复。",
        action: "/branch/applications/1/move".into(),
        key: "0123456789abcdef".into(),
        version: nasty(),
        agreed,
        back: "/branch".into(),
    }
}

fn appeals(rows: usize) -> AppealsPage {
    AppealsPage {
        crumbs: crumbs(),
        appeals: table(rows),
        total: "300+".into(),
        first: String::new(),
        next: "/hq/appeals?after=1_2".into(),
        corrections: table(rows),
        why_not: "复议申请由总行审批人处理，您可以查看融资需求。",
    }
}

fn settings(rows: usize) -> SettingsPage {
    let described = vec![Described::new("审批流程", nasty())];
    let mut form = FormView::new("/hq/settings")
        .key("0123456789abcdef")
        .with(Field::number("single_step", "单级审批限额", "万元").value(nasty()));
    form.fail("single_step", nasty());
    SettingsPage {
        crumbs: crumbs(),
        rows: described.clone(),
        note: "本机构尚未设置，现按平台的默认设置办理。",
        open: if rows > 0 { described } else { Vec::new() },
        change: nasty(),
        key: "0123456789abcdef".into(),
        may_confirm: rows > 1,
        may_withdraw: rows == 1,
        may_propose: rows == 0,
        form,
        history: table(rows),
    }
}

fn rules(rows: usize) -> RulesPage {
    let line = |number: usize| RuleLine {
        number,
        county: nasty(),
        product: nasty(),
        most_open: "少于 20 笔".into(),
        branch: nasty(),
        action: "/hq/rules/1".into(),
        keys: ["a", "b", "c"].map(str::to_owned),
        first: number == 1,
        last: number == rows,
    };
    let form = FormView::new("/hq/rules")
        .key("0123456789abcdef")
        .with(Field::select("rule_branch", "派往支行", "请选择支行").options([("1", nasty())]));
    RulesPage {
        crumbs: crumbs(),
        rules: (1..=rows).map(line).collect(),
        may_change: rows != 1,
        form,
        trials: table(rows),
    }
}

/// Templates with contents.
pub fn samples() -> Vec<(&'static str, Value)> {
    vec![
        (DeskPage::TEMPLATE, value(&desk(2))),
        (DeskPage::TEMPLATE, value(&desk(0))),
        (BoardPage::TEMPLATE, value(&board(2))),
        (BoardPage::TEMPLATE, value(&board(0))),
        (ResultsPage::TEMPLATE, value(&results())),
        (DispatchPage::TEMPLATE, value(&dispatch(2))),
        (DispatchPage::TEMPLATE, value(&dispatch(0))),
        (AppealsPage::TEMPLATE, value(&appeals(2))),
        (AppealsPage::TEMPLATE, value(&appeals(0))),
        (SettingsPage::TEMPLATE, value(&settings(2))),
        (SettingsPage::TEMPLATE, value(&settings(1))),
        (SettingsPage::TEMPLATE, value(&settings(0))),
        (RulesPage::TEMPLATE, value(&rules(3))),
        (RulesPage::TEMPLATE, value(&rules(1))),
        (RulesPage::TEMPLATE, value(&rules(0))),
        (RunningPage::TEMPLATE, value(&moving(true))),
        (RunningPage::TEMPLATE, value(&moving(false))),
    ]
}
