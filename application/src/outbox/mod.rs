//! Outbox worker 发件箱: works off what changes left behind, one city and one notice at a time, at least once (S-42).

mod alarms;
pub(crate) mod letters;
mod patience;
mod quiet;
mod wechat;

use std::sync::Arc;

use domain::{
    financing::{ApplicationRecord, ClockKind, FinancingApplication, Stage},
    ids::{FinancingApplicationId, MessageId, TenantId, UserId},
    tenant::Role,
    values::PhoneNumber,
};
use letters::Call;
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use alarms::Alarms;
pub(crate) use patience::wait;
pub use patience::{TRIES, delay};
pub use quiet::QuietHours;

use crate::{
    access::Permit,
    account,
    city::Cities,
    complaints, content,
    dossier::{self, TOO_MANY_VIEWS},
    enterprises,
    error::{UseError, UseResult},
    exports,
    identity::notices,
    institutions,
    mini::{CHECK, CODE, DOUBTFUL},
    ownership,
    ports::{
        clock::Clock,
        files::FileVault,
        messages::NewMessage,
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        plugs::Plugs,
        sealing::{Place, Sealer},
        sms::{Sms, SmsError, SmsSender},
        store::{Store, UnitOfWork},
        wechat::MiniProgram,
    },
    products, province, ratings,
    rules::{self, texts::CityWords},
    settings, subsidies, supervision,
    turns::{Turn, caught},
};

/// Topic of a message to a phone; made from an event by this worker itself.
pub(crate) const SMS: &str = "application.sms";
/// Topic of a message about an account, to the phone of a person or to one that is gone from the row (sealed in the payload).
pub(crate) const ACCOUNT_SMS: &str = "account.sms";
/// How long a notice is another worker's business while its provider is asked.
const LEASE: Duration = Duration::minutes(2);
/// Over which the city's budget of messages is counted.
pub(crate) const BUDGET_WINDOW: Duration = Duration::hours(24);
/// Notices of one round, so that no city waits for another.
const ROUND: usize = 200;

/// Where notices go.
#[derive(Clone)]
pub struct Channels {
    pub sms: Arc<dyn Plugs<dyn SmsSender>>,
    pub words: Arc<dyn NoticeWords>,
    pub mini: Arc<dyn Plugs<MiniProgram>>,
    /// Where codes are kept.
    pub vault: Arc<dyn FileVault>,
}

/// The worker.
#[derive(Clone)]
pub struct Deliverer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cities: Arc<dyn Cities>,
    sealer: Arc<dyn Sealer>,
    channels: Channels,
}

/// Why a notice did not go out.
enum Failure {
    /// May succeed later.
    Later(String),
    /// Its provider is away, busy or owes an answer: no try is counted. Not before so long, where the provider says so.
    Away(String, Option<std::time::Duration>),
    /// It is not to go out before an instant.
    Held(OffsetDateTime),
    /// Never will: people look at it.
    Never(String),
}

impl Failure {
    fn later(why: impl std::fmt::Display) -> Self {
        Self::Later(why.to_string())
    }

    fn away(why: impl std::fmt::Display, asked: Option<std::time::Duration>) -> Self {
        Self::Away(why.to_string(), asked)
    }
}

impl From<SmsError> for Failure {
    fn from(error: SmsError) -> Self {
        match error {
            SmsError::Refused { .. } => Self::Never(error.to_string()),
            SmsError::Throttled { after } => Self::away(error, after),
            SmsError::Unclear | SmsError::Unreachable(_) => Self::away(error, None),
            // A receipt may still tell; people decide if none comes.
            SmsError::Unknowable => Self::later(error),
        }
    }
}

impl From<UseError> for Failure {
    fn from(error: UseError) -> Self {
        let cause = error.source.map_or(String::new(), |s| format!(": {s}"));
        Self::later(format!("{}{cause}", error.code))
    }
}

impl From<crate::ports::store::StoreError> for Failure {
    fn from(error: crate::ports::store::StoreError) -> Self {
        Self::from(UseError::from(error))
    }
}

impl Deliverer {
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cities: Arc<dyn Cities>,
        sealer: Arc<dyn Sealer>,
        channels: Channels,
    ) -> Self {
        Self {
            store,
            clock,
            cities,
            sealer,
            channels,
        }
    }

    /// Works off what is due in the city of the permit; answers how many notices were handled.
    pub async fn work_off(&self, permit: &Permit) -> UseResult<usize> {
        self.sealer.ready(permit.city().0).await?;
        for handled in 0..ROUND {
            if !self.one(permit).await? {
                return Ok(handled);
            }
        }
        Ok(ROUND)
    }

    async fn one(&self, permit: &Permit) -> UseResult<bool> {
        let mut work = self.store.begin(permit).await?;
        let now = self.clock.now();
        let Some(notice) = work.outbox().take_due(now, 1).await?.pop() else {
            return Ok(false);
        };
        if [SMS, ACCOUNT_SMS, CODE, CHECK].contains(&notice.topic.as_str()) {
            // Nothing leaves inside a transaction: the row is leased, and the outcome noted in another one.
            work.outbox().put_off(notice.id, now + LEASE).await?;
            work.commit().await?;
            let outcome = turn_of(&notice, Box::pin(self.send_out(permit, &notice))).await;
            self.settle(permit, &notice, outcome).await?;
            return Ok(true);
        }
        let put = self.put_messages(permit, &mut *work, &notice);
        let outcome = match turn_of(&notice, Box::pin(put)).await {
            Ok(()) => close(work, &notice, now).await,
            Err(failure) => {
                drop(work);
                Err(failure)
            }
        };
        if outcome.is_err() {
            self.settle(permit, &notice, outcome).await?;
        }
        Ok(true)
    }

    /// What leaves this process.
    async fn send_out(&self, permit: &Permit, notice: &OutboxNotice) -> Result<(), Failure> {
        match notice.topic.as_str() {
            CODE => self.draw_code(permit, notice).await,
            CHECK => self.check_content(permit, notice).await,
            ACCOUNT_SMS => self.send_account_sms(permit, notice).await,
            _ => self.send_message(permit, notice).await,
        }
    }

    /// Notices by SMS wait for the morning, and while the city's budget is used up. Those by WeChat wait for neither: the person
    /// asked for each of them, they cost nothing, and the phone is quiet when its owner told it to be.
    async fn not_now(&self, permit: &Permit) -> Result<(), Failure> {
        let now = self.clock.now();
        let Some(city) = self.cities.by_id(permit.city()) else {
            return Ok(());
        };
        if let Some(morning) = city.sms_quiet.and_then(|quiet| quiet.end(now)) {
            return Err(Failure::Held(morning));
        }
        let mut work = self.store.begin(permit).await?;
        let sent = work.sms_tries().sent_since(now - BUDGET_WINDOW).await?;
        if sent >= i64::from(city.sms_daily_budget) {
            return Err(Failure::Held(now + Duration::hours(1)));
        }
        Ok(())
    }

    async fn settle(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
        outcome: Result<(), Failure>,
    ) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        let now = self.clock.now();
        // What stands beside the letter that it belongs to: out, given up, or nothing new.
        let mut out = None;
        match outcome {
            Ok(()) => {
                work.outbox().done(notice.id, now).await?;
                out = Some(true);
            }
            Err(Failure::Never(why)) => {
                tracing::warn!(notice = %notice.id, topic = notice.topic, why, "a notice was parked");
                work.outbox().failed(notice.id, None, &why, now).await?;
                out = Some(false);
            }
            Err(Failure::Held(until)) => work.outbox().hold(notice.id, until, now).await?,
            Err(Failure::Away(why, asked)) => {
                let since = notice.waiting_since.unwrap_or(now);
                let asked = asked.and_then(|wait| Duration::try_from(wait).ok());
                let wait = patience::wait(since, now, self.clock.new_id());
                tracing::warn!(notice = %notice.id, topic = notice.topic, %since, why, "a notice waits for its provider");
                if let Some(wait) = wait {
                    let until = now + asked.map_or(wait, |asked| asked.max(wait));
                    work.outbox().wait(notice.id, until, &why, now).await?;
                } else {
                    work.outbox().failed(notice.id, None, &why, now).await?;
                    out = Some(false);
                }
            }
            Err(Failure::Later(why)) => {
                let next = delay(notice.tries, self.clock.new_id()).map(|wait| now + wait);
                tracing::warn!(notice = %notice.id, topic = notice.topic, tries = notice.tries + 1, why, "a notice did not go out");
                work.outbox().failed(notice.id, next, &why, now).await?;
                out = next.is_none().then_some(false);
            }
        }
        if let Some(out) = out.filter(|_| notice.topic == SMS) {
            work.messages().rang(notice.id, out).await?;
        }
        work.commit().await?;
        Ok(())
    }

    async fn put_messages(
        &self,
        permit: &Permit,
        work: &mut dyn UnitOfWork,
        notice: &OutboxNotice,
    ) -> Result<(), Failure> {
        let city = self.cities.by_id(permit.city());
        let words = &CityWords::new(self.channels.words.clone(), city.as_deref());
        if notices::is_ours(&notice.topic) {
            let letters = notices::deliver(work, notice, words)
                .await
                .map_err(Failure::later)?;
            return self.put_letters(work, notice, letters).await;
        }
        if products::notices::is_ours(&notice.topic) {
            let letters = products::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if content::notices::is_ours(&notice.topic) {
            let letters = content::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == complaints::notices::TOPIC {
            let city = permit.city();
            let letters = complaints::notices::deliver(work, city, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == ratings::notices::TOPIC {
            let letters = ratings::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if enterprises::notices::is_ours(&notice.topic) {
            let letters =
                enterprises::notices::deliver(work, permit.city(), city.as_deref(), notice, words)
                    .await?;
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == subsidies::notices::TOPIC {
            let letters = subsidies::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if ownership::notices::is_ours(&notice.topic) {
            let (at, city) = (permit.city(), city.as_deref());
            let letters = ownership::notices::deliver(work, at, city, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if institutions::notices::is_ours(&notice.topic) {
            let letters =
                institutions::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == province::notices::TOPIC {
            let letters = province::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if exports::notices::is_ours(&notice.topic) {
            let letters = exports::notices::deliver(work, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if rules::notices::is_ours(&notice.topic) {
            let letters = rules::notices::deliver(work, permit.city(), notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if settings::notices::is_ours(&notice.topic) {
            let letters = settings::notices::deliver(work, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        if account::notices::is_ours(&notice.topic) {
            let letters = account::notices::letters(permit.city(), notice, words);
            return self.put_letters(work, notice, letters).await;
        }
        if notice.topic == TOO_MANY_VIEWS {
            let letters = dossier::too_many_views(work, notice, words).await?;
            return self.put_letters(work, notice, letters).await;
        }
        let application = application_of(work, &notice.payload).await?;
        let letters = match notice.topic.as_str() {
            "application.event" => letters::of_event(&application, &notice.payload, words),
            "application.note" => letters::of_note(&application, &notice.payload, words),
            "letter.sent" => letters::of_letter(&application, &notice.payload, words),
            "consent.withdrawn" => {
                let code = "notice.staff.consent_withdrawn";
                letters::of_consent(&application, &notice.payload, code, words)
            }
            "consent.renewed" => {
                let code = "notice.staff.consent_renewed";
                letters::of_consent(&application, &notice.payload, code, words)
            }
            "move.asked" => letters::of_move(&application, &notice.payload, true, words),
            "correction.asked" => letters::of_correction(&application, &notice.payload, words),
            DOUBTFUL => letters::of_doubtful(&application, &notice.payload, words),
            "appeal.declined" => letters::of_appeal(&application, words),
            "move.answered" => letters::of_move(&application, &notice.payload, false, words),
            other => supervision::letters_of(&application, notice, words)
                .ok_or_else(|| Failure::Never(format!("nobody delivers {other}")))?,
        };
        self.put_letters(work, notice, letters).await?;
        crate::bank_api::post::announce(work, &application, notice).await?;
        self.ring_phones(work, &application, notice).await?;
        debug_assert_eq!(permit.city(), application.record().tenant);
        Ok(())
    }

    /// Phones that a notice rings besides the letters that it writes.
    async fn ring_phones(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        notice: &OutboxNotice,
    ) -> Result<(), Failure> {
        let payload = &notice.payload;
        match notice.topic.as_str() {
            "letter.sent" if payload["what"] == "call_request" => {
                self.ring_for_a_call(work, application).await
            }
            "move.asked" => {
                let key = letters::move_key(payload, "asked");
                self.ring_applicant(work, application, "move_asked", &key, payload)
                    .await
            }
            "application.note" if payload["what"] == "renewal_invited" => {
                let key = letters::note_key(payload);
                self.ring_applicant(work, application, "renewal_invited", &key, payload)
                    .await
            }
            "application.event" => self.ring(work, application, payload).await,
            _ => Ok(()),
        }
    }

    /// 请求回电 rings the holder's phone.
    async fn ring_for_a_call(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
    ) -> Result<(), Failure> {
        if let Some(holder) = application.record().holder {
            let payload = Call::new("call_request", holder).payload(application);
            work.outbox()
                .push(self.clock.new_id(), SMS, payload, self.clock.now())
                .await?;
        }
        Ok(())
    }

    /// Phones that an event rings: the applicant's, and everybody's of a branch that a request has just reached (B2).
    async fn ring(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        payload: &Value,
    ) -> Result<(), Failure> {
        let record = application.record();
        if let Some(template) = template(payload) {
            let key = letters::event_key(application, payload);
            self.ring_applicant(work, application, template, &key, payload)
                .await?;
        }
        let verb = payload["verb"].as_str().unwrap_or_default();
        if record.stage == Stage::Submitted
            && ARRIVALS.contains(&verb)
            && let Some(branch) = record.handler
        {
            let roles = [Role::CustomerManager, Role::BranchHead];
            for to in work.reminders().staff_of(branch, &roles).await? {
                let told = Call::new("new_request", to).payload(application);
                work.outbox()
                    .push(self.clock.new_id(), SMS, told, self.clock.now())
                    .await?;
            }
        }
        Ok(())
    }

    /// Rings whoever made the request; how the message fares stands beside the letter of this key.
    async fn ring_applicant(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        template: &'static str,
        key: &str,
        payload: &Value,
    ) -> Result<(), Failure> {
        let call = Call::new(template, application.record().created_by);
        let mut told = call.payload(application);
        for name in ["sum", "on"] {
            told[name] = payload[name].clone();
        }
        let id = self.clock.new_id();
        work.outbox().push(id, SMS, told, self.clock.now()).await?;
        Ok(work.messages().rings(key, id).await?)
    }

    async fn put_letters(
        &self,
        work: &mut dyn UnitOfWork,
        notice: &OutboxNotice,
        letters: Vec<letters::Letter>,
    ) -> Result<(), Failure> {
        for letter in letters {
            let message = NewMessage {
                id: MessageId(self.clock.new_id()),
                to: letter.to,
                enterprise: letter.enterprise,
                dedupe_key: letter.key,
                title: letter.title,
                body: letter.body,
                link: letter.link,
                at: notice.created_at,
            };
            work.messages().put(&message).await?;
        }
        Ok(())
    }

    /// To the person's WeChat where they granted it, else to the phone.
    async fn send_message(&self, permit: &Permit, notice: &OutboxNotice) -> Result<(), Failure> {
        let mut work = self.store.begin(permit).await?;
        let application = application_of(&mut *work, &notice.payload).await?;
        let record = application.record();
        let named = notice.payload["to"]
            .as_str()
            .and_then(|text| Uuid::try_parse(text).ok())
            .map_or(record.created_by, UserId);
        let Some((to, sealed)) = reached(&mut *work, record, named).await? else {
            return Err(Failure::Never("the person is gone".to_owned()));
        };
        drop(work);
        let template = notice.payload["template"].as_str().unwrap_or_default();
        let Some(template) = TEMPLATES.iter().find(|known| **known == template) else {
            return Err(Failure::Never("no such template".to_owned()));
        };
        if (self.by_wechat(permit, notice, &application, to, template)).await? {
            return Ok(());
        }
        self.not_now(permit).await?;
        let sms = Sms {
            id: notice.id,
            city: permit.city(),
            phone: self.phone(permit.city(), to, &sealed)?,
            template,
            params: self.sms_params(&application, &notice.payload),
        };
        self.send(permit.city(), &sms).await
    }

    async fn send(&self, city: TenantId, sms: &Sms) -> Result<(), Failure> {
        let sender = self.channels.sms.of(city).await;
        let sender = sender.map_err(Failure::later)?;
        sender.send(sms).await?;
        Ok(())
    }

    async fn send_account_sms(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
    ) -> Result<(), Failure> {
        let city = permit.city();
        let text = |name: &str| notice.payload[name].as_str().unwrap_or_default().to_owned();
        let template = text("template");
        let mut known = ACCOUNT_TEMPLATES.into_iter();
        let Some(template) = known.find(|known| *known == template) else {
            return Err(Failure::Never("no such template".to_owned()));
        };
        let phone = if let Some(sealed) = account::notices::sealed_phone(&notice.payload) {
            let place = account::notices::phone_place(city, notice.id);
            let plain = self.sealer.open(&place, &sealed);
            Self::parsed(plain.map_err(|error| Failure::Never(error.to_string()))?)?
        } else {
            let to = Uuid::try_parse(&text("to")).map(UserId);
            let to = to.map_err(|error| Failure::Never(error.to_string()))?;
            let mut work = self.store.begin(permit).await?;
            let Some(sealed) = work.reminders().phone_of(to).await? else {
                return Err(Failure::Never("the person is gone".to_owned()));
            };
            self.phone(city, to, &sealed)?
        };
        if !AT_ONCE.contains(&template) {
            self.not_now(permit).await?;
        }
        let mut params = vec![("until", text("until"))];
        if notice.payload["company"].is_string() {
            params.push(("company", text("company")));
        }
        let sms = Sms {
            id: notice.id,
            city,
            phone,
            template,
            params,
        };
        self.send(city, &sms).await
    }

    fn phone(&self, city: TenantId, user: UserId, sealed: &[u8]) -> Result<PhoneNumber, Failure> {
        let place = Place {
            tenant: city.0,
            table: "users",
            row: user.0,
            column: "phone_sealed",
        };
        let plain = self.sealer.open(&place, sealed).map_err(Failure::later)?;
        Self::parsed(plain)
    }

    fn parsed(plain: Vec<u8>) -> Result<PhoneNumber, Failure> {
        let text = String::from_utf8(plain).unwrap_or_default();
        PhoneNumber::parse(&text).map_err(|error| Failure::Never(error.to_string()))
    }

    fn sms_params(
        &self,
        application: &FinancingApplication,
        payload: &Value,
    ) -> Vec<(&'static str, String)> {
        let record = application.record();
        let city = self.cities.by_id(record.tenant);
        let asked = record.paused_at.unwrap_or(record.updated_at);
        let days = city
            .as_ref()
            .map_or(15, |c| c.clocks.at(asked).supplement_days);
        let host = city.as_ref().map_or("", |c| c.public_url.as_str());
        let clock = payload["clock"].as_str().and_then(ClockKind::from_code);
        let due = clock.map_or(record.due_at, |kind| letters::due_of(application, kind));
        let mut params = vec![
            ("no", letters::number(application)),
            ("branch", record.handler_name.clone()),
            ("days", days.to_string()),
            ("due", letters::moment(due)),
            ("clock", clock.map_or(String::new(), |k| k.zh().to_owned())),
            // The whole address, as a phone opens it, without any token: whoever does so signs in first.
            (
                "path",
                format!("{host}{}", letters::staff_path(application)),
            ),
        ];
        params.extend(letters::sums_and_days(payload));
        params
    }
}

/// A notice's turn. One that panics is a fault of ours in that notice: the try counts, and what stands behind it goes on.
async fn turn_of(
    notice: &OutboxNotice,
    turn: Turn<'_, Result<(), Failure>>,
) -> Result<(), Failure> {
    caught(turn).await.unwrap_or_else(|panic| {
        tracing::error!(notice = %notice.id, topic = notice.topic, %panic, "a notice was cut short");
        Err(Failure::later(panic))
    })
}

/// Done, in the transaction of what it led to; where that does not hold, the try counts like any other.
async fn close(
    mut work: Box<dyn UnitOfWork>,
    notice: &OutboxNotice,
    now: OffsetDateTime,
) -> Result<(), Failure> {
    work.outbox().done(notice.id, now).await?;
    Ok(work.commit().await?)
}

/// Templates about an account: by SMS only, to the phone that was the person's.
const ACCOUNT_TEMPLATES: [&str; 7] = [
    "account_closing",
    "account_kept",
    "account_closed",
    "account_wechat",
    "owner_handover",
    "owner_changed",
    "owner_recovery",
];

/// That a WeChat was bound, or that another owner is to come, is told at night too, and whatever is left of the budget: who did not
/// want it has to act.
const AT_ONCE: [&str; 3] = ["account_wechat", "owner_changed", "owner_recovery"];

/// Templates about an application: by WeChat where the person granted one, else by SMS.
pub const TEMPLATES: [&str; 18] = [
    "call_request",
    "accepted",
    "supplement_asked",
    "approved",
    "rejected",
    "disbursed",
    "declined",
    "move_asked",
    "expired",
    "supplement_soon",
    "supplement_over",
    "clock_half",
    "clock_soon",
    "clock_over",
    "new_request",
    "loan_due",
    "loan_over",
    "renewal_invited",
];

/// Verbs that are told to the applicant by SMS too.
const TOLD: [(&str, &str); 9] = [
    ("accept", "accepted"),
    ("ask_supplement", "supplement_asked"),
    ("approve", "approved"),
    ("reject", "rejected"),
    ("confirm_decline", "declined"),
    ("expire", "expired"),
    ("supplement_timeout", "supplement_over"),
    ("disburse", "disbursed"),
    ("disburse_last", "disbursed"),
];

/// Verbs by which a request reaches a branch.
const ARRIVALS: [&str; 5] = [
    "submit",
    "pass_face",
    "reassign",
    "reassign_from_hq",
    "move_branch",
];

fn template(payload: &Value) -> Option<&'static str> {
    let verb = payload["verb"].as_str()?;
    TOLD.iter()
        .find(|(told, _)| *told == verb)
        .map(|(_, template)| *template)
}

/// The person and their sealed phone; for an operator who left, the owner of the enterprise hears of the request.
async fn reached(
    work: &mut dyn UnitOfWork,
    record: &ApplicationRecord,
    named: UserId,
) -> Result<Option<(UserId, Vec<u8>)>, Failure> {
    if let Some(sealed) = work.reminders().phone_of(named).await? {
        return Ok(Some((named, sealed)));
    }
    if named != record.created_by {
        return Ok(None);
    }
    let Some(owner) = work.reminders().owner_of(record.enterprise).await? else {
        return Ok(None);
    };
    let sealed = work.reminders().phone_of(owner).await?;
    Ok(sealed.map(|sealed| (owner, sealed)))
}

async fn application_of(
    work: &mut dyn UnitOfWork,
    payload: &Value,
) -> Result<FinancingApplication, Failure> {
    let id = payload["application"]
        .as_str()
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or_else(|| Failure::Never("it names no application".to_owned()))?;
    let found = work.reminders().look_at(FinancingApplicationId(id)).await?;
    found.ok_or_else(|| Failure::Never("its application is gone".to_owned()))
}
