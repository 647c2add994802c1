//! What the form of 区划变更 takes, and what it refuses by which field.

use time::macros::{date, datetime};

use super::*;
use crate::{city::blank, once::Once, regions::tests::Small, rules::RuleKind};

const NOW: OffsetDateTime = datetime!(2026-11-25 09:30 +8);

fn ask(typed: TypedRegion, day: &str) -> ProposeRule {
    ProposeRule {
        region: typed,
        valid_from: day.to_owned(),
        ..ProposeRule::empty(
            RuleKind::Regions.into(),
            Once {
                key: String::new(),
                body_hash: [0; 32],
            },
        )
    }
}

fn typed(deed: &str, code: &str, name: &str) -> TypedRegion {
    TypedRegion {
        deed: deed.to_owned(),
        code: code.to_owned(),
        name: name.to_owned(),
        ..TypedRegion::empty()
    }
}

fn added_in(county: &str, code: &str, name: &str) -> TypedRegion {
    TypedRegion {
        county: county.to_owned(),
        ..typed("add", code, name)
    }
}

fn ending(code: &str, successor: &str) -> TypedRegion {
    TypedRegion {
        successor: successor.to_owned(),
        ..typed("end", code, "")
    }
}

fn after(
    own: &OwnRegions,
    typed: TypedRegion,
    day: &str,
) -> Result<OwnRegions, Vec<(String, &'static str)>> {
    let city = City {
        default_city: "130900".to_owned(),
        ..blank()
    };
    let ground = Ground {
        city: &city,
        own,
        published: &Small,
        now: NOW,
    };
    let mut checks = Checks::default();
    let rule = read(&mut checks, &ask(typed, day), &ground);
    assert_eq!(rule.is_some(), checks.is_empty());
    if let Some(CityRule::Regions(own)) = rule {
        return Ok(own);
    }
    let faults = checks.into_error().fields.into_iter();
    Err(faults.map(|fault| (fault.field, fault.code)).collect())
}

#[test]
fn a_township_is_added_renamed_ended_and_restored_and_read_back_as_stored() {
    let none = OwnRegions::default();
    let new = added_in("130903", "１３０９０３００２", " 丙 街道 ");
    let own = after(&none, new, "2026-12-01").expect("it is fine");
    let [added] = own.of("130903002") else {
        panic!("one change: {own:?}");
    };
    assert_eq!(
        (added.name.as_str(), added.on),
        ("丙街道", date!(2026 - 12 - 01))
    );
    // It becomes part of what begins on the same day.
    let own = after(&own, ending("130903100", "130903002"), "2026-12-01").expect("it is fine");
    let own = after(&own, typed("rename", "130921100", "丁镇"), "").expect("it is fine");
    let renamed = &own.of("130921100")[0];
    assert_eq!(
        (renamed.was.as_str(), renamed.on),
        ("丁乡", date!(2026 - 11 - 25))
    );
    let own = after(&own, typed("restore", "130903100", ""), "2026-12-31").expect("it is fine");
    assert_eq!(own.len(), 4);
    assert_eq!(stored(&value(&own)), Some(own.clone()));
    let before = CityRule::Regions(own.clone());
    let later = after(&own, ending("130903001", ""), "").expect("it is fine");
    let later = CityRule::Regions(later);
    let (code, change) = super::added(&before, &later).expect("one more");
    assert_eq!((code, change.name.as_str()), ("130903001", "甲街道"));
}

/// Of these townships one ended on the first of December, one comes on the twentieth.
fn known() -> OwnRegions {
    let none = OwnRegions::default();
    let own = after(&none, ending("130903100", ""), "2026-12-01").expect("it is fine");
    let new = added_in("130903", "130903002", "丙街道");
    after(&own, new, "2026-12-20").expect("it is fine")
}

#[track_caller]
fn refused(typed: &TypedRegion, day: &str, field: &str, code: &str) {
    let told = after(&known(), typed.clone(), day).expect_err("it does not fit");
    let [(at, why)] = told.as_slice() else {
        panic!("one fault: {told:?}");
    };
    assert_eq!(
        (at.as_str(), *why),
        (field, format!("city_rule.{code}").as_str()),
        "{typed:?}"
    );
}

#[test]
fn a_township_that_is_not_meant_or_not_this_citys_is_named() {
    refused(
        &typed("", "130903001", ""),
        "",
        "region_deed",
        "region_deed",
    );
    refused(
        &typed("end", "130903", ""),
        "",
        "region_code",
        "region_code",
    );
    refused(&typed("end", "乙镇", ""), "", "region_code", "region_code");
    refused(
        &typed("end", "130803001", ""),
        "",
        "region_code",
        "region_outside",
    );
    refused(
        &typed("end", "130903999", ""),
        "",
        "region_code",
        "region_unknown",
    );
    refused(
        &typed("end", "130903100", ""),
        "2026-12-02",
        "region_code",
        "region_ended",
    );
    refused(
        &typed("restore", "130903001", ""),
        "",
        "region_code",
        "region_stands",
    );
    refused(
        &typed("restore", "130903100", ""),
        "2026-11-30",
        "valid_from",
        "region_day_order",
    );
    refused(
        &typed("rename", "130903001", "甲街道"),
        "",
        "region_name",
        "region_same_name",
    );
}

#[test]
fn what_is_wrong_with_a_new_township_is_named_by_its_field() {
    refused(
        &added_in("", "130903003", "戊街道"),
        "",
        "region_county",
        "region_county_missing",
    );
    refused(
        &added_in("130803", "130903003", "戊街道"),
        "",
        "region_county",
        "region_county",
    );
    refused(
        &added_in("130921", "130903003", "戊街道"),
        "",
        "region_code",
        "region_below",
    );
    refused(
        &added_in("130903", "130903001", "戊街道"),
        "",
        "region_code",
        "region_taken",
    );
    refused(
        &added_in("130903", "130903100", "戊街道"),
        "2026-12-02",
        "region_code",
        "region_was_ended",
    );
    refused(
        &added_in("130903", "130903003", " "),
        "",
        "region_name",
        "region_name_missing",
    );
    refused(
        &added_in("130903", "130903003", "戊"),
        "",
        "region_name",
        "region_name_length",
    );
    refused(
        &added_in("130903", "130903003", "第2街道"),
        "",
        "region_name",
        "region_name_signs",
    );
    refused(
        &added_in("130903", "130903003", "甲街道"),
        "",
        "region_name",
        "region_name_taken",
    );
    let long = "字".repeat(MOST_NAME + 1);
    refused(
        &added_in("130903", "130903003", &long),
        "",
        "region_name",
        "region_name_length",
    );
}

#[test]
fn what_is_wrong_with_an_end_is_named_by_its_field() {
    refused(
        &ending("130903001", "x"),
        "",
        "region_successor",
        "region_successor",
    );
    refused(
        &ending("130903001", "130903001"),
        "",
        "region_successor",
        "region_successor_self",
    );
    refused(
        &ending("130903001", "130903100"),
        "",
        "region_successor",
        "region_successor_ended",
    );
    refused(
        &ending("130903001", "130903002"),
        "2026-12-19",
        "region_successor",
        "region_successor_later",
    );
    refused(
        &ending("130903001", ""),
        "2023-06-30",
        "valid_from",
        "region_day_early",
    );
    refused(
        &ending("130903001", ""),
        "2028-01-01",
        "valid_from",
        "from_far",
    );
}

#[test]
fn a_stored_value_that_is_incomplete_is_unknown() {
    for odd in [
        json!({ "130903002": [] }),
        json!({ "x": [{ "deed": "add", "on": "2026-12-01", "name": "丙街道" }] }),
        json!({ "130903002": [{ "deed": "move", "on": "2026-12-01", "name": "丙街道" }] }),
        json!({ "130903002": [{ "deed": "add", "on": "2026-13-01", "name": "丙街道" }] }),
        json!({ "130903002": [{ "deed": "add", "on": "2026-12-01" }] }),
    ] {
        assert_eq!(stored(&odd), None, "{odd}");
    }
    assert_eq!(stored(&json!({})), Some(OwnRegions::default()));
}
