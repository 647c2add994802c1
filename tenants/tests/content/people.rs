//! Enterprises and branch staff.

use domain::values::{
    Address, CompanyName, IndustryCode, IndustryLevel, PersonName, PhoneNumber, RegionCode,
    RegionLevel, ResidentId, UnifiedSocialCreditCode,
};

use super::schema::Staff;
use super::{CANGZHOU, CITIES, City, assert_day, assert_unique, column, vocabulary};

#[test]
fn enterprises_have_right_check_digits_and_belong_to_nobody() {
    CITIES.iter().for_each(invented_with_right_check_digits);
}

fn invented_with_right_check_digits(city: &City) {
    let (regions, industries) = (column("regions.csv", 0), column("industries.csv", 0));
    let (types, houses) = (vocabulary("enterprise_type"), city.institutions());
    let all = city.enterprises();
    for enterprise in &all {
        let key = &enterprise.key;
        CompanyName::parse(&enterprise.name).unwrap_or_else(|error| panic!("{key}: {error}"));
        for person in [&enterprise.owner_name, &enterprise.legal_representative] {
            PersonName::parse(person).unwrap_or_else(|error| panic!("{key}: {error}"));
        }
        PhoneNumber::parse(&enterprise.phone).unwrap_or_else(|error| panic!("{key}: {error}"));
        let region = RegionCode::parse(&enterprise.region_code).expect("form of a region code");
        assert_eq!(region.level(), RegionLevel::Township, "{key}");
        assert!(enterprise.region_code.starts_with(city.region), "{key}");
        assert!(regions.contains(&enterprise.region_code), "{key}");
        assert_eq!(
            enterprise.profile.is_some(),
            enterprise.profile_complete,
            "{key}"
        );
        let Some(profile) = &enterprise.profile else {
            continue;
        };
        UnifiedSocialCreditCode::parse(&profile.credit_code)
            .unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(
            &profile.credit_code[8..11],
            "PDY",
            "{key}: somebody may own it"
        );
        ResidentId::restore(&profile.id_number).unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(&profile.id_number[6..8], "18", "{key}: somebody may own it");
        PhoneNumber::parse(&profile.legal_phone).unwrap_or_else(|error| panic!("{key}: {error}"));
        let industry = IndustryCode::parse(&profile.industry_code).expect("form of a code");
        assert_eq!(industry.level(), IndustryLevel::Group, "{key}");
        assert!(industries.contains(&profile.industry_code), "{key}");
        assert!(types.contains(&profile.enterprise_type), "{key}");
        Address::parse(&profile.address).unwrap_or_else(|error| panic!("{key}: {error}"));
        assert!(profile.email.ends_with(".example"), "{key}");
        assert!(
            profile.registered_capital > 0 && profile.employees > 0,
            "{key}"
        );
        assert_day(key, &profile.established);
        if let Some(house) = &profile.recommended_institution {
            assert!(houses.iter().any(|i| i.key == *house), "{key}: {house}");
        }
    }
    assert_unique("enterprise key", all.iter().map(|e| &*e.key));
    assert_unique("enterprise name", all.iter().map(|e| &*e.name));
    assert_unique("enterprise phone", all.iter().map(|e| &*e.phone));
    let profiles = || all.iter().filter_map(|e| e.profile.as_ref());
    assert_unique("credit code", profiles().map(|p| &*p.credit_code));
    assert_unique("resident number", profiles().map(|p| &*p.id_number));
    assert!(profiles().any(|p| p.has_loan_history) && profiles().any(|p| !p.has_loan_history));
}

#[test]
fn ten_enterprises_may_apply_one_lacks_the_face_check_and_one_everything() {
    let count = |complete, verified| {
        CANGZHOU
            .enterprises()
            .iter()
            .filter(|e| e.profile_complete == complete && e.face_verified == verified)
            .count()
    };
    assert_eq!(count(true, true), 10);
    assert_eq!(count(true, false), 1);
    assert_eq!(count(false, false), 1);
    assert_eq!(count(false, true), 0);
}

#[test]
fn every_branch_has_somebody_to_accept_and_somebody_else_to_decide() {
    CITIES.iter().for_each(staffed);
}

fn staffed(city: &City) {
    let staff = city.staff();
    assert_unique("staff key", staff.iter().map(|s| &*s.key));
    assert_unique("staff name", staff.iter().map(|s| &*s.name));
    let enterprises = city.enterprises();
    assert_unique(
        "phone",
        staff
            .iter()
            .map(|s| &*s.phone)
            .chain(enterprises.iter().map(|e| &*e.phone)),
    );
    for institution in city.institutions() {
        for (position, branch) in institution.branches.iter().enumerate() {
            let here = |role: &str| {
                staff
                    .iter()
                    .filter(|s| s.branch.as_ref() == Some(&branch.key) && s.role == role)
                    .inspect(|s| {
                        assert_eq!(s.institution.as_ref(), Some(&institution.key), "{}", s.key);
                    })
                    .count()
            };
            assert!(here("BM") >= 1 && here("BA") >= 1, "{}", branch.key);
            assert!(
                position > 0 || here("BH") == 1,
                "{} has no head",
                branch.key
            );
        }
    }
    for institution in city.institutions() {
        let at = |role: &str| {
            let of = |s: &&Staff| s.institution.as_ref() == Some(&institution.key);
            staff.iter().filter(of).filter(|s| s.role == role).count()
        };
        assert!(at("HA") >= 2 && at("HP") >= 1, "{}", institution.key);
    }
    for person in &staff {
        PersonName::parse(&person.name).unwrap_or_else(|error| panic!("{}: {error}", person.key));
        PhoneNumber::parse(&person.phone).unwrap_or_else(|error| panic!("{}: {error}", person.key));
        let roles: &[&str] = match (&person.institution, &person.branch) {
            (Some(_), Some(_)) => &["BM", "BA", "BH"],
            (Some(_), None) => &["HA", "HP"],
            _ => &["OP", "OS"],
        };
        assert!(roles.contains(&&*person.role), "{}", person.key);
        assert!(!person.title.is_empty());
    }
}
