//! The form of a change: the fields of its rule with what stands now, the reason, or the 撤回 of what waits.

use application::{
    city::RejectionReason,
    ports::city_rules::CityRuleChange,
    rules::{CityRule, MOST_DAYS, RuleCase},
};
use domain::values::Cents;

use super::{limits, path, picks, regions, texts};
use crate::{
    forms::{Choice, Field, FormView},
    two_people::withdraw_field,
    visit::Visit,
};

fn hours(name: &str, label: &str, hour: Option<u8>) -> Field {
    let all = (0..24).map(|h| Choice::new(h.to_string(), format!("{h:02}:00")));
    Field::select(name, label, "不设")
        .options(all)
        .value(hour.map_or_else(String::new, |h| h.to_string()))
        .width("s")
}

pub(super) fn blank(case: &RuleCase, reasons: &[RejectionReason], key: &str) -> FormView {
    let (rule, shipped) = (&case.line.rule, case.shipped.as_ref());
    let mut form = FormView::new(path(&rule.name())).key(key);
    match rule {
        CityRule::SmsQuiet(quiet) => {
            form.push(hours(
                "quiet_from",
                "开始时间",
                quiet.as_ref().map(|quiet| quiet.from()),
            ));
            form.push(
                hours(
                    "quiet_until",
                    "结束时间",
                    quiet.as_ref().map(|quiet| quiet.until()),
                )
                .hint("结束时间早于开始时间时，表示到次日。两项都选“不设”则不设免打扰时段。"),
            );
        }
        CityRule::SmsDailyBudget(most) => form.push(
            Field::number("budget", "每日上限", "条")
                .required()
                .hint("100–1000000 的整数。")
                .value(most.to_string()),
        ),
        CityRule::SingleStepLimit(limit) => form.push(
            Field::number("single_step", "单级审批限额", "万元")
                .hint("不填表示全部经审批流程。")
                .value(limit.map_or_else(String::new, Cents::format_wan_short)),
        ),
        CityRule::FaceFailuresPerDay(most) => form.push(
            Field::number("faces", "每日失败上限", "次")
                .required()
                .hint("3–20 的整数。")
                .value(most.to_string()),
        ),
        CityRule::NoticeText(_, own) => {
            if let Some(shipped) = shipped {
                texts::fields(&mut form, own.as_ref().unwrap_or(shipped), shipped);
            }
        }
        CityRule::Picks(list, entries) => picks::fields(&mut form, *list, entries),
        CityRule::ClockLimits(eras) => limits::fields(&mut form, eras, case),
        CityRule::WorkDays(_) => day_fields(&mut form),
        CityRule::Regions(_) => regions::fields(&mut form, case),
        CityRule::RejectionAdvice(_) => advice_fields(&mut form, reasons),
    }
    form.with(
        Field::textarea("rule_reason", "变更原因")
            .required()
            .hint("由复核人核对，会记入变更记录。最多 300 个字。")
            .maxlength(300)
            .rows(3),
    )
}

fn day_fields(form: &mut FormView) {
    form.push(
        Field::text("day", "开始日期")
            .required()
            .hint("明天及以后的日期，例如 2026-12-31。")
            .maxlength(10)
            .width("s"),
    );
    form.push(
        Field::text("day_until", "结束日期（选填）")
            .hint(format!(
                "连续几天一并调整时填写最后一天，最多 {MOST_DAYS} 天。不填表示只调整开始日期这一天。其中原本就是这样安排的日期（例如放假期间的周末）不变。"
            ))
            .maxlength(10)
            .width("s"),
    );
    form.push(Field::radio("day_kind", "当天安排").required().options([
        Choice::new("off", "放假").hint("不计入工作日。"),
        Choice::new("work", "上班").hint("计入工作日。"),
        Choice::new("published", "按国家安排").hint("取消本市对这些日期的调整。"),
    ]));
}

fn advice_fields(form: &mut FormView, reasons: &[RejectionReason]) {
    for one in reasons {
        let label = &one.label;
        form.push(
            Field::textarea(format!("tip_{}", one.code), format!("{label}：建议"))
                .required()
                .maxlength(200)
                .rows(2)
                .value(&one.tip),
        );
        let name = format!("days_{}", one.code);
        form.push(
            Field::number(name, format!("{label}：再次申请间隔"), "天")
                .required()
                .hint("0–365 的整数，0 表示随时可再次申请。")
                .value(one.reapply_days.to_string()),
        );
    }
}

/// 撤回 of what waits, for whoever proposed it; else a new change.
pub(super) fn form_of(visit: &Visit, case: &RuleCase) -> FormView {
    let key = visit.kit.tokens().one_time();
    match &case.open {
        Some(change) if case.may_withdraw => withdrawal(change, &key),
        _ => blank(case, &visit.city.rejection_reasons, &key),
    }
}

pub(super) fn withdrawal(change: &CityRuleChange, key: &str) -> FormView {
    FormView::new(path(&change.rule.name()))
        .key(key)
        .with(Field::hidden("change", change.id.to_string()))
        .with(withdraw_field())
}
