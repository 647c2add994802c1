//! 填报企业划型: the figures of the year, or their correction; what was said before stays.

use domain::{
    size_class::{SizeClass, SizeFigures, SizeMetric, SizeRule},
    values::{Cents, Headcount},
};
use serde_json::json;

use super::{Measure, SizeRoom, field_of};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        sizes::SizeDeclaration,
        store::{StoreError, UnitOfWork},
    },
};

pub(super) const DECLARE: &str = "size.declare";

/// The form as typed. What the industry does not ask for is not kept.
#[derive(Clone, Debug)]
pub struct DeclareSize {
    /// How often this year had been declared on the page that was filled in.
    pub version: i32,
    pub employees: String,
    /// 万元.
    pub revenue: String,
    /// 万元.
    pub assets: String,
    /// The interface says it with a header, forms with a field.
    pub once: Once,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    pub year: i32,
    pub class: SizeClass,
}

impl SizeRoom {
    pub async fn declare(&self, actor: &Actor, ask: DeclareSize) -> UseResult<Declared> {
        let object = Self::enterprise(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Size, Action::Save, object)
            .await?;
        let outcome = self.write(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Size, Action::Save, object, outcome)
            .await
    }

    async fn write(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &DeclareSize,
    ) -> UseResult<Declared> {
        let enterprise = Self::enterprise(actor)?;
        let at = self.watch.clock.now();
        let year = self.year();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, DECLARE, at).await?.is_some() {
            return repeated(&mut *work, actor).await;
        }
        // Locked: neither the industry nor the count of this year moves until the commit.
        let facts = work
            .enterprises()
            .facts_for_update(enterprise)
            .await?
            .ok_or_else(UseError::not_found)?;
        let rule = match self.measure(facts.industry_code.as_deref()) {
            Measure::Rule { rule, .. } => rule,
            Measure::NoRule(industry) => {
                return Err(UseError::conflict("size.no_rule").with("industry", industry));
            }
            Measure::NoIndustry => return Err(UseError::conflict("size.no_industry")),
        };
        let before = work.sizes().latest_size(enterprise).await?;
        let declared = before.filter(|d| d.year == year).map_or(0, |d| d.number);
        if declared != ask.version {
            return Err(UseError::conflict("size.moved"));
        }
        let figures = read(&rule, ask)?;
        let class = rule
            .classify(figures)
            .map_err(|missing| UseError::bug(missing.to_string()))?;
        let declaration = SizeDeclaration {
            id: self.watch.clock.new_id(),
            year,
            number: declared + 1,
            industry: facts.industry_code.unwrap_or_default(),
            figures,
            class,
            declared_by: actor.user,
            declared_name: actor.name.clone(),
            declared_at: at,
        };
        work.sizes()
            .declare_size(enterprise, &declaration)
            .await
            .map_err(moved)?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), DECLARE, enterprise, at)
            .detail(json!({ "year": year, "times": declaration.number, "size": class.as_str() }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, DECLARE, json!({})).await?;
        work.commit().await?;
        Ok(Declared { year, class })
    }
}

/// The same form once more: what stands since the first.
async fn repeated(work: &mut dyn UnitOfWork, actor: &Actor) -> UseResult<Declared> {
    let enterprise = SizeRoom::enterprise(actor)?;
    let latest = work.sizes().latest_size(enterprise).await?;
    let latest = latest.ok_or_else(UseError::not_found)?;
    Ok(Declared {
        year: latest.year,
        class: latest.class,
    })
}

/// Only what the rule asks for, every error at once and in the order of the page.
fn read(rule: &SizeRule, ask: &DeclareSize) -> UseResult<SizeFigures> {
    let mut checks = Checks::default();
    let mut figures = SizeFigures::default();
    for threshold in rule.thresholds() {
        let field = field_of(threshold.metric);
        match threshold.metric {
            SizeMetric::Employees => {
                figures.employees = checks.take(field, Headcount::parse(&ask.employees));
            }
            SizeMetric::Revenue => {
                figures.revenue = checks.take(field, Cents::parse_wan(&ask.revenue));
            }
            SizeMetric::Assets => {
                figures.assets = checks.take(field, Cents::parse_wan(&ask.assets));
            }
        }
    }
    checks.finish()?;
    Ok(figures)
}

fn moved(error: StoreError) -> UseError {
    match error {
        StoreError::Conflict(name) if name == "size_declarations_in_turn" => {
            UseError::conflict("size.moved")
        }
        other => other.into(),
    }
}
