//! Rules in words: what each is for, its value in a line, and what a change changes.

use std::collections::BTreeMap;

use application::{
    city::RejectionReason,
    ports::city_rules::CityRuleChange,
    rules::{Advice, CityRule, RuleKind, Wording, differing},
};
use domain::calendar::DayKind;
use time::{Date, OffsetDateTime};

use super::{limits, picks, regions, texts::both};
use crate::{calendar::kind_zh, show};

pub(super) const fn lead(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::SmsQuiet => {
            "通知类短信在免打扰时段内暂缓，到时段结束后发出。登录、注册等验证码不受影响。"
        }
        RuleKind::SmsDailyBudget => {
            "任意 24 小时内全平台发送短信的上限。用到 80% 时提醒平台人员；用完后通知类短信暂缓，已登录人员的验证码不受影响。"
        }
        RuleKind::SingleStepLimit => {
            "机构没有设置自己的限额时适用：不超过限额的融资需求，接单后可由支行审批人直接审核。"
        }
        RuleKind::FaceFailuresPerDay => {
            "同一企业一天内人脸核验失败达到上限后，当天不能再拍照核验，可以改为柜面核验或次日再试。"
        }
        RuleKind::RejectionAdvice => {
            "融资需求不通过时，企业在结果页上看到的建议，以及多少天后可以再次申请同一产品。变更生效后，此前不通过的融资需求也按新的建议和间隔办理。"
        }
        RuleKind::RejectionReasons => {
            "支行审核、审批和机构总部确认拒单时可以选择的原因，企业会看到所选原因的名称。变更生效后新打开的办理页面使用新的列表；改名后，此前的办理记录也显示新名称，因此只能改写措辞，不能改成另一个原因。需要另一个原因的，请停用旧的、新增一项。"
        }
        RuleKind::IntakeRefusals => {
            "支行拒单时可以选择的原因，供机构总部改派时参考。改名后，此前的办理记录也显示新名称，因此只能改写措辞；需要另一个原因的，请停用旧的、新增一项。"
        }
        RuleKind::SupplementTemplates => {
            "支行退回补充时可以勾选的材料和要求。已经发给企业的补充清单不变。“其他材料”由经办人自行填写，不在勾选之列。"
        }
        RuleKind::NoticeText => {
            "站内消息的标题和正文。大括号中的内容在发送时自动填写。变更生效后产生的消息使用新文案，已经发出的消息不变。"
        }
        RuleKind::ClockLimits => {
            "支行接单、联系企业、审核、放款和答复投诉等的时间。变更自生效日期零时起，适用于此后开始的时限；已经开始的时限不变，到期时间和超时记录也不变。企业端页面上的时限随之变化；《融资申请条款》等协议和文章中写明的时限不会自动改变，请一并修订。"
        }
        RuleKind::Regions => {
            "国家区划表截止日期之后，本市乡镇、街道的新设、更名、撤销和恢复，一次提出一项。生效日期到后，注册、完善信息等按变更后的区划选择；已撤销的不能再选择，此前填写的仍显示原名称，已经提交的融资需求保持提交时的名称。其他城市不受影响。"
        }
        RuleKind::WorkDays => {
            "在国家公布的节假日安排之外，由本市规定某一天或连续几天放假或上班。只能调整明天及以后的日期。变更生效后，到期时间在该日期之后的融资需求和投诉按新的日历重新计算，已经过去的日期和已经到期的时限不变。"
        }
    }
}

/// In one line, as it is at a moment.
pub(super) fn value(rule: &CityRule, at: OffsetDateTime) -> String {
    match rule {
        CityRule::SmsQuiet(None) => "不设免打扰时段".to_owned(),
        CityRule::SmsQuiet(Some(quiet)) => {
            let night = if quiet.from() > quiet.until() {
                "次日"
            } else {
                ""
            };
            format!("{:02}:00 至{night} {:02}:00", quiet.from(), quiet.until())
        }
        CityRule::SmsDailyBudget(most) => format!("{most} 条"),
        CityRule::SingleStepLimit(None) => "不设，全部经审批流程".to_owned(),
        CityRule::SingleStepLimit(Some(limit)) => {
            format!("{} 万元以内", limit.format_wan_short())
        }
        CityRule::FaceFailuresPerDay(most) => format!("{most} 次"),
        CityRule::RejectionAdvice(all) => format!("{} 项原因", all.len()),
        CityRule::Picks(_, entries) => picks::counted(entries),
        CityRule::ClockLimits(eras) => limits::short(eras, at),
        CityRule::NoticeText(_, None) => "默认文案".to_owned(),
        CityRule::NoticeText(_, Some(_)) => "本市文案".to_owned(),
        CityRule::Regions(own) => regions::short(own),
        CityRule::WorkDays(days) if days.is_empty() => "没有调整，按国家安排".to_owned(),
        CityRule::WorkDays(days) => format!("调整了 {} 天", days.len()),
    }
}

/// Before and after; of many reasons only those that differ.
pub(super) fn change_of(
    change: &CityRuleChange,
    shipped: Option<&Wording>,
    reasons: &[RejectionReason],
) -> (String, String) {
    if let (CityRule::NoticeText(_, before), CityRule::NoticeText(_, after)) =
        (&change.before, &change.rule)
    {
        return (
            wording(before.as_ref(), shipped),
            wording(after.as_ref(), shipped),
        );
    }
    if let (CityRule::WorkDays(before), CityRule::WorkDays(after)) = (&change.before, &change.rule)
    {
        return days(before, after);
    }
    if let (CityRule::ClockLimits(before), CityRule::ClockLimits(after)) =
        (&change.before, &change.rule)
    {
        return limits::change_of(before, after);
    }
    if let CityRule::Regions(_) = &change.rule {
        return regions::change_of(&change.before, &change.rule);
    }
    if let (CityRule::Picks(list, before), CityRule::Picks(_, after)) =
        (&change.before, &change.rule)
    {
        return picks::change_of(*list, before, after);
    }
    let (CityRule::RejectionAdvice(before), CityRule::RejectionAdvice(after)) =
        (&change.before, &change.rule)
    else {
        let at = change.asked_at;
        return (value(&change.before, at), value(&change.rule, at));
    };
    let differing = |these: &[Advice], those: &[Advice]| {
        let differ = these.iter().filter(|one| !those.contains(one));
        let lines: Vec<String> = differ.map(|one| advice(one, reasons)).collect();
        lines.join("\n")
    };
    (differing(before, after), differing(after, before))
}

/// Title and text; those that are shipped are said to be.
fn wording(own: Option<&Wording>, shipped: Option<&Wording>) -> String {
    match (own, shipped) {
        (Some(own), _) => both(&own.to_people()),
        (None, Some(shipped)) => format!("默认文案：{}", both(&shipped.to_people())),
        (None, None) => "默认文案".to_owned(),
    }
}

/// 2026-12-31（周四）放假, and how it was.
fn days(before: &BTreeMap<Date, DayKind>, after: &BTreeMap<Date, DayKind>) -> (String, String) {
    let (mut was, mut is) = (Vec::new(), Vec::new());
    for day in differing(before, after) {
        let said = |days: &BTreeMap<Date, DayKind>| {
            let kind = days.get(&day).map_or("按国家安排", |kind| kind_zh(*kind));
            format!("{}{kind}", show::weekday(day))
        };
        was.push(said(before));
        is.push(said(after));
    }
    (was.join("\n"), is.join("\n"))
}

/// 担保不足（15 天后可再次申请）：可以增加保证人。
fn advice(advice: &Advice, reasons: &[RejectionReason]) -> String {
    let label = label_of(&advice.code, reasons);
    format!("{label}（{}）：{}", again(advice.reapply_days), advice.tip)
}

fn label_of<'a>(code: &'a str, reasons: &'a [RejectionReason]) -> &'a str {
    let reason = reasons.iter().find(|reason| reason.code == code);
    reason.map_or(code, |reason| &reason.label)
}

pub(super) fn again(days: u16) -> String {
    if days == 0 {
        return "随时可再次申请".to_owned();
    }
    format!("{days} 天后可再次申请")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_ends_on_the_next_day_and_an_afternoon_does_not() {
        let quiet =
            |from, until| CityRule::SmsQuiet(application::outbox::QuietHours::new(from, until));
        let value = |rule: &CityRule| value(rule, OffsetDateTime::UNIX_EPOCH);
        assert_eq!(value(&quiet(21, 8)), "21:00 至次日 08:00");
        assert_eq!(value(&quiet(12, 14)), "12:00 至 14:00");
        assert_eq!(value(&CityRule::SmsQuiet(None)), "不设免打扰时段");
    }
}
