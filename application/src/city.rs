//! 城市平台: what a city sets for itself, read from `tenants/catalog/<city>.toml` (A-26: never constants).

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use domain::{
    calendar::{DayKind, WorkCalendar},
    financing::{ClockEras, Pause},
    ids::TenantId,
    regions::OwnRegions,
    tenant::TenantKind,
};
use time::Date;

use crate::{
    files::{FILES_PER_ENTERPRISE, MEGABYTES_PER_ENTERPRISE, UPLOADS_PER_HOUR},
    ports::reference::WorkCalendarSource,
};

/// 运行状态: whether a city serves at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    #[default]
    Open,
    /// 暂停服务 for a while; the words are for whoever comes.
    Suspended(String),
    /// 停止服务 for good: nothing is erased by that.
    Closed(String),
}

/// 标志: a picture in the place of the common emblem, checked when the city's file was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// `logo.png` or `logo.svg`: how browsers are told what it is.
    pub name: &'static str,
    pub bytes: Arc<[u8]>,
}

/// The settings of one city.
#[derive(Clone, Debug, PartialEq)]
pub struct City {
    pub id: TenantId,
    /// A city, or a province: a site of its own with a name, hosts and people, and nothing of a city behind it.
    pub kind: TenantKind,
    pub standing: Standing,
    /// Differs between any two states of the settings that this process has served: part of the key of what is made of them.
    pub edition: u64,
    pub slug: String,
    /// 平台名称 (M-001).
    pub name: String,
    /// 平台简称 (M-002).
    pub second_name: String,
    /// 小程序名称 (M-003).
    pub mini_program_name: String,
    pub hosts: Vec<String>,
    /// The address printed on QR codes and in messages.
    pub public_url: String,
    pub hotline: String,
    pub hotline_hours: String,
    pub icp: String,
    pub public_security_record: String,
    pub operator_name: String,
    pub operator_address: String,
    pub tagline: String,
    pub brand: String,
    pub accent: String,
    pub logo_char: String,
    pub logo: Option<Logo>,
    pub default_province: String,
    pub default_city: String,
    /// 关于我们: the file that seeds the page.
    pub about_file: PathBuf,
    /// 办理时限, by the day on which a clock starts; until its operators decide, those of the file for good.
    pub clocks: ClockEras,
    /// 暂停服务 that are over, in order: no clock ran in them.
    pub pauses: Vec<Pause>,
    /// 本市调整 of the work calendar: days that the city itself declared off or worked.
    pub own_days: BTreeMap<Date, DayKind>,
    /// 区划变更: what the city changed of the list of the nation, and nothing of the list itself.
    pub own_regions: Arc<OwnRegions>,
    /// 消息文案 that the city words itself, by the codes of the texts.
    pub notice_texts: Arc<BTreeMap<String, String>>,
    /// Branches decide loans up to this many cents in one step (A lifecycle section 2); `None`: never.
    pub single_step_up_to_cents: Option<i64>,
    pub sms_daily_budget: u32,
    /// 免打扰时段 of notices by SMS; `None`: they go at any hour.
    pub sms_quiet: Option<crate::outbox::QuietHours>,
    pub face_failures_per_day: u32,
    /// 上传限制 (S-26).
    pub uploads: UploadLimits,
    /// 保存期限 (S-35).
    pub keeping: Keeping,
    /// 协议, in the order in which they are printed.
    pub agreements: Vec<Agreement>,
    pub rejection_reasons: Arc<Vec<RejectionReason>>,
    /// 拒单原因: why a branch gives an application back before accepting it.
    pub intake_refusals: Arc<Vec<IntakeRefusal>>,
    pub supplement_templates: Arc<Vec<SupplementTemplate>>,
    /// Raw sections that providers read for themselves: `sms`, `face`, …
    pub plugs: BTreeMap<String, serde_json::Value>,
}

/// 上传限制 (S-26): what one person uploads for requests, and what an enterprise keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadLimits {
    /// Of one person, in an hour.
    pub per_hour: u32,
    /// Of one enterprise.
    pub files: u32,
    pub megabytes: u32,
}

impl UploadLimits {
    pub fn bytes(self) -> i64 {
        i64::from(self.megabytes) * 1024 * 1024
    }
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self {
            per_hour: UPLOADS_PER_HOUR,
            files: FILES_PER_ENTERPRISE,
            megabytes: MEGABYTES_PER_ENTERPRISE,
        }
    }
}

/// 保存期限 (S-35): how many days a city keeps what law lets it choose; `retention::Kept` says what each holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// What was never sent to anybody: drafts and their photos, rows of an import that were not taken.
    pub unsent_days: u16,
    /// 操作日志, 登录记录.
    pub log_days: u16,
    /// 授权记录, 核验结果, archives: from the end of the consent or of the account.
    pub consent_days: u16,
}

impl Keeping {
    /// No city sets less: what the database lets go (ninety days, five years) and what law wants of logs (six months).
    pub const LEAST: Self = Self {
        unsent_days: 90,
        log_days: 184,
        consent_days: 1_827,
    };
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            unsent_days: 90,
            log_days: 365,
            // Five years with the leap days that they may hold.
            consent_days: 1_827,
        }
    }
}

/// 不通过原因: code, words, and what the enterprise can do about it (W12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectionReason {
    pub code: String,
    pub label: String,
    pub repairable: bool,
    pub tip: String,
    pub reapply_days: u16,
    /// Otherwise 停用: nobody picks it any more; where it was picked it is read as before.
    pub active: bool,
}

/// 拒单原因: code, words, and what happens next for the enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeRefusal {
    pub code: String,
    pub label: String,
    pub tip: String,
    /// Otherwise 停用.
    pub active: bool,
}

/// 协议 of a city, in the version that is shown now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    pub code: String,
    pub title: String,
    pub short_title: String,
    pub version: String,
    /// `YYYY-MM-DD`.
    pub effective: String,
    /// `## heading` lines and paragraphs parted by blank lines; cities whose texts are the same hold them once.
    pub body: Arc<str>,
    /// Screens that link it: `register`, `apply`, `face`, `foot`.
    pub shown: Vec<String>,
    /// Screens on which its box must be ticked.
    pub ticked: Vec<String>,
    /// What changed with this version; empty for the first one.
    pub change_note: String,
    /// 须重新同意: some version up to this one asks everybody again who accepted an older one.
    pub asks_again: bool,
}

/// The screen whose agreements everybody accepted to get an account.
const REGISTER: &str = "register";

impl Agreement {
    /// 须重新同意 is for what everybody accepted by registering. Other texts have a consent of their own, with a purpose and a
    /// recipient of its own, on the screen where they are used: that screen asks for the version in force anyway.
    pub fn may_ask_again(&self) -> bool {
        self.ticked.iter().any(|screen| screen == REGISTER)
    }
}

impl City {
    /// 省级监管, and no city.
    pub fn is_province(&self) -> bool {
        self.kind == TenantKind::Province
    }

    /// False while it is suspended and after it was closed: no door of it opens.
    pub fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }

    /// 工作日历 of the city: the published one with its own days. Every clock of the city is read on this and on no other.
    pub fn work_calendar(&self, published: &dyn WorkCalendarSource) -> Arc<WorkCalendar> {
        let published = published.published_calendar();
        if self.own_days.is_empty() {
            return published;
        }
        let own = self.own_days.iter().map(|(day, kind)| (*day, *kind));
        Arc::new(published.with(own))
    }

    /// Agreements whose box must be ticked on a screen, in printed order.
    pub fn ticked_on(&self, screen: &str) -> Vec<&Agreement> {
        self.agreements
            .iter()
            .filter(|a| a.ticked.iter().any(|s| s == screen))
            .collect()
    }

    pub fn agreement(&self, code: &str) -> Option<&Agreement> {
        self.agreements.iter().find(|a| a.code == code)
    }

    /// 不通过原因 that may be picked; those that were picked before are all in `rejection_reasons`.
    pub fn offered_reasons(&self) -> impl Iterator<Item = &RejectionReason> {
        self.rejection_reasons.iter().filter(|one| one.active)
    }

    /// 拒单原因 that may be picked.
    pub fn offered_refusals(&self) -> impl Iterator<Item = &IntakeRefusal> {
        self.intake_refusals.iter().filter(|one| one.active)
    }

    /// Items of 补充清单 that may be picked.
    pub fn offered_supplements(&self) -> impl Iterator<Item = &SupplementTemplate> {
        self.supplement_templates.iter().filter(|one| one.active)
    }
}

/// 补充材料 template that an officer may pick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplementTemplate {
    pub code: String,
    pub label: String,
    pub hint: String,
    pub required: bool,
    /// Otherwise 停用.
    pub active: bool,
}

/// Directory of the cities that this process serves.
pub trait Cities: Send + Sync {
    /// The city of a host name (without port); an unknown host is nobody's (S-01).
    fn by_host(&self, host: &str) -> Option<Arc<City>>;
    fn by_id(&self, id: TenantId) -> Option<Arc<City>>;
    fn all(&self) -> Vec<Arc<City>>;

    /// 省级监管: the provinces of this process, which are no cities: `all` leaves them out, `by_host` and `by_id` find them.
    fn provinces(&self) -> Vec<Arc<City>> {
        Vec::new()
    }
}

/// A city without anything, for tests that need one.
#[cfg(test)]
pub(crate) fn blank() -> City {
    City {
        id: TenantId(uuid::Uuid::nil()),
        kind: TenantKind::City,
        slug: String::new(),
        name: String::new(),
        second_name: String::new(),
        mini_program_name: String::new(),
        hosts: Vec::new(),
        public_url: String::new(),
        hotline: String::new(),
        hotline_hours: String::new(),
        icp: String::new(),
        public_security_record: String::new(),
        operator_name: String::new(),
        operator_address: String::new(),
        tagline: String::new(),
        brand: String::new(),
        accent: String::new(),
        logo_char: String::new(),
        logo: None,
        standing: Standing::Open,
        edition: 0,
        default_province: String::new(),
        default_city: String::new(),
        about_file: PathBuf::new(),
        clocks: ClockEras::default(),
        pauses: Vec::new(),
        own_days: BTreeMap::new(),
        own_regions: Arc::default(),
        notice_texts: Arc::default(),
        single_step_up_to_cents: None,
        sms_daily_budget: 1,
        sms_quiet: None,
        keeping: Keeping::default(),
        face_failures_per_day: 1,
        uploads: UploadLimits::default(),
        agreements: Vec::new(),
        rejection_reasons: Arc::default(),
        intake_refusals: Arc::default(),
        supplement_templates: Arc::default(),
        plugs: BTreeMap::new(),
    }
}
