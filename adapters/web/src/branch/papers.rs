//! The bank's own papers on the page of an application: 尽调报告 and what follows from it, one card each.

use application::{
    dossier::Case,
    ports::{appeals::CorrectionStatus, lending::StoredDraw},
};
use domain::financing::{Conclusion, Verb};
use serde::Serialize;

use super::{correction::sides, show};
use crate::{
    parts::{Cell, Described, Table, TagKind},
    two_people::reasons,
};

/// One card: a list of facts, a table, or both.
#[derive(Default, Serialize)]
pub(super) struct Paper {
    pub title: &'static str,
    pub rows: Vec<Described>,
    pub table: Option<Table>,
    pub hint: String,
    pub more_href: String,
    pub more_label: &'static str,
}

/// Every paper that there is, in the order in which it came to be.
pub(super) fn papers(href: &str, case: &Case) -> Vec<Paper> {
    [
        draws(case),
        repayments(case),
        corrections(href, case),
        deferrals(href, case),
        proposal(case),
        signatures(case),
        report(href, case),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// 申请的条件 beside 建议的条件, row by row.
pub(super) fn proposed(case: &Case) -> Vec<Described> {
    let record = &case.record;
    let Some(approval) = &record.approval else {
        return Vec::new();
    };
    let beside = |label: &str, asked: String, proposed: String| {
        Described::cell(label, Cell::text(proposed).second(format!("申请 {asked}")))
    };
    vec![
        beside(
            "建议金额",
            show::money(record.amount),
            show::money(approval.amount),
        ),
        beside(
            "建议利率",
            show::rate(record.rate),
            show::rate(approval.rate),
        ),
        beside(
            "建议期限",
            show::term(record.term),
            show::term(approval.term),
        ),
        Described::new("额度有效期至", approval.valid_until.to_string()),
    ]
}

fn answer(draw: &StoredDraw) -> Cell {
    if let Some(at) = draw.confirmed_at {
        return Cell::tag("确认无误", TagKind::Success).second(show::minute(at));
    }
    match (draw.disputed_at, draw.settled_at) {
        (Some(at), None) => Cell::tag("有异议", TagKind::Danger).second(format!(
            "{} {}",
            show::minute(at),
            draw.dispute
        )),
        (Some(_), Some(at)) => Cell::tag("已答复", TagKind::Info).second(format!(
            "异议：{} 答复：{} {}",
            draw.dispute,
            draw.settled_note,
            show::minute(at)
        )),
        _ => Cell::tag("待企业确认", TagKind::Warning),
    }
}

fn draws(case: &Case) -> Option<Paper> {
    if case.draws.is_empty() {
        return None;
    }
    let mut table = Table::new("放款记录")
        .column("笔次", "nowrap")
        .column("金额（万元）", "num")
        .column("执行利率", "nowrap")
        .column("放款日期", "nowrap")
        .column("合同编号", "")
        .column("企业确认", "");
    for draw in &case.draws {
        let due = draw
            .due_on
            .map_or_else(String::new, |d| format!("到期 {d}"));
        table.push(vec![
            Cell::text(format!("第 {} 笔", draw.number)),
            Cell::text(draw.amount.format_wan()),
            Cell::text(show::rate(draw.rate)),
            Cell::text(draw.on.to_string()).second(due),
            Cell::text(&draw.contract_no).second(&draw.recorded_name),
            answer(draw),
        ]);
    }
    Some(Paper {
        title: "放款记录",
        table: Some(table),
        hint: format!(
            "累计放款 {}，待还本金 {}。",
            show::money(case.record.drawn),
            show::money(case.owed())
        ),
        ..Paper::default()
    })
}

fn repayments(case: &Case) -> Option<Paper> {
    if case.repayments.is_empty() {
        return None;
    }
    let mut table = Table::new("还款记录")
        .column("还款日期", "nowrap")
        .column("归还本金（元）", "num")
        .column("待还本金（元）", "num")
        .column("登记人", "nowrap");
    for one in &case.repayments {
        table.push(vec![
            Cell::text(one.on.to_string()),
            Cell::text(one.principal.format_yuan()),
            Cell::text(one.balance.format_yuan()),
            Cell::text(&one.recorded_name).second(show::minute(one.at)),
        ]);
    }
    Some(Paper {
        title: "还款记录",
        table: Some(table),
        ..Paper::default()
    })
}

/// What was corrected, what is to be, and what was left as it is.
fn corrections(href: &str, case: &Case) -> Option<Paper> {
    if case.corrections.is_empty() {
        return None;
    }
    let mut table = Table::new("更正记录")
        .column("记录", "nowrap")
        .column("原登记", "wrap")
        .column("更正为", "wrap")
        .column("原因", "wrap")
        .column("提出人", "nowrap")
        .column("状态", "nowrap");
    for one in &case.corrections {
        let (what, was, now) = sides(&one.change);
        let kind = match one.status {
            CorrectionStatus::Open => TagKind::Warning,
            CorrectionStatus::Confirmed => TagKind::Success,
            CorrectionStatus::Declined | CorrectionStatus::Withdrawn => TagKind::Neutral,
        };
        let settled = one.settled_at.map_or_else(String::new, |at| {
            format!("{} {}", one.settled_name, show::minute(at))
        });
        table.push(vec![
            Cell::text(what),
            Cell::text(was),
            Cell::text(now),
            reasons(&one.reason, &one.withdrawal),
            Cell::text(&one.asked_name).second(show::minute(one.asked_at)),
            Cell::tag(one.status.zh(), kind).second(settled),
        ]);
    }
    Some(Paper {
        title: "更正记录",
        table: Some(table),
        more_href: if case.powers.check_correction {
            format!("{href}/check-correction")
        } else {
            String::new()
        },
        more_label: "复核更正",
        ..Paper::default()
    })
}

/// What the enterprise asked for, what was answered, and who checked it.
fn deferrals(href: &str, case: &Case) -> Option<Paper> {
    if case.deferrals.is_empty() {
        return None;
    }
    let mut table = Table::new("延期申请")
        .column("放款", "nowrap")
        .column("原到期日期", "nowrap")
        .column("申请延期到", "nowrap")
        .column("延期原因", "wrap")
        .column("答复", "wrap")
        .column("状态", "nowrap");
    for one in &case.deferrals {
        let tag = show::deferral_tag(one.status);
        let day = one
            .new_due_on
            .map_or_else(String::new, |day| format!("新的到期日期 {day} "));
        let answered = one.answered.as_ref().map_or_else(String::new, |said| {
            format!("{} {}", said.name, show::minute(said.at))
        });
        let checked = one.checked.as_ref().map_or_else(
            || one.ended_at.map_or_else(String::new, show::minute),
            |said| format!("复核人：{} {}", said.name, show::minute(said.at)),
        );
        table.push(vec![
            Cell::text(format!("第 {} 笔", one.number)),
            Cell::text(one.old_due_on.to_string()),
            Cell::text(one.wanted_on.to_string()),
            Cell::text(&one.reason).second(format!("企业 {}", show::minute(one.asked_at))),
            Cell::text(format!("{day}{}", one.answer)).second(answered),
            Cell::tag(tag.label, tag.kind).second(checked),
        ]);
    }
    let waits = [
        (case.powers.answer_deferral, "answer-deferral", "答复延期"),
        (case.powers.check_deferral, "check-deferral", "复核延期"),
    ];
    let next = waits.into_iter().find(|(there, ..)| *there);
    Some(Paper {
        title: "延期申请",
        table: Some(table),
        more_href: next.map_or_else(String::new, |(_, path, _)| format!("{href}/{path}")),
        more_label: next.map_or("", |(.., label)| label),
        ..Paper::default()
    })
}

fn proposal(case: &Case) -> Option<Paper> {
    let approval = case.record.approval.as_ref()?;
    let mut rows = proposed(case);
    let step = approval.signed.len().min(approval.steps.len());
    let steps: Vec<&str> = approval.steps.iter().map(|role| role.zh()).collect();
    rows.push(Described::new("审批级次", steps.join(" → ")));
    rows.push(Described::new(
        "已签署",
        format!("{step} 级，共 {} 级", approval.steps.len()),
    ));
    let said = case
        .events
        .iter()
        .rev()
        .find(|event| event.verb == Verb::SubmitForApproval);
    if let Some(event) = said {
        rows.push(Described::new("经办意见", &event.note));
    }
    Some(Paper {
        title: "审批内容",
        rows,
        ..Paper::default()
    })
}

fn signatures(case: &Case) -> Option<Paper> {
    if case.signatures.is_empty() {
        return None;
    }
    let mut table = Table::new("审批签署")
        .column("轮次", "nowrap")
        .column("签署人", "nowrap")
        .column("结论", "nowrap")
        .column("意见", "wrap")
        .column("时间", "nowrap");
    for one in &case.signatures {
        table.push(vec![
            Cell::text(format!("第 {} 轮第 {} 级", one.round, one.step)),
            Cell::text(&one.signer_name).second(one.signer_role.zh()),
            Cell::text(one.verdict.zh()),
            Cell::text(&one.opinion),
            Cell::text(show::minute(one.at)),
        ]);
    }
    Some(Paper {
        title: "审批签署",
        table: Some(table),
        ..Paper::default()
    })
}

fn or_missing(text: &str) -> String {
    if text.is_empty() {
        "未填写".to_owned()
    } else {
        text.to_owned()
    }
}

fn report(href: &str, case: &Case) -> Option<Paper> {
    let stored = case.report.as_ref();
    if stored.is_none() && case.photos.is_empty() {
        return None;
    }
    let mut rows = Vec::new();
    if let Some(stored) = stored {
        let r = &stored.report;
        let mut row = |label: &str, text: &str| rows.push(Described::new(label, or_missing(text)));
        let day = r.visited_on.map_or_else(String::new, |d| d.to_string());
        row("走访日期", &day);
        row("走访地点", &r.place);
        row("受访人", &r.met_with);
        row("经营情况", &r.business);
        row("财务与负债", &r.finances);
        row("担保与抵质押", &r.collateral);
        row("风险提示", &r.risks);
        let first = r.first_loan.map(|first| if first { "是" } else { "否" });
        row("首贷户核实", first.unwrap_or_default());
        row("尽调结论", r.conclusion.map_or("", Conclusion::zh));
    }
    let hint = stored.map_or_else(String::new, |s| {
        format!(
            "{} 于 {} 保存。只供本机构内部使用，企业看不到。",
            s.written_name,
            show::minute(s.updated_at)
        )
    });
    Some(Paper {
        title: "尽调报告",
        rows,
        table: photos(href, case),
        hint,
        more_href: if case.powers.write_report {
            format!("{href}/diligence")
        } else {
            String::new()
        },
        more_label: "填写",
    })
}

/// 尽调照片, each a page of its own with a watermark.
pub(super) fn photos(href: &str, case: &Case) -> Option<Table> {
    if case.photos.is_empty() {
        return None;
    }
    let mut table = Table::new("尽调照片")
        .column("照片", "")
        .column("上传时间", "nowrap");
    for (at, photo) in case.photos.iter().enumerate() {
        let name = if photo.caption.is_empty() {
            format!("照片 {}", at + 1)
        } else {
            photo.caption.clone()
        };
        table.push(vec![
            Cell::link(name, format!("{href}/diligence/photos/{}", photo.id)),
            Cell::text(show::minute(photo.added_at)),
        ]);
    }
    Some(table)
}
