//! Every page of the room in every shape, for the test that draws them.

use application::{
    city::RejectionReason,
    ports::{city_rules::CityRuleChange, reference::RegionEntry, settings_changes::ChangeStatus},
    rules::{Advice, CityRule, Listed, PickList, RuleCase, RuleKind, RuleLine, Wording},
};
use domain::{
    calendar::{DayKind, local_date},
    regions::OwnRegions,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    ListPage, RulePage, crumbs,
    form::{blank, withdrawal},
    limits, page, regions, table, texts,
};

fn picks_sample(list: PickList, nasty: &str) -> CityRule {
    let one = |code: &str, active: bool| Listed {
        code: code.to_owned(),
        label: nasty.to_owned(),
        active,
        text: nasty.to_owned(),
        reapply_days: 15,
    };
    CityRule::Picks(list, vec![one("one", true), one("two", false)])
}

fn reason_sample(nasty: &str) -> RejectionReason {
    RejectionReason {
        code: "collateral".to_owned(),
        label: nasty.to_owned(),
        repairable: true,
        tip: nasty.to_owned(),
        reapply_days: 15,
        active: true,
    }
}

fn every_rule(nasty: &str) -> [CityRule; 15] {
    [
        CityRule::SmsQuiet(application::outbox::QuietHours::new(21, 8)),
        CityRule::SmsDailyBudget(2_000),
        CityRule::SingleStepLimit(None),
        CityRule::FaceFailuresPerDay(5),
        CityRule::RejectionAdvice(vec![Advice {
            code: "collateral".to_owned(),
            tip: nasty.to_owned(),
            reapply_days: 15,
        }]),
        CityRule::WorkDays([(time::macros::date!(2026 - 12 - 31), DayKind::Off)].into()),
        CityRule::WorkDays([].into()),
        CityRule::Regions(regions::sample(nasty)),
        CityRule::Regions(OwnRegions::default()),
        limits::sample(),
        picks_sample(PickList::Rejections, nasty),
        picks_sample(PickList::Refusals, nasty),
        picks_sample(PickList::Supplements, nasty),
        CityRule::NoticeText("submit".to_owned(), None),
        CityRule::NoticeText(
            "submit".to_owned(),
            Some(Wording {
                title: nasty.to_owned(),
                body: format!("{{no}}{nasty}"),
            }),
        ),
    ]
}

/// The pages in their shapes, with values that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>长原因".repeat(4);
    let at = time::OffsetDateTime::UNIX_EPOCH;
    let nobody = domain::ids::UserId(Uuid::nil());
    let rules = every_rule(&nasty);
    let shipped = Wording {
        title: nasty.clone(),
        body: "{no}".to_owned(),
    };
    let reasons = [reason_sample(&nasty)];
    let line = |rule: &CityRule, full: bool| RuleLine {
        rule: rule.clone(),
        at,
        since: full.then(|| (at, nasty.clone(), nasty.clone())),
        waits: full,
    };
    let change = |rule: &CityRule| CityRuleChange {
        id: Uuid::nil(),
        before: rule.clone(),
        rule: rule.clone(),
        reason: nasty.clone(),
        asked_by: nobody,
        asked_name: nasty.clone(),
        asked_at: at,
        status: ChangeStatus::Open,
        settled_by: None,
        settled_name: nasty.clone(),
        settled_at: Some(at),
        withdrawal: nasty.clone(),
    };
    let list = ListPage {
        crumbs: crumbs(None),
        table: table(&rules.each_ref().map(|rule| line(rule, true))),
    };
    let json = |page: &RulePage| serde_json::to_value(page).unwrap_or_default();
    let mut all = texts::samples(&nasty);
    all.push((
        ListPage::TEMPLATE,
        serde_json::to_value(list).unwrap_or_default(),
    ));
    for rule in &rules {
        for (full, own) in [(true, false), (true, true), (false, false)] {
            let case = RuleCase {
                line: line(rule, full),
                open: full.then(|| change(rule)),
                history: if full { vec![change(rule)] } else { Vec::new() },
                may_propose: !full,
                may_settle: full && !own,
                may_withdraw: own,
                next_workday: local_date(at).next_day(),
                counties: vec![RegionEntry {
                    code: "130903".to_owned(),
                    name: nasty.clone(),
                    level: 3,
                    has_children: true,
                }],
                shipped: (rule.kind() == RuleKind::NoticeText).then(|| shipped.clone()),
            };
            let mut form = if own {
                withdrawal(&change(rule), "k")
            } else {
                blank(&case, &reasons, "k")
            };
            form.fail(
                if own {
                    "withdraw_reason"
                } else {
                    "rule_reason"
                },
                &nasty,
            );
            all.push((
                RulePage::TEMPLATE,
                json(&page(&case, &reasons, form, "k".to_owned())),
            ));
        }
    }
    all
}
