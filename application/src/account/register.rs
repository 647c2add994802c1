//! Registration 用户注册 (M-101 to M-116, M-201 to M-213): enterprise, person, password and consents in one transaction.

use std::sync::Arc;

use domain::{
    ids::{EnterpriseId, UserId},
    scene::Scene,
    values::{CompanyName, PersonName, PhoneNumber, RegionCode, SmsCode},
};
use secrecy::SecretString;

use super::{
    Caller, DoorTools, NewPassword, Purpose,
    codes::{Proof, SmsDesk},
    sign_in::SignIn,
};
use crate::{
    city::City,
    error::{Checks, FieldError, UseError, UseResult},
    ports::{
        accounts::{Account, AccountName, NewConsent, NewRegistration},
        codes::CodeTry,
        reference::Regions,
        sealing::Place,
        sessions::SessionKind,
        store::StoreError,
    },
};

/// Registers enterprises.
#[derive(Clone)]
pub struct Registration {
    pub sign_in: SignIn,
    pub codes: SmsDesk,
    pub regions: Arc<dyn Regions>,
}

/// What the form says.
pub struct AskRegistration {
    pub company_name: String,
    pub legal_representative: String,
    /// From the province down, empty ones allowed.
    pub region: [String; 4],
    pub phone: String,
    pub sms_code: String,
    pub new_password: NewPassword,
    /// `web` or `phone`.
    pub channel: &'static str,
    /// 来源: the code that was scanned before.
    pub scene: Option<Scene>,
    pub agreements: Vec<AgreementBox>,
}

/// One agreement's box: whether its text was opened in this version, and whether it is ticked.
#[derive(Clone, Debug)]
pub struct AgreementBox {
    pub code: String,
    pub opened: bool,
    pub ticked: bool,
}

struct Checked {
    company_name: CompanyName,
    legal_representative: PersonName,
    region: RegionCode,
    phone: PhoneNumber,
    code: SmsCode,
    password: SecretString,
}

impl Registration {
    /// Registers and signs in at once (M-216); answers the id of the new session.
    pub async fn register(&self, caller: &Caller, ask: AskRegistration) -> UseResult<String> {
        let checked = self.check(&caller.city, &ask)?;
        let (proof, code) = self
            .codes
            .prove_later(caller, Purpose::Register, &checked.phone, &checked.code)
            .await?;
        if proof == Proof::Repeated {
            return self.again(caller, &checked).await;
        }
        let new = self.prepare(caller, &checked, code, &ask).await?;
        match self.sign_in.tools.accounts.register(&new).await {
            Ok(()) => {}
            // Told only to somebody who has just proved the phone (S-15).
            Err(StoreError::Conflict(name)) if name == "users_one_phone_per_city" => {
                return Err(UseError::field("phone", "account.phone_taken"));
            }
            Err(StoreError::Conflict(name)) if name == "sms_code_used" => {
                return self.again(caller, &checked).await;
            }
            Err(error) => return Err(error.into()),
        }
        let account = Account {
            user: new.user,
            kind: SessionKind::Enterprise,
            password_hash: None,
            consecutive_failures: 0,
        };
        self.sign_in.open(caller, &account).await
    }

    fn check(&self, city: &City, ask: &AskRegistration) -> UseResult<Checked> {
        let mut checks = Checks::default();
        let company_name = checks.take("company_name", CompanyName::parse(&ask.company_name));
        let legal_representative = checks.take(
            "legal_representative",
            PersonName::parse(&ask.legal_representative),
        );
        let selects: Vec<&str> = ask.region.iter().map(String::as_str).collect();
        let region = match self.regions.of(city.id).choose(&selects) {
            Ok(region) => Some(region),
            Err(error) => {
                checks.push(FieldError::new("region", error.code()));
                None
            }
        };
        let phone = checks.take("phone", PhoneNumber::parse(&ask.phone));
        let code = checks.take("sms_code", SmsCode::parse(&ask.sms_code));
        let company = company_name.as_ref().map_or("", |name| name.as_str());
        let password = ask
            .new_password
            .check(&mut checks, city, phone.as_ref(), company);
        check_agreements(&mut checks, city, &ask.agreements);
        match (
            company_name,
            legal_representative,
            region,
            phone,
            code,
            password,
        ) {
            (
                Some(company_name),
                Some(legal_representative),
                Some(region),
                Some(phone),
                Some(code),
                Some(password),
            ) if checks.is_empty() => Ok(Checked {
                company_name,
                legal_representative,
                region,
                phone,
                code,
                password,
            }),
            _ => Err(checks.into_error()),
        }
    }

    async fn prepare(
        &self,
        caller: &Caller,
        checked: &Checked,
        code: CodeTry,
        ask: &AskRegistration,
    ) -> UseResult<NewRegistration> {
        let tools = &self.sign_in.tools;
        let city = caller.city.id;
        let user = UserId(tools.clock.new_id());
        let phone_index = tools.phone_index(city, &checked.phone).await?;
        let place = Place {
            tenant: city.0,
            table: "users",
            row: user.0,
            column: "phone_sealed",
        };
        let consents = register_consents(tools, &caller.city);
        Ok(NewRegistration {
            city,
            enterprise: EnterpriseId(tools.clock.new_id()),
            user,
            company_name: checked.company_name.as_str().to_owned(),
            legal_representative: checked.legal_representative.as_str().to_owned(),
            region_code: checked.region.as_str().to_owned(),
            phone_sealed: tools
                .sealer
                .seal(&place, checked.phone.as_str().as_bytes())?,
            phone_index,
            password_hash: tools.hasher.hash(&checked.password).await?,
            channel: ask.channel,
            scene: ask.scene.map_or_else(String::new, |scene| scene.text()),
            at: tools.clock.now(),
            consents,
            code,
            entry: crate::ports::accounts::DoorEntry {
                user: Some(user),
                ..tools.entry(caller, None, "register", "ok")
            },
        })
    }

    /// The same form sent twice: the first one registered, this one only signs in, if it names the same password.
    async fn again(&self, caller: &Caller, checked: &Checked) -> UseResult<String> {
        let tools = &self.sign_in.tools;
        let index = tools.phone_index(caller.city.id, &checked.phone).await?;
        let name = AccountName::Phone(index);
        let kind = SessionKind::Enterprise;
        let found = tools.accounts.find(caller.city.id, kind, &name).await?;
        match found {
            Some(account) if self.sign_in.fits(&account, &checked.password).await? => {
                self.sign_in.open(caller, &account).await
            }
            _ => Err(UseError::field("sms_code", "sms_code.used")),
        }
    }
}

/// The texts that whoever gets an account accepts.
pub(super) fn register_consents(tools: &DoorTools, city: &City) -> Vec<NewConsent> {
    city.ticked_on("register")
        .into_iter()
        .map(|text| NewConsent {
            id: tools.clock.new_id(),
            agreement_code: text.code.clone(),
            agreement_version: text.version.clone(),
            agreement_title: text.title.clone(),
            body_hash: tools.tokens.fingerprint(&text.body),
            purpose: "register",
            recipient: city.operator_name.clone(),
        })
        .collect()
}

/// Every text opened, read and ticked for itself (M-115).
pub(super) fn check_agreements(checks: &mut Checks, city: &City, boxes: &[AgreementBox]) {
    for text in city.ticked_on("register") {
        let given = boxes.iter().find(|b| b.code == text.code);
        let code = match given {
            Some(b) if b.opened && b.ticked => continue,
            Some(b) if b.opened => "agreement.not_ticked",
            _ => "agreement.not_opened",
        };
        checks.push(
            FieldError::new(format!("agree_{}", text.code), code).with("title", &text.short_title),
        );
    }
}
