//! By SMS 短信: which messages there are, whose phone each goes to, what it says, and when it has to wait.

use domain::{
    financing::{ApplicationRecord, ClockKind, FinancingApplication},
    ids::{TenantId, UserId},
    values::PhoneNumber,
};
use serde_json::Value;
use time::Duration;
use uuid::Uuid;

use super::{BUDGET_WINDOW, Deliverer, Failure, application_of, letters};
use crate::{
    access::Permit,
    account,
    ports::{outbox::OutboxNotice, sealing::Place, sms::Sms, store::UnitOfWork},
};

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

impl Deliverer {
    /// To the person's WeChat where they granted it, else to the phone.
    pub(super) async fn send_message(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
    ) -> Result<(), Failure> {
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

    async fn send(&self, city: TenantId, sms: &Sms) -> Result<(), Failure> {
        let sender = self.channels.sms.of(city).await;
        let sender = sender.map_err(Failure::later)?;
        sender.send(sms).await?;
        Ok(())
    }

    pub(super) async fn send_account_sms(
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

    pub(super) fn sms_params(
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
