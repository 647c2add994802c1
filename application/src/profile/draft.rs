//! 保存草稿: what was typed into 完善信息 waits for whoever typed it, right or wrong, until it is saved or dropped.

use time::OffsetDateTime;

use super::Profiles;
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::{profile_drafts::SealedDraft, sealing::Sealer},
};

/// Names of the form whose values are kept. Never a password, a code or an answer.
const KEPT: [&str; 16] = [
    "name",
    "unified_social_credit_code",
    "registered_capital",
    "legal_representative",
    "legal_id",
    "contact_phone",
    "province",
    "city",
    "county",
    "township",
    "sector",
    "division",
    "group",
    "address",
    "recommender",
    "email",
];

/// Signs of a value; longer input than any field takes is not worth keeping.
const LONGEST: usize = 200;

/// A draft, opened.
#[derive(Clone)]
pub struct ProfileDraft {
    /// Names of the form and what stood there.
    pub typed: Vec<(String, String)>,
    pub saved_at: OffsetDateTime,
}

impl ProfileDraft {
    /// Opens what this person kept; the keys of the city must be ready.
    pub fn open(sealer: &dyn Sealer, actor: &Actor, sealed: &SealedDraft) -> UseResult<Self> {
        let place = SealedDraft::place(actor.city, actor.user);
        let plain = sealer.open(&place, &sealed.typed)?;
        Ok(Self {
            typed: serde_json::from_slice(&plain).map_err(UseError::bug)?,
            saved_at: sealed.saved_at,
        })
    }

    /// What stood in a field; empty when nothing did.
    pub fn get(&self, name: &str) -> &str {
        let found = self.typed.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The first of these fields in which something stood: how far selects below each other were filled in.
    pub(crate) fn deepest(&self, names: &[&str]) -> &str {
        let mut typed = names.iter().map(|name| self.get(name));
        typed.find(|value| !value.is_empty()).unwrap_or_default()
    }
}

impl Profiles {
    /// Keeps what was typed, in the place of what was kept before.
    pub async fn keep_draft(&self, actor: &Actor, typed: &[(String, String)]) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::Save)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        self.sealer.ready(actor.city.0).await?;
        let kept: Vec<(&str, String)> = typed
            .iter()
            .filter(|(name, _)| KEPT.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.chars().take(LONGEST).collect()))
            .collect();
        let plain = serde_json::to_vec(&kept).map_err(UseError::bug)?;
        let place = SealedDraft::place(actor.city, actor.user);
        let draft = SealedDraft {
            typed: self.sealer.seal(&place, &plain)?,
            saved_at: self.clock.now(),
        };
        let mut work = self.store.begin(&permit).await?;
        work.profile_drafts()
            .keep_own_draft(enterprise, &draft)
            .await?;
        Ok(work.commit().await?)
    }

    /// What this person kept.
    pub async fn draft(&self, actor: &Actor) -> UseResult<Option<ProfileDraft>> {
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::Save)
            .await?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.profile_drafts().own_draft().await?;
        drop(work);
        found
            .map(|sealed| ProfileDraft::open(&*self.sealer, actor, &sealed))
            .transpose()
    }

    /// 删除草稿: what is stored stands as it is.
    pub async fn drop_draft(&self, actor: &Actor) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::Save)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        work.profile_drafts().drop_own_draft().await?;
        Ok(work.commit().await?)
    }
}
