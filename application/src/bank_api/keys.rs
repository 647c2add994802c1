//! 系统接口 as the institution sees it: access keys made by one person, live ones switched on by another, revoked by anybody of
//! them at once.

use std::sync::Arc;

use domain::{tenant::TenantKind, values::FreeText};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::key_place;
use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        bank_api::{KeyKind, KeyStatus, StoredKey},
        sealing::Sealer,
        store::{Store, UnitOfWork},
        tokens::Tokens,
        webhooks::{Delivery, HookCaller, StoredHook},
    },
};

/// Keys of an institution that are not revoked.
const MOST_KEYS: usize = 10;
/// Deliveries on the page.
const SHOWN: i64 = 20;

/// The room of an institution's access keys.
pub struct KeyRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub sealer: Arc<dyn Sealer>,
    pub tokens: Arc<dyn Tokens>,
    pub caller: Arc<dyn HookCaller>,
}

/// The page 系统接口.
#[derive(Clone, Debug)]
pub struct KeysCase {
    pub keys: Vec<StoredKey>,
    pub hook: Option<StoredHook>,
    pub deliveries: Vec<Delivery>,
    pub may_change: bool,
    /// May be the second person for a key that somebody else made.
    pub may_enable: bool,
}

/// A new key as the form says it.
#[derive(Clone, Debug)]
pub struct CreateKey {
    pub name: String,
    pub kind: String,
    pub once: Once,
}

/// A secret that was made; nobody can read it again.
#[derive(Clone)]
pub struct Issued {
    pub id: Uuid,
    pub name: String,
    pub kind: KeyKind,
    pub secret: String,
}

const CREATE: &str = "api_key.create";
const ENABLE: &str = "api_key.enable";
const REVOKE: &str = "api_key.revoke";
const RESET: &str = "api_key.reset";

impl KeyRoom {
    pub async fn look(&self, actor: &Actor) -> UseResult<KeysCase> {
        let permit = self.permit(actor, Action::View, actor.tenant.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let keys = work.bank_api().keys().await?;
        let hook = work.webhooks().hook(actor.tenant).await?;
        let deliveries = work.webhooks().deliveries(SHOWN).await?;
        drop(work);
        let guard = &self.watch.guard;
        Ok(KeysCase {
            keys,
            hook,
            deliveries,
            may_change: guard.may(actor, Room::Keys, Action::Save).await,
            may_enable: guard.may(actor, Room::Keys, Action::Check).await,
        })
    }

    /// For people of a headquarters only.
    pub(super) async fn permit(
        &self,
        actor: &Actor,
        action: Action,
        object: Uuid,
    ) -> UseResult<Permit> {
        if actor.tenant_kind != TenantKind::Bank {
            return Err(self.watch.missing(actor, Room::Keys, action, object).await);
        }
        self.watch.permit(actor, Room::Keys, action, object).await
    }

    /// 新建密钥; `None` when exactly this was done before: a secret is shown once.
    pub async fn create(&self, actor: &Actor, ask: CreateKey) -> UseResult<Option<Issued>> {
        let permit = self.permit(actor, Action::Save, actor.tenant.0).await?;
        let mut checks = Checks::default();
        let name = checks.take("key_name", FreeText::<40>::parse(&ask.name));
        let kind = KeyKind::from_code(&ask.kind);
        if kind.is_none() {
            checks.push(FieldError::new("kind", "bank_api.kind_missing"));
        }
        let (Some(name), Some(kind)) = (name, kind) else {
            return Err(checks.into_error());
        };
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, CREATE, at).await?.is_some() {
            return Ok(None);
        }
        let used = work.bank_api().keys().await?;
        let used = used.iter().filter(|k| k.status != KeyStatus::Revoked);
        if used.count() >= MOST_KEYS {
            return Err(UseError::conflict("bank_api.too_many_keys"));
        }
        let id = self.watch.clock.new_id();
        let secret = self.tokens.one_time();
        let sealed = self
            .sealer
            .seal(&key_place(actor.city.0, id), secret.as_bytes())?;
        let key = StoredKey {
            id,
            kind,
            name: name.as_str().to_owned(),
            status: match kind {
                KeyKind::Sandbox => KeyStatus::Active,
                KeyKind::Live => KeyStatus::Waiting,
            },
            created_by: actor.user,
            created_name: actor.name.clone(),
            created_at: at,
            enabled_name: String::new(),
            enabled_at: None,
            revoked_name: String::new(),
            revoked_at: None,
            last_used_at: None,
        };
        work.bank_api().add_key(&key, &sealed).await?;
        let detail = json!({ "kind": kind.code() });
        self.log(actor, &mut *work, CREATE, id, detail, at).await?;
        ask.once
            .done(&mut *work, CREATE, json!({ "key": id }))
            .await?;
        work.commit().await?;
        Ok(Some(Issued {
            id,
            name: key.name,
            kind,
            secret,
        }))
    }

    /// 启用 a live key: not by the person who made it (S-39).
    pub async fn enable(&self, actor: &Actor, id: Uuid, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, Action::Check, id).await?;
        let outcome = self.enable_within(actor, &permit, id, once).await;
        self.watch
            .refused(actor, Room::Keys, Action::Check, id, outcome)
            .await
    }

    async fn enable_within(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: Uuid,
        once: &Once,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if once.replayed(&mut *work, ENABLE, at).await?.is_some() {
            return Ok(());
        }
        let key = work.bank_api().key(id).await?;
        let key = key.ok_or_else(UseError::not_found)?;
        if key.created_by == actor.user {
            return Err(UseError::conflict("bank_api.same_person"));
        }
        let by = (actor.user, actor.name.as_str());
        if !work.bank_api().enable_key(id, by, at).await? {
            return Err(UseError::conflict("bank_api.not_waiting"));
        }
        let detail = json!({ "created_by": key.created_by.0 });
        self.log(actor, &mut *work, ENABLE, id, detail, at).await?;
        once.done(&mut *work, ENABLE, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 停用 at once: the next request with it is refused.
    pub async fn revoke(&self, actor: &Actor, id: Uuid, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, id).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, REVOKE, at).await?.is_some() {
            return Ok(());
        }
        let key = work.bank_api().key(id).await?;
        key.ok_or_else(UseError::not_found)?;
        let by = (actor.user, actor.name.as_str());
        if !work.bank_api().revoke_key(id, by, at).await? {
            return Err(UseError::conflict("bank_api.revoked_before"));
        }
        self.log(actor, &mut *work, REVOKE, id, json!({}), at)
            .await?;
        once.done(&mut *work, REVOKE, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 重置沙箱: the invented applications stand as at the beginning.
    pub async fn reset(&self, actor: &Actor, id: Uuid, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, id).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, RESET, at).await?.is_some() {
            return Ok(());
        }
        let key = work.bank_api().key(id).await?;
        key.filter(|key| key.kind == KeyKind::Sandbox)
            .ok_or_else(UseError::not_found)?;
        work.bank_api().clear_sandbox(id).await?;
        self.log(actor, &mut *work, RESET, id, json!({}), at)
            .await?;
        once.done(&mut *work, RESET, json!({})).await?;
        Ok(work.commit().await?)
    }

    pub(super) async fn log(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        action: &'static str,
        object: Uuid,
        detail: Value,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), action, object, at);
        Ok(work.audit().write(entry.detail(detail)).await?)
    }
}
