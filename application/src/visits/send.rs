//! 下发: rows with an institution come into that institution's own 推荐清单, all of a list at once, and its headquarters is told.

use std::collections::BTreeMap;

use domain::{
    ids::{MessageId, TenantId},
    referral::ReferralStatus,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{VisitRoom, open_list, place};
use crate::{
    access::{Action, Actor, Permit},
    error::{UseError, UseResult},
    imports::MOST_ROWS,
    once::Once,
    ports::{
        audit::AuditEntry,
        messages::NewMessage,
        notice_words::NoticeWords as _,
        store::UnitOfWork,
        visits::{RowToSend, SendRow, Sending, Sent, VisitList},
    },
    referrals,
    rules::texts::CityWords,
};

const SEND: &str = "visit.send";
const LETTER: &str = "notice.hq.visits_sent";

/// 下发 as the form says it.
#[derive(Clone, Debug)]
pub struct SendList {
    pub list: Uuid,
    pub once: Once,
}

/// What was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentRows {
    pub sent: u64,
    /// Of these, followed anew after an earlier end.
    pub again: u64,
    /// Of these, followed by their institution already.
    pub joined: u64,
    /// Not sent: without an institution, or with one that is paused.
    pub left: u64,
}

impl SentRows {
    fn of(list: &VisitList, rows: &[SendRow]) -> Self {
        let count = |how: Sent| {
            let found = rows.iter().filter(|row| row.how == how).count();
            u64::try_from(found).unwrap_or(u64::MAX)
        };
        let sent = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let open = u64::try_from(list.rows_kept - list.rows_sent).unwrap_or(0);
        Self {
            sent,
            again: count(Sent::Again),
            joined: count(Sent::Joined),
            left: open.saturating_sub(sent),
        }
    }

    fn answer(self) -> Value {
        json!({ "rows": self.sent, "again": self.again, "joined": self.joined, "left": self.left })
    }

    fn answered(answer: &Value) -> Self {
        let count = |name: &str| answer[name].as_u64().unwrap_or(0);
        Self {
            sent: count("rows"),
            again: count("again"),
            joined: count("joined"),
            left: count("left"),
        }
    }
}

/// An enterprise that an institution follows already is not followed twice; one that is over is followed anew.
fn how(there: Option<(Uuid, ReferralStatus)>) -> (Option<Uuid>, Sent) {
    match there {
        None => (None, Sent::New),
        Some((id, status)) if status.is_over() => (Some(id), Sent::Again),
        Some((id, _)) => (Some(id), Sent::Joined),
    }
}

impl VisitRoom {
    pub async fn send(&self, actor: &Actor, ask: SendList) -> UseResult<SentRows> {
        let permit = self.permit(actor, Action::Submit, ask.list).await?;
        let outcome = self.send_all(actor, &permit, &ask).await;
        self.answered(actor, Action::Submit, ask.list, outcome)
            .await
    }

    async fn send_all(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SendList,
    ) -> UseResult<SentRows> {
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, SEND, at).await? {
            return Ok(SentRows::answered(&answer));
        }
        let list = open_list(&mut *work, ask.list).await?;
        let most = i64::try_from(MOST_ROWS).unwrap_or(i64::MAX);
        let waiting = work.visit_lists().rows_to_send(list.id, most).await?;
        if waiting.is_empty() {
            return Err(UseError::conflict("visits.nothing_to_send"));
        }
        let rows: Vec<SendRow> = waiting
            .into_iter()
            .map(|row| self.sealed_anew(actor.city, row))
            .collect::<UseResult<_>>()?;
        let sending = Sending {
            list: list.id,
            source: list.source.clone(),
            note: format!(
                "清单：{}，提供单位：{}，走访截止 {}",
                list.name, list.source, list.due_on
            ),
            by: actor.user,
            by_name: actor.name.clone(),
            at,
        };
        work.visit_lists().send_rows(&sending, &rows).await?;
        self.tell(actor, &mut *work, (&list, rows.as_slice()), &ask.once)
            .await?;
        let sent = SentRows::of(&list, &rows);
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), SEND, list.id, at)
            .detail(sent.answer());
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, SEND, sent.answer()).await?;
        work.commit().await?;
        Ok(sent)
    }

    /// What is sealed for one place does not open at another.
    fn sealed_anew(&self, city: TenantId, row: RowToSend) -> UseResult<SendRow> {
        let (there, how) = how(row.there);
        let referral = there.unwrap_or_else(|| self.watch.clock.new_id());
        let contact_sealed = match row.contact_sealed {
            Some(sealed) if how == Sent::New => {
                let plain = self.sealer.open(&place(city, row.row), &sealed)?;
                let there = referrals::place(city, referral);
                Some(self.sealer.seal(&there, &plain)?)
            }
            _ => None,
        };
        Ok(SendRow {
            row: row.row,
            bank: row.bank,
            referral,
            how,
            contact_sealed,
        })
    }

    /// One message to each institution.
    async fn tell(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        (list, rows): (&VisitList, &[SendRow]),
        once: &Once,
    ) -> UseResult<()> {
        let mut banks: BTreeMap<TenantId, u64> = BTreeMap::new();
        for row in rows {
            *banks.entry(row.bank).or_default() += 1;
        }
        let city = self.cities.by_id(actor.city);
        let words = CityWords::new(self.words.clone(), city.as_deref());
        for (bank, count) in banks {
            let params = [
                ("node", actor.tenant_name.clone()),
                ("title", list.name.clone()),
                ("rows", count.to_string()),
                ("due", list.due_on.to_string()),
            ];
            let message = NewMessage {
                id: MessageId(self.watch.clock.new_id()),
                to: bank,
                enterprise: None,
                // A list may be sent several times, each click once.
                dedupe_key: format!("{SEND}:{}:{}", list.id, once.key),
                title: words.text(&format!("{LETTER}.title"), &params),
                body: words.text(&format!("{LETTER}.body"), &params),
                link: "/hq/referrals".to_owned(),
                at: self.watch.clock.now(),
            };
            work.messages().put(&message).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_followed_is_joined_and_whoever_is_over_begins_anew() {
        let id = Uuid::from_u128(7);
        assert_eq!(how(None), (None, Sent::New));
        for (status, expected) in [
            (ReferralStatus::Waiting, Sent::Joined),
            (ReferralStatus::Visited, Sent::Joined),
            (ReferralStatus::Granted, Sent::Again),
            (ReferralStatus::Declined, Sent::Again),
        ] {
            assert_eq!(how(Some((id, status))), (Some(id), expected));
        }
    }
}
