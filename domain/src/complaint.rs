//! Complaint 投诉 (W21): what it is about, how far it is, and which step leads where.

use crate::vocabulary;

vocabulary! {
    /// 投诉类型.
    ComplaintKind {
        Refused = "refused" / "无故拒绝受理",
        Slow = "slow" / "办理超时、推诿",
        Attitude = "attitude" / "服务态度",
        Fees = "fees" / "违规收费",
        Tying = "tying" / "捆绑搭售",
        Terms = "terms" / "放款或利率与承诺不一致",
        Privacy = "privacy" / "泄露或滥用企业信息",
        Other = "other" / "其他",
    }
}

vocabulary! {
    /// 投诉状态.
    ComplaintStatus {
        Filed = "filed" / "待受理",
        Taken = "taken" / "处理中",
        Answered = "answered" / "已答复",
        Reopened = "reopened" / "再次提出",
        Closed = "closed" / "已办结",
    }
}

vocabulary! {
    /// 处理步骤.
    ComplaintStep {
        Filed = "filed" / "提出投诉",
        Taken = "taken" / "受理",
        Noted = "noted" / "内部记录",
        StatementAsked = "statement_asked" / "请机构说明",
        Stated = "stated" / "机构说明",
        Answered = "answered" / "答复",
        Reopened = "reopened" / "再次提出",
        Closed = "closed" / "办结",
    }
}

/// Days after an answer in which the enterprise may ask once more; then the complaint ends by itself.
pub const DAYS_TO_REOPEN: i64 = 15;

impl ComplaintStatus {
    /// The city owes an answer, and its clock runs.
    pub const fn is_owed(self) -> bool {
        matches!(self, Self::Filed | Self::Taken | Self::Reopened)
    }

    /// Where a step leads; `None`: it is not possible now. What came before decides about asking once more.
    pub const fn after(self, step: ComplaintStep, reopened_before: bool) -> Option<Self> {
        use ComplaintStep as Step;
        match (self, step) {
            (Self::Filed | Self::Reopened, Step::Taken) => Some(Self::Taken),
            (Self::Filed | Self::Taken | Self::Answered | Self::Reopened, Step::Noted) => {
                Some(self)
            }
            (Self::Taken, Step::StatementAsked | Step::Stated) => Some(Self::Taken),
            (Self::Taken, Step::Answered) => Some(Self::Answered),
            (Self::Answered, Step::Reopened) if !reopened_before => Some(Self::Reopened),
            (Self::Answered, Step::Closed) => Some(Self::Closed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ComplaintStatus as Status, ComplaintStep as Step};

    #[test]
    fn only_these_steps_lead_anywhere() {
        let mut ways = Vec::new();
        for from in Status::ALL {
            for step in Step::ALL {
                if let Some(to) = from.after(*step, false) {
                    ways.push(format!("{} {} {}", from.code(), step.code(), to.code()));
                }
            }
        }
        assert_eq!(
            ways,
            [
                "filed taken taken",
                "filed noted filed",
                "taken noted taken",
                "taken statement_asked taken",
                "taken stated taken",
                "taken answered answered",
                "answered noted answered",
                "answered reopened reopened",
                "answered closed closed",
                "reopened taken taken",
                "reopened noted reopened",
            ]
        );
    }

    #[test]
    fn an_enterprise_asks_once_more_and_not_twice() {
        assert_eq!(Status::Answered.after(Step::Reopened, true), None);
    }

    #[test]
    fn the_clock_runs_until_the_answer_and_again_when_asked_once_more() {
        let owed: Vec<&str> = Status::ALL
            .iter()
            .filter(|s| s.is_owed())
            .map(|s| s.code())
            .collect();
        assert_eq!(owed, ["filed", "taken", "reopened"]);
    }
}
