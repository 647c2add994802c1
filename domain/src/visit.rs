//! 走访清单: how far an enterprise of a city's list is, and the 整改任务 that follow a refusal (O11, G6).

use time::{Date, OffsetDateTime};

use crate::vocabulary;

vocabulary! {
    /// 走访进展, in the order in which it goes forward; what a list is narrowed by.
    VisitStage {
        Unassigned = "unassigned" / "待分配",
        Assigned = "assigned" / "待下发",
        Sent = "sent" / "已下发",
        Contacted = "contacted" / "已联系",
        Visited = "visited" / "已走访",
        Demand = "demand" / "有需求",
        Applied = "applied" / "已申请",
        Granted = "granted" / "已授信",
        Declined = "declined" / "未授信",
    }
}

impl VisitStage {
    /// What is counted of a list that was sent, each step with those beyond it.
    pub const REACHED: [Self; 7] = [
        Self::Sent,
        Self::Contacted,
        Self::Visited,
        Self::Demand,
        Self::Applied,
        Self::Granted,
        Self::Declined,
    ];
}

/// When an enterprise of a list came to each step; `None`: not yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VisitProgress {
    /// An institution was chosen.
    pub assigned: bool,
    pub sent: Option<OffsetDateTime>,
    /// 在本平台注册.
    pub registered: Option<OffsetDateTime>,
    pub contacted: Option<OffsetDateTime>,
    pub visited: Option<OffsetDateTime>,
    pub demand: Option<OffsetDateTime>,
    pub applied: Option<OffsetDateTime>,
    pub granted: Option<OffsetDateTime>,
    pub declined: Option<OffsetDateTime>,
}

impl VisitProgress {
    /// When it came to a step.
    pub fn at(&self, stage: VisitStage) -> Option<OffsetDateTime> {
        match stage {
            VisitStage::Unassigned | VisitStage::Assigned => None,
            VisitStage::Sent => self.sent,
            VisitStage::Contacted => self.contacted,
            VisitStage::Visited => self.visited,
            VisitStage::Demand => self.demand,
            VisitStage::Applied => self.applied,
            VisitStage::Granted => self.granted,
            VisitStage::Declined => self.declined,
        }
    }

    /// How far it is: a grant is more than a refusal, and either ends the way.
    pub fn stage(&self) -> VisitStage {
        const FURTHEST: [VisitStage; 7] = [
            VisitStage::Granted,
            VisitStage::Declined,
            VisitStage::Applied,
            VisitStage::Demand,
            VisitStage::Visited,
            VisitStage::Contacted,
            VisitStage::Sent,
        ];
        let reached = FURTHEST.into_iter().find(|s| self.at(*s).is_some());
        reached.unwrap_or(if self.assigned {
            VisitStage::Assigned
        } else {
            VisitStage::Unassigned
        })
    }
}

vocabulary! {
    /// 整改任务状态, the most urgent first.
    RepairState {
        Overdue = "overdue" / "已逾期",
        Open = "open" / "整改中",
        Done = "done" / "已完成",
    }
}

impl RepairState {
    /// A task is overdue from the day after the last day that it was given.
    pub fn of(due: Date, done: bool, today: Date) -> Self {
        if done {
            Self::Done
        } else if today > due {
            Self::Overdue
        } else {
            Self::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::{RepairState, VisitProgress, VisitStage as S};

    #[test]
    fn an_enterprise_is_as_far_as_its_furthest_step_and_a_grant_outweighs_a_refusal() {
        let at = Some(datetime!(2026-11-25 09:00 +8));
        let mut progress = VisitProgress::default();
        assert_eq!(progress.stage(), S::Unassigned);
        progress.assigned = true;
        assert_eq!(progress.stage(), S::Assigned);
        progress.sent = at;
        assert_eq!(progress.stage(), S::Sent);
        progress.contacted = at;
        assert_eq!(progress.stage(), S::Contacted);
        progress.visited = at;
        assert_eq!(progress.stage(), S::Visited);
        progress.demand = at;
        assert_eq!(progress.stage(), S::Demand);
        // Whoever applies by themselves is further than the institution has noted.
        progress.applied = at;
        assert_eq!(progress.stage(), S::Applied);
        progress.declined = at;
        assert_eq!(progress.stage(), S::Declined);
        progress.granted = at;
        assert_eq!(progress.stage(), S::Granted);
    }

    #[test]
    fn a_task_is_overdue_after_its_last_day_and_never_once_it_is_done() {
        let due = date!(2026 - 11 - 30);
        for (today, done, state) in [
            (date!(2026 - 11 - 30), false, RepairState::Open),
            (date!(2026 - 12 - 01), false, RepairState::Overdue),
            (date!(2026 - 12 - 01), true, RepairState::Done),
        ] {
            assert_eq!(RepairState::of(due, done, today), state);
        }
    }
}
