//! Exports 导出: asked for by an officer, checked by a second person when unmasked, made in the background, kept a week (S-27). What
//! waits for the second person is the first one's to take back.

mod look;
mod make;
pub(crate) mod notices;
mod sheet;

use std::sync::Arc;

use domain::{
    calendar::{SHANGHAI, local_date, parse_day},
    export::{ExportError, ExportKind, ExportOrder, ExportStatus},
    ids::{ProductId, TenantId},
    tenant::TenantKind,
};
use serde_json::json;
use time::{Date, Duration, OffsetDateTime, macros::format_description};
use uuid::Uuid;

pub use look::{ExportCase, ExportFile, ExportList, ExportLists};
pub use make::ExportMaker;

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        branch_board::{BoardBranch, BoardProduct},
        exports::{ExportFilter, StoredExport},
        files::FileVault,
        limits::{Limit, LimitAsk, Limits},
        sealing::{Place, Sealer},
        store::{Store, UnitOfWork},
    },
    two_people::Withdrawal,
};

/// Rows of one export at most.
pub const MOST_ROWS: i64 = 100_000;
/// How long the file is kept.
pub const KEPT: Duration = Duration::days(7);
/// Exports of one person in a day (section 6).
const PER_DAY: u32 = 5;

/// Groups of stages that an export can be narrowed to, as the lists name them.
pub const GROUPS: [(&str, &str); 11] = [
    ("waiting", "待接单"),
    ("working", "办理中"),
    ("supplement", "退回补充"),
    ("approved", "通过"),
    ("to_draw", "待放款"),
    ("disbursing", "部分放款"),
    ("disbursed", "已放款"),
    ("settled", "已结清"),
    ("rejected", "不通过"),
    ("withdrawn", "已撤回"),
    ("expired", "已失效"),
];

/// The room of exports.
#[derive(Clone)]
pub struct Exports {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub limits: Arc<dyn Limits>,
    pub sealer: Arc<dyn Sealer>,
    pub vault: Arc<dyn FileVault>,
}

/// 申请导出 as the form says it.
#[derive(Clone, Debug)]
pub struct AskExport {
    pub kind: String,
    pub group: String,
    pub branch: String,
    pub product: String,
    /// `YYYY-MM-DD`, or empty.
    pub from: String,
    pub until: String,
    /// 不脱敏.
    pub full: bool,
    pub reason: String,
    pub once: Once,
}

/// 复核 as the form says it.
#[derive(Clone, Debug)]
pub struct CheckExport {
    pub id: Uuid,
    pub agree: bool,
    pub once: Once,
}

const ASK: &str = "export.ask";
const CHECK: &str = "export.check";
const WITHDRAW: &str = "export.withdraw";

/// Where the object of an export is sealed.
fn place(city: TenantId, id: Uuid) -> Place {
    Place {
        tenant: city.0,
        table: "exports",
        row: id,
        column: "object_key",
    }
}

impl From<ExportError> for UseError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::ReasonMissing => Self::field("reason", error.code()),
            ExportError::NothingMasked => Self::field("full", error.code()),
            ExportError::CheckedBefore | ExportError::SamePerson | ExportError::NotTheAsker => {
                Self::conflict(error.code())
            }
        }
    }
}

impl Exports {
    /// Branches and institutions have exports; the city sees what banks do, not their rows.
    async fn permit(&self, actor: &Actor, action: Action, object: Uuid) -> UseResult<Permit> {
        if actor.tenant_kind == TenantKind::City {
            return Err(self
                .watch
                .missing(actor, Room::Exports, action, object)
                .await);
        }
        self.watch
            .permit(actor, Room::Exports, action, object)
            .await
    }

    /// Asks for an export; answers its id.
    pub async fn ask(&self, actor: &Actor, ask: AskExport) -> UseResult<Uuid> {
        let permit = self.permit(actor, Action::Export, actor.tenant.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, ASK, at).await? {
            return id_of(&answer);
        }
        let branches = work.branch_board().branches().await?;
        let products = work.branch_board().products().await?;
        let (kind, filter) = parse(&ask, at, &branches, &products)?;
        let order = ExportOrder::ask(kind, !ask.full, &ask.reason, actor.user)?;
        if order.reason().chars().count() > 200 {
            return Err(UseError::field("reason", "exports.reason_too_long"));
        }
        let bank = work
            .exports()
            .own_bank()
            .await?
            .ok_or_else(UseError::not_found)?;
        self.count(actor, at).await?;
        let id = self.watch.clock.new_id();
        let export = StoredExport {
            id,
            tenant: actor.tenant,
            bank,
            node_name: actor.tenant_name.clone(),
            number: number(id, at),
            told: told(&filter, &branches, &products),
            filter,
            order,
            asked_name: actor.name.clone(),
            asked_at: at,
            checked_name: String::new(),
            checked_at: None,
            rows_total: 0,
            rows_done: 0,
            tries: 0,
            cause: String::new(),
            object_key: None,
            byte_size: 0,
            made_at: None,
            expires_at: None,
            downloads: 0,
            withdrawal: String::new(),
        };
        work.exports().insert_export(&export).await?;
        if export.order.status() == ExportStatus::ToCheck {
            let notice = self.watch.clock.new_id();
            notices::announce(&mut *work, notice, notices::TO_CHECK, &export, at).await?;
        }
        self.note(&mut *work, actor, ASK, &export, at).await?;
        ask.once
            .done(&mut *work, ASK, json!({ "export": id }))
            .await?;
        work.commit().await?;
        Ok(id)
    }

    async fn count(&self, actor: &Actor, at: OffsetDateTime) -> UseResult<()> {
        let limit = LimitAsk::new(
            format!("export:{}:{}", actor.city, actor.user),
            [Limit::new(PER_DAY, Duration::days(1))],
        );
        match self.limits.take(&[limit], at).await? {
            Some(over) => Err(UseError::too_many("exports.too_many", over.retry_after)
                .with("most", PER_DAY)
                .with("hours", over.retry_after.div_ceil(3_600).max(1))),
            None => Ok(()),
        }
    }

    /// The second person lets an unmasked export through, or not.
    pub async fn check(&self, actor: &Actor, ask: CheckExport) -> UseResult<()> {
        let permit = self.permit(actor, Action::Check, ask.id).await?;
        let outcome = self.settle(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Exports, Action::Check, ask.id, outcome)
            .await
    }

    async fn settle(&self, actor: &Actor, permit: &Permit, ask: &CheckExport) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, CHECK, at).await?.is_some() {
            return Ok(());
        }
        let mut export = work
            .exports()
            .export(ask.id)
            .await?
            .ok_or_else(UseError::not_found)?;
        not_withdrawn(&export)?;
        export.order.check(actor.user, ask.agree)?;
        export.checked_name.clone_from(&actor.name);
        export.checked_at = Some(at);
        if !work.exports().save_check(&export).await? {
            return Err(ExportError::CheckedBefore.into());
        }
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::CHECKED, &export, at).await?;
        self.note(&mut *work, actor, CHECK, &export, at).await?;
        ask.once
            .done(&mut *work, CHECK, json!({ "export": export.id }))
            .await?;
        Ok(work.commit().await?)
    }

    /// Whoever asked takes back what waits for the second person; no file is made.
    pub async fn withdraw(&self, actor: &Actor, ask: Withdrawal) -> UseResult<()> {
        let permit = self.permit(actor, Action::Export, ask.asked).await?;
        let outcome = self.take_back(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Exports, Action::Export, ask.asked, outcome)
            .await
    }

    async fn take_back(&self, actor: &Actor, permit: &Permit, ask: &Withdrawal) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let found = work.exports().export(ask.asked).await?;
        let mut export = found.ok_or_else(UseError::not_found)?;
        not_withdrawn(&export)?;
        export.order.withdraw(actor.user)?;
        export.withdrawal = ask.reason()?;
        if !work.exports().save_withdrawal(&export).await? {
            return Err(ExportError::CheckedBefore.into());
        }
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, WITHDRAW, export.id, at)
            .detail(json!({ "number": export.number, "reason": export.withdrawal }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }

    async fn note(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        action: &'static str,
        export: &StoredExport,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let entry =
            AuditEntry::by(actor, self.watch.clock.new_id(), action, export.id, at).detail(json!({
                "number": export.number,
                "kind": export.order.kind().code(),
                "masked": export.order.masked(),
                "reason": export.order.reason(),
                "status": export.order.status().code(),
                "rows": export.rows_done,
            }));
        Ok(work.audit().write(entry).await?)
    }
}

/// Whoever comes later is told who took it back.
fn not_withdrawn(export: &StoredExport) -> UseResult<()> {
    if export.order.status() == ExportStatus::Withdrawn {
        let error = UseError::conflict("two_people.withdrawn");
        return Err(error.with("by", &export.asked_name));
    }
    Ok(())
}

fn id_of(answer: &serde_json::Value) -> UseResult<Uuid> {
    answer["export"]
        .as_str()
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or_else(|| UseError::bug("an answer names no export"))
}

/// `DC20261126-9F3A1C`: the day, and the random end of the id.
fn number(id: Uuid, at: OffsetDateTime) -> String {
    let day = at
        .to_offset(SHANGHAI)
        .format(format_description!("[year][month][day]"))
        .unwrap_or_default();
    let random = id.simple().to_string().to_uppercase();
    format!("DC{day}-{}", &random[24..])
}

fn parse(
    ask: &AskExport,
    at: OffsetDateTime,
    branches: &[BoardBranch],
    products: &[BoardProduct],
) -> UseResult<(ExportKind, ExportFilter)> {
    let mut checks = Checks::default();
    let kind = ExportKind::from_code(&ask.kind);
    if kind.is_none() {
        checks.push(FieldError::new("kind", "exports.kind_missing"));
    }
    let from = day(&mut checks, "from", &ask.from);
    let until = day(&mut checks, "until", &ask.until);
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        checks.push(FieldError::new("until", "exports.until_before_from"));
    }
    if from.is_some_and(|from| from > local_date(at)) {
        checks.push(FieldError::new("from", "exports.from_in_future"));
    }
    let branch = TenantId(Uuid::try_parse(&ask.branch).unwrap_or_default());
    let branch = branches.iter().find(|b| b.id == branch).map(|b| b.id.0);
    let product = ProductId(Uuid::try_parse(&ask.product).unwrap_or_default());
    let product = products.iter().find(|p| p.id == product).map(|p| p.id.0);
    if !ask.branch.is_empty() && branch.is_none() {
        checks.push(FieldError::new("branch", "exports.branch_unknown"));
    }
    if !ask.product.is_empty() && product.is_none() {
        checks.push(FieldError::new("product", "exports.product_unknown"));
    }
    let group = GROUPS.iter().any(|(code, _)| *code == ask.group);
    match (kind, checks.is_empty()) {
        (Some(kind), true) => Ok((
            kind,
            ExportFilter {
                group: if group && kind == ExportKind::Applications {
                    ask.group.clone()
                } else {
                    String::new()
                },
                branch,
                product,
                from,
                until,
            },
        )),
        _ => Err(checks.into_error()),
    }
}

fn day(checks: &mut Checks, field: &'static str, typed: &str) -> Option<Date> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let day = parse_day(typed);
    if day.is_none() {
        checks.push(FieldError::new(field, "date.format"));
    }
    day
}

/// The filter in words, for the page and the first rows of the file.
fn told(filter: &ExportFilter, branches: &[BoardBranch], products: &[BoardProduct]) -> String {
    let mut words = Vec::new();
    if let Some((_, label)) = GROUPS.iter().find(|(code, _)| *code == filter.group) {
        words.push(format!("状态：{label}"));
    }
    if let Some(branch) = branches.iter().find(|b| Some(b.id.0) == filter.branch) {
        words.push(format!("受理支行：{}", branch.name));
    }
    if let Some(product) = products.iter().find(|p| Some(p.id.0) == filter.product) {
        words.push(format!("产品：{}", product.name));
    }
    match (filter.from, filter.until) {
        (Some(from), Some(until)) => words.push(format!("日期：{from} 至 {until}")),
        (Some(from), None) => words.push(format!("日期：{from} 起")),
        (None, Some(until)) => words.push(format!("日期：截至 {until}")),
        (None, None) => {}
    }
    if words.is_empty() {
        "全部".to_owned()
    } else {
        words.join("，")
    }
}
