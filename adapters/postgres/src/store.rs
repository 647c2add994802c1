//! The unit of work: one transaction, one tenant, one database role.

use std::{fmt::Write as _, time::Duration};

use application::{
    access::{Hat, Permit},
    ports::{
        audit::Audit,
        audit_links::AuditLinks,
        branch_board::BranchBoard,
        dossiers::Dossiers,
        enterprise_files::EnterpriseFiles,
        enterprises::Enterprises,
        face_checks::FaceChecks,
        financing_applications::FinancingApplications,
        handovers::Handovers,
        idempotency::Idempotency,
        outbox::Outbox,
        own_account::OwnAccounts,
        store::{Store, StoreError, UnitOfWork},
        view_log::ViewLog,
    },
};
use async_trait::async_trait;
use domain::ids::TenantId;
use sqlx::{
    Connection as _, Executor as _, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{
    errors::store_error,
    lines::{Lines, Turn},
    transaction,
};

/// The pool of the program; its transactions are begun by [`transaction::begin`].
pub async fn pool(options: PgConnectOptions, most: u32) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(5))
        // A connection is tested when it comes back; one that has lain idle since is tested again, the others save the round trip.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > BELIEVED_ALIVE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
}

/// How long a connection that came back well is handed out untested.
const BELIEVED_ALIVE: Duration = Duration::from_secs(1);

/// Units of work on PostgreSQL.
#[derive(Clone)]
pub struct PgStore {
    pub(crate) pool: PgPool,
    lines: Lines,
}

impl PgStore {
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            lines: Lines::new(),
        }
    }

    /// The concrete unit of work, for read ports of this crate.
    pub async fn open(&self, permit: &Permit) -> Result<PgUnitOfWork, StoreError> {
        Ok(PgUnitOfWork {
            tx: transaction::begin(&self.pool, opening(permit))
                .await
                .map_err(store_error)?,
            lines: self.lines.clone(),
            turn: None,
            tenant: permit.tenant(),
            city: permit.city(),
            person: permit.person().map(|p| p.0),
        })
    }
}

/// BEGIN and the settings that the walls read, in one round trip; all transaction-local (S-09). `set local` has no plan to make:
/// a `select set_config(…)` cost every transaction half as much again. The text holds nothing but UUIDs printed by their type and the
/// four fixed role names.
fn opening(permit: &Permit) -> String {
    let role = match permit.hat() {
        Hat::Staff => "tenant_rw",
        Hat::Enterprise => "enterprise_rw",
        Hat::Visitor => "visitor_ro",
        Hat::Province => "province_ro",
    };
    let reach = reach(permit);
    let or_empty = |id: Option<String>| id.unwrap_or_default();
    format!(
        "begin; set local role {role}; set local app.tenant_id = '{}'; set local app.city_id = '{}'; \
         set local app.reach = '{reach}'; set local app.enterprise_id = '{}'; set local app.user_id = '{}'",
        permit.tenant(),
        permit.city(),
        or_empty(permit.enterprise().map(|id| id.to_string())),
        or_empty(permit.person().map(|id| id.to_string())),
    )
}

/// The tenants within a permit's reach, as the walls read them.
pub(crate) fn reach(permit: &Permit) -> String {
    let mut reach = String::with_capacity(permit.reach().len() * 37);
    for (i, tenant) in permit.reach().iter().enumerate() {
        if i > 0 {
            reach.push(',');
        }
        let _ = write!(reach, "{tenant}");
    }
    reach
}

#[async_trait]
impl Store for PgStore {
    async fn begin(&self, permit: &Permit) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.open(permit).await?))
    }
}

/// A transaction that locks nothing and waits for the disk: a log is flushed in order, so a commit before it that did not wait is safe
/// too. Nobody is answered before that.
const FLUSHED: &str = "select pg_logical_emit_message(true, 'numbered', '')";

/// One transaction; it implements every store port itself, one `impl` per file.
pub struct PgUnitOfWork {
    pub(crate) tx: Transaction<'static, Postgres>,
    pub(crate) lines: Lines,
    /// A daily number was taken: neither its row nor the next in line may wait for the disk.
    pub(crate) turn: Option<Turn>,
    pub(crate) tenant: TenantId,
    pub(crate) city: TenantId,
    pub(crate) person: Option<uuid::Uuid>,
}

impl PgUnitOfWork {
    /// The bare connection behind its walls: for the tests that lean on them.
    #[doc(hidden)]
    pub fn connection(&mut self) -> &mut sqlx::PgConnection {
        &mut self.tx
    }
}

#[async_trait]
impl UnitOfWork for PgUnitOfWork {
    fn aged(&mut self) -> &mut dyn application::ports::aged::Aged {
        self
    }

    fn admitted_codes(&mut self) -> &mut dyn application::ports::admitted_codes::AdmittedCodes {
        self
    }

    fn financing_applications(&mut self) -> &mut dyn FinancingApplications {
        self
    }

    fn idempotency(&mut self) -> &mut dyn Idempotency {
        self
    }

    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }

    fn attachments(&mut self) -> &mut dyn application::ports::attachments::Attachments {
        self
    }

    fn sms_tries(&mut self) -> &mut dyn application::ports::sms_log::SmsTries {
        self
    }

    fn deferrals(&mut self) -> &mut dyn application::ports::deferrals::Deferrals {
        self
    }
    fn deliveries(&mut self) -> &mut dyn application::ports::deliveries::Deliveries {
        self
    }
    fn uploads(&mut self) -> &mut dyn application::ports::uploads::Uploads {
        self
    }

    fn audit(&mut self) -> &mut dyn Audit {
        self
    }

    fn approvals(&mut self) -> &mut dyn application::ports::approvals::Approvals {
        self
    }

    fn audit_links(&mut self) -> &mut dyn AuditLinks {
        self
    }

    fn bank_api(&mut self) -> &mut dyn application::ports::bank_api::BankApi {
        self
    }

    fn branch_board(&mut self) -> &mut dyn BranchBoard {
        self
    }

    fn dossiers(&mut self) -> &mut dyn Dossiers {
        self
    }

    fn view_log(&mut self) -> &mut dyn ViewLog {
        self
    }

    fn own_account(&mut self) -> &mut dyn OwnAccounts {
        self
    }

    fn own_data(&mut self) -> &mut dyn application::ports::own_data::OwnData {
        self
    }

    fn closings(&mut self) -> &mut dyn application::ports::own_data::Closings {
        self
    }

    fn enterprise_desk(&mut self) -> &mut dyn application::ports::enterprise_desk::EnterpriseDesk {
        self
    }

    fn enterprise_files(&mut self) -> &mut dyn EnterpriseFiles {
        self
    }

    fn enterprises(&mut self) -> &mut dyn Enterprises {
        self
    }

    fn face_checks(&mut self) -> &mut dyn FaceChecks {
        self
    }

    fn face_reviews(&mut self) -> &mut dyn application::ports::face_reviews::FaceReviews {
        self
    }

    fn estimates(&mut self) -> &mut dyn application::ports::estimates::Estimates {
        self
    }

    fn profile_drafts(&mut self) -> &mut dyn application::ports::profile_drafts::ProfileDrafts {
        self
    }

    fn handovers(&mut self) -> &mut dyn Handovers {
        self
    }

    fn imports(&mut self) -> &mut dyn application::ports::imports::Imports {
        self
    }

    fn referrals(&mut self) -> &mut dyn application::ports::referrals::Referrals {
        self
    }

    fn exports(&mut self) -> &mut dyn application::ports::exports::Exports {
        self
    }

    fn export_rows(&mut self) -> &mut dyn application::ports::exports::ExportRows {
        self
    }

    fn application_board(
        &mut self,
    ) -> &mut dyn application::ports::application_board::ApplicationBoard {
        self
    }

    fn city_rules(&mut self) -> &mut dyn application::ports::city_rules::CityRules {
        self
    }

    fn consents(&mut self) -> &mut dyn application::ports::consents::Consents {
        self
    }

    fn content(&mut self) -> &mut dyn application::ports::content::ContentShelf {
        self
    }

    fn diligence(&mut self) -> &mut dyn application::ports::diligence::DiligencePapers {
        self
    }

    fn drafts(&mut self) -> &mut dyn application::ports::drafts::Drafts {
        self
    }

    fn submissions(&mut self) -> &mut dyn application::ports::submissions::Submissions {
        self
    }

    fn lending(&mut self) -> &mut dyn application::ports::lending::Lending {
        self
    }

    fn loan_corrections(
        &mut self,
    ) -> &mut dyn application::ports::loan_corrections::LoanCorrections {
        self
    }

    fn letters(&mut self) -> &mut dyn application::ports::letters::Letters {
        self
    }

    fn messages(&mut self) -> &mut dyn application::ports::messages::Messages {
        self
    }

    fn appeals(&mut self) -> &mut dyn application::ports::appeals::Appeals {
        self
    }

    fn settings_changes(
        &mut self,
    ) -> &mut dyn application::ports::settings_changes::SettingsChanges {
        self
    }

    fn dispatch_board(&mut self) -> &mut dyn application::ports::dispatch_board::DispatchBoard {
        self
    }

    fn dispatch_rules(&mut self) -> &mut dyn application::ports::dispatch_rules::DispatchRules {
        self
    }

    fn institution_board(
        &mut self,
    ) -> &mut dyn application::ports::institution_board::InstitutionBoard {
        self
    }

    fn institution_desk(
        &mut self,
    ) -> &mut dyn application::ports::institution_desk::InstitutionDesk {
        self
    }

    fn loans(&mut self) -> &mut dyn application::ports::loans::Loans {
        self
    }

    fn moves(&mut self) -> &mut dyn application::ports::moves::Moves {
        self
    }

    fn reconsiderations(
        &mut self,
    ) -> &mut dyn application::ports::reconsiderations::Reconsiderations {
        self
    }

    fn reminders(&mut self) -> &mut dyn application::ports::reminders::Reminders {
        self
    }

    fn renewals(&mut self) -> &mut dyn application::ports::renewals::Renewals {
        self
    }

    fn people(&mut self) -> &mut dyn application::ports::people::People {
        self
    }

    fn product_offers(&mut self) -> &mut dyn application::ports::product_offers::ProductOffers {
        self
    }

    fn product_shelf(&mut self) -> &mut dyn application::ports::product_shelf::ProductShelf {
        self
    }

    fn province_reports(&mut self) -> &mut dyn application::ports::province::ProvinceReports {
        self
    }

    fn provincial(&mut self) -> &mut dyn application::ports::provincial::Provincial {
        self
    }

    fn statistics(&mut self) -> &mut dyn application::ports::statistics::Statistics {
        self
    }

    fn audit_search(&mut self) -> &mut dyn application::ports::audit_search::AuditSearch {
        self
    }

    fn appraisals(&mut self) -> &mut dyn application::ports::appraisals::Appraisals {
        self
    }

    fn breaches(&mut self) -> &mut dyn application::ports::breaches::Breaches {
        self
    }

    fn callbacks(&mut self) -> &mut dyn application::ports::callbacks::Callbacks {
        self
    }

    fn complaints(&mut self) -> &mut dyn application::ports::complaints::Complaints {
        self
    }

    fn ratings(&mut self) -> &mut dyn application::ports::ratings::Ratings {
        self
    }

    fn sizes(&mut self) -> &mut dyn application::ports::sizes::SizeDeclarations {
        self
    }

    fn subsidies(&mut self) -> &mut dyn application::ports::subsidies::Subsidies {
        self
    }

    fn subsidy_claims(&mut self) -> &mut dyn application::ports::subsidy_claims::SubsidyClaims {
        self
    }

    fn supervision(&mut self) -> &mut dyn application::ports::supervision::SupervisionDesk {
        self
    }

    fn ownership(&mut self) -> &mut dyn application::ports::ownership::Ownership {
        self
    }

    fn team(&mut self) -> &mut dyn application::ports::team::Team {
        self
    }

    fn tree(&mut self) -> &mut dyn application::ports::tree::Tree {
        self
    }

    fn visit_lists(&mut self) -> &mut dyn application::ports::visits::VisitLists {
        self
    }

    fn visit_coverage(&mut self) -> &mut dyn application::ports::visits::VisitCoverage {
        self
    }

    fn visit_repairs(&mut self) -> &mut dyn application::ports::visits::VisitRepairs {
        self
    }

    fn webhooks(&mut self) -> &mut dyn application::ports::webhooks::Webhooks {
        self
    }

    fn wechat_people(&mut self) -> &mut dyn application::ports::wechat::WechatPeople {
        self
    }

    fn kept_codes(&mut self) -> &mut dyn application::ports::wechat::KeptCodes {
        self
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let Some(turn) = self.turn.take() else {
            return self.tx.commit().await.map_err(store_error);
        };
        self.tx.execute("commit").await.map_err(store_error)?;
        drop(turn);
        self.tx.execute(FLUSHED).await.map_err(store_error)?;
        Ok(())
    }
}
