//! Profile 完善信息: the facts of an enterprise, as M-404 to M-421 ask for them.

mod code;
mod draft;
mod save;
mod view;

use std::sync::Arc;

use domain::{
    enterprise::{Profile, RequiredFact},
    ids::{EnterpriseId, TenantId},
    values::{Cents, EmailAddress, PhoneNumber, ResidentId},
};
use secrecy::SecretString;
use time::OffsetDateTime;

pub use draft::ProfileDraft;

use crate::{
    access::{Actor, Guard},
    account::codes::SmsDesk,
    error::{UseError, UseResult},
    files::KeptFile,
    ports::{
        clock::Clock,
        enterprises::{EnterpriseFacts, Recommender},
        hashing::PasswordHasher,
        reference::{IndustryDirectory, Regions},
        sealing::{Place, Sealer},
        store::Store,
    },
    sessions::SessionKeeper,
};

/// 完善信息.
#[derive(Clone)]
pub struct Profiles {
    pub guard: Guard,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub sealer: Arc<dyn Sealer>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub regions: Arc<dyn Regions>,
    pub industries: Arc<dyn IndustryDirectory>,
    pub codes: SmsDesk,
    pub sessions: SessionKeeper,
}

/// The facts as the page needs them, opened.
pub struct OpenedFacts {
    pub name: String,
    pub legal_representative: String,
    pub region_code: String,
    pub credit_code: String,
    pub registered_capital_cents: Option<i64>,
    pub legal_id: Option<ResidentId>,
    pub contact_phone: Option<PhoneNumber>,
    pub industry_code: String,
    pub address: String,
    pub recommender: Option<TenantId>,
    pub email: Option<EmailAddress>,
    pub completed_at: Option<OffsetDateTime>,
    pub version: i32,
}

impl OpenedFacts {
    /// Whether they are what that form says.
    fn say(&self, form: &Profile) -> bool {
        self.name == form.name.as_str()
            && self.legal_representative == form.legal_representative.as_str()
            && self.region_code == form.region.as_str()
            && self.credit_code == form.credit_code.as_str()
            && self.registered_capital_cents == form.registered_capital.map(Cents::cents)
            && self.legal_id.as_ref() == Some(&form.legal_id)
            && self.contact_phone.as_ref() == Some(&form.contact_phone)
            && self.industry_code == form.industry.as_str()
            && self.address == form.address.as_str()
            && self.recommender == form.recommender
            && self.email == form.email
    }
}

/// What the page shows.
pub struct ProfilePage {
    pub facts: OpenedFacts,
    pub files: Vec<KeptFile>,
    pub missing: Vec<RequiredFact>,
    pub recommenders: Vec<Recommender>,
    /// Of the account: where the code goes.
    pub phone: PhoneNumber,
    pub face_verified: bool,
    /// 企业管理员 only; others read.
    pub may_save: bool,
}

/// The form as typed.
pub struct SaveProfile {
    pub version: i32,
    pub name: String,
    pub credit_code: String,
    pub registered_capital: String,
    pub legal_representative: String,
    /// Empty keeps the stored one.
    pub legal_id: String,
    /// Empty keeps the stored one.
    pub contact_phone: String,
    /// 省, 市, 县区, 乡镇.
    pub region: [String; 4],
    /// 产业, 大类, 中类.
    pub industry: [String; 3],
    pub address: String,
    pub recommender: String,
    pub email: String,
    pub password: SecretString,
    pub password_again: SecretString,
    pub sms_code: String,
}

/// What saving came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedProfile {
    /// Another legal representative was named: 人脸核验 starts anew.
    pub representative_changed: bool,
    pub face_verified: bool,
}

fn fact_place(city: TenantId, enterprise: EnterpriseId, column: &'static str) -> Place {
    Place {
        tenant: city.0,
        table: "enterprises",
        row: enterprise.0,
        column,
    }
}

/// Opens the sealed facts of an enterprise; the keys of the city must be ready.
pub fn open_facts(
    sealer: &dyn Sealer,
    city: TenantId,
    facts: &EnterpriseFacts,
) -> UseResult<OpenedFacts> {
    let text = |column, sealed: &Option<Vec<u8>>| -> UseResult<Option<String>> {
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let plain = sealer.open(&fact_place(city, facts.id, column), sealed)?;
        String::from_utf8(plain).map(Some).map_err(UseError::bug)
    };
    let broken = |e: &dyn std::fmt::Display| UseError::bug(e.to_string());
    Ok(OpenedFacts {
        name: facts.name.clone(),
        legal_representative: facts.legal_representative.clone(),
        region_code: facts.region_code.clone(),
        credit_code: facts.credit_code.clone().unwrap_or_default(),
        registered_capital_cents: facts.registered_capital_cents,
        legal_id: text("legal_id_sealed", &facts.legal_id_sealed)?
            .map(|id| ResidentId::restore(&id).map_err(|e| broken(&e)))
            .transpose()?,
        contact_phone: text("contact_phone_sealed", &facts.contact_phone_sealed)?
            .map(|p| PhoneNumber::parse(&p).map_err(|e| broken(&e)))
            .transpose()?,
        industry_code: facts.industry_code.clone().unwrap_or_default(),
        address: facts.address.clone().unwrap_or_default(),
        recommender: facts.recommender,
        email: text("email_sealed", &facts.email_sealed)?
            .map(|e| EmailAddress::parse(&e).map_err(|e| broken(&e)))
            .transpose()?,
        completed_at: facts.completed_at,
        version: facts.version,
    })
}

impl Profiles {
    fn enterprise(actor: &Actor) -> UseResult<EnterpriseId> {
        actor.enterprise.ok_or_else(UseError::not_found)
    }

    /// The phone of the account, to which the code goes.
    fn open_phone(&self, actor: &Actor, sealed: &[u8]) -> UseResult<PhoneNumber> {
        let place = Place {
            tenant: actor.city.0,
            table: "users",
            row: actor.user.0,
            column: "phone_sealed",
        };
        let plain = self.sealer.open(&place, sealed)?;
        let text = String::from_utf8(plain).map_err(UseError::bug)?;
        PhoneNumber::parse(&text).map_err(|e| UseError::bug(e.to_string()))
    }
}
