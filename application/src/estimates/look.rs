//! The form with what is known of the enterprise, 我的试算, and one of them as it was told.

use domain::{
    calendar::local_date,
    ids::{EnterpriseId, ProductId},
    values::Cents,
};
use uuid::Uuid;

use super::{
    EstimateRoom, KEPT, OUTSIDE, Question, TypedEstimate, ask, documents::is_given, questions,
};
use crate::{
    access::{Action, Actor, Room},
    catalogue::Snapshot,
    city::City,
    error::{UseError, UseResult},
    ports::{
        catalogue::{Catalogue as _, Product},
        estimates::StoredEstimate,
        reference::{IndustryEntry, RegionEntry},
        store::UnitOfWork,
    },
};

/// What the form shows.
#[derive(Clone, Debug)]
pub struct EstimateForm {
    pub product: Product,
    pub questions: Vec<Question>,
    pub typed: TypedEstimate,
    pub sections: Vec<IndustryEntry>,
    pub counties: Vec<RegionEntry>,
    /// Something of it comes from the enterprise's own information.
    pub prefilled: bool,
    /// What is tried is kept for the enterprise.
    pub keeps: bool,
    /// Somebody of an enterprise looks.
    pub enterprise: bool,
    /// At least one branch takes requests for it.
    pub carried: bool,
}

/// What became of the product since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// The version that was tried.
    Same,
    /// Another version stands on the market.
    Changed,
    /// Off the market, or its institution takes nothing new.
    Gone,
}

/// One estimate as its page shows it.
#[derive(Clone, Debug)]
pub struct SeenEstimate {
    pub estimate: StoredEstimate,
    /// For each of its documents: whether the platform has it now.
    pub given: Vec<bool>,
    pub since: Since,
    /// At least one branch takes requests for the product now.
    pub carried: bool,
    pub may_delete: bool,
}

impl EstimateRoom {
    /// What the form shows to whoever looks; for an enterprise with what is known of it.
    pub async fn form(
        &self,
        city: &City,
        actor: Option<&Actor>,
        product: ProductId,
        again: Option<Uuid>,
    ) -> UseResult<EstimateForm> {
        let snapshot = self.portal.snapshot(city.id).await?;
        let product = Self::product(&snapshot, product)?;
        let asked = questions(product);
        let own = actor.filter(|actor| actor.enterprise.is_some());
        let mut typed = TypedEstimate::default();
        let mut keeps = false;
        if let Some(actor) = own {
            typed = self.known(city, actor, product, again).await?;
            keeps = self.keeps(actor).await;
        }
        Ok(EstimateForm {
            prefilled: asked.iter().any(|q| !typed.get(*q).is_empty()),
            questions: asked,
            typed,
            sections: self.industries.sections(),
            counties: self.counties(city),
            keeps,
            enterprise: own.is_some(),
            carried: snapshot.carriers(product).next().is_some(),
            product: product.clone(),
        })
    }

    /// What an earlier estimate of this product was made of, else what the platform knows of the enterprise.
    async fn known(
        &self,
        city: &City,
        actor: &Actor,
        product: &Product,
        again: Option<Uuid>,
    ) -> UseResult<TypedEstimate> {
        let enterprise = Self::enterprise(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Estimates, Action::View, product.id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        if let Some(id) = again {
            let before = work.estimates().own_estimate(enterprise, id).await?;
            if let Some(before) = before.filter(|e| e.product == product.id) {
                let mut typed = TypedEstimate::of(&before.inputs);
                // Three years are not three months: a product that counts otherwise by now is asked anew.
                if before.inputs.term.unit() != product.range.term_unit {
                    typed.term.clear();
                }
                return Ok(typed);
            }
        }
        self.of_profile(city, &mut *work, enterprise).await
    }

    async fn of_profile(
        &self,
        city: &City,
        work: &mut dyn UnitOfWork,
        enterprise: EnterpriseId,
    ) -> UseResult<TypedEstimate> {
        let facts = work.enterprises().facts(enterprise).await?;
        let facts = facts.ok_or_else(UseError::not_found)?;
        // 企业划型 of this year names the turnover of the last one; an older one speaks of another year.
        let year = local_date(self.watch.clock.now()).year();
        let declared = work.sizes().latest_size(enterprise).await?;
        let declared = declared.filter(|d| d.year == year);
        let revenue = declared.and_then(|d| d.figures.revenue);
        let industry = facts.industry_code.as_deref();
        let complete = facts.completed_at.is_some();
        Ok(TypedEstimate {
            revenue: ask::wan(revenue.map(Cents::cents)),
            capital: ask::wan(facts.registered_capital_cents),
            section: industry
                .and_then(|code| self.industries.section_of(code))
                .unwrap_or_default(),
            region: self.place(city, &facts.region_code),
            // Before 完善信息 nobody has said anything of loans.
            first_loan: ask::first_loan(complete.then_some(facts.first_loan)).to_owned(),
            ..TypedEstimate::default()
        })
    }

    /// The county of an address as the form offers it.
    fn place(&self, city: &City, address: &str) -> String {
        let county: String = address.chars().take(6).collect();
        let counties = self.counties(city);
        if county.is_empty() || counties.is_empty() || counties.iter().any(|c| c.code == county) {
            county
        } else {
            OUTSIDE.to_owned()
        }
    }

    /// 我的试算, the newest first.
    pub async fn list(&self, actor: &Actor) -> UseResult<Vec<StoredEstimate>> {
        let permit = self
            .watch
            .permit(actor, Room::Estimates, Action::View, actor.tenant)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.estimates().own_estimates(enterprise, KEPT).await?)
    }

    /// One of them as it was told, and what became of the product since.
    pub async fn view(&self, actor: &Actor, city: &City, id: Uuid) -> UseResult<SeenEstimate> {
        let permit = self
            .watch
            .permit(actor, Room::Estimates, Action::View, id)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        let snapshot = self.portal.snapshot(city.id).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.estimates().own_estimate(enterprise, id).await?;
        let Some(estimate) = found else {
            drop(work);
            let room = Room::Estimates;
            return Err(self.watch.missing(actor, room, Action::View, id).await);
        };
        let files = work.enterprise_files().current_files(enterprise).await?;
        drop(work);
        let kinds: Vec<&str> = files.iter().map(|f| f.kind.as_str()).collect();
        let documents = estimate.answer.documents.iter();
        let given = documents.map(|line| is_given(line, &kinds)).collect();
        let guard = &self.watch.guard;
        Ok(SeenEstimate {
            since: since(&snapshot, &estimate),
            carried: snapshot
                .product(estimate.product)
                .is_some_and(|p| snapshot.carriers(p).next().is_some()),
            may_delete: guard.may(actor, Room::Estimates, Action::Save).await,
            given,
            estimate,
        })
    }
}

fn since(snapshot: &Snapshot, estimate: &StoredEstimate) -> Since {
    match snapshot.product(estimate.product) {
        None => Since::Gone,
        Some(product) if product.version == estimate.version => Since::Same,
        Some(_) => Since::Changed,
    }
}
