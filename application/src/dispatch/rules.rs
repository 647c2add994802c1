//! 派单规则: an ordered list that chooses a branch, changed by hand and tried out before it is used.

use domain::{
    financing::Stage,
    ids::{FinancingApplicationId, ProductId, TenantId},
    tenant::TenantKind,
};
use serde_json::json;
use uuid::Uuid;

use super::{Dispatch, look::way};
use crate::{
    access::{Action, Actor, Permit, Room},
    decided::is_within_reach,
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        branch_board::{BoardBranch, BoardFilter, BoardOrder, BoardProduct, BoardScope, Leaf},
        dispatch_board::BranchPlace,
        dispatch_rules::DispatchRule,
        store::UnitOfWork,
    },
};

/// Rules at most: a longer list is nobody's to understand.
pub const MOST_RULES: usize = 50;
/// Requests of the dry run.
const TRIALS: i64 = 10;

/// A rule in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownRule {
    pub id: Uuid,
    /// Empty: any.
    pub county: String,
    pub product: String,
    pub most_open: Option<i32>,
    pub branch: String,
}

/// What the rules would do with a request that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    pub application: FinancingApplicationId,
    pub number: String,
    pub enterprise_name: String,
    pub product_name: String,
    pub county: String,
    pub now_at: String,
    pub choice: Option<Choice>,
    /// This person sends it on, and it can be sent on now.
    pub may_assign: bool,
}

/// The branch that a rule chose, and which rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// From 1.
    pub rule: usize,
    pub branch: TenantId,
    pub branch_name: String,
    /// Open requests there.
    pub load: i64,
}

/// 派单规则 as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulesCase {
    pub rules: Vec<ShownRule>,
    /// Code and name of the city's counties.
    pub counties: Vec<(String, String)>,
    pub products: Vec<BoardProduct>,
    pub branches: Vec<BoardBranch>,
    pub trials: Vec<Trial>,
    pub may_change: bool,
}

/// A rule as the form says it.
#[derive(Clone, Debug)]
pub struct AddRule {
    pub county: String,
    pub product: String,
    pub most_open: String,
    pub branch: String,
    pub once: Once,
}

/// What is done with a rule that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleStep {
    Up,
    Down,
    Remove,
}

const ADD: &str = "dispatch.add_rule";
const CHANGE: &str = "dispatch.change_rule";

impl Dispatch {
    /// The rules, and what they would do now; for a headquarters only.
    pub async fn rules(&self, actor: &Actor) -> UseResult<RulesCase> {
        let permit = self.of_headquarters(actor, Action::View).await?;
        let city = self.review.city(actor)?;
        let mut work = self.review.store.begin(&permit).await?;
        let rules = work.dispatch_rules().rules(false).await?;
        let products = work.branch_board().products().await?;
        let branches = work.branch_board().branches().await?;
        let filter = BoardFilter {
            scope: BoardScope::Institution,
            stages: vec![Stage::ReturnedToHq, Stage::Submitted],
            ..BoardFilter::default()
        };
        let waiting = work
            .branch_board()
            .rows(&filter, BoardOrder::Due, Leaf::First, TRIALS)
            .await?;
        let mut trials = Vec::with_capacity(waiting.rows.len());
        for row in waiting.rows {
            trials.push(self.trial(&mut *work, &rules, row.id, actor).await?);
        }
        drop(work);
        let counties = self
            .regions
            .children(Some(&city.default_city))
            .into_iter()
            .map(|r| (r.code, r.name))
            .collect();
        Ok(RulesCase {
            rules: rules
                .iter()
                .map(|rule| self.shown(rule, &products, &branches))
                .collect(),
            counties,
            products,
            branches,
            trials: trials.into_iter().flatten().collect(),
            may_change: self
                .review
                .watch
                .guard
                .may(actor, Room::Dispatch, Action::Save)
                .await,
        })
    }

    async fn of_headquarters(&self, actor: &Actor, action: Action) -> UseResult<Permit> {
        if actor.tenant_kind != TenantKind::Bank {
            return Err(self
                .review
                .watch
                .missing(actor, Room::Dispatch, action, actor.tenant)
                .await);
        }
        self.review
            .watch
            .permit(actor, Room::Dispatch, action, actor.tenant)
            .await
    }

    fn shown(
        &self,
        rule: &DispatchRule,
        products: &[BoardProduct],
        branches: &[BoardBranch],
    ) -> ShownRule {
        let product = rule
            .product
            .and_then(|id| products.iter().find(|p| p.id == id));
        let branch = branches.iter().find(|b| b.id == rule.branch);
        ShownRule {
            id: rule.id,
            county: self
                .regions
                .find(&rule.county_code)
                .map_or_else(String::new, |r| r.name),
            product: product.map_or_else(String::new, |p| p.name.clone()),
            most_open: rule.most_open,
            branch: branch.map_or_else(String::new, |b| b.name.clone()),
        }
    }

    async fn trial(
        &self,
        work: &mut dyn UnitOfWork,
        rules: &[DispatchRule],
        id: FinancingApplicationId,
        actor: &Actor,
    ) -> UseResult<Option<Trial>> {
        let found = work.branch_board().find(id).await?;
        let Some(application) = found.filter(|a| is_within_reach(a, actor)) else {
            return Ok(None);
        };
        let record = application.record();
        let dossier = work.dossiers().find(id).await?;
        let county = dossier.map(|d| d.shown.county).unwrap_or_default();
        let mut places = work.dispatch_board().places(record.product).await?;
        let refused = work.dispatch_board().gave_it_back(id).await?;
        places.retain(|place| !refused.contains(&place.id));
        // What came back is not sent to where it came from.
        let not_there = record.handler;
        let choice = self.choose(rules, &county, record.product, not_there, &places);
        Ok(Some(Trial {
            application: id,
            number: record
                .number
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            enterprise_name: record.enterprise_name.clone(),
            product_name: record.product_name.clone(),
            county,
            now_at: record.handler_name.clone(),
            choice,
            may_assign: way(record, actor).is_some(),
        }))
    }

    /// 按规则派单: the branch that the rules choose for one request.
    pub async fn by_rule(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
    ) -> UseResult<Option<Choice>> {
        let permit = self
            .review
            .watch
            .permit(actor, Room::Dispatch, Action::View, id)
            .await?;
        let mut work = self.review.store.begin(&permit).await?;
        let rules = work.dispatch_rules().rules(false).await?;
        let trial = self.trial(&mut *work, &rules, id, actor).await?;
        trial.map(|t| t.choice).ok_or_else(UseError::not_found)
    }

    /// The first rule that fits, with a branch that carries the product and is not full.
    fn choose(
        &self,
        rules: &[DispatchRule],
        county: &str,
        product: ProductId,
        not_there: Option<TenantId>,
        places: &[BranchPlace],
    ) -> Option<Choice> {
        rules.iter().enumerate().find_map(|(i, rule)| {
            let here = rule.county_code.is_empty()
                || self.regions.county_name(&rule.county_code).as_deref() == Some(county);
            let fits = here && rule.product.is_none_or(|p| p == product);
            let place = places
                .iter()
                .find(|p| p.id == rule.branch && p.carries && Some(p.id) != not_there)?;
            let load = place.waiting + place.working;
            let free = rule.most_open.is_none_or(|most| load < i64::from(most));
            (fits && free).then(|| Choice {
                rule: i + 1,
                branch: place.id,
                branch_name: place.name.clone(),
                load,
            })
        })
    }

    /// Adds a rule behind the others.
    pub async fn add_rule(&self, actor: &Actor, ask: AddRule) -> UseResult<()> {
        let permit = self.of_headquarters(actor, Action::Save).await?;
        let at = self.review.watch.clock.now();
        let mut work = self.review.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, ADD, at).await?.is_some() {
            return Ok(());
        }
        let there = work.dispatch_rules().rules(true).await?;
        if there.len() >= MOST_RULES {
            return Err(UseError::conflict("rules.too_many").with("max", MOST_RULES));
        }
        let products = work.branch_board().products().await?;
        let branches = work.branch_board().branches().await?;
        let mut rule = self.parse(actor, &ask, &products, &branches)?;
        rule.created_at = at;
        let same = |r: &DispatchRule| {
            r.county_code == rule.county_code
                && r.product == rule.product
                && r.branch == rule.branch
        };
        if there.iter().any(same) {
            return Err(UseError::field("rule_branch", "rules.same_rule"));
        }
        work.dispatch_rules().add_rule(&rule).await?;
        let entry = AuditEntry::by(actor, self.review.watch.clock.new_id(), ADD, rule.id, at)
            .detail(told(&rule));
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, ADD, json!({ "rule": rule.id }))
            .await?;
        Ok(work.commit().await?)
    }

    fn parse(
        &self,
        actor: &Actor,
        ask: &AddRule,
        products: &[BoardProduct],
        branches: &[BoardBranch],
    ) -> UseResult<DispatchRule> {
        let city = self.review.city(actor)?;
        let mut checks = Checks::default();
        let county = ask.county.trim();
        let counties = self.regions.children(Some(&city.default_city));
        if !county.is_empty() && !counties.iter().any(|r| r.code == county) {
            checks.push(FieldError::new("county", "rules.county_unknown"));
        }
        let id = |typed: &str| Uuid::try_parse(typed.trim()).ok();
        let product = id(&ask.product).map(ProductId);
        let known = product.is_some_and(|p| products.iter().any(|one| one.id == p));
        if !ask.product.trim().is_empty() && !known {
            checks.push(FieldError::new("product", "rules.product_unknown"));
        }
        let branch = id(&ask.branch).map(TenantId);
        let branch = branch.filter(|b| branches.iter().any(|one| one.id == *b));
        if branch.is_none() {
            checks.push(FieldError::new("rule_branch", "dispatch.branch_empty"));
        }
        let typed = ask.most_open.trim();
        let most_open = typed.parse::<i32>().ok().filter(|n| (1..=9999).contains(n));
        if !typed.is_empty() && most_open.is_none() {
            checks.push(FieldError::new("most_open", "rules.most_open_range"));
        }
        let Some(branch) = branch.filter(|_| checks.is_empty()) else {
            return Err(checks.into_error());
        };
        Ok(DispatchRule {
            id: self.review.watch.clock.new_id(),
            county_code: county.to_owned(),
            product: product.filter(|_| known),
            most_open,
            branch,
            created_by: actor.user,
            created_name: actor.name.clone(),
            created_at: self.review.watch.clock.now(),
        })
    }

    /// Moves a rule up or down, or removes it.
    pub async fn change_rule(
        &self,
        actor: &Actor,
        id: Uuid,
        step: RuleStep,
        once: Once,
    ) -> UseResult<()> {
        let permit = self.of_headquarters(actor, Action::Save).await?;
        let outcome = self.rearrange(actor, &permit, id, step, &once).await;
        self.review
            .watch
            .refused(actor, Room::Dispatch, Action::Save, id, outcome)
            .await
    }

    async fn rearrange(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: Uuid,
        step: RuleStep,
        once: &Once,
    ) -> UseResult<()> {
        let at = self.review.watch.clock.now();
        let mut work = self.review.store.begin(permit).await?;
        if once.replayed(&mut *work, CHANGE, at).await?.is_some() {
            return Ok(());
        }
        let rules = work.dispatch_rules().rules(true).await?;
        let place = rules
            .iter()
            .position(|r| r.id == id)
            .ok_or_else(UseError::not_found)?;
        let mut ids: Vec<Uuid> = rules.iter().map(|r| r.id).collect();
        match step {
            RuleStep::Up if place > 0 => ids.swap(place, place - 1),
            RuleStep::Down if place + 1 < ids.len() => ids.swap(place, place + 1),
            RuleStep::Up | RuleStep::Down => {}
            RuleStep::Remove => {
                ids.remove(place);
                work.dispatch_rules().remove_rule(id).await?;
            }
        }
        work.dispatch_rules().order_rules(&ids).await?;
        let mut detail = told(&rules[place]);
        detail["step"] = json!(format!("{step:?}").to_lowercase());
        let entry =
            AuditEntry::by(actor, self.review.watch.clock.new_id(), CHANGE, id, at).detail(detail);
        work.audit().write(entry).await?;
        once.done(&mut *work, CHANGE, json!({ "rule": id })).await?;
        Ok(work.commit().await?)
    }
}

fn told(rule: &DispatchRule) -> serde_json::Value {
    json!({
        "county": rule.county_code,
        "product": rule.product.map(|p| p.0),
        "most_open": rule.most_open,
        "branch": rule.branch.0,
    })
}
