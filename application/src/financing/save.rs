//! 保存草稿 and 提交申请 of the form (row 1, M-308 to M-317): kept whatever happens, then told what comes next.

use domain::{
    calendar::local_date,
    financing::{ApplicationRecord, Ask, Begun, FinancingApplication},
    ids::{FinancingApplicationId, ProductId},
    scene::Scene,
};

use super::{Financing, acting, renew, second_chance::in_unit, terms};
use crate::{
    access::{Action, Actor, Room},
    city::City,
    error::{FieldError, UseError, UseResult},
    ports::{
        drafts::{Draft, Typed},
        product_offers::{Offer, OfferBranch},
        store::UnitOfWork,
    },
};

/// What the form sent.
#[derive(Clone, Debug)]
pub struct AskInput {
    pub product: ProductId,
    pub amount: String,
    pub term: String,
    pub rate: String,
    pub branch: String,
    /// Codes of the agreements that were ticked.
    pub agreed: Vec<String>,
    /// Codes of those whose text this browser opened (M-314).
    pub opened: Vec<String>,
    /// 再次申请: the request that this one follows (row 32).
    pub again: Option<FinancingApplicationId>,
    /// 续贷: the request whose loan this one renews.
    pub renews: Option<FinancingApplicationId>,
}

/// A saved draft.
#[derive(Clone, Debug)]
pub struct Saved {
    pub application: FinancingApplicationId,
    pub next: Next,
}

/// Where the way leads from the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Something must be corrected first; the draft is kept.
    Fix(Vec<FieldError>),
    /// 完善信息 first (M-401, A-31).
    Profile,
    /// 人脸核验 first.
    Face,
    /// 核对信息.
    Check,
}

/// What a draft is kept with: the draft before, what was typed, what of it can be stored, and the loan that it renews.
type Kept<'a> = (
    Option<Draft>,
    &'a Typed,
    Ask,
    Option<FinancingApplicationId>,
);

/// Longer input than any field takes is not worth keeping.
const LONGEST: usize = 64;

impl Financing {
    pub async fn save(&self, actor: &Actor, input: AskInput) -> UseResult<Saved> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Save)
            .await?;
        let city = self.city(actor)?;
        let mut work = self.store.begin(&permit).await?;
        let Some(offer) = work.product_offers().offer(input.product).await? else {
            return Err(UseError::conflict("financing.product_unavailable"));
        };
        let mut branches = work.product_offers().branches_of(input.product).await?;
        let before = work.drafts().of_product(input.product).await?;
        let kept = before.as_ref().and_then(|d| d.application.record().renews);
        let today = local_date(self.clock.now());
        let loan = (input.renews, kept);
        let renewed = renew::renewed(&mut *work, loan, today, Some(&offer), &mut branches).await?;
        let renews = renewed.map(|one| one.application.record().id);
        let typed = typed(&input, &city, before.as_ref());
        let read = terms::read(&typed, &offer, &branches, &city);
        let mut problems = read.problems;
        for agreement in city.ticked_on("apply") {
            let ticked = input.agreed.contains(&agreement.code);
            if ticked && !typed.agreed.contains(&terms::tick(agreement)) {
                problems.retain(|p| p.field != terms::agreement_field(&agreement.code));
                problems.push(
                    FieldError::new(
                        terms::agreement_field(&agreement.code),
                        "agreement.not_opened",
                    )
                    .with("title", &agreement.short_title),
                );
            }
        }
        let ask = Ask {
            branch: read.branch,
            amount: read.amount,
            term: read.term,
            rate: read.rate,
            product_version: offer.version,
        };
        let application = self
            .keep(
                actor,
                &mut *work,
                &input,
                &offer,
                (before, &typed, ask, renews),
            )
            .await?;
        let standing = work.enterprises().standing(actor.user).await?;
        work.commit().await?;
        // Whoever is not complete goes there first, whatever else is wrong (M-402); that is told when they are back.
        let next = match standing {
            Some(s) if s.profile_complete && !problems.is_empty() => Next::Fix(problems),
            Some(s) if s.profile_complete && s.face_verified => Next::Check,
            Some(s) if s.profile_complete => Next::Face,
            _ => Next::Profile,
        };
        Ok(Saved { application, next })
    }

    /// 来源 (P2): by which code the enterprise came; told of a draft once, and never a reason for anything.
    pub async fn came_from(
        &self,
        actor: &Actor,
        draft: FinancingApplicationId,
        scene: Scene,
    ) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Save)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        work.drafts().came_from(draft, &scene).await?;
        Ok(work.commit().await?)
    }

    /// Into the draft of this product, or a new one.
    async fn keep(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        input: &AskInput,
        offer: &Offer,
        (before, typed, ask, renews): Kept<'_>,
    ) -> UseResult<FinancingApplicationId> {
        let at = self.clock.now();
        if let Some(draft) = before {
            let mut application = draft.application;
            let id = application.record().id;
            if application.record().renews != renews {
                work.renewals().renew(id, renews).await?;
            }
            if draft.typed == *typed && application.record().product_version == ask.product_version
            {
                return Ok(id);
            }
            let event = application.revise(acting(actor), ask, at)?;
            work.financing_applications()
                .save(&application, &event)
                .await?;
            work.drafts().remember(id, typed).await?;
            return Ok(id);
        }
        let mut record = self.new_record(actor, work, input, offer, ask).await?;
        record.renews = renews;
        let (application, mut event) = FinancingApplication::draft(record);
        event.actor = acting(actor);
        let id = application.record().id;
        work.financing_applications()
            .insert(&application, &event)
            .await?;
        work.drafts().remember(id, typed).await?;
        Ok(id)
    }

    async fn new_record(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        input: &AskInput,
        offer: &Offer,
        ask: Ask,
    ) -> UseResult<ApplicationRecord> {
        let at = self.clock.now();
        let enterprise = actor.enterprise.ok_or_else(UseError::not_found)?;
        let facts = work.enterprises().facts(enterprise).await?;
        let previous = match input.again {
            Some(id) => work
                .application_board()
                .one(id)
                .await?
                .map(|a| a.record().id),
            None => None,
        };
        let (handler, handler_name) = ask
            .branch
            .map_or((None, String::new()), |(id, name)| (Some(id), name));
        Ok(ApplicationRecord {
            handler,
            handler_name,
            previous,
            ..ApplicationRecord::from(Begun {
                id: FinancingApplicationId(self.clock.new_id()),
                tenant: actor.city,
                bank: offer.bank,
                enterprise,
                enterprise_name: facts.ok_or_else(UseError::not_found)?.name,
                product: offer.product,
                product_version: ask.product_version,
                product_name: offer.name.clone(),
                amount: ask.amount,
                rate: ask.rate,
                term: ask.term,
                channel: actor.from.channel.to_owned(),
                created_by: actor.user,
                created_at: at,
            })
        })
    }
}

/// A tick counts where the text was opened, now or when this draft was ticked before.
fn typed(input: &AskInput, city: &City, before: Option<&Draft>) -> Typed {
    let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
    Typed {
        amount: short(&input.amount),
        term: short(&input.term),
        rate: short(&input.rate),
        branch: short(&input.branch),
        agreed: city
            .ticked_on("apply")
            .into_iter()
            .filter(|a| input.agreed.contains(&a.code))
            .filter(|a| {
                input.opened.contains(&a.code)
                    || before.is_some_and(|d| d.typed.agreed.contains(&terms::tick(a)))
            })
            .map(terms::tick)
            .collect(),
    }
}

/// What was typed in an older request, for 再次申请.
pub(super) fn retyped(application: &FinancingApplication) -> Typed {
    let r = application.record();
    Typed {
        amount: r.amount.format_wan_short().replace(',', ""),
        term: r.term.value().to_string(),
        rate: r.rate.percent(),
        branch: r.handler.map_or(String::new(), |h| h.to_string()),
        agreed: Vec::new(),
    }
}

/// The same for a product as it is now, which may be another one: the branch only where it carries this one, the term in its unit.
/// No text is ticked: what another bank may be given is agreed to anew.
pub(super) fn retyped_for(
    application: &FinancingApplication,
    offer: &Offer,
    branches: &[OfferBranch],
) -> Typed {
    let mut typed = retyped(application);
    let record = application.record();
    typed.term = in_unit(record.term, offer.range.term_unit)
        .map_or_else(String::new, |term| term.to_string());
    if !branches.iter().any(|b| Some(b.id) == record.handler) {
        typed.branch.clear();
    }
    typed
}

/// The typed text of a draft; older rows without one are filled from what is stored.
pub(super) fn typed_of(draft: &Draft) -> Typed {
    if draft.typed == Typed::default() {
        retyped(&draft.application)
    } else {
        draft.typed.clone()
    }
}
