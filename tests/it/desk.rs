//! The branch's whole work on an application: investigation, staged approval, loan, and the ways out.

mod approval;
mod corrections;
mod diligence;
mod lending;
mod notices;
mod ways_out;

use journeys::{Answer, Browser};

use crate::branch::{Scene, scene, step};

/// A complete report, as typed.
pub(crate) const REPORT: [(&str, &str); 9] = [
    ("visited_on", "2026-11-25"),
    ("place", "盐山县庆云镇厂区"),
    ("met_with", "财务负责人"),
    ("business", "两条生产线运转正常，在手订单充足。"),
    ("finances", "近一年收入 3200 万元，负债率 41%。"),
    ("collateral", "厂房抵押，权属清晰。"),
    ("risks", "原材料价格波动，已签锁价合同。"),
    ("first_loan", "yes"),
    ("conclusion", "support"),
];

/// Proposed terms, as typed.
pub(crate) const PROPOSAL: [(&str, &str); 5] = [
    ("approved_amount", "8"),
    ("approved_rate", "3.75"),
    ("approved_term", "2"),
    ("valid_until", "2027-03-31"),
    ("proposal_opinion", "还款来源充足，建议授信。"),
];

/// Does a deed for good: opens its form and confirms.
pub(crate) async fn deed(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = opened(browser, path).await;
    step(browser, &form, path, fields, "confirm").await
}

/// The form of a deed; what weighs is opened with a fresh proof (S-41).
pub(crate) async fn opened(browser: &Browser, path: &str) -> Answer {
    let form = browser.get(path).await;
    if form.location().starts_with("/staff/prove") {
        browser.prove().await;
        return browser.get(path).await.expect(200);
    }
    form.expect(200)
}

impl Scene {
    /// Accepted by the clerk, and contacted.
    pub(crate) async fn investigate(&self) {
        self.accept().await;
        let note = [("contact_note", "已电话联系财务负责人。")];
        deed(&self.clerk.browser, &self.path("/start"), &note)
            .await
            .expect(303);
    }

    /// A complete report, and the proposal before the first approver.
    pub(crate) async fn propose(&self) {
        self.report(&REPORT).await.expect(303);
        deed(&self.clerk.browser, &self.path("/propose"), &PROPOSAL)
            .await
            .expect(303);
    }

    /// Approved by the branch's approver: 8 万元 until 2027-03-31.
    pub(crate) async fn approve(&self) {
        let opinion = [("sign_opinion", "同意授信。")];
        deed(&self.approver.browser, &self.path("/pass"), &opinion)
            .await
            .expect(303);
    }

    /// The enterprise's page of the request.
    pub(crate) fn own(&self, rest: &str) -> String {
        format!("/enterprise/applications/{}{rest}", self.application)
    }

    /// 审批设置 of the bank.
    pub(crate) async fn steps(&self, steps: &[&str]) {
        sqlx::query(
            "insert into bank_settings (tenant_id, approval_steps, updated_by, updated_at) values ($1, $2, $3, now())",
        )
        .bind(self.bank.0)
        .bind(steps.iter().map(|s| (*s).to_owned()).collect::<Vec<String>>())
        .bind(self.clerk.user.0)
        .execute(&self.world.owner)
        .await
        .expect("the settings stand");
    }

    /// The report's form posted as its page has it.
    pub(crate) async fn report(&self, fields: &[(&str, &str)]) -> Answer {
        let path = self.path("/diligence");
        let browser = &self.clerk.browser;
        let form = browser.get(&path).await.expect(200);
        self.report_from(&form, fields).await
    }

    pub(crate) async fn report_from(&self, form: &Answer, fields: &[(&str, &str)]) -> Answer {
        let [version, report] =
            ["version", "report_version"].map(|name| form.input(name).unwrap_or_default());
        let mut all = vec![
            ("version", version.as_str()),
            ("report_version", report.as_str()),
        ];
        all.extend_from_slice(fields);
        let path = self.path("/diligence");
        self.clerk.browser.submit_from(form, &path, &all).await
    }
}

pub(crate) async fn investigated() -> Scene {
    let scene = scene().await;
    scene.investigate().await;
    scene
}
