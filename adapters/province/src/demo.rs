//! A node that takes everything but one month, once: demonstrations only.

use application::ports::province::{NodeVerdict, ProvinceNode, ProvinceReport, Schedule, Silence};
use async_trait::async_trait;
use serde::Deserialize;
use time::Date;

use crate::schedule;

pub const KIND: &str = "demo";
/// What the one refused month is told.
const REFUSAL: &str = "演示退回：本期报送通道临时关闭，请稍后重新报送";

/// Settings of the section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoSettings {
    pub kind: String,
    #[serde(default = "schedule::usual_day")]
    pub day: u8,
    /// `YYYY-MM`.
    pub from: Option<String>,
    /// The month that is refused once, so that there is something to send again.
    pub refuse: Option<String>,
}

/// 演示节点.
pub struct DemoNode {
    schedule: Schedule,
    refuse: Option<Date>,
}

impl DemoNode {
    /// Refuses settings that are not whole.
    pub fn new(settings: &DemoSettings) -> Result<Self, String> {
        let refuse = settings.refuse.as_deref();
        Ok(Self {
            schedule: schedule::read(settings.day, settings.from.as_deref())?,
            refuse: refuse.map(schedule::month).transpose()?,
        })
    }
}

#[async_trait]
impl ProvinceNode for DemoNode {
    fn schedule(&self) -> Schedule {
        self.schedule
    }

    async fn send(&self, report: &ProvinceReport) -> Result<NodeVerdict, Silence> {
        let month = report.month;
        if report.tries == 0 && self.refuse == Some(month) {
            return Ok(NodeVerdict::Refused(REFUSAL.to_owned()));
        }
        let number = format!("DEMO-{:04}{:02}", month.year(), u8::from(month.month()));
        Ok(NodeVerdict::Received(number))
    }
}
