//! 评价: three stars and some words about a request that was decided.

use domain::{
    financing::FinancingApplication,
    ids::FinancingApplicationId,
    rating::{Stars, is_ratable, masked_company, star},
    values::FreeText,
};
use serde_json::json;

use super::RatingRoom;
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        ratings::Rating,
        store::{StoreError, UnitOfWork},
    },
};

pub(super) const RATE: &str = "rating.rate";

/// 提交评价 as the form says it.
#[derive(Clone, Debug)]
pub struct Rate {
    pub application: FinancingApplicationId,
    pub speed: String,
    pub service: String,
    pub openness: String,
    pub words: String,
    pub once: Once,
}

/// The enterprise's own request, if a branch decided it.
pub(super) async fn ratable(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
) -> UseResult<FinancingApplication> {
    let found = work.application_board().one(id).await?;
    let application = found
        .filter(|a| !a.record().stage.is_before_submission())
        .ok_or_else(UseError::not_found)?;
    let record = application.record();
    if !is_ratable(record.stage) || record.handler.is_none() {
        return Err(UseError::conflict("rating.too_early").with("stage", record.stage.zh()));
    }
    Ok(application)
}

impl RatingRoom {
    pub async fn rate(&self, actor: &Actor, ask: Rate) -> UseResult<()> {
        let object = ask.application;
        let permit = self
            .watch
            .permit(actor, Room::Ratings, Action::Submit, object)
            .await?;
        let outcome = self.write(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Ratings, Action::Submit, object, outcome)
            .await
    }

    async fn write(&self, actor: &Actor, permit: &Permit, ask: &Rate) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, RATE, at).await?.is_some() {
            return Ok(());
        }
        let application = ratable(&mut *work, ask.application).await?;
        let record = application.record();
        let mut checks = Checks::default();
        let mut read = |field: &'static str, text: &str| {
            let stars = star(text);
            if stars.is_none() {
                checks.push(FieldError::new(field, "rating.stars_missing"));
            }
            stars
        };
        let speed = read("speed", &ask.speed);
        let service = read("service", &ask.service);
        let openness = read("openness", &ask.openness);
        let words = checks.take("rating_words", FreeText::<500>::parse_optional(&ask.words));
        let (Some(speed), Some(service), Some(openness), Some(words), Some(branch)) =
            (speed, service, openness, words, record.handler)
        else {
            return Err(checks.into_error());
        };
        let rating = Rating {
            id: self.watch.clock.new_id(),
            enterprise: record.enterprise,
            application: record.id,
            application_no: record
                .number
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            masked_name: masked_company(&record.enterprise_name),
            bank: record.bank,
            branch,
            branch_name: record.handler_name.clone(),
            stars: Stars {
                speed,
                service,
                openness,
            },
            words: words.map_or_else(String::new, |text| text.as_str().to_owned()),
            rated_by: actor.user,
            rated_at: at,
            reply: None,
            hidden: None,
        };
        work.ratings().rate(&rating).await.map_err(rated_before)?;
        self.note(&mut *work, actor, &rating, RATE, at).await?;
        ask.once.done(&mut *work, RATE, json!({})).await?;
        Ok(work.commit().await?)
    }
}

fn rated_before(error: StoreError) -> UseError {
    match error {
        StoreError::Conflict(name) if name == "ratings_once" => {
            UseError::conflict("rating.rated_before")
        }
        other => other.into(),
    }
}
