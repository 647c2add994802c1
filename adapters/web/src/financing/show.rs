//! What only the enterprise's pages write: its two columns and what comes next.

use domain::financing::{FinancingApplication, Stage};

use crate::parts::Tag;
pub use crate::show::*;

/// The two columns as tags.
pub fn tags(application: &FinancingApplication) -> Vec<Tag> {
    application
        .columns()
        .map_or_else(Vec::new, |(intake, review)| {
            vec![intake_tag(intake), review_tag(review)]
        })
}

/// 申请编号 of a request.
pub fn number(application: &FinancingApplication) -> String {
    crate::show::number(application.record())
}

/// What comes next, in plain words; nothing once it is over.
pub fn next_step(application: &FinancingApplication) -> Option<String> {
    let r = application.record();
    let branch = &r.handler_name;
    Some(match r.stage {
        Stage::Submitted => format!("{branch}接单"),
        Stage::ReturnedToHq => "金融机构改派受理支行".to_owned(),
        Stage::Accepted if r.contacted_at.is_none() => "客户经理联系企业，开始审核".to_owned(),
        Stage::Accepted | Stage::DueDiligence => format!("{branch}审核"),
        Stage::NeedSupplement => "请您补充材料".to_owned(),
        Stage::InApproval => format!("{branch}审批"),
        Stage::Approved => "与支行签订合同，办理放款".to_owned(),
        Stage::Disbursing => "继续放款".to_owned(),
        _ => return None,
    })
}
