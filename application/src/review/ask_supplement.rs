//! 退回补充 (row 13): what is missing, at most three rounds.

use domain::{financing::SupplementAsk, ids::SupplementItemId, tenant::Role, values::FreeText};

use super::{Intent, Review, Seen};
use crate::{
    access::{Action, Actor, Permit, Room},
    decided::CHOICE_STOPPED,
    error::{Checks, FieldError, UseResult},
    ports::dossiers::SupplementItem,
};

/// Items of one round at most.
const MOST_ITEMS: usize = 20;

/// 退回补充 as the form says it.
#[derive(Clone, Debug)]
pub struct AskSupplement {
    pub seen: Seen,
    /// Codes of the city's templates.
    pub templates: Vec<String>,
    /// Further items in the officer's own words, one a line.
    pub own: String,
    pub note: String,
}

/// One item of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedItem {
    pub label: String,
    pub hint: String,
    pub required: bool,
}

const ACTION: &str = "application.ask_supplement";

impl Review {
    pub async fn ask_supplement(
        &self,
        actor: &Actor,
        ask: AskSupplement,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Review, Action::AskSupplement, object)
            .await?;
        let outcome = self.send_back(actor, &permit, &ask, intent).await;
        self.watch
            .refused(actor, Room::Review, Action::AskSupplement, object, outcome)
            .await
    }

    fn parse(&self, actor: &Actor, ask: &AskSupplement) -> UseResult<(Vec<AskedItem>, String)> {
        let city = self.city(actor)?;
        let mut checks = Checks::default();
        let mut stopped = city.supplement_templates.iter().filter(|t| !t.active);
        if stopped.any(|t| ask.templates.contains(&t.code)) {
            checks.push(FieldError::new("templates", CHOICE_STOPPED));
        }
        let mut items: Vec<AskedItem> = city
            .offered_supplements()
            .filter(|t| ask.templates.contains(&t.code))
            .map(|t| AskedItem {
                label: t.label.clone(),
                hint: t.hint.clone(),
                required: true,
            })
            .collect();
        for line in ask.own.lines().map(str::trim).filter(|l| !l.is_empty()) {
            match FreeText::<60>::parse(line) {
                Ok(text) if text.as_str().chars().count() >= 2 => items.push(AskedItem {
                    label: text.as_str().to_owned(),
                    hint: String::new(),
                    required: true,
                }),
                _ => {
                    checks.push(FieldError::new("own", "review.item_length"));
                    break;
                }
            }
        }
        items.dedup_by(|a, b| a.label == b.label);
        let note = checks.take("note", FreeText::<500>::parse(&ask.note));
        if items.is_empty() && checks.is_empty() {
            checks.push(FieldError::new("templates", "review.nothing_asked"));
        }
        if items.len() > MOST_ITEMS {
            checks.push(
                FieldError::new("templates", "review.too_many_items").with("max", MOST_ITEMS),
            );
        }
        checks.finish()?;
        let note = note.map(|n| n.as_str().to_owned()).unwrap_or_default();
        Ok((items, note))
    }

    async fn send_back(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AskSupplement,
        intent: Intent,
    ) -> UseResult<()> {
        let (items, note) = self.parse(actor, ask)?;
        let city = self.city(actor)?;
        let taken = self.take(actor, permit, &ask.seen, ACTION, intent).await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        // The holder as who works on it, everybody else as who signs it.
        let by = actor.acting_as(if taken.application.record().holder == Some(actor.user) {
            &[Role::CustomerManager, Role::BranchHead]
        } else {
            &[Role::BranchApprover, Role::HqApprover]
        });
        let labels = items.iter().map(|i| i.label.clone()).collect();
        let asked = SupplementAsk { labels, note };
        let event = self.with_clocks(&city, |clocks| {
            taken
                .application
                .ask_supplement(by, asked, clocks, taken.at)
        })?;
        let round = i32::from(taken.application.record().supplement_rounds);
        let items: Vec<SupplementItem> = items
            .into_iter()
            .zip(1..)
            .map(|(item, position)| SupplementItem {
                id: SupplementItemId(self.watch.clock.new_id()),
                round,
                position,
                label: item.label,
                hint: item.hint,
                required: item.required,
                files: Vec::new(),
                answer: String::new(),
                answered_at: None,
            })
            .collect();
        let dossiers = taken.work.dossiers();
        dossiers.ask_items(ask.seen.application, &items).await?;
        self.settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }
}
