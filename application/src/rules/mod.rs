//! Rules 平台设置 (T7): what weighs in a city's daily work and was written in its file is changed by its operators, one proposing and
//! another one letting it through. The newest change that stands wins over the file (decision 20).

mod change;
mod days;
mod limits;
mod lists;
mod look;
pub(crate) mod notices;
mod regions;
pub mod texts;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use domain::{
    calendar::{DayKind, parse_day},
    financing::ClockEras,
    ids::TenantId,
    regions::OwnRegions,
    values::Cents,
    vocabulary,
};
use serde_json::{Value, json};
use time::Date;

pub use change::{ProposeRule, SettleRule};
pub use days::{MOST_DAYS, day_code, differing};
pub use limits::{MOST_AHEAD, TimeLimit};
pub use lists::{Listed, MOST_LABEL, MOST_TEXT, PickList, TypedEntry};
pub use look::{RuleCase, RuleLine, TextLine};
pub use regions::{MOST_NAME, TypedRegion, added as added_region, parents as region_parents};
pub use texts::Wording;

use crate::{
    access::{Action, Actor, Permit, Room},
    agreements::InForce,
    audit::Watch,
    city::{Cities as _, City, RejectionReason},
    error::{UseError, UseResult},
    outbox::QuietHours,
    ports::{
        notice_words::NoticeWords,
        reference::{RegionDirectory, WorkCalendarSource},
        store::{Store, StoreError, UnitOfWork},
    },
};

vocabulary! {
    /// Which rule.
    RuleKind {
        SmsQuiet = "sms_quiet" / "短信免打扰时段",
        SmsDailyBudget = "sms_daily_budget" / "短信每日上限",
        SingleStepLimit = "single_step_limit" / "单级审批限额",
        FaceFailuresPerDay = "face_failures_per_day" / "人脸核验每日失败上限",
        RejectionReasons = "rejection_reasons" / "不通过原因",
        RejectionAdvice = "rejection_advice" / "不通过后的建议与再次申请间隔",
        IntakeRefusals = "intake_refusals" / "拒单原因",
        SupplementTemplates = "supplement_templates" / "补充清单",
        ClockLimits = "clock_limits" / "办理时限",
        WorkDays = "work_days" / "本市工作日历调整",
        Regions = "regions" / "区划变更",
        /// Of one message, which its name says.
        NoticeText = "notice_text" / "消息文案",
    }
}

/// A rule by its name: its kind, and for 消息文案 the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleName {
    kind: RuleKind,
    message: String,
}

/// Stands between the kind and the message.
const OF: char = ':';

impl RuleName {
    /// Of the text of a message, by the message's code such as `submit`.
    pub fn text_of(message: impl Into<String>) -> Self {
        Self {
            kind: RuleKind::NoticeText,
            message: message.into(),
        }
    }

    pub const fn kind(&self) -> RuleKind {
        self.kind
    }

    /// Of 消息文案: which; else empty.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// As it is stored and stands in addresses.
    pub fn code(&self) -> Cow<'static, str> {
        match self.kind {
            RuleKind::NoticeText => format!("{}{OF}{}", self.kind.code(), self.message).into(),
            kind => kind.code().into(),
        }
    }

    /// `None` for what this program does not know; whether there is such a message is not asked.
    pub fn from_code(code: &str) -> Option<Self> {
        if let Some((kind, message)) = code.split_once(OF) {
            let kind = RuleKind::from_code(kind)?;
            return (kind == RuleKind::NoticeText).then(|| Self::text_of(message));
        }
        let kind = RuleKind::from_code(code)?;
        (kind != RuleKind::NoticeText).then(|| kind.into())
    }
}

impl From<RuleKind> for RuleName {
    fn from(kind: RuleKind) -> Self {
        Self {
            kind,
            message: String::new(),
        }
    }
}

/// Messages a day: fewer would stop sign-in codes of a small city, more is no limit.
pub const LEAST_BUDGET: u32 = 100;
pub const MOST_BUDGET: u32 = 1_000_000;

/// Failed face checks a day: a person in a dark room needs a few, a stranger with a photo must not have many.
pub const LEAST_FACES: u32 = 3;
pub const MOST_FACES: u32 = 20;

/// Days after which the same product may be asked for again, at most.
pub const MOST_REAPPLY_DAYS: u16 = 365;

/// 整改建议: what an enterprise reads beside a reason of 不通过, and when it may ask for the same product again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Of the reason.
    pub code: String,
    pub tip: String,
    pub reapply_days: u16,
}

/// A rule with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CityRule {
    /// `None`: notices go at any hour.
    SmsQuiet(Option<QuietHours>),
    SmsDailyBudget(u32),
    /// `None`: never in one step.
    SingleStepLimit(Option<Cents>),
    FaceFailuresPerDay(u32),
    /// A reason that is not named keeps what the file says.
    RejectionAdvice(Vec<Advice>),
    /// What officers pick from.
    Picks(PickList, Vec<Listed>),
    /// What clocks are given, by the day on which they start.
    ClockLimits(ClockEras),
    /// Days that are not as the State Council published them.
    WorkDays(BTreeMap<Date, DayKind>),
    /// Townships that are not as the list of the nation has them.
    Regions(OwnRegions),
    /// What a message says, by its code; `None`: as it is shipped.
    NoticeText(String, Option<Wording>),
}

impl CityRule {
    pub const fn kind(&self) -> RuleKind {
        match self {
            Self::SmsQuiet(_) => RuleKind::SmsQuiet,
            Self::SmsDailyBudget(_) => RuleKind::SmsDailyBudget,
            Self::SingleStepLimit(_) => RuleKind::SingleStepLimit,
            Self::FaceFailuresPerDay(_) => RuleKind::FaceFailuresPerDay,
            Self::RejectionAdvice(_) => RuleKind::RejectionAdvice,
            Self::Picks(list, _) => list.kind(),
            Self::ClockLimits(_) => RuleKind::ClockLimits,
            Self::WorkDays(_) => RuleKind::WorkDays,
            Self::Regions(_) => RuleKind::Regions,
            Self::NoticeText(..) => RuleKind::NoticeText,
        }
    }

    pub fn name(&self) -> RuleName {
        match self {
            Self::NoticeText(message, _) => RuleName::text_of(message),
            rule => rule.kind().into(),
        }
    }

    /// As the city has it now.
    pub fn of(city: &City, name: &RuleName) -> Self {
        match name.kind {
            RuleKind::SmsQuiet => Self::SmsQuiet(city.sms_quiet),
            RuleKind::SmsDailyBudget => Self::SmsDailyBudget(city.sms_daily_budget),
            RuleKind::SingleStepLimit => Self::SingleStepLimit(
                city.single_step_up_to_cents
                    .and_then(|cents| Cents::new(cents).ok()),
            ),
            RuleKind::FaceFailuresPerDay => Self::FaceFailuresPerDay(city.face_failures_per_day),
            RuleKind::RejectionAdvice => {
                Self::advice(city.rejection_reasons.iter().map(advice_of).collect())
            }
            RuleKind::RejectionReasons => Self::picks_of(PickList::Rejections, city),
            RuleKind::IntakeRefusals => Self::picks_of(PickList::Refusals, city),
            RuleKind::SupplementTemplates => Self::picks_of(PickList::Supplements, city),
            RuleKind::ClockLimits => Self::ClockLimits(city.clocks.clone()),
            RuleKind::WorkDays => Self::WorkDays(city.own_days.clone()),
            RuleKind::Regions => Self::Regions(OwnRegions::clone(&city.own_regions)),
            RuleKind::NoticeText => {
                let text = |code: String| city.notice_texts.get(&code).cloned();
                let title = text(texts::title_code(&name.message));
                let both = title.zip(text(texts::body_code(&name.message)));
                let wording = both.map(|(title, body)| Wording { title, body });
                Self::NoticeText(name.message.clone(), wording)
            }
        }
    }

    fn picks_of(list: PickList, city: &City) -> Self {
        Self::Picks(list, lists::of(list, city))
    }

    /// Alike whatever order the reasons came in.
    pub fn advice(mut all: Vec<Advice>) -> Self {
        all.sort_by(|one, other| one.code.cmp(&other.code));
        Self::RejectionAdvice(all)
    }

    /// Takes the place of what the file says.
    pub(crate) fn apply(&self, city: &mut City) {
        match self {
            Self::SmsQuiet(quiet) => city.sms_quiet = *quiet,
            Self::SmsDailyBudget(most) => city.sms_daily_budget = *most,
            Self::FaceFailuresPerDay(most) => city.face_failures_per_day = *most,
            Self::RejectionAdvice(all) => {
                for reason in Arc::make_mut(&mut city.rejection_reasons) {
                    if let Some(advice) = all.iter().find(|a| a.code == reason.code) {
                        reason.tip.clone_from(&advice.tip);
                        reason.reapply_days = advice.reapply_days;
                    }
                }
            }
            Self::Picks(list, entries) => lists::apply(*list, entries, city),
            Self::ClockLimits(eras) => city.clocks.clone_from(eras),
            Self::WorkDays(days) => city.own_days.clone_from(days),
            Self::Regions(own) => city.own_regions = Arc::new(own.clone()),
            Self::NoticeText(message, wording) => {
                let all = Arc::make_mut(&mut city.notice_texts);
                let (title, body) = (texts::title_code(message), texts::body_code(message));
                if let Some(wording) = wording {
                    all.insert(title, wording.title.clone());
                    all.insert(body, wording.body.clone());
                } else {
                    all.remove(&title);
                    all.remove(&body);
                }
            }
            Self::SingleStepLimit(limit) => {
                city.single_step_up_to_cents = limit.map(Cents::cents);
            }
        }
    }

    /// As it is stored.
    pub fn value(&self) -> Value {
        match self {
            Self::SmsQuiet(None) | Self::SingleStepLimit(None) | Self::NoticeText(_, None) => {
                json!({})
            }
            Self::NoticeText(_, Some(wording)) => {
                json!({ "title": wording.title, "body": wording.body })
            }
            Self::SmsQuiet(Some(quiet)) => json!({ "from": quiet.from(), "until": quiet.until() }),
            Self::SmsDailyBudget(most) | Self::FaceFailuresPerDay(most) => json!({ "most": most }),
            Self::RejectionAdvice(all) => {
                let each = all.iter().map(|a| {
                    let advice = json!({ "tip": a.tip, "reapply_days": a.reapply_days });
                    (a.code.clone(), advice)
                });
                Value::Object(each.collect())
            }
            Self::Picks(list, entries) => lists::value(*list, entries),
            Self::ClockLimits(eras) => limits::value(eras),
            Self::Regions(own) => regions::value(own),
            Self::SingleStepLimit(Some(limit)) => json!({ "cents": limit.cents() }),
            Self::WorkDays(days) => {
                let each = days.iter();
                Value::Object(
                    each.map(|(day, kind)| (day.to_string(), day_code(*kind).into()))
                        .collect(),
                )
            }
        }
    }

    /// A stored value; `None` for what this program does not know.
    pub fn stored(name: &RuleName, value: &Value) -> Option<Self> {
        let nothing = value.as_object()?.is_empty();
        let number = |name: &str| value[name].as_i64();
        Some(match name.kind {
            RuleKind::NoticeText if nothing => Self::NoticeText(name.message.clone(), None),
            RuleKind::NoticeText => {
                let text = |name: &str| Some(value[name].as_str()?.to_owned());
                let (title, body) = (text("title")?, text("body")?);
                Self::NoticeText(name.message.clone(), Some(Wording { title, body }))
            }
            RuleKind::SmsQuiet if nothing => Self::SmsQuiet(None),
            RuleKind::SmsQuiet => {
                Self::SmsQuiet(Some(QuietHours::new(number("from")?, number("until")?)?))
            }
            RuleKind::SmsDailyBudget => Self::SmsDailyBudget(u32::try_from(number("most")?).ok()?),
            RuleKind::SingleStepLimit if nothing => Self::SingleStepLimit(None),
            RuleKind::SingleStepLimit => {
                Self::SingleStepLimit(Some(Cents::new(number("cents")?).ok()?))
            }
            RuleKind::FaceFailuresPerDay => {
                Self::FaceFailuresPerDay(u32::try_from(number("most")?).ok()?)
            }
            RuleKind::RejectionAdvice => {
                let each = value.as_object()?.iter().map(|(code, advice)| {
                    Some(Advice {
                        code: code.clone(),
                        tip: advice["tip"].as_str()?.to_owned(),
                        reapply_days: u16::try_from(advice["reapply_days"].as_u64()?).ok()?,
                    })
                });
                Self::advice(each.collect::<Option<_>>()?)
            }
            RuleKind::RejectionReasons => Self::stored_picks(PickList::Rejections, value)?,
            RuleKind::IntakeRefusals => Self::stored_picks(PickList::Refusals, value)?,
            RuleKind::SupplementTemplates => Self::stored_picks(PickList::Supplements, value)?,
            RuleKind::ClockLimits => Self::ClockLimits(limits::stored(value)?),
            RuleKind::Regions => Self::Regions(regions::stored(value)?),
            RuleKind::WorkDays => {
                let each = value.as_object()?.iter();
                let days = each
                    .map(|(day, kind)| Some((parse_day(day)?, days::day_kind(kind.as_str()?)?)));
                Self::WorkDays(days.collect::<Option<_>>()?)
            }
        })
    }

    fn stored_picks(list: PickList, value: &Value) -> Option<Self> {
        Some(Self::Picks(list, lists::stored(list, value)?))
    }
}

/// The rules that due times are reckoned by, as the database holds them: a process may not have heard of a change yet.
pub(crate) async fn rules_of_clocks(
    work: &mut dyn UnitOfWork,
    city: &mut City,
) -> Result<(), StoreError> {
    for kind in [RuleKind::WorkDays, RuleKind::ClockLimits] {
        let stored = work.city_rules().city_rule(&kind.into()).await?;
        if let Some(rule) = stored {
            rule.apply(city);
        }
    }
    Ok(())
}

fn advice_of(reason: &RejectionReason) -> Advice {
    Advice {
        code: reason.code.clone(),
        tip: reason.tip.clone(),
        reapply_days: reason.reapply_days,
    }
}

/// The room.
#[derive(Clone)]
pub struct RulesRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    /// As they are in force, and as their files say.
    pub cities: Arc<InForce>,
    pub calendar: Arc<dyn WorkCalendarSource>,
    /// The list of the nation.
    pub regions: Arc<dyn RegionDirectory>,
    pub words: Arc<dyn NoticeWords>,
    /// Texts to phones, by code, as they are registered with the providers.
    pub sms_texts: Arc<[(String, String)]>,
}

impl RulesRoom {
    /// The city as it is in force.
    fn city(&self, actor: &Actor) -> UseResult<Arc<City>> {
        let city = self.cities.by_id(actor.city);
        city.ok_or_else(UseError::not_found)
    }

    /// The city as its file says.
    fn filed(&self, city: TenantId) -> Option<Arc<City>> {
        let all = self.cities.filed();
        all.into_iter().find(|one| one.id == city)
    }

    async fn permit(
        &self,
        actor: &Actor,
        action: Action,
        object: impl std::fmt::Display,
    ) -> UseResult<Permit> {
        // An institution has rules of its own in the same room (审批设置); these are the city's.
        if actor.tenant != actor.city {
            let missing = self.watch.missing(actor, Room::Settings, action, object);
            return Err(missing.await);
        }
        self.watch
            .permit(actor, Room::Settings, action, object)
            .await
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        financing::{ClockLimits, Era},
        regions::{RegionChange, RegionDeed},
        values::RegionCode,
    };

    use super::*;
    use crate::city::blank;

    #[test]
    fn a_rule_is_read_back_as_it_was_stored_and_takes_the_place_of_the_file() {
        let limit = Cents::new(50_000_000).expect("an amount");
        for rule in [
            CityRule::SmsQuiet(QuietHours::new(21, 8)),
            CityRule::SmsQuiet(None),
            CityRule::SmsDailyBudget(3_000),
            CityRule::SingleStepLimit(Some(limit)),
            CityRule::SingleStepLimit(None),
            CityRule::FaceFailuresPerDay(7),
            CityRule::RejectionAdvice(vec![Advice {
                code: "collateral".to_owned(),
                tip: "可以增加保证人。".to_owned(),
                reapply_days: 20,
            }]),
            CityRule::WorkDays(BTreeMap::from([
                (time::macros::date!(2026 - 12 - 31), DayKind::Off),
                (time::macros::date!(2027 - 01 - 09), DayKind::Worked),
            ])),
            CityRule::WorkDays(BTreeMap::new()),
            CityRule::ClockLimits(ClockEras::default().decide(Era {
                from: time::macros::date!(2026 - 12 - 01),
                limits: ClockLimits {
                    accept_days: 2,
                    ..ClockLimits::SHIPPED
                },
            })),
            CityRule::NoticeText(
                "submit".to_owned(),
                Some(Wording {
                    title: "已提交".to_owned(),
                    body: "申请 {no}".to_owned(),
                }),
            ),
            CityRule::NoticeText("submit".to_owned(), None),
            CityRule::Regions(OwnRegions::default()),
            CityRule::Regions(OwnRegions::default().with(
                &RegionCode::parse("130903100").expect("a code"),
                RegionChange {
                    deed: RegionDeed::End,
                    on: time::macros::date!(2026 - 12 - 31),
                    name: "小王庄镇".to_owned(),
                    was: String::new(),
                    successor: RegionCode::parse("130903101").ok(),
                },
            )),
        ] {
            let name = RuleName::from_code(&rule.name().code()).expect("a name");
            let stored = CityRule::stored(&name, &rule.value());
            assert_eq!(stored.as_ref(), Some(&rule));
            let mut city = blank();
            city.rejection_reasons = Arc::new(vec![RejectionReason {
                code: "collateral".to_owned(),
                label: "担保不足".to_owned(),
                repairable: true,
                tip: String::new(),
                reapply_days: 15,
                active: true,
            }]);
            rule.apply(&mut city);
            assert_eq!(CityRule::of(&city, &rule.name()), rule);
        }
        let odd = json!({ "from": 8, "until": 8 });
        assert_eq!(CityRule::stored(&RuleKind::SmsQuiet.into(), &odd), None);
        assert_eq!(
            CityRule::stored(&RuleKind::SmsDailyBudget.into(), &json!({})),
            None
        );
        for odd in ["notice_text", "sms_quiet:submit", "nothing", "nothing:x"] {
            assert_eq!(RuleName::from_code(odd), None, "{odd}");
        }
        for odd in [
            json!({ "2026-12-31": "half" }),
            json!({ "2026-13-31": "off" }),
        ] {
            assert_eq!(CityRule::stored(&RuleKind::WorkDays.into(), &odd), None);
        }
    }
}
