//! 保存期限 (S-35): the one table of what is kept for how long. docs/retention.md prints it, and a test holds the two together.

use domain::vocabulary;
use time::Duration;

use crate::city::Keeping;

vocabulary! {
    /// What goes after its time, named as the city's agreements name it.
    Kept {
        Drafts = "drafts" / "没有提交的申请草稿及其照片",
        Estimates = "estimates" / "额度试算的记录",
        SmsCodes = "sms_codes" / "短信验证码记录",
        SmsTries = "sms_tries" / "短信发送记录（手机号只留前三位和后四位）",
        Sessions = "sessions" / "结束的登录会话和手机接力记录",
        Devices = "devices" / "退出或者到期的登录设备及其令牌",
        Uploads = "uploads" / "没有传完或者没有用上的分段上传",
        Links = "links" / "用过或者过期的邀请链接",
        Keys = "keys" / "防止重复提交的记录",
        Exports = "exports" / "准备好的数据文件（后台导出和本企业数据）",
        ImportRows = "import_rows" / "批量导入中没有通过的行",
        SignIns = "sign_ins" / "登录记录",
        Deeds = "deeds" / "操作日志",
        Notices = "notices" / "已经送达或者放弃的通知记录",
        Consents = "consents" / "授权记录，自授权终止之日起",
        Looks = "looks" / "查询（查看）记录，自企业账号注销之日起",
        FaceChecks = "face_checks" / "核验结果，自企业账号注销之日起",
        FaceReviews = "face_reviews" / "没有作出结论的平台人工核验申请及其照片",
        Archives = "archives" / "已注销账号的融资需求材料，自账号注销之日起",
    }
}

impl Kept {
    /// How many days a city keeps it.
    pub const fn days(self, city: Keeping) -> u16 {
        match self {
            Self::SmsCodes | Self::Uploads => 1,
            Self::SmsTries | Self::Estimates => 365,
            Self::Keys => 2,
            Self::Exports => 7,
            Self::Sessions | Self::Devices | Self::Links | Self::FaceReviews => 30,
            Self::Drafts | Self::ImportRows => city.unsent_days,
            Self::SignIns | Self::Deeds | Self::Notices => city.log_days,
            Self::Consents | Self::Looks | Self::FaceChecks | Self::Archives => city.consent_days,
        }
    }

    /// The same as a span.
    pub const fn time(self, city: Keeping) -> Duration {
        Duration::days(self.days(city) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_prints_the_table_that_the_program_follows() {
        let document = include_str!("../../../docs/retention.md");
        for kept in Kept::ALL {
            let row = format!("| {} | {} |", kept.zh(), kept.days(Keeping::default()));
            assert!(document.contains(&row), "docs/retention.md lacks: {row}");
        }
    }
}
