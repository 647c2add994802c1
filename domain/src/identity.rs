//! 人脸核验: the states of an attempt, on the camera or at a counter.

use crate::vocabulary;

vocabulary! {
    /// 核验状态 of one attempt.
    CheckStatus {
        Started = "started" / "核验中",
        Passed = "passed" / "已通过",
        Failed = "failed" / "未通过",
        /// No answer that we know: asked again, never a success.
        Unclear = "unclear" / "结果待确认",
        ManualRequested = "manual_requested" / "待柜面核验",
        ManualPassed = "manual_passed" / "柜面核验通过",
        ManualRefused = "manual_refused" / "柜面核验不通过",
        Cancelled = "cancelled" / "已取消",
    }
}

impl CheckStatus {
    /// True where the provider still owes an answer.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Started | Self::Unclear)
    }
}

vocabulary! {
    /// 平台人工核验 of one photo: two people of the operator, one after the other.
    ReviewStatus {
        Requested = "requested" / "待平台核验",
        Proposed = "proposed" / "待复核",
        Passed = "passed" / "平台核验通过",
        Refused = "refused" / "平台核验不通过",
        Cancelled = "cancelled" / "已取消",
    }
}
