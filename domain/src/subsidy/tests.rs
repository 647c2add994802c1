//! What a policy gives for a loan, which loans it is for, and which step of a claim leads where.

use time::macros::date;

use super::*;

fn cents(yuan: i64) -> Cents {
    Cents::new(yuan * 100).expect("valid")
}

fn rate(text: &str, months_most: Option<u16>) -> SubsidyTerms {
    SubsidyTerms {
        rule: SubsidyRule::Rate {
            rate: Rate::parse(text).expect("valid"),
            months_most,
        },
        cap: None,
        guarantees: Vec::new(),
        months_min: None,
        months_max: None,
        amount_max: None,
        from: date!(2026 - 01 - 01),
        until: date!(2026 - 12 - 31),
    }
}

fn sum(terms: &SubsidyTerms, amount: Cents, on: Date, due_on: Date) -> (Option<i64>, i64) {
    let granted = terms.grants(amount, on, Some(due_on)).expect("something");
    (granted.days, granted.sum.cents())
}

#[test]
fn a_whole_year_gives_the_whole_rate() {
    let given = sum(
        &rate("1.50", None),
        cents(1_000_000),
        date!(2026 - 11 - 25),
        date!(2027 - 11 - 25),
    );
    assert_eq!(given, (Some(365), 1_500_000));
}

#[test]
fn days_are_counted_from_the_draw_without_the_last_one() {
    let given = sum(
        &rate("2.00", None),
        cents(365_000),
        date!(2026 - 11 - 25),
        date!(2026 - 11 - 26),
    );
    assert_eq!(given, (Some(1), 2_000));
    let never = rate("2.00", None);
    assert_eq!(
        never.grants(cents(1_000), date!(2026 - 11 - 25), None),
        None
    );
}

#[test]
fn the_policy_pays_for_no_more_months_than_it_says() {
    let terms = rate("1.00", Some(12));
    let on = date!(2028 - 02 - 29);
    let given = sum(&terms, cents(365_000), on, date!(2031 - 02 - 28));
    assert_eq!(given, (Some(365), 365_000));
    let shorter = sum(&terms, cents(365_000), on, date!(2028 - 03 - 10));
    assert_eq!(shorter, (Some(10), 10_000));
}

#[test]
fn half_a_cent_goes_up_and_less_goes_down() {
    let on = date!(2026 - 11 - 25);
    // 1825.00 元 at 0.01 % a year is 0.05 cents a day: ten days are half a cent.
    let terms = rate("0.01", None);
    let ten = terms.grants(cents(1_825), on, Some(date!(2026 - 12 - 05)));
    assert_eq!(ten.map(|g| g.sum.cents()), Some(1));
    let nine = terms.grants(cents(1_825), on, Some(date!(2026 - 12 - 04)));
    assert_eq!(nine, None, "nothing is given for less");
}

#[test]
fn a_cap_holds_for_either_rule() {
    let on = date!(2026 - 11 - 25);
    let due = Some(date!(2027 - 11 - 25));
    let capped = SubsidyTerms {
        cap: Some(cents(10_000)),
        ..rate("1.50", None)
    };
    let granted = capped.grants(cents(1_000_000), on, due).expect("something");
    assert_eq!((granted.sum, granted.capped), (cents(10_000), true));
    let below = capped.grants(cents(500_000), on, due).expect("something");
    assert_eq!((below.sum, below.capped), (cents(7_500), false));
    let fixed = SubsidyTerms {
        rule: SubsidyRule::Fixed(cents(20_000)),
        ..capped
    };
    let granted = fixed.grants(cents(1), on, None).expect("something");
    assert_eq!((granted.days, granted.sum), (None, cents(10_000)));
}

fn policy() -> SubsidyPolicy {
    SubsidyPolicy {
        terms: SubsidyTerms {
            guarantees: vec![GuaranteeType::Unsecured],
            months_min: Some(6),
            months_max: Some(36),
            amount_max: Some(cents(5_000_000)),
            ..rate("1.00", None)
        },
        first_loan: true,
        sections: vec!["C".to_owned()],
        regions: vec!["130903".to_owned()],
    }
}

fn loan() -> SubsidyLoan {
    SubsidyLoan {
        confirmed: true,
        guarantee: Some(GuaranteeType::Unsecured),
        first_loan: Some(true),
        amount: cents(5_000_000),
        on: date!(2026 - 11 - 25),
        due_on: Some(date!(2027 - 11 - 25)),
        repaid_on: None,
        section: "C".to_owned(),
        region: "130903001".to_owned(),
    }
}

#[test]
fn a_loan_that_came_back_early_is_given_for_the_days_that_it_ran() {
    let given = |repaid_on: Date| {
        let one = SubsidyLoan {
            repaid_on: Some(repaid_on),
            ..loan()
        };
        let faults = policy().faults(&one);
        (policy().grants(&one).and_then(|given| given.days), faults)
    };
    // Its length is what was agreed: it does not become too short.
    assert_eq!(given(date!(2026 - 12 - 05)), (Some(10), vec![]));
    assert_eq!(given(date!(2027 - 12 - 05)), (Some(365), vec![]));
    assert_eq!(
        given(date!(2026 - 11 - 25)),
        (None, vec![LoanFault::Nothing])
    );
}

#[test]
fn every_rule_keeps_a_loan_out_by_itself() {
    assert!(policy().faults(&loan()).is_empty());
    let off = |change: &dyn Fn(&mut SubsidyLoan), fault: LoanFault| {
        let mut one = loan();
        change(&mut one);
        assert_eq!(policy().faults(&one), [fault], "{}", fault.code());
    };
    off(&|l| l.confirmed = false, LoanFault::Unconfirmed);
    off(
        &|l| {
            l.on = date!(2025 - 12 - 31);
            l.due_on = Some(date!(2026 - 12 - 31));
        },
        LoanFault::Period,
    );
    off(&|l| l.guarantee = None, LoanFault::Guarantee);
    off(
        &|l| l.guarantee = Some(GuaranteeType::Pledge),
        LoanFault::Guarantee,
    );
    off(&|l| l.first_loan = None, LoanFault::FirstLoan);
    off(&|l| l.due_on = None, LoanFault::NoDueDay);
    off(
        &|l| l.due_on = Some(date!(2027 - 05 - 24)),
        LoanFault::TooShort,
    );
    off(
        &|l| l.due_on = Some(date!(2029 - 11 - 26)),
        LoanFault::TooLong,
    );
    off(
        &|l| l.amount = Cents::new(500_000_001).expect("valid"),
        LoanFault::TooMuch,
    );
    off(&|l| l.section.clear(), LoanFault::Industry);
    off(&|l| "130921".clone_into(&mut l.region), LoanFault::Region);
}

#[test]
fn the_bounds_belong_to_it_and_a_policy_without_conditions_is_for_every_confirmed_loan() {
    let mut one = loan();
    one.due_on = Some(date!(2027 - 05 - 25));
    assert!(policy().faults(&one).is_empty());
    one.due_on = Some(date!(2029 - 11 - 25));
    assert!(policy().faults(&one).is_empty());
    let open = SubsidyPolicy {
        terms: SubsidyTerms {
            rule: SubsidyRule::Fixed(cents(1_000)),
            ..rate("1.00", None)
        },
        first_loan: false,
        sections: Vec::new(),
        regions: Vec::new(),
    };
    let bare = SubsidyLoan {
        guarantee: None,
        first_loan: None,
        due_on: None,
        section: String::new(),
        region: String::new(),
        ..loan()
    };
    assert!(open.faults(&bare).is_empty());
}

#[test]
fn only_these_steps_lead_anywhere() {
    let mut ways = Vec::new();
    for from in ClaimStatus::ALL {
        for step in ClaimStep::ALL {
            if let Some(to) = from.after(*step) {
                ways.push(format!("{} {} {}", from.code(), step.code(), to.code()));
            }
        }
    }
    assert_eq!(
        ways,
        [
            "filed propose proposed",
            "filed refuse refused",
            "proposed approve approved",
            "proposed refuse refused",
            "approved refuse refused",
            "approved pay paid",
        ]
    );
}

#[test]
fn a_policy_names_its_handling_by_its_word() {
    assert_eq!(Handling::of("免申即享"), Some(Handling::Automatic));
    assert_eq!(Handling::of("申报"), Some(Handling::Ordinary));
    assert_eq!(Handling::of(""), None);
}
