//! 区划变更: the form, what the city has decided, and a change told by what becomes of its township.

use application::{
    ports::reference::RegionEntry,
    regions::county_of,
    rules::{CityRule, MOST_AHEAD, MOST_NAME, RuleCase, TypedRegion, added_region},
};
use domain::regions::{OwnRegions, RegionChange, RegionDeed};

use super::SHOWN_DAYS;
use crate::{
    forms::{Choice, Field, FormView},
    parts::Described,
    posted::Posted,
};

/// What each deed is for, beside its box.
const fn meaning(deed: RegionDeed) -> &'static str {
    match deed {
        RegionDeed::Add => "国家区划表中还没有的乡镇、街道。填写所属县（市、区）、代码和名称。",
        RegionDeed::Rename => "代码不变，只改名称。填写代码和新名称。",
        RegionDeed::End => {
            "撤销后不能再选择，此前填写的仍显示原名称。填写代码，有并入单位的一并填写。"
        }
        RegionDeed::Restore => "撤销有误的，恢复为可以选择。填写代码。",
    }
}

pub(super) fn fields(form: &mut FormView, case: &RuleCase) {
    let deeds = RegionDeed::ALL.iter();
    form.push(
        Field::radio("region_deed", "变更类型")
            .required()
            .options(deeds.map(|deed| Choice::new(deed.code(), deed.zh()).hint(meaning(*deed)))),
    );
    let counties = case.counties.iter();
    form.push(
        Field::select("region_county", "所属县（市、区）", "请选择县（市、区）")
            .hint("新设时选择。")
            .options(
                counties.map(|one| Choice::new(&one.code, format!("{} {}", one.code, one.name))),
            ),
    );
    form.push(
        Field::text("region_code", "乡级区划代码")
            .required()
            .hint("9 位数字，前 6 位是所属县（市、区）的代码。")
            .maxlength(12)
            .width("s"),
    );
    form.push(
        Field::text("region_name", "名称")
            .hint(format!(
                "新设或更名时填写全称，带“镇”“乡”或“街道”。2–{MOST_NAME} 个汉字，序号写成汉字。"
            ))
            .maxlength(60),
    );
    form.push(
        Field::text("region_successor", "并入单位的代码（选填）")
            .hint("撤销时填写，必须是本市现行的乡镇、街道。新设的须先提出新设，复核通过后再提出撤销。")
            .maxlength(12)
            .width("s"),
    );
    form.push(
        Field::text("valid_from", "生效日期")
            .hint(format!(
                "行政区划变更生效的日期，例如 2026-12-31。不填表示今天，最晚为 {MOST_AHEAD} 天后。日期已到的，复核通过后立即启用。"
            ))
            .maxlength(10)
            .width("s"),
    );
}

pub(super) fn ask(posted: &Posted) -> TypedRegion {
    let text = |name: &str| posted.get(name).to_owned();
    TypedRegion {
        deed: text("region_deed"),
        county: text("region_county"),
        code: text("region_code"),
        name: text("region_name"),
        successor: text("region_successor"),
    }
}

/// In one line.
pub(super) fn short(own: &OwnRegions) -> String {
    if own.is_empty() {
        "没有变更，按国家区划".to_owned()
    } else {
        format!("变更了 {} 项", own.len())
    }
}

/// `130903100 小王庄镇撤销，并入 130903101`.
fn told(code: &str, change: &RegionChange) -> String {
    let mut told = match change.deed {
        RegionDeed::Rename => format!("{code} {}更名为“{}”", change.was, change.name),
        deed => format!("{code} {}{}", change.name, deed.zh()),
    };
    if let Some(into) = &change.successor {
        told.push_str(&format!("，并入 {into}"));
    }
    told
}

/// What the city has decided, the latest first.
pub(super) fn rows(own: &OwnRegions) -> Vec<Described> {
    let each = own.all();
    let mut all: Vec<(&str, &RegionChange)> = each
        .flat_map(|(code, changes)| changes.iter().map(move |change| (code, change)))
        .collect();
    all.sort_by_key(|(_, change)| std::cmp::Reverse(change.on));
    all.into_iter()
        .take(SHOWN_DAYS)
        .map(|(code, change)| Described::new(format!("{} 起", change.on), told(code, change)))
        .collect()
}

/// Before and after.
pub(super) fn change_of(before: &CityRule, after: &CityRule) -> (String, String) {
    let Some((code, change)) = added_region(before, after) else {
        return (String::new(), String::new());
    };
    let was = match change.deed {
        RegionDeed::Add => "国家区划表中没有".to_owned(),
        RegionDeed::Rename => format!("{code} {}", change.was),
        RegionDeed::End => format!("{code} {}", change.name),
        RegionDeed::Restore => format!("{code} {}（已撤销）", change.name),
    };
    (was, format!("{} 起\n{}", change.on, told(code, change)))
}

/// 所属县（市、区） of what a change is about.
pub(super) fn county(case: &RuleCase) -> Option<Described> {
    let change = case.open.as_ref()?;
    let (code, _) = added_region(&change.before, &change.rule)?;
    let county = county_of(code);
    let of = |one: &&RegionEntry| one.code == county;
    let found = case.counties.iter().find(of)?;
    Some(Described::new("所属县（市、区）", &found.name))
}

/// A change of each kind, for the test that draws the page.
pub(super) fn sample(nasty: &str) -> OwnRegions {
    use domain::values::RegionCode;
    let change = |deed: RegionDeed| RegionChange {
        deed,
        on: time::macros::date!(2026 - 12 - 01),
        name: nasty.to_owned(),
        was: nasty.to_owned(),
        successor: RegionCode::parse("130903101").ok(),
    };
    let mut own = OwnRegions::default();
    let Ok(code) = RegionCode::parse("130903100") else {
        return own;
    };
    for deed in RegionDeed::ALL {
        own = own.with(&code, change(*deed));
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_by_what_becomes_of_its_township() {
        let own = sample("小王庄镇");
        let none = CityRule::Regions(OwnRegions::default());
        let all = CityRule::Regions(own.clone());
        let (was, is) = change_of(&none, &all);
        assert_eq!(was, "国家区划表中没有");
        assert_eq!(is, "2026-12-01 起\n130903100 小王庄镇新设，并入 130903101");
        assert_eq!(rows(&own).len(), 4);
        assert_eq!(short(&own), "变更了 4 项");
        assert_eq!(change_of(&all, &all), (String::new(), String::new()));
    }
}
