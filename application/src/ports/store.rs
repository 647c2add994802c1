//! Store 存储: units of work, opened only with a permit.

use async_trait::async_trait;

use super::{
    audit::Audit, dossiers::Dossiers, enterprise_files::EnterpriseFiles, enterprises::Enterprises,
    face_checks::FaceChecks, financing_applications::FinancingApplications, handovers::Handovers,
    idempotency::Idempotency, outbox::Outbox, own_account::OwnAccounts, view_log::ViewLog,
};
use crate::access::Permit;

/// Where units of work come from.
#[async_trait]
pub trait Store: Send + Sync {
    async fn begin(&self, permit: &Permit) -> Result<Box<dyn UnitOfWork>, StoreError>;
}

/// One transaction of one tenant. Dropping it rolls back.
#[async_trait]
pub trait UnitOfWork: Send {
    fn aged(&mut self) -> &mut dyn super::aged::Aged;
    fn admitted_codes(&mut self) -> &mut dyn super::admitted_codes::AdmittedCodes;
    fn financing_applications(&mut self) -> &mut dyn FinancingApplications;
    fn idempotency(&mut self) -> &mut dyn Idempotency;
    fn outbox(&mut self) -> &mut dyn Outbox;
    fn attachments(&mut self) -> &mut dyn super::attachments::Attachments;
    fn audit(&mut self) -> &mut dyn Audit;
    fn deferrals(&mut self) -> &mut dyn super::deferrals::Deferrals;
    fn deliveries(&mut self) -> &mut dyn super::deliveries::Deliveries;
    fn uploads(&mut self) -> &mut dyn super::uploads::Uploads;
    fn approvals(&mut self) -> &mut dyn super::approvals::Approvals;
    fn audit_links(&mut self) -> &mut dyn super::audit_links::AuditLinks;
    fn bank_api(&mut self) -> &mut dyn super::bank_api::BankApi;
    fn branch_board(&mut self) -> &mut dyn super::branch_board::BranchBoard;
    fn breaches(&mut self) -> &mut dyn super::breaches::Breaches;
    fn dossiers(&mut self) -> &mut dyn Dossiers;
    fn view_log(&mut self) -> &mut dyn ViewLog;
    fn own_account(&mut self) -> &mut dyn OwnAccounts;
    fn own_data(&mut self) -> &mut dyn super::own_data::OwnData;
    fn closings(&mut self) -> &mut dyn super::own_data::Closings;
    fn enterprise_desk(&mut self) -> &mut dyn super::enterprise_desk::EnterpriseDesk;
    fn enterprise_files(&mut self) -> &mut dyn EnterpriseFiles;
    fn enterprises(&mut self) -> &mut dyn Enterprises;
    fn face_checks(&mut self) -> &mut dyn FaceChecks;
    fn face_reviews(&mut self) -> &mut dyn super::face_reviews::FaceReviews;
    fn handovers(&mut self) -> &mut dyn Handovers;
    fn imports(&mut self) -> &mut dyn super::imports::Imports;
    fn referrals(&mut self) -> &mut dyn super::referrals::Referrals;
    fn exports(&mut self) -> &mut dyn super::exports::Exports;
    fn export_rows(&mut self) -> &mut dyn super::exports::ExportRows;
    fn application_board(&mut self) -> &mut dyn super::application_board::ApplicationBoard;
    fn appraisals(&mut self) -> &mut dyn super::appraisals::Appraisals;
    fn callbacks(&mut self) -> &mut dyn super::callbacks::Callbacks;
    fn complaints(&mut self) -> &mut dyn super::complaints::Complaints;
    fn content(&mut self) -> &mut dyn super::content::ContentShelf;
    fn city_rules(&mut self) -> &mut dyn super::city_rules::CityRules;
    fn consents(&mut self) -> &mut dyn super::consents::Consents;
    fn diligence(&mut self) -> &mut dyn super::diligence::DiligencePapers;
    fn drafts(&mut self) -> &mut dyn super::drafts::Drafts;
    fn estimates(&mut self) -> &mut dyn super::estimates::Estimates;
    fn sizes(&mut self) -> &mut dyn super::sizes::SizeDeclarations;
    fn sms_tries(&mut self) -> &mut dyn super::sms_log::SmsTries;
    fn submissions(&mut self) -> &mut dyn super::submissions::Submissions;
    fn lending(&mut self) -> &mut dyn super::lending::Lending;
    fn loan_corrections(&mut self) -> &mut dyn super::loan_corrections::LoanCorrections;
    fn loans(&mut self) -> &mut dyn super::loans::Loans;
    fn letters(&mut self) -> &mut dyn super::letters::Letters;
    fn messages(&mut self) -> &mut dyn super::messages::Messages;
    fn appeals(&mut self) -> &mut dyn super::appeals::Appeals;
    fn settings_changes(&mut self) -> &mut dyn super::settings_changes::SettingsChanges;
    fn dispatch_board(&mut self) -> &mut dyn super::dispatch_board::DispatchBoard;
    fn dispatch_rules(&mut self) -> &mut dyn super::dispatch_rules::DispatchRules;
    fn institution_board(&mut self) -> &mut dyn super::institution_board::InstitutionBoard;
    fn institution_desk(&mut self) -> &mut dyn super::institution_desk::InstitutionDesk;
    fn moves(&mut self) -> &mut dyn super::moves::Moves;
    fn ratings(&mut self) -> &mut dyn super::ratings::Ratings;
    fn reconsiderations(&mut self) -> &mut dyn super::reconsiderations::Reconsiderations;
    fn reminders(&mut self) -> &mut dyn super::reminders::Reminders;
    fn renewals(&mut self) -> &mut dyn super::renewals::Renewals;
    fn people(&mut self) -> &mut dyn super::people::People;
    fn product_offers(&mut self) -> &mut dyn super::product_offers::ProductOffers;
    fn product_shelf(&mut self) -> &mut dyn super::product_shelf::ProductShelf;
    fn profile_drafts(&mut self) -> &mut dyn super::profile_drafts::ProfileDrafts;
    fn province_reports(&mut self) -> &mut dyn super::province::ProvinceReports;
    fn provincial(&mut self) -> &mut dyn super::provincial::Provincial;
    fn statistics(&mut self) -> &mut dyn super::statistics::Statistics;
    fn audit_search(&mut self) -> &mut dyn super::audit_search::AuditSearch;
    fn subsidies(&mut self) -> &mut dyn super::subsidies::Subsidies;
    fn subsidy_claims(&mut self) -> &mut dyn super::subsidy_claims::SubsidyClaims;
    fn supervision(&mut self) -> &mut dyn super::supervision::SupervisionDesk;
    fn ownership(&mut self) -> &mut dyn super::ownership::Ownership;
    fn team(&mut self) -> &mut dyn super::team::Team;
    fn tree(&mut self) -> &mut dyn super::tree::Tree;
    fn visit_lists(&mut self) -> &mut dyn super::visits::VisitLists;
    fn visit_coverage(&mut self) -> &mut dyn super::visits::VisitCoverage;
    fn visit_repairs(&mut self) -> &mut dyn super::visits::VisitRepairs;
    fn webhooks(&mut self) -> &mut dyn super::webhooks::Webhooks;
    fn wechat_people(&mut self) -> &mut dyn super::wechat::WechatPeople;
    fn kept_codes(&mut self) -> &mut dyn super::wechat::KeptCodes;
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Why storage did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row moved on since it was read.
    #[error("the row has changed since it was read")]
    Stale,
    /// A constraint said no; its name.
    #[error("constraint {0}")]
    Conflict(String),
    #[error("the database is away")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the database answered something unexpected")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}
