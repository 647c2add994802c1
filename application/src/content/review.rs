//! 通过发布, 退回 and 下线: by a second person, none of the authors (S-39).

use domain::{calendar::SHANGHAI, values::FreeText};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::{Date, OffsetDateTime, Time};

use super::{
    ContentRoom, NOT_AGAIN, Named, Piece, SeenContent, is_over, notices, of_the_city, unmoved,
    write::write_over,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    ports::{
        audit::AuditEntry,
        catalogue::AgreementText,
        content::{ContentDraft, Makers, PieceVersion},
        product_shelf::DraftStatus,
        store::UnitOfWork,
    },
};

/// 通过发布, or 退回 with a note.
#[derive(Clone, Debug)]
pub struct SettleContent {
    pub seen: SeenContent,
    /// `None`: it is published.
    pub send_back: Option<String>,
}

/// 下线 with its reason.
#[derive(Clone, Debug)]
pub struct TakeDown {
    pub named: Named,
    pub reason: String,
}

const PUBLISH: &str = "content.publish";
const SEND_BACK: &str = "content.return";
const WITHDRAW: &str = "content.withdraw";

impl ContentRoom {
    /// 通过发布 or 退回; the city's people are told.
    pub async fn settle(&self, actor: &Actor, ask: SettleContent) -> UseResult<()> {
        of_the_city(actor)?;
        let object = ask.seen.id;
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::Check, object)
            .await?;
        let outcome = self.decide(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Content, Action::Check, object, outcome)
            .await
    }

    async fn decide(&self, actor: &Actor, permit: &Permit, ask: &SettleContent) -> UseResult<()> {
        let action = if ask.send_back.is_some() {
            SEND_BACK
        } else {
            PUBLISH
        };
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask
            .seen
            .once
            .replayed(&mut *work, action, at)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let found = work.content().content_draft_for_update(ask.seen.id).await?;
        let draft = found.ok_or_else(UseError::not_found)?;
        if draft.status != DraftStatus::InReview {
            return Err(UseError::conflict("content.not_in_review"));
        }
        if draft.authors.contains(&actor.user) {
            return Err(UseError::conflict("content.own_draft"));
        }
        let mut draft = unmoved(draft, ask.seen.revision)?;
        draft.reviewed_by = Some(actor.user);
        draft.reviewed_name.clone_from(&actor.name);
        draft.reviewed_at = Some(at);
        let mut version = String::new();
        if let Some(note) = &ask.send_back {
            let mut checks = Checks::default();
            let Some(note) = checks.take("review_note", FreeText::<500>::parse(note)) else {
                return Err(checks.into_error());
            };
            draft.status = DraftStatus::Returned;
            note.as_str().clone_into(&mut draft.review_note);
        } else {
            if self
                .check_reconsent(actor, &draft.code, &draft.form)
                .is_err()
            {
                return Err(UseError::conflict(NOT_AGAIN));
            }
            version = self.publish(&mut *work, &draft, at).await?;
            draft.status = DraftStatus::Published;
        }
        write_over(&mut *work, &draft, draft.revision).await?;
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::SETTLED, &draft, at).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), action, draft.id, at).detail(
            json!({ "kind": draft.kind.code(), "revision": draft.revision, "version": version }),
        );
        work.audit().write(entry).await?;
        ask.seen.once.done(&mut *work, action, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// Puts the next version up; answers how it is called.
    async fn publish(
        &self,
        work: &mut dyn UnitOfWork,
        draft: &ContentDraft,
        at: OffsetDateTime,
    ) -> UseResult<String> {
        let by = Makers {
            written_by: draft.author_names.join("、"),
            checked_by: draft.reviewed_name.clone(),
            at,
        };
        let piece = draft.form.piece(draft.kind, draft.id, &self.lists)?;
        if is_over(&piece, at) {
            // Nothing is put into force by silence: the second person read a day that has passed by now, and whoever is bound
            // by the text is promised to see it before that day. So it goes back for another day.
            return Err(UseError::conflict("content.day_over"));
        }
        if let Piece::Agreement {
            title,
            body,
            change_note,
            from,
            reconsent,
        } = piece
        {
            let known = work.content().agreement_versions(Some(&draft.code)).await?;
            let labels = known.iter().map(|v| v.text.version.as_str());
            let text = AgreementText {
                code: draft.code.clone(),
                version: next_version(labels, from),
                title,
                body,
                published_at: midnight(from).max(at),
                reconsent,
                change_note,
            };
            if known
                .first()
                .is_some_and(|last| last.text.published_at >= text.published_at)
            {
                return Err(UseError::conflict("content.not_after"));
            }
            let hash = Sha256::digest(text.body.as_bytes()).into();
            work.content().publish_agreement(&text, &hash, &by).await?;
            return Ok(text.version);
        }
        let versions = work.content().piece_versions(draft.id).await?;
        let version = versions.first().map_or(1, |last| last.version + 1);
        match piece {
            Piece::Article { mut article, from } => {
                let from = from.unwrap_or(at).max(at);
                article.published_at = first_shown(&versions, at).unwrap_or(from);
                work.content()
                    .publish_article(version, &article, from, &by)
                    .await?;
            }
            Piece::Banner { mut banner, from } => {
                banner.from = from.unwrap_or(at).max(at);
                if banner.until.is_some_and(|until| until <= banner.from) {
                    return Err(UseError::conflict("content.over_already"));
                }
                let first = first_shown(&versions, at).unwrap_or(banner.from);
                work.content()
                    .publish_banner(version, &banner, first, &by)
                    .await?;
            }
            Piece::Agreement { .. } => {}
        }
        Ok(version.to_string())
    }

    /// 下线 at once, with a reason.
    pub async fn withdraw(&self, actor: &Actor, ask: TakeDown) -> UseResult<()> {
        of_the_city(actor)?;
        let id = ask.named.id;
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::Withdraw, id)
            .await?;
        let outcome = self.take_down(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Content, Action::Withdraw, id, outcome)
            .await
    }

    async fn take_down(&self, actor: &Actor, permit: &Permit, ask: &TakeDown) -> UseResult<()> {
        let mut checks = Checks::default();
        let reason = checks.take("withdraw_note", FreeText::<500>::parse(&ask.reason));
        let (id, once) = (ask.named.id, &ask.named.once);
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        if work.content().piece_versions(id).await?.is_empty() {
            return Err(UseError::not_found());
        }
        let Some(reason) = reason else {
            return Err(checks.into_error());
        };
        let taken = work
            .content()
            .withdraw_piece(id, reason.as_str(), &actor.name, at)
            .await?;
        if !taken {
            return Err(UseError::conflict("content.not_up"));
        }
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), WITHDRAW, id, at);
        work.audit().write(entry).await?;
        once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// The day under which readers know it: of a text that stands already, the day when it first stood there.
fn first_shown(versions: &[PieceVersion], at: OffsetDateTime) -> Option<OffsetDateTime> {
    versions
        .iter()
        .filter(|v| v.visible_from.is_none_or(|from| from <= at))
        .map(|v| v.published_at)
        .min()
}

fn midnight(day: Date) -> OffsetDateTime {
    day.with_time(Time::MIDNIGHT).assume_offset(SHANGHAI)
}

/// `YYYY.N`, always after every version before it: of the year in which it comes into force or of the newest version, whichever
/// is later, counted on from the city's own.
fn next_version<'a>(known: impl Iterator<Item = &'a str>, from: Date) -> String {
    let (year, last) = known
        .filter_map(|label| {
            let (year, number) = label.split_once('.')?;
            Some((year.parse::<i32>().ok()?, number.parse::<u32>().ok()?))
        })
        .fold((from.year(), 0), Ord::max);
    format!("{year}.{}", last + 1)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn versions_are_counted_within_the_year_in_which_they_come_into_force() {
        let known = ["2026.1", "2026.9", "2026.10", "2025.3", "draft"];
        assert_eq!(
            next_version(known.into_iter(), date!(2026 - 12 - 01)),
            "2026.11"
        );
        assert_eq!(
            next_version(known.into_iter(), date!(2027 - 01 - 01)),
            "2027.1"
        );
    }

    #[test]
    fn versions_never_run_backwards() {
        let known = ["2026.3", "2027.1"];
        assert_eq!(
            next_version(known.into_iter(), date!(2026 - 12 - 01)),
            "2027.2"
        );
        assert_eq!(
            next_version(["2026.3"].into_iter(), date!(2020 - 01 - 01)),
            "2026.4"
        );
        assert_eq!(
            next_version([].into_iter(), date!(2026 - 12 - 01)),
            "2026.1"
        );
    }
}
