//! Every page of 额度试算 in every shape, with text that must be escaped.

use application::{
    estimates::{
        EstimateAnswer, EstimateInputs, OwnFigures, Question, SeenEstimate, Since, ToldCap,
        ToldRepayment, ToldRule,
    },
    ports::{catalogue::Fee, estimates::StoredEstimate},
};
use domain::{
    ids::{ProductId, UserId},
    values::{Cents, Term, TermUnit},
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    answer::AnswerView,
    form::FormPage,
    own::{DeletePage, ListPage, OnePage, table, view},
};
use crate::{
    financing::ODD,
    forms::{Field, FormView},
    parts::Link,
};

fn inputs(full: bool) -> Option<EstimateInputs> {
    let figures = OwnFigures {
        revenue_cents: Some(100_000_000),
        tax_cents: Some(0),
        years: Some(3),
        capital_cents: Some(500_000_000),
        section: Some("C".to_owned()),
        region: Some("130903".to_owned()),
        first_loan: Some(true),
    };
    Some(EstimateInputs {
        amount: Cents::from_wan(600).ok()?,
        term: Term::new(2, TermUnit::Year).ok()?,
        figures: if full { figures } else { OwnFigures::default() },
    })
}

fn answer(full: bool) -> EstimateAnswer {
    let odd = || ODD.to_owned();
    let cap = |amount| ToldCap {
        basis: "revenue".to_owned(),
        words: odd(),
        amount,
    };
    let rule = |verdict: &str| ToldRule {
        text: odd(),
        verdict: verdict.to_owned(),
        words: odd(),
        why: odd(),
    };
    let bare = EstimateAnswer {
        amount_min: 10_000_000,
        amount_max: 500_000_000,
        low: None,
        high: None,
        limit: "wanted".to_owned(),
        caps: Vec::new(),
        rate_min: 375,
        rate_max: 375,
        rate_term: "guarantee_fee".to_owned(),
        repayments: Vec::new(),
        fees: Vec::new(),
        rules: Vec::new(),
        documents: Vec::new(),
    };
    if !full {
        return bare;
    }
    EstimateAnswer {
        low: Some(10_000_000),
        high: Some(500_000_000),
        limit: "product".to_owned(),
        caps: vec![cap(Some(300_000_000)), cap(None)],
        rate_max: 420,
        rate_term: "annual_rate".to_owned(),
        repayments: vec![ToldRepayment {
            method: "equal_installment".to_owned(),
            first: [100, 200],
            last: [100, 100],
            interest: [100, 200],
            total: [300, 400],
        }],
        fees: vec![Fee {
            name: odd(),
            rule: odd(),
        }],
        rules: ["met", "not_met", "unknown"].map(rule).to_vec(),
        documents: vec![odd(), odd()],
        ..bare
    }
}

fn stored(full: bool) -> Option<StoredEstimate> {
    Some(StoredEstimate {
        id: Uuid::nil(),
        product: ProductId(Uuid::nil()),
        version: 2,
        product_name: ODD.to_owned(),
        bank_name: ODD.to_owned(),
        inputs: inputs(full)?,
        answer: answer(full),
        made_by: UserId(Uuid::nil()),
        made_name: ODD.to_owned(),
        made_at: time::OffsetDateTime::UNIX_EPOCH,
    })
}

fn value(page: &impl Serialize) -> Value {
    serde_json::to_value(page).unwrap_or_default()
}

fn name(_: Question, _: &str) -> String {
    ODD.to_owned()
}

fn form_page(full: bool) -> FormPage {
    let mut form = FormView::new("/market/x/estimate").with(
        Field::number("amount", "期望融资金额", "万元")
            .required()
            .value(ODD),
    );
    if full {
        form.push(Field::select("section", ODD, ODD).options([(ODD, ODD)]));
        form.fail("amount", ODD);
    }
    FormPage {
        crumbs: vec![Link::new(ODD, "/market"), Link::new(ODD, "")],
        product: ODD.to_owned(),
        product_href: "javascript:alert(1)".to_owned(),
        privacy: "说明",
        prefilled: full,
        list: full.then(|| Link::new(ODD, "/enterprise/estimates")),
        form,
        answer: inputs(full).map(|i| AnswerView::of(&i, &answer(full), &[], &name)),
        apply_href: ["", "/enterprise/apply/x?term=1&amount=2"][usize::from(full)].to_owned(),
    }
}

fn one_pages() -> Vec<OnePage> {
    let seen = |full: bool, since| {
        Some(SeenEstimate {
            estimate: stored(full)?,
            given: if full { vec![true, false] } else { Vec::new() },
            since,
            carried: full,
            may_delete: full,
        })
    };
    [
        seen(true, Since::Same),
        seen(true, Since::Changed),
        seen(false, Since::Gone),
    ]
    .into_iter()
    .flatten()
    .map(|seen| view(&seen, &name))
    .collect()
}

/// Template and content of every page.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    let list = |estimates: &[StoredEstimate]| ListPage {
        lead: ODD.to_owned(),
        table: table(estimates),
    };
    let both: Vec<StoredEstimate> = [true, false].into_iter().filter_map(stored).collect();
    let blank = FormPage {
        answer: None,
        ..form_page(false)
    };
    let delete = DeletePage {
        text: ODD.to_owned(),
        action: "/enterprise/estimates/x/delete".to_owned(),
        back: "javascript:alert(1)".to_owned(),
    };
    let mut pages = vec![
        (FormPage::TEMPLATE, value(&blank)),
        (FormPage::TEMPLATE, value(&form_page(false))),
        (FormPage::TEMPLATE, value(&form_page(true))),
        (ListPage::TEMPLATE, value(&list(&both))),
        (ListPage::TEMPLATE, value(&list(&[]))),
        (DeletePage::TEMPLATE, value(&delete)),
    ];
    pages.extend(one_pages().iter().map(|p| (OnePage::TEMPLATE, value(p))));
    pages
}
