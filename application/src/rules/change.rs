//! 提出变更 and its answer: what stands goes on until another operator has let the change through.

use domain::{
    calendar::local_date,
    values::{Cents, FreeText, half_width},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Advice, CityRule, LEAST_BUDGET, LEAST_FACES, MOST_BUDGET, MOST_FACES, MOST_REAPPLY_DAYS,
    RuleKind, RuleName, RulesRoom, TimeLimit, TypedEntry, TypedRegion, Wording, days, limits,
    lists, notices, regions, texts,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    outbox::QuietHours,
    ports::{
        audit::AuditEntry, city_rules::CityRuleChange, settings_changes::ChangeStatus,
        store::StoreError,
    },
    two_people::Withdrawal,
};

/// A change as the form says it; only the fields of its rule are read.
#[derive(Clone, Debug)]
pub struct ProposeRule {
    pub name: RuleName,
    /// Full hours; both empty: no quiet hours.
    pub from: String,
    pub until: String,
    /// Messages a day.
    pub budget: String,
    /// 万元; empty: never in one step.
    pub limit: String,
    /// Failed checks a day.
    pub faces: String,
    /// Code of a reason, 整改建议, days.
    pub advice: Vec<(String, String, String)>,
    /// `2026-12-31`.
    pub day: String,
    /// The last of several days; empty: only that one.
    pub day_until: String,
    /// How each of them is to be: `off`, `work` or `published`.
    pub day_kind: String,
    /// 办理时限: each in days.
    pub time_limits: Vec<(TimeLimit, String)>,
    /// The first day of clocks that are given them; empty: the next working day. Of 区划变更 its own day; empty: today.
    pub valid_from: String,
    /// 区划变更.
    pub region: TypedRegion,
    /// Of a message, with blanks such as `{编号}`; `None`: as it is shipped.
    pub text: Option<(String, String)>,
    /// Of a list: what becomes of each entry.
    pub entries: Vec<TypedEntry>,
    /// A further one; blank: none.
    pub added: TypedEntry,
    /// The list as the city's file has it; what is typed is not read.
    pub as_filed: bool,
    pub reason: String,
    pub once: Once,
}

impl ProposeRule {
    /// A form in which nothing is filled in.
    pub const fn empty(name: RuleName, once: Once) -> Self {
        Self {
            name,
            from: String::new(),
            until: String::new(),
            budget: String::new(),
            limit: String::new(),
            faces: String::new(),
            advice: Vec::new(),
            day: String::new(),
            day_until: String::new(),
            day_kind: String::new(),
            time_limits: Vec::new(),
            valid_from: String::new(),
            region: TypedRegion::empty(),
            text: None,
            entries: Vec::new(),
            added: TypedEntry::empty(),
            as_filed: false,
            reason: String::new(),
            once,
        }
    }
}

/// The second person's answer.
#[derive(Clone, Debug)]
pub struct SettleRule {
    pub name: RuleName,
    /// The change that the page showed.
    pub change: Uuid,
    pub confirm: bool,
    pub once: Once,
}

const PROPOSE: &str = "city_rule.propose";
const CONFIRM: &str = "city_rule.confirm";
const DECLINE: &str = "city_rule.decline";
const WITHDRAW: &str = "city_rule.withdraw";

impl RulesRoom {
    /// Proposes a change.
    pub async fn propose(&self, actor: &Actor, ask: ProposeRule) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, ask.name.code()).await?;
        let outcome = self.keep(actor, &permit, &ask).await;
        let (room, object) = (Room::Settings, ask.name.code());
        self.watch
            .refused(actor, room, Action::Save, object, outcome)
            .await
    }

    async fn keep(&self, actor: &Actor, permit: &Permit, ask: &ProposeRule) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, PROPOSE, at).await?.is_some() {
            return Ok(());
        }
        let mut checks = Checks::default();
        let before = self.standing(actor, &mut *work, &ask.name).await?;
        let rule = match &before {
            CityRule::WorkDays(days) => {
                let published = self.calendar.published_calendar();
                days::read(&mut checks, ask, days, &published, at)
            }
            CityRule::ClockLimits(eras) => {
                let usual = self.next_workday(actor, at)?;
                limits::read(&mut checks, ask, eras, usual, at)
            }
            CityRule::Regions(own) => {
                let city = self.city(actor)?;
                let ground = regions::Ground {
                    city: &city,
                    own,
                    published: &*self.regions,
                    now: at,
                };
                regions::read(&mut checks, ask, &ground)
            }
            CityRule::NoticeText(message, _) => self.text(&mut checks, ask, message)?,
            CityRule::Picks(list, entries) if ask.as_filed => {
                let filed = self.filed(actor.city).ok_or_else(UseError::not_found)?;
                Some(lists::as_filed(*list, entries, &filed))
            }
            CityRule::Picks(list, entries) => lists::read(&mut checks, ask, *list, entries),
            _ => read(&mut checks, ask),
        };
        let reason = checks.take("rule_reason", FreeText::<300>::parse(&ask.reason));
        let (Some(rule), Some(reason)) = (rule, reason) else {
            return Err(checks.into_error());
        };
        if before == rule {
            return Err(UseError::field(
                first_field(ask.name.kind()),
                "settings.nothing_changed",
            ));
        }
        let change = CityRuleChange {
            id: self.watch.clock.new_id(),
            before,
            rule,
            reason: reason.as_str().to_owned(),
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: at,
            status: ChangeStatus::Open,
            settled_by: None,
            settled_name: String::new(),
            settled_at: None,
            withdrawal: String::new(),
        };
        match work.city_rules().propose_rule(&change).await {
            Err(StoreError::Conflict(name)) if name == "city_rule_changes_one_open" => {
                return Err(UseError::conflict("settings.open_change"));
            }
            done => done?,
        }
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::PROPOSED, change.id, at).await?;
        let id = self.watch.clock.new_id();
        let (before, after) = noted(&change);
        let entry = AuditEntry::by(actor, id, PROPOSE, ask.name.code(), at).detail(json!({
            "change": change.id, "before": before, "after": after, "reason": change.reason,
        }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, PROPOSE, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// What a text would say, filled with samples; nothing is kept of it.
    pub async fn preview(
        &self,
        actor: &Actor,
        name: &RuleName,
        (title, body): (&str, &str),
    ) -> UseResult<Wording> {
        self.permit(actor, Action::Save, name.code()).await?;
        let usual = self.shipped(name)?.ok_or_else(UseError::not_found)?;
        let mut checks = Checks::default();
        match texts::read(&mut checks, (title, body), &usual) {
            Some(wording) => Ok(wording.sampled()),
            None => Err(checks.into_error()),
        }
    }

    /// A text that is as it is shipped stands in nobody's way when the next release words it better.
    fn text(
        &self,
        checks: &mut Checks,
        ask: &ProposeRule,
        message: &str,
    ) -> UseResult<Option<CityRule>> {
        let usual = self.shipped(&ask.name)?.ok_or_else(UseError::not_found)?;
        let wording = match &ask.text {
            None => return Ok(Some(CityRule::NoticeText(message.to_owned(), None))),
            Some((title, body)) => texts::read(checks, (title, body), &usual),
        };
        let own = wording.map(|wording| Some(wording).filter(|wording| *wording != usual));
        Ok(own.map(|own| CityRule::NoticeText(message.to_owned(), own)))
    }

    /// Another one lets it through exactly as it stands there, or not.
    pub async fn settle(&self, actor: &Actor, ask: SettleRule) -> UseResult<()> {
        let permit = self.permit(actor, Action::Check, ask.name.code()).await?;
        let outcome = self.decide(actor, &permit, &ask).await;
        let (room, object) = (Room::Settings, ask.name.code());
        self.watch
            .refused(actor, room, Action::Check, object, outcome)
            .await
    }

    async fn decide(&self, actor: &Actor, permit: &Permit, ask: &SettleRule) -> UseResult<()> {
        let action = if ask.confirm { CONFIRM } else { DECLINE };
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, action, at).await?.is_some() {
            return Ok(());
        }
        let found = work.city_rules().rule_change(ask.change).await?;
        let mut change = open(found, &ask.name)?;
        if change.asked_by == actor.user {
            return Err(UseError::conflict("settings.same_person"));
        }
        let day = days::first_day(&change.before, &change.rule);
        if ask.confirm && day.is_some_and(|day| day <= local_date(at)) {
            return Err(UseError::conflict("city_rule.day_has_come"));
        }
        let begins = limits::begins(&change.before, &change.rule);
        if let Some(begins) = begins.filter(|_| ask.confirm) {
            if begins <= at + limits::HEARD {
                return Err(UseError::conflict("city_rule.limits_begun"));
            }
            // The file is the beginning only until the first decision, which keeps what stood there.
            if self.standing(actor, &mut *work, &ask.name).await? != change.before {
                return Err(UseError::conflict("city_rule.limits_moved"));
            }
        }
        change.status = if ask.confirm {
            ChangeStatus::Confirmed
        } else {
            ChangeStatus::Declined
        };
        change.settled_by = Some(actor.user);
        change.settled_name.clone_from(&actor.name);
        change.settled_at = Some(at);
        work.city_rules().settle_rule(&change).await?;
        if let Some(day) = day.filter(|_| ask.confirm) {
            let since = days::since(day);
            work.city_rules().ask_redating(change.id, since, at).await?;
        }
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::SETTLED, change.id, at).await?;
        let id = self.watch.clock.new_id();
        let (before, after) = noted(&change);
        let entry = AuditEntry::by(actor, id, action, ask.name.code(), at).detail(json!({
            "change": change.id, "before": before, "after": after,
            "asked_by": change.asked_by.0, "asked_name": change.asked_name,
        }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, action, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// Whoever proposed it takes it back; what stands goes on, and the rule is free for another proposal.
    pub async fn withdraw(&self, actor: &Actor, name: RuleName, ask: Withdrawal) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, name.code()).await?;
        let outcome = self.take_back(actor, &permit, &name, &ask).await;
        let (room, object) = (Room::Settings, name.code());
        self.watch
            .refused(actor, room, Action::Save, object, outcome)
            .await
    }

    async fn take_back(
        &self,
        actor: &Actor,
        permit: &Permit,
        name: &RuleName,
        ask: &Withdrawal,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let found = work.city_rules().rule_change(ask.asked).await?;
        let mut change = open(found, name)?;
        if change.asked_by != actor.user {
            return Err(UseError::conflict("two_people.not_the_asker"));
        }
        change.withdrawal = ask.reason()?;
        change.status = ChangeStatus::Withdrawn;
        change.settled_by = Some(actor.user);
        change.settled_name.clone_from(&actor.name);
        change.settled_at = Some(at);
        work.city_rules().settle_rule(&change).await?;
        let id = self.watch.clock.new_id();
        let (before, after) = noted(&change);
        let entry = AuditEntry::by(actor, id, WITHDRAW, name.code(), at).detail(json!({
            "change": change.id, "before": before, "after": after,
            "reason": change.withdrawal,
        }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// The change of that rule, as long as it waits.
fn open(found: Option<CityRuleChange>, name: &RuleName) -> UseResult<CityRuleChange> {
    let change = found.filter(|change| change.rule.name() == *name);
    match change {
        Some(change) if change.status == ChangeStatus::Open => Ok(change),
        Some(change) if change.status == ChangeStatus::Withdrawn => {
            let error = UseError::conflict("two_people.withdrawn");
            Err(error.with("by", &change.settled_name))
        }
        _ => Err(UseError::conflict("settings.settled_before")),
    }
}

/// Before and after for the log: of 区划变更 only what is added, for what stood before grows for good.
fn noted(change: &CityRuleChange) -> (Value, Value) {
    match regions::noted(&change.before, &change.rule) {
        Some(added) => (Value::Null, added),
        None => (change.before.value(), change.rule.value()),
    }
}

/// Where an error about the whole rule stands.
const fn first_field(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::SmsQuiet => "quiet_from",
        RuleKind::SmsDailyBudget => "budget",
        RuleKind::SingleStepLimit => "single_step",
        RuleKind::FaceFailuresPerDay => "faces",
        RuleKind::RejectionAdvice => "rule_reason",
        RuleKind::ClockLimits => "accept_days",
        RuleKind::WorkDays => "day",
        RuleKind::Regions => "region_code",
        RuleKind::NoticeText => "text_body",
        RuleKind::RejectionReasons | RuleKind::IntakeRefusals | RuleKind::SupplementTemplates => {
            "active"
        }
    }
}

fn read(checks: &mut Checks, ask: &ProposeRule) -> Option<CityRule> {
    match ask.name.kind() {
        RuleKind::SmsQuiet => quiet(checks, ask.from.trim(), ask.until.trim()),
        RuleKind::SmsDailyBudget => whole(
            checks,
            &ask.budget,
            ("budget", "city_rule.budget"),
            (LEAST_BUDGET, MOST_BUDGET),
        )
        .map(CityRule::SmsDailyBudget),
        RuleKind::FaceFailuresPerDay => whole(
            checks,
            &ask.faces,
            ("faces", "city_rule.faces"),
            (LEAST_FACES, MOST_FACES),
        )
        .map(CityRule::FaceFailuresPerDay),
        RuleKind::RejectionAdvice => advice(checks, &ask.advice),
        // Read on what stands beside them.
        RuleKind::WorkDays
        | RuleKind::Regions
        | RuleKind::ClockLimits
        | RuleKind::NoticeText
        | RuleKind::RejectionReasons
        | RuleKind::IntakeRefusals
        | RuleKind::SupplementTemplates => None,
        RuleKind::SingleStepLimit if ask.limit.trim().is_empty() => {
            Some(CityRule::SingleStepLimit(None))
        }
        RuleKind::SingleStepLimit => checks
            .take("single_step", Cents::parse_wan(ask.limit.trim()))
            .map(|limit| CityRule::SingleStepLimit(Some(limit))),
    }
}

fn whole(
    checks: &mut Checks,
    typed: &str,
    (field, code): (&str, &'static str),
    (least, most): (u32, u32),
) -> Option<u32> {
    let number = digits(typed).parse().ok();
    let number = number.filter(|number| (least..=most).contains(number));
    if number.is_none() {
        let error = FieldError::new(field, code);
        checks.push(error.with("least", least).with("most", most));
    }
    number
}

/// A whole number as people type it: full width, and with separators between thousands.
pub(super) fn digits(typed: &str) -> String {
    half_width(typed).replace(',', "").trim().to_owned()
}

fn advice(checks: &mut Checks, typed: &[(String, String, String)]) -> Option<CityRule> {
    let mut all = Vec::new();
    for (code, tip, days) in typed {
        let tip = FreeText::<200>::parse(tip);
        if let Err(error) = &tip {
            let fault = FieldError::new(format!("tip_{code}"), error.code());
            checks.push(FieldError {
                params: error.params(),
                ..fault
            });
        }
        let days = digits(days).parse().ok();
        let days = days.filter(|days| *days <= MOST_REAPPLY_DAYS);
        if days.is_none() {
            let fault = FieldError::new(format!("days_{code}"), "city_rule.reapply_days");
            checks.push(fault.with("most", MOST_REAPPLY_DAYS));
        }
        if let (Ok(tip), Some(reapply_days)) = (tip, days) {
            all.push(Advice {
                code: code.clone(),
                tip: tip.as_str().to_owned(),
                reapply_days,
            });
        }
    }
    (all.len() == typed.len()).then(|| CityRule::advice(all))
}

fn quiet(checks: &mut Checks, from: &str, until: &str) -> Option<CityRule> {
    if from.is_empty() && until.is_empty() {
        return Some(CityRule::SmsQuiet(None));
    }
    for (name, typed) in [("quiet_from", from), ("quiet_until", until)] {
        if typed.is_empty() {
            checks.push(FieldError::new(name, "city_rule.hour_missing"));
            return None;
        }
    }
    let hour = |typed: &str| typed.parse().unwrap_or(-1);
    let hours = QuietHours::new(hour(from), hour(until));
    if hours.is_none() {
        checks.push(FieldError::new("quiet_until", "city_rule.hours"));
    }
    hours.map(|hours| CityRule::SmsQuiet(Some(hours)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: RuleKind, one: &str, two: &str) -> Option<CityRule> {
        let ask = ProposeRule {
            from: one.to_owned(),
            until: two.to_owned(),
            budget: one.to_owned(),
            limit: one.to_owned(),
            faces: one.to_owned(),
            advice: vec![("collateral".to_owned(), one.to_owned(), two.to_owned())],
            ..ProposeRule::empty(
                kind.into(),
                Once {
                    key: String::new(),
                    body_hash: [0; 32],
                },
            )
        };
        let mut checks = Checks::default();
        let rule = read(&mut checks, &ask);
        assert_eq!(rule.is_some(), checks.is_empty());
        rule
    }

    #[test]
    fn hours_are_two_that_differ_or_none() {
        let quiet = |from, until| rule(RuleKind::SmsQuiet, from, until);
        assert_eq!(quiet("", ""), Some(CityRule::SmsQuiet(None)));
        assert_eq!(
            quiet("21", "8"),
            Some(CityRule::SmsQuiet(QuietHours::new(21, 8)))
        );
        for (from, until) in [("21", ""), ("", "8"), ("8", "8"), ("24", "8"), ("x", "8")] {
            assert_eq!(quiet(from, until), None, "{from}–{until}");
        }
    }

    #[test]
    fn a_budget_lets_sign_in_codes_through_and_is_a_limit() {
        let budget = |typed| rule(RuleKind::SmsDailyBudget, typed, "");
        for typed in [" 3000 ", "３０００", "3,000", "３，０００"] {
            let told = Some(CityRule::SmsDailyBudget(3_000));
            assert_eq!(budget(typed), told, "{typed}");
        }
        for wrong in ["", "0", "99", "1000001", "-5", "3.5"] {
            assert_eq!(budget(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn advice_is_words_and_a_number_of_days_for_every_reason() {
        let advice = |tip, days| rule(RuleKind::RejectionAdvice, tip, days);
        assert!(advice("可以增加保证人。", "0").is_some());
        for (tip, days) in [("", "15"), ("可以", ""), ("可以", "366"), ("可以", "-1")] {
            assert_eq!(advice(tip, days), None, "{tip} {days}");
        }
        let faces = |most| rule(RuleKind::FaceFailuresPerDay, most, "");
        assert_eq!(faces("8"), Some(CityRule::FaceFailuresPerDay(8)));
        for wrong in ["", "2", "21"] {
            assert_eq!(faces(wrong), None, "{wrong}");
        }
    }
}
