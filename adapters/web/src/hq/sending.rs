//! What 转派, 改派, 跨支行转派 and 确认拒单 have in common: the request and the branches that could take it.

use std::sync::Arc;

use application::{
    access::Actor,
    dispatch::{DispatchCase, Place, Way},
    error::{UseError, UseResult},
};
use domain::{
    financing::{ApplicationRecord, MOVES, Stage},
    ids::FinancingApplicationId,
};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{
    Hq,
    dispatch::{because, move_tag},
};
use crate::{
    deed::{Ground, barred},
    forms::{Choice, Field, FormView},
    matter::{asked, base, crumbs},
    parts::{Cell, Described, Link},
    posted::Posted,
    show,
    visit::Visit,
};

/// The list that a returned request waits in.
const RETURNED: &str = "/hq/dispatch";

/// A request before the person who dispatches it.
pub(super) struct Sending;

impl Ground for Sending {
    type Uses = Hq;
    type Case = DispatchCase;

    fn read(uses: Arc<Hq>, actor: Actor, id: Uuid) -> BoxFuture<'static, UseResult<DispatchCase>> {
        Box::pin(async move {
            let id = FinancingApplicationId(id);
            uses.dispatch.look(&actor, id).await
        })
    }

    fn record(case: &DispatchCase) -> &ApplicationRecord {
        &case.record
    }
}

/// Why it is not to be done in one of these ways.
pub(super) fn fits(case: &DispatchCase, ways: &[Way]) -> UseResult<()> {
    if case.record.frozen || !case.way.is_some_and(|way| ways.contains(&way)) {
        return Err(barred(&case.record));
    }
    Ok(())
}

/// Where it could still go.
pub(super) fn has_a_place(case: &DispatchCase) -> UseResult<()> {
    if case.moves_left == 0 {
        return Err(UseError::conflict("financing.too_many_moves"));
    }
    if case.places.is_empty() {
        return Err(UseError::conflict("dispatch.no_other_branch"));
    }
    Ok(())
}

/// How often it may still be sent on.
pub(super) fn moves_left(case: &DispatchCase) -> String {
    let left = case.moves_left;
    format!("每笔融资需求最多转派 {MOVES} 次，还可转派 {left} 次。")
}

/// What came back belongs to the list of returned requests; the rest stands where its address says.
pub(super) fn menu(case: &DispatchCase) -> &'static str {
    if case.record.stage == Stage::ReturnedToHq {
        RETURNED
    } else {
        ""
    }
}

pub(super) fn way_here(case: &DispatchCase, title: &str) -> Vec<Link> {
    let record = &case.record;
    if record.stage != Stage::ReturnedToHq {
        return crumbs(record, Some(title));
    }
    vec![
        Link::new("机构工作台", "/hq"),
        Link::new("待改派", RETURNED),
        Link::new(show::number(record), base(record.id)),
        Link::new(title, ""),
    ]
}

/// The request, why it came back, and what was asked about it before.
pub(super) fn beside(visit: &Visit, case: &DispatchCase) -> Vec<Described> {
    let mut rows = asked(&case.record);
    if !case.county.is_empty() {
        rows.push(Described::new("企业所在地区", &case.county));
    }
    if let Some(returned) = &case.returned
        && case.record.stage == Stage::ReturnedToHq
    {
        rows.push(Described::new("退回原因", because(&visit.city, returned)));
    }
    for before in &case.asked_before {
        let tag = move_tag(before.status);
        let words = format!("{} {}", before.to_branch_name, before.answer_note);
        let cell = Cell::tag(tag.label, tag.kind).second(words.trim_end());
        rows.push(Described::cell("此前征询", cell));
    }
    rows
}

/// Where to, and why.
pub(super) fn fields(case: &DispatchCase, form: FormView) -> FormView {
    form.with(
        Field::radio("branch", "转至支行")
            .required()
            .hint("只列出办理该金融产品的支行，服务企业所在地区的在前，待办少的在前。")
            .options(case.places.iter().map(choice)),
    )
    .with(
        Field::textarea("move_reason", "转派原因")
            .required()
            .hint("展示给企业，最多 500 个字。")
            .rows(3)
            .maxlength(500),
    )
}

fn choice(place: &Place) -> Choice {
    let served = if place.counties.is_empty() {
        "服务全市".to_owned()
    } else {
        format!("服务{}", place.counties.join("、"))
    };
    let near = if place.serves_it {
        "，包括企业所在地区"
    } else {
        ""
    };
    let late = if place.let_it_pass {
        "；此前超时未接单"
    } else {
        ""
    };
    Choice::new(place.branch.id.0.to_string(), &place.branch.name).hint(format!(
        "{served}{near}；待接单 {} 笔，办理中 {} 笔{late}",
        place.branch.waiting, place.branch.working
    ))
}

/// What is sent, and from where.
pub(super) fn standing(case: &DispatchCase) -> Vec<Described> {
    vec![
        Described::new("金融产品", &case.record.product_name),
        Described::new("现受理支行", &case.record.handler_name),
    ]
}

/// The same with what was chosen.
pub(super) fn summary(case: &DispatchCase, posted: &Posted) -> Vec<Described> {
    let mut rows = standing(case);
    let picked = posted.get("branch");
    let mut places = case.places.iter();
    if let Some(place) = places.find(|p| p.branch.id.0.to_string() == picked) {
        let words = choice(place);
        let cell = Cell::text(words.label).second(words.hint);
        rows.push(Described::cell("转至支行", cell));
    }
    rows.push(Described::new("转派原因", posted.get("move_reason")));
    rows
}
