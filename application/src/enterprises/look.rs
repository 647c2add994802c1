//! The list of the city's enterprises, and one of them: masked facts, 核验, requests, authorisations and holds.

use domain::{
    calendar::local_date,
    ids::EnterpriseId,
    size_class::class_counts,
    values::{PersonName, UnifiedSocialCreditCode},
};
use time::OffsetDateTime;

use super::EnterpriseRoom;
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::{
        admitted_codes::CodeProposal,
        branch_board::Leaf,
        enterprise_desk::{
            AccountHold, AccountState, EnterpriseAsk, EnterpriseRows, EnterpriseSearch,
            EnterpriseSheet, ProfileState, Verification, VerifiedState,
        },
        sizes::SizeDeclaration,
        supervision::{CityList, CityRow, CitySearch, HoldStatus},
    },
    profile::open_facts,
};

/// Rows of a page.
pub const PAGE: i64 = 20;
/// Requests and attempts that the page of one enterprise shows.
const SHOWN: i64 = 20;

/// The filters as the address says them.
#[derive(Clone, Debug, Default)]
pub struct ListAsk {
    pub words: String,
    pub profile: Option<ProfileState>,
    pub verified: Option<VerifiedState>,
    pub account: Option<AccountState>,
    pub county: String,
    /// A section 门类 `A` to `T`.
    pub section: String,
    pub from: Option<OffsetDateTime>,
    pub until: Option<OffsetDateTime>,
}

/// One page, and what waits for a second person.
#[derive(Clone, Debug)]
pub struct EnterpriseLeaf {
    pub found: EnterpriseRows,
    pub holds: Vec<AccountHold>,
}

/// What this person may do; each use case checks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnterprisePowers {
    pub unmask: bool,
    /// Ask for a hold, or for its end.
    pub ask_hold: bool,
    /// Settle what somebody else asked for.
    pub settle_hold: bool,
    /// Take back what this person asked for.
    pub withdraw_hold: bool,
}

/// Facts that may be shown to whoever looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaskedFacts {
    pub legal_representative: String,
    pub legal_id: String,
    pub contact_phone: String,
    pub email: String,
    pub registered_capital_cents: Option<i64>,
    pub completed_at: Option<OffsetDateTime>,
    pub first_loan: bool,
}

/// One enterprise as the city sees it.
#[derive(Clone, Debug)]
pub struct EnterpriseCase {
    pub sheet: EnterpriseSheet,
    pub facts: MaskedFacts,
    pub county: String,
    pub industry: String,
    pub verifications: Vec<Verification>,
    pub requests: Vec<CityRow>,
    /// Not all requests are shown.
    pub more_requests: bool,
    /// Its code fails the public check and was admitted all the same; who proposed it, where that was noted.
    pub doubtful: bool,
    pub proposal: Option<CodeProposal>,
    pub holds: Vec<AccountHold>,
    /// 企业划型 of this year or the last.
    pub size: Option<SizeDeclaration>,
    pub powers: EnterprisePowers,
}

impl EnterpriseCase {
    /// The hold that waits for a second person.
    pub fn open_hold(&self) -> Option<&AccountHold> {
        self.holds.iter().find(|h| h.status == HoldStatus::Open)
    }

    pub fn is_frozen(&self) -> bool {
        self.sheet.row.account == AccountState::Frozen
    }
}

impl EnterpriseRoom {
    /// One page of the enterprises that fit.
    pub async fn list(
        &self,
        actor: &Actor,
        ask: &ListAsk,
        leaf: Leaf,
    ) -> UseResult<EnterpriseLeaf> {
        let permit = self
            .watch
            .permit(actor, Room::Enterprises, Action::View, actor.tenant)
            .await?;
        let section = ask.section.trim();
        let wanted = EnterpriseAsk {
            search: EnterpriseSearch::parse(&ask.words),
            profile: ask.profile,
            verified: ask.verified,
            account: ask.account,
            county: Some(ask.county.clone())
                .filter(|c| self.regions.of(actor.city).path(c).len() == 3),
            divisions: if section.is_empty() {
                Vec::new()
            } else {
                self.divisions(section)
            },
            from: ask.from,
            until: ask.until,
        };
        let mut work = self.store.begin(&permit).await?;
        let found = work
            .enterprise_desk()
            .enterprise_rows(&wanted, leaf, PAGE)
            .await?;
        let holds = work.enterprise_desk().open_account_holds().await?;
        Ok(EnterpriseLeaf { found, holds })
    }

    /// One enterprise; of another city there is none.
    pub async fn view(&self, actor: &Actor, id: EnterpriseId) -> UseResult<EnterpriseCase> {
        let permit = self
            .watch
            .permit(actor, Room::Enterprises, Action::View, id)
            .await?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let sheet = work.enterprise_desk().enterprise_sheet(id).await?;
        let facts = work.enterprises().facts(id).await?;
        let (Some(sheet), Some(facts)) = (sheet, facts) else {
            drop(work);
            let missing = self
                .watch
                .missing(actor, Room::Enterprises, Action::View, id);
            return Err(missing.await);
        };
        let verifications = work.enterprise_desk().verifications(id, SHOWN).await?;
        let search = CitySearch::Enterprise(id);
        let now = self.watch.clock.now();
        let requests = work
            .supervision()
            .city_rows(CityList::All, Some(&search), None, now, Leaf::First, SHOWN)
            .await?;
        let holds = work.enterprise_desk().account_holds(id).await?;
        let year = local_date(now).year();
        let size = work.sizes().latest_size(id).await?;
        let code = UnifiedSocialCreditCode::accept_doubtful(&sheet.row.credit_code);
        let doubtful = code.is_ok_and(|code| code.doubt().is_some());
        let proposal = if doubtful {
            work.admitted_codes()
                .proposal_of(&sheet.row.credit_code)
                .await?
        } else {
            None
        };
        drop(work);
        let opened = open_facts(&*self.sealer, actor.city, &facts)?;
        let shown = |text: Option<String>| text.unwrap_or_default();
        let mut case = EnterpriseCase {
            county: self.county(actor.city, &sheet.row.region_code),
            industry: self.industry(&sheet.row.industry_code),
            facts: MaskedFacts {
                legal_representative: PersonName::parse(&opened.legal_representative)
                    .map_or_else(|_| "***".to_owned(), |name| name.masked()),
                legal_id: shown(opened.legal_id.map(|id| id.masked())),
                contact_phone: shown(opened.contact_phone.map(|phone| phone.masked())),
                email: shown(opened.email.map(|mail| mail.masked())),
                registered_capital_cents: opened.registered_capital_cents,
                completed_at: opened.completed_at,
                first_loan: facts.first_loan,
            },
            sheet,
            verifications,
            more_requests: requests.after,
            requests: requests.rows,
            doubtful,
            proposal,
            holds,
            size: size.filter(|d| class_counts(d.year, year)),
            powers: EnterprisePowers::default(),
        };
        case.powers = self.powers(actor, &case).await;
        Ok(case)
    }

    async fn powers(&self, actor: &Actor, case: &EnterpriseCase) -> EnterprisePowers {
        let guard = &self.watch.guard;
        let may = |action| guard.may(actor, Room::Enterprises, action);
        let alive = case.sheet.row.account != AccountState::Closed;
        let open = case.open_hold();
        EnterprisePowers {
            unmask: alive && may(Action::Unmask).await,
            ask_hold: alive && open.is_none() && may(Action::Ask).await,
            settle_hold: open.is_some_and(|h| h.asked_by != actor.user)
                && may(Action::Confirm).await,
            withdraw_hold: open.is_some_and(|h| h.asked_by == actor.user) && may(Action::Ask).await,
        }
    }
}
