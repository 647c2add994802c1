//! Save 保存: every field is checked and told at once; facts, password and sessions change together.

use domain::{
    calendar::SHANGHAI,
    enterprise::Profile,
    ids::{EnterpriseId, TenantId},
    values::{
        Address, Cents, CompanyName, EmailAddress, ForbiddenInPassword, Password, PersonName,
        PhoneNumber, ResidentId, SmsCode, UnifiedSocialCreditCode,
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{OpenedFacts, ProfilePage, Profiles, SaveProfile, SavedProfile, fact_place};
use crate::{
    access::{Action, Actor, Permit, Room},
    account::{
        Caller, Purpose,
        codes::Proof,
        own::{WRONG_CURRENT, guesses},
    },
    error::{Checks, FieldError, UseError, UseResult},
    ports::{
        accounts::AccountName,
        audit::AuditEntry,
        enterprises::{EnterpriseFacts, ProfileFacts},
        limits::LimitAsk,
        sessions::SessionKind,
        store::StoreError,
    },
};

/// A form whose every field is right.
struct Checked {
    profile: Profile,
    password: SecretString,
    code: SmsCode,
}

impl Profiles {
    /// Saves 完善信息; the code of the account's phone must be right, and the password becomes the one to sign in with. The code is
    /// used up with what it was for: where nothing was saved, it is still good.
    pub async fn save(
        &self,
        actor: &Actor,
        caller: &Caller,
        ask: SaveProfile,
    ) -> UseResult<SavedProfile> {
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::Save)
            .await?;
        let enterprise = Self::enterprise(actor)?;
        let page = self.view(actor).await?;
        let admitted = self.is_admitted(&permit, &ask.credit_code).await?;
        let checked = self.check(caller, &page, &ask, admitted)?;
        let (proof, code) = self
            .codes
            .prove_later(caller, Purpose::Profile, &page.phone, &checked.code)
            .await?;
        if proof == Proof::Repeated {
            return self.replayed(actor, ask.version, &checked).await;
        }
        let hash = self.hasher.hash(&checked.password).await?;
        let facts = self.seal(actor.city, enterprise, &checked.profile)?;
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let used = work.own_account().use_own_code(&code).await;
        match used {
            Ok(()) => {}
            Err(StoreError::Conflict(name)) if name == "sms_code_used" => {
                drop(work);
                return self.replayed(actor, ask.version, &checked).await;
            }
            Err(error) => return Err(error.into()),
        }
        let before = work
            .enterprises()
            .facts_for_update(enterprise)
            .await?
            .ok_or_else(UseError::not_found)?;
        let files = work.enterprise_files().current_files(enterprise).await?;
        missing_files(&before, &files)?;
        work.enterprises()
            .save_profile(enterprise, ask.version, &facts, at)
            .await
            .map_err(told)?;
        let changed = representative_changed(&before, &facts);
        if changed {
            work.face_checks().clear_verified(enterprise, at).await?;
        }
        work.profile_drafts().drop_own_draft().await?;
        work.own_account().set_own_password(&hash, at).await?;
        work.own_account()
            .end_other_sessions(actor.session, at)
            .await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), "profile.save", enterprise, at)
            .detail(json!({ "representative_changed": changed }));
        work.audit().write(entry).await?;
        work.commit().await?;
        self.sessions.forget();
        Ok(SavedProfile {
            representative_changed: changed,
            face_verified: page.face_verified && !changed,
        })
    }

    /// Only looks: what would be refused, with nothing saved and no code used up. For a form whose photo was refused.
    pub async fn look_over(
        &self,
        actor: &Actor,
        caller: &Caller,
        ask: &SaveProfile,
    ) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::Save)
            .await?;
        let page = self.view(actor).await?;
        let admitted = self.is_admitted(&permit, &ask.credit_code).await?;
        self.check(caller, &page, ask, admitted).map(|_| ())
    }

    /// The same form twice: the first one was saved. What was changed since is not taken for saved: it needs a code of its own.
    async fn replayed(
        &self,
        actor: &Actor,
        version: i32,
        checked: &Checked,
    ) -> UseResult<SavedProfile> {
        // Read anew: the first one may have come in between.
        let page = self.view(actor).await?;
        let facts = &page.facts;
        let next = facts.version.checked_sub(1) == Some(version);
        if facts.completed_at.is_none() || !next || !facts.say(&checked.profile) {
            return Err(UseError::field("sms_code", "sms_code.used"));
        }
        match self.is_own_password(actor, &checked.password).await? {
            Some(true) => Ok(SavedProfile {
                representative_changed: false,
                face_verified: page.face_verified,
            }),
            Some(false) => Err(UseError::invalid(vec![
                FieldError::new("password", "password.not_saved"),
                FieldError::new("sms_code", "sms_code.used"),
            ])),
            None => Err(UseError::field("sms_code", "sms_code.used")),
        }
    }

    /// Whether it is the one to sign in with by now; nobody is told who has guessed too often.
    async fn is_own_password(
        &self,
        actor: &Actor,
        password: &SecretString,
    ) -> UseResult<Option<bool>> {
        let tools = &self.codes.tools;
        let (bucket, now) = (guesses(actor), self.clock.now());
        let ask = LimitAsk::new(&bucket, [WRONG_CURRENT]);
        if tools.limits.look(&[ask], now).await?.is_some() {
            return Ok(None);
        }
        let name = AccountName::Id(actor.user);
        let kind = SessionKind::Enterprise;
        let found = tools.accounts.find(actor.city, kind, &name).await?;
        let Some(hash) = found.and_then(|account| account.password_hash) else {
            return Ok(None);
        };
        let is_right = self.hasher.verify(password, &hash).await?.is_right();
        if !is_right {
            let window = WRONG_CURRENT.window;
            tools.limits.count(&bucket, window, now).await?;
        }
        Ok(Some(is_right))
    }

    /// Whether the city has admitted this code although it fails the public check.
    async fn is_admitted(&self, permit: &Permit, typed: &str) -> UseResult<bool> {
        match UnifiedSocialCreditCode::accept_doubtful(typed) {
            Ok(code) if code.doubt().is_some() => {
                let mut work = self.store.begin(permit).await?;
                Ok(work.admitted_codes().is_admitted(code.as_str()).await?)
            }
            _ => Ok(false),
        }
    }

    fn check(
        &self,
        caller: &Caller,
        page: &ProfilePage,
        ask: &SaveProfile,
        admitted: bool,
    ) -> UseResult<Checked> {
        let mut checks = Checks::default();
        for file in domain::enterprise::ProfileFile::ALL {
            if !page.files.iter().any(|f| f.kind == file.code()) {
                checks.push(FieldError::new(file.code(), "file.missing"));
            }
        }
        let city = &caller.city;
        let profile = self.check_facts(&mut checks, city.id, page, ask, admitted);
        let names = [
            city.name.as_str(),
            city.second_name.as_str(),
            ask.name.as_str(),
        ];
        let forbidden = ForbiddenInPassword {
            phone: Some(&page.phone),
            names: &names,
        };
        let password = checks.take(
            "password",
            Password::parse(ask.password.expose_secret(), forbidden),
        );
        let again = ask.password_again.expose_secret();
        if again.is_empty() {
            checks.push(FieldError::new("password_again", "password_again.empty"));
        } else if again != ask.password.expose_secret() {
            checks.push(FieldError::new("password_again", "password_again.differs"));
        }
        let code = checks.take("sms_code", SmsCode::parse(&ask.sms_code));
        match (profile, password, code) {
            (Some(profile), Some(password), Some(code)) if checks.is_empty() => Ok(Checked {
                profile,
                password: SecretString::from(password.expose().to_owned()),
                code,
            }),
            _ => Err(checks.into_error()),
        }
    }

    /// The facts in the order of the page.
    fn check_facts(
        &self,
        checks: &mut Checks,
        city: TenantId,
        page: &ProfilePage,
        ask: &SaveProfile,
        admitted: bool,
    ) -> Option<Profile> {
        let stored: &OpenedFacts = &page.facts;
        let today = self.clock.now().to_offset(SHANGHAI).date();
        let name = checks.take("name", CompanyName::parse(&ask.name));
        let credit_code = checks.take(
            "unified_social_credit_code",
            if admitted {
                UnifiedSocialCreditCode::accept_doubtful(&ask.credit_code)
            } else {
                UnifiedSocialCreditCode::parse(&ask.credit_code)
            },
        );
        let capital = optional(&ask.registered_capital, |text| {
            checks.take("registered_capital", Cents::parse_wan(text))
        });
        let representative = checks.take(
            "legal_representative",
            PersonName::parse(&ask.legal_representative),
        );
        let legal_id = match (&stored.legal_id, ask.legal_id.trim()) {
            (Some(kept), "") => Some(kept.clone()),
            (_, typed) => checks.take("legal_id", ResidentId::parse(typed, today)),
        };
        let phone = match (&stored.contact_phone, ask.contact_phone.trim()) {
            (Some(kept), "") => Some(kept.clone()),
            (_, typed) => checks.take("contact_phone", PhoneNumber::parse(typed)),
        };
        let selects = ask.region.each_ref().map(String::as_str);
        let region = match self.regions.of(city).choose(&selects) {
            Ok(code) => Some(code),
            Err(error) => {
                checks.push(FieldError::new("region", error.code()));
                None
            }
        };
        let [sector, division, group] = ask.industry.each_ref().map(String::as_str);
        let industry = match self.industries.choose(sector, division, group) {
            Ok(code) => Some(code),
            Err(error) => {
                checks.push(FieldError::new("industry", error.code()));
                None
            }
        };
        let address = checks.take("address", Address::parse(&ask.address));
        let recommender = optional(&ask.recommender, |id| {
            let known = page.recommenders.iter().find(|r| r.id.to_string() == id);
            if known.is_none() {
                checks.push(FieldError::new("recommender", "recommender.unknown"));
            }
            known.map(|r| r.id)
        });
        let email = optional(&ask.email, |text| {
            checks.take("email", EmailAddress::parse(text))
        });
        Some(Profile {
            name: name?,
            credit_code: credit_code?,
            registered_capital: capital,
            legal_representative: representative?,
            legal_id: legal_id?,
            contact_phone: phone?,
            region: region?,
            industry: industry?,
            address: address?,
            recommender,
            email,
        })
    }

    fn seal(
        &self,
        city: TenantId,
        enterprise: EnterpriseId,
        profile: &Profile,
    ) -> UseResult<ProfileFacts> {
        let sealed = |column, plain: &str| {
            self.sealer
                .seal(&fact_place(city, enterprise, column), plain.as_bytes())
        };
        Ok(ProfileFacts {
            name: profile.name.as_str().to_owned(),
            legal_representative: profile.legal_representative.as_str().to_owned(),
            region_code: profile.region.as_str().to_owned(),
            credit_code: profile.credit_code.as_str().to_owned(),
            registered_capital_cents: profile.registered_capital.map(Cents::cents),
            legal_id_sealed: sealed("legal_id_sealed", profile.legal_id.as_str())?,
            legal_id_index: self.sealer.blind_index(
                city.0,
                "legal_id",
                profile.legal_id.as_str(),
            )?,
            contact_phone_sealed: sealed("contact_phone_sealed", profile.contact_phone.as_str())?,
            industry_code: profile.industry.as_str().to_owned(),
            address: profile.address.as_str().to_owned(),
            recommender: profile.recommender,
            email_sealed: profile
                .email
                .as_ref()
                .map(|e| sealed("email_sealed", e.as_str()))
                .transpose()?,
        })
    }
}

/// The value of an optional field: none when it is empty, none too when it is wrong, which `parse` has noted.
fn optional<T>(typed: &str, mut parse: impl FnMut(&str) -> Option<T>) -> Option<T> {
    match typed.trim() {
        "" => None,
        text => parse(text),
    }
}

/// A photo that was taken back while the form was being sent.
fn missing_files(
    facts: &EnterpriseFacts,
    files: &[crate::ports::enterprise_files::FileRow],
) -> UseResult<()> {
    let mut checks = Checks::default();
    let gone = facts.missing(files);
    for file in domain::enterprise::ProfileFile::ALL {
        if gone.iter().any(|fact| fact.code() == file.code()) {
            checks.push(FieldError::new(file.code(), "file.missing"));
        }
    }
    checks.finish()
}

fn representative_changed(before: &EnterpriseFacts, after: &ProfileFacts) -> bool {
    let other_number = before
        .legal_id_index
        .as_deref()
        .is_some_and(|index| index != after.legal_id_index);
    other_number || before.legal_representative != after.legal_representative
}

/// One constraint is the person's business: the code stands in another enterprise's profile.
fn told(error: StoreError) -> UseError {
    match error {
        StoreError::Conflict(name) if name.contains("unified_social_credit_code") => {
            UseError::field("unified_social_credit_code", "credit_code.taken")
        }
        other => other.into(),
    }
}
