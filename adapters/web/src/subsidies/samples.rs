//! The pages of the room in every shape, for the test that draws them.

use application::{
    ports::{
        statistics::Span,
        subsidies::{FittingAsk, FittingMonth, LoanCursor, LoanFacts, SubsidyOffer},
        subsidy_claims::{
            Claim, ClaimAsk, ClaimCursor, ClaimDay, ClaimList, ClaimOrigin, Decided, Effect,
            EffectRow, Payment,
        },
    },
    subsidies::{Account, ClaimLeaf, ClaimPowers, FittingLeaf, SeenClaim, SeenEffects, SeenOffer},
};
use domain::{
    calendar::parse_day,
    ids::{DrawId, EnterpriseId, FinancingApplicationId, UserId},
    product::GuaranteeType,
    subsidy::{
        ClaimStatus, ClaimStep, Granted, Handling, LoanFault, SubsidyLoan, SubsidyPolicy,
        SubsidyRule, SubsidyTerms,
    },
    values::{Cents, Rate},
};
use serde::Serialize;
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    apply, deeds,
    detail::{self, DetailPage},
    effects::{self, EffectsPage},
    fitting::{self, LoansPage},
    list::{self, ListPage},
};
use crate::{console::AskPage, financing::ODD, posted::Posted};

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, Value) {
    (template, serde_json::to_value(page).unwrap_or_default())
}

fn day(text: &str) -> Date {
    parse_day(text).unwrap_or(Date::MIN)
}

fn sum(yuan: i64) -> Cents {
    Cents::new(yuan * 100).unwrap_or(Cents::ZERO)
}

fn rate(hundredths: i32) -> Rate {
    Rate::new(hundredths).expect("a rate of a sample")
}

fn offer(handling: Handling) -> SubsidyOffer {
    SubsidyOffer {
        policy: Uuid::nil(),
        version: 1,
        title: ODD.to_owned(),
        issuer: ODD.to_owned(),
        handling,
        deadline: Some(day("2026-12-31")),
        conditions: SubsidyPolicy {
            terms: SubsidyTerms {
                rule: SubsidyRule::Rate {
                    rate: rate(150),
                    months_most: Some(12),
                },
                cap: Some(sum(50_000)),
                guarantees: vec![GuaranteeType::Unsecured],
                months_min: Some(6),
                months_max: Some(36),
                amount_max: Some(sum(5_000_000)),
                from: day("2026-01-01"),
                until: day("2026-12-31"),
            },
            first_loan: true,
            sections: Vec::new(),
            regions: Vec::new(),
        },
    }
}

fn facts() -> LoanFacts {
    LoanFacts {
        draw: DrawId(Uuid::nil()),
        number: 1,
        application: FinancingApplicationId(Uuid::nil()),
        application_no: ODD.to_owned(),
        enterprise: EnterpriseId(Uuid::nil()),
        enterprise_name: ODD.to_owned(),
        bank_name: ODD.to_owned(),
        branch_name: ODD.to_owned(),
        product_name: ODD.to_owned(),
        contract_no: ODD.to_owned(),
        rate: rate(375),
        confirmed_at: Some(OffsetDateTime::UNIX_EPOCH),
        loan: SubsidyLoan {
            confirmed: true,
            guarantee: None,
            first_loan: None,
            amount: sum(1_000_000),
            on: day("2026-11-25"),
            due_on: Some(day("2027-11-25")),
            repaid_on: Some(day("2027-05-25")),
            section: "C".to_owned(),
            region: "130903".to_owned(),
        },
    }
}

fn granted(capped: bool) -> Granted {
    Granted {
        days: Some(365),
        sum: sum(15_000),
        capped,
    }
}

fn decided() -> Decided {
    Decided {
        by: UserId(Uuid::nil()),
        by_name: ODD.to_owned(),
        at: OffsetDateTime::UNIX_EPOCH,
    }
}

fn claim(status: ClaimStatus, origin: ClaimOrigin) -> Claim {
    let refused = status == ClaimStatus::Refused;
    let paid = status == ClaimStatus::Paid;
    let approved = paid || status == ClaimStatus::Approved;
    let looked_at = approved || refused || status == ClaimStatus::Proposed;
    Claim {
        id: Uuid::nil(),
        enterprise: EnterpriseId(Uuid::nil()),
        enterprise_name: ODD.to_owned(),
        policy: Uuid::nil(),
        policy_version: 1,
        policy_title: ODD.to_owned(),
        application: FinancingApplicationId(Uuid::nil()),
        application_no: ODD.to_owned(),
        draw: DrawId(Uuid::nil()),
        draw_number: 1,
        origin,
        status,
        days: Some(365),
        sum: sum(15_000),
        account_sealed: (origin == ClaimOrigin::Applied && !refused).then(Vec::new),
        declared: ODD.to_owned(),
        filed_by: UserId(Uuid::nil()),
        filed_at: OffsetDateTime::UNIX_EPOCH,
        proposed: looked_at.then(decided),
        approved: approved.then(decided),
        refused: refused.then(decided),
        refusal: if refused { ODD } else { "" }.to_owned(),
        paid: paid.then(|| Payment {
            sum: sum(14_000),
            on: day("2026-12-20"),
            told: decided(),
        }),
        version: 2,
    }
}

fn seen(status: ClaimStatus, fits: bool) -> SeenClaim {
    let origin = if fits {
        ClaimOrigin::Applied
    } else {
        ClaimOrigin::Listed
    };
    SeenClaim {
        claim: claim(status, origin),
        facts: fits.then(facts),
        offer: fits.then(|| offer(Handling::Quick)),
        faults: if fits {
            Vec::new()
        } else {
            vec![LoanFault::Unconfirmed, LoanFault::Period]
        },
        granted: fits.then(|| granted(true)),
        account: if fits { ODD } else { "" }.to_owned(),
        beside: if fits {
            vec![claim(ClaimStatus::Paid, ClaimOrigin::Applied)]
        } else {
            Vec::new()
        },
        powers: ClaimPowers {
            propose: fits,
            approve: fits,
            refuse: fits,
            pay: fits,
            account: fits,
        },
    }
}

pub(super) fn seen_effects(chosen: bool, open: bool) -> SeenEffects {
    let effect = Effect {
        filed: 4,
        approved: 3,
        approved_cents: 4_500_000,
        paid: 1,
        paid_cents: 1_400_000,
        enterprises: 2,
    };
    let month = day("2026-11-01");
    SeenEffects {
        year: 2026,
        span: Span {
            from: day("2026-01-01"),
            to: day("2026-12-31"),
        },
        now: OffsetDateTime::UNIX_EPOCH,
        policies: vec![offer(Handling::Automatic)],
        chosen: chosen.then(|| offer(Handling::Automatic)),
        rows: vec![EffectRow {
            policy: Uuid::nil(),
            title: ODD.to_owned(),
            month: chosen.then_some(month),
            effect,
        }],
        fitting: if chosen {
            vec![FittingMonth {
                month,
                loans: 7,
                cents: 700_000_000,
            }]
        } else {
            Vec::new()
        },
        total: effect,
        open,
    }
}

fn lists() -> Vec<(&'static str, Value)> {
    let cursor = ClaimCursor {
        at: OffsetDateTime::UNIX_EPOCH,
        id: Uuid::nil(),
    };
    let leaf = |full: bool| ClaimLeaf {
        rows: if full {
            let every = ClaimStatus::ALL.iter();
            every
                .map(|status| claim(*status, ClaimOrigin::Applied))
                .collect()
        } else {
            Vec::new()
        },
        next: full.then_some(cursor),
        policies: vec![(Uuid::nil(), ODD.to_owned())],
    };
    let ask = |full: bool| ClaimAsk {
        list: ClaimList::All,
        policy: full.then(Uuid::nil),
        counted: full.then(|| (ClaimDay::Paid, seen_effects(false, true).span)),
        after: full.then_some(cursor),
        most: 0,
    };
    [true, false]
        .into_iter()
        .flat_map(|full| {
            let (own, city) = (
                list::own_page(&leaf(full), full),
                list::city_page(&ask(full), &leaf(full)),
            );
            [own, city].map(|page| sample(ListPage::TEMPLATE, &page))
        })
        .collect()
}

fn loans() -> Vec<(&'static str, Value)> {
    let cursor = LoanCursor {
        on: day("2026-11-25"),
        draw: DrawId(Uuid::nil()),
    };
    let page = |full: bool| {
        let leaf = FittingLeaf {
            offer: offer(if full {
                Handling::Automatic
            } else {
                Handling::Ordinary
            }),
            rows: if full {
                vec![(facts(), Some(granted(false))), (facts(), None)]
            } else {
                Vec::new()
            },
            next: full.then_some(cursor),
            may_list: full,
        };
        let ask = FittingAsk {
            span: full.then(|| seen_effects(false, true).span),
            unclaimed: full,
            after: full.then_some(cursor),
            most: 0,
        };
        sample(LoansPage::TEMPLATE, &fitting::page(&leaf, &ask))
    };
    vec![page(true), page(false)]
}

/// Templates with their samples.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    let mut all = lists();
    all.extend(loans());
    for status in ClaimStatus::ALL {
        for (fits, own) in [(true, true), (true, false), (false, true), (false, false)] {
            let page = detail::view(&seen(*status, fits), own, None);
            all.push(sample(DetailPage::TEMPLATE, &page));
        }
    }
    let account = Account {
        bank: ODD.to_owned(),
        number: ODD.to_owned(),
    };
    let opened = detail::view(&seen(ClaimStatus::Approved, true), false, Some(&account));
    all.push(sample(DetailPage::TEMPLATE, &opened));
    for (chosen, open) in [(true, true), (true, false), (false, true)] {
        let page = effects::page(&seen_effects(chosen, open));
        all.push(sample(EffectsPage::TEMPLATE, &page));
    }
    for step in ClaimStep::ALL {
        let page = deeds::sample(*step, &seen(ClaimStatus::Filed, true));
        all.push(sample(AskPage::TEMPLATE, &page));
    }
    let offered = SeenOffer {
        offer: offer(Handling::Quick),
        facts: facts(),
        granted: granted(false),
    };
    let form = apply::page(&offered, "k", &Posted::default());
    all.push(sample(AskPage::TEMPLATE, &form));
    let listing = fitting::ask_page(&offered, "k");
    all.push(sample(AskPage::TEMPLATE, &listing));
    all
}
