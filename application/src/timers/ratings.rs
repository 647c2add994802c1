//! 请您评价 (W22): a day after a decision, and a day after the first draw, whoever has not rated the branch is asked to; once each.

use std::sync::Arc;

use time::Duration;

use super::{ROUND, Timers};
use crate::{
    access::Permit,
    error::{UseError, UseResult},
    outbox::letters,
    ports::ratings::RatingAsk,
    rules::texts::CityWords,
};

/// The day after: nobody is asked for stars in the minute of a refusal.
const NOT_BEFORE: Duration = Duration::days(1);
/// What is older is not dug out.
const NOT_AFTER: Duration = Duration::days(14);

impl Timers {
    /// One round in the city of the permit; answers how many were asked.
    pub async fn ask_for_ratings(&self, permit: &Permit) -> UseResult<usize> {
        let city = self.cities.by_id(permit.city());
        let city = city.ok_or_else(UseError::not_found)?;
        let words = Arc::new(CityWords::new(self.words.clone(), Some(&city)));
        let now = self.clock.now();
        let mut asked = 0;
        for (after, code) in [
            (RatingAsk::Decided, "notice.rate_decided"),
            (RatingAsk::Drawn, "notice.rate_drawn"),
        ] {
            let mut work = self.store.begin(permit).await?;
            let found = work
                .ratings()
                .to_ask(after, now - NOT_AFTER, now - NOT_BEFORE, ROUND)
                .await?;
            for application in &found {
                let id = application.record().id;
                let key = format!("{}{id}", after.key_head());
                let mut letter = letters::to_enterprise(application, key, code, &*words);
                letter.link.push_str("/rating");
                self.put(&mut *work, letter, now).await?;
            }
            if !found.is_empty() {
                work.commit().await?;
            }
            asked += found.len();
        }
        Ok(asked)
    }
}
