//! The enterprise's half up to 提交: a draft inside the product's range, then dossier, papers and consents.

use std::sync::Arc;

use anyhow::Context as _;
use application::{
    access::{Action, Actor, Origin, Permit, Room},
    ports::{
        consents::Granted,
        dossiers::{Dossier, DossierFacts, DossierFile},
        reference::WorkCalendarSource as _,
    },
};
use domain::{
    calendar::local_date,
    enterprise::ProfileFile,
    financing::{ApplicationRecord, Begun, FinancingApplication, Submission},
    ids::{ConsentId, FinancingApplicationId},
    tenant::{Role, TenantKind},
    values::{ApplicationNumber, Cents, Rate, Term},
};
use reference::Reference;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    super::{
        market::{Applicant, Cast, Offer},
        plan::{Dice, Plan},
    },
    Story, Teller,
};

impl Teller<'_> {
    /// The enterprise writes its own row, as in life.
    pub(super) async fn applicant_permit(&self, applicant: &Applicant) -> anyhow::Result<Permit> {
        let actor = Actor {
            user: applicant.owner.id.context("an owner has an id")?,
            name: applicant.owner.name.clone(),
            tenant: self.city.id,
            tenant_kind: TenantKind::City,
            tenant_name: self.city.name.clone(),
            city: self.city.id,
            reach: Arc::from([self.city.id]),
            enterprise: Some(applicant.id),
            roles: vec![Role::EnterpriseOwner],
            session: Uuid::nil(),
            from: Origin::default(),
        };
        Ok(self
            .parts
            .guard
            .permit(&actor, Room::Financing, Action::Submit)
            .await?)
    }

    pub(super) async fn begin<'c>(
        &self,
        permit: &Permit,
        id: Uuid,
        plan: &Plan,
        cast: &'c Cast<'c>,
        dice: &mut Dice,
    ) -> anyhow::Result<Story<'c>> {
        let created = plan.submitted - Duration::minutes(dice.between(4, 40));
        let record = self.record(id, cast, created, dice)?;
        let (application, event) = FinancingApplication::draft(record);
        let mut work = self.parts.store.begin(permit).await?;
        work.financing_applications()
            .insert(&application, &event)
            .await?;
        Ok(Story {
            work,
            application,
            cast,
            calendar: Reference.published_calendar(),
            told: Vec::new(),
            at: plan.submitted,
        })
    }

    fn record(
        &self,
        id: Uuid,
        cast: &Cast<'_>,
        created: OffsetDateTime,
        dice: &mut Dice,
    ) -> anyhow::Result<ApplicationRecord> {
        let offer = cast.offer;
        let (amount, term, rate) = asked(offer, dice)?;
        Ok(ApplicationRecord {
            handler: Some(cast.branch.0),
            handler_name: cast.branch.1.clone(),
            ..ApplicationRecord::from(Begun {
                id: FinancingApplicationId(id),
                tenant: self.city.id,
                bank: offer.bank,
                enterprise: cast.applicant.id,
                enterprise_name: cast.applicant.name.clone(),
                product: offer.product,
                product_version: offer.version,
                product_name: offer.name.clone(),
                amount,
                rate,
                term,
                channel: "web".to_owned(),
                created_by: cast.applicant.owner.id.context("an owner has an id")?,
                created_at: created,
            })
        })
    }

    pub(super) async fn submit(&self, story: &mut Story<'_>) -> anyhow::Result<()> {
        let at = story.at;
        self.hand_over(story).await?;
        let number: ApplicationNumber = story
            .work
            .financing_applications()
            .next_number(local_date(at))
            .await?;
        let facts = Submission {
            profile_complete: true,
            face_verified: true,
            product: Some(&story.cast.offer.range),
            branch_carries: true,
            number: &number,
        };
        let owner = story.cast.applicant.owner.clone();
        let calendar = story.calendar.clone();
        let event = story
            .application
            .submit(owner, &facts, &self.clocks(&calendar), at)?;
        story.save(event).await
    }

    /// Dossier, papers and consents, as a submission gives them.
    async fn hand_over(&self, story: &mut Story<'_>) -> anyhow::Result<()> {
        let (id, at) = (story.application.record().id, story.at);
        let applicant = story.cast.applicant;
        let full = serde_json::to_vec(&applicant.facts)?;
        let place = DossierFacts::place(self.city.id, id);
        let dossier = Dossier {
            enterprise: applicant.id,
            shown: applicant.facts.shown(),
            sealed: self.parts.sealer.seal(&place, &full)?,
            created_at: at,
        };
        story.work.dossiers().give(id, &dossier).await?;
        let files = story
            .work
            .enterprise_files()
            .current_files(applicant.id)
            .await?;
        for kind in ProfileFile::ALL {
            if let Some(file) = files.iter().find(|f| f.kind == kind.code()) {
                let given = DossierFile {
                    id: file.id,
                    kind: file.kind.clone(),
                    label: kind.zh().to_owned(),
                    object_key: file.object_key.clone(),
                    media_type: file.media_type.clone(),
                    round: 0,
                    added_at: at,
                    scan: file.scan,
                };
                story.work.dossiers().add_file(id, &given).await?;
            }
        }
        let grants: Vec<Granted> = self
            .city
            .ticked_on("apply")
            .into_iter()
            .map(|agreement| Granted {
                id: ConsentId(self.parts.clock.new_id()),
                code: agreement.code.clone(),
                version: agreement.version.clone(),
                title: agreement.title.clone(),
                body: agreement.body.to_string(),
                purpose: "apply",
                recipient: story.cast.branch.1.clone(),
                application: Some(id),
                channel: "web".to_owned(),
                ip: "192.0.2.10".to_owned(),
                at,
            })
            .collect();
        story.work.consents().grant(&grants).await?;
        Ok(())
    }
}

/// A believable ask inside the product's range.
fn asked(offer: &Offer, dice: &mut Dice) -> anyhow::Result<(Cents, Term, Rate)> {
    let wan = |cents: Cents| cents.cents() / 1_000_000;
    let (least, most) = (
        wan(offer.range.amount_min).max(1),
        wan(offer.range.amount_max).min(3_000),
    );
    let step = match most {
        ..=100 => 5,
        101..=1_000 => 10,
        _ => 50,
    };
    let drawn = dice
        .between(least, most.max(least))
        .min(dice.between(least, most.max(least)));
    let amount = (drawn / step * step).clamp(least, most.max(least));
    let amount = Cents::new(amount * 1_000_000)?.max(offer.range.amount_min);
    let years = offer.range.term_unit.label() == "年";
    let longest = if years { 5 } else { 36 };
    let (term_min, term_max) = (
        i64::from(offer.range.term_min),
        i64::from(offer.range.term_max),
    );
    let term = dice.between(term_min, term_max.min(longest).max(term_min));
    let term = Term::new(u16::try_from(term)?, offer.range.term_unit)?;
    let (low, high) = (
        i64::from(offer.range.rate_min.hundredths()),
        i64::from(offer.range.rate_max.hundredths()),
    );
    let rate = (dice.between(low, high) / 5 * 5).max(low);
    Ok((amount, term, Rate::new(i32::try_from(rate)?)?))
}
