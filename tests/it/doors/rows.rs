//! What hangs on a request, its branch, its bank and its city: a row of each kind that a door names by its id.

use journeys::{Answer, StaffFixture, World};
use sqlx::{AssertSqlSafe, Executor as _};
use uuid::Uuid;

use super::scene::{Case, Object, object, overseen};

/// Shortly before the moment at which the clock stands.
const AT: &str = "2026-11-25 09:00:00+08";
/// 贴息 that any loan of the year meets.
const TERMS: &str = r#"{"kind": "rate", "rate": 150, "months_most": 12, "fixed_cents": null, "cap_cents": 5000000, "guarantees": [],
  "months_min": null, "months_max": null, "amount_max_cents": null, "from": "2026-01-01", "until": "2026-12-31"}"#;

async fn sow(world: &World, sql: String) {
    // AssertSqlSafe: ids printed by their type, and the constants of this file.
    world
        .owner
        .execute(AssertSqlSafe(sql))
        .await
        .expect("the rows are there");
}

/// The id at the end of where a form led.
pub(super) fn led_to(answer: &Answer) -> Uuid {
    let last = answer.location().rsplit('/').next();
    let id = last.and_then(|last| last.split('?').next());
    id.and_then(|id| id.parse().ok()).expect("where it is")
}

impl Case<'_> {
    /// A request that is drawn on, with everything that is asked about a loan.
    pub(super) async fn loan(&self, world: &World, admin: &StaffFixture) -> Vec<Object> {
        let loan = world
            .submitted_application(self.owner, self.bank, self.branch, self.product)
            .await
            .0;
        let (city, enterprise, person) = (world.cangzhou.id, self.owner.id, self.owner.user);
        let (bank, branch, admin) = (self.bank, self.branch, admin.user);
        let [draw, policy, claim, deferral] = std::array::from_fn(|_| Uuid::new_v4());
        let [correction, rating, breach] = std::array::from_fn(|_| Uuid::new_v4());
        let sql = format!(
            "update financing_applications set stage = 'disbursed', ever_accepted = true, accepted_at = submitted_at,
               decided_at = submitted_at, due_at = null, draws = 1, approved_amount_cents = 300000000, drawn_cents = 100000000
               where id = '{loan}';
             insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, due_on, contract_no, source,
                 at, confirmed_at)
               values ('{draw}', '{city}', '{loan}', 1, 100000000, 375, '2026-11-25', '2027-11-25', 'HT-1', 'form', '{AT}', '{AT}');
             insert into articles (id, tenant_id, city_id, kind, title, issuer, delivery, body, published_at, visible_from, subsidy)
               values ('{policy}', '{city}', '{city}', 'policy', '贴息办法', '财政工作主管部门', '申报', '正文', '{AT}', '{AT}', '{TERMS}');
             insert into subsidy_claims (id, tenant_id, enterprise_id, policy_id, policy_version, policy_title, application_id, draw_id,
                 draw_number, origin, status, sum_cents, declared, filed_by, filed_at)
               values ('{claim}', '{city}', '{enterprise}', '{policy}', 1, '贴息办法', '{loan}', '{draw}', 1, 'applied', 'filed', 100,
                 '属实', '{person}', '{AT}');
             insert into loan_deferrals (id, tenant_id, application_id, draw_id, number, old_due_on, wanted_on, reason, asked_by,
                 asked_name, asked_at)
               values ('{deferral}', '{city}', '{loan}', '{draw}', 1, '2027-11-25', '2027-12-20', '货款推迟', '{person}', '顾屹舟', '{AT}');
             insert into reconsiderations (tenant_id, application_id, facts, asked_by, asked_name, asked_at)
               values ('{city}', '{loan}', '新增订单', '{person}', '顾屹舟', '{AT}');
             insert into correction_requests (id, tenant_id, application_id, reason, asked_by, asked_name, asked_at)
               values ('{correction}', '{city}', '{loan}', '点错', '{admin}', '温如岚', '{AT}');
             insert into ratings (id, tenant_id, enterprise_id, application_id, application_no, masked_name, bank_id, branch_id,
                 branch_name, speed, service, openness, rated_by, rated_at)
               values ('{rating}', '{city}', '{enterprise}', '{loan}', 'PO', '沧州**有限公司', '{bank}', '{branch}', '支行', 5, 5, 5,
                 '{person}', '{AT}');
             insert into clock_breaches (id, tenant_id, application_id, clock, due_at, bank_id, branch_id, noted_at)
               values ('{breach}', '{city}', '{loan}', 'accept', '{AT}', '{bank}', '{branch}', '{AT}');"
        );
        sow(world, sql).await;
        vec![
            object("loan", "/loans/", loan),
            object("draw", "/loan/", draw).within(loan),
            object("deferral of the enterprise", "/defer", loan),
            object("deferral to answer", "-deferral", loan)
                .typed(&[("verdict", "decline"), ("deferral_answer", "请按期还款")]),
            object("appeal", "/appeals/", loan).typed(&[("verdict", "accept")]),
            object("correction", "/corrections/", correction).typed(&[("verdict", "accept")]),
            object("breach", "/breaches/", breach).typed(&[("breach_cause", "staffing")]),
            overseen("rating", "/ratings/", "/", rating)
                .typed(&[("reply", "谢谢"), ("hide_reason", "含有广告")]),
            overseen("policy", "/policies/", "/", policy),
            overseen("article", "/content/", "/", policy),
            overseen(
                "subsidy claim",
                "/subsidies/",
                "/operator/subsidies/",
                claim,
            )
            .typed(&[("refusal", "不符合条件"), ("version", "1")]),
        ]
    }

    /// What the institution keeps for itself, and what its branch is given.
    pub(super) async fn of_the_bank(&self, world: &World, admin: &StaffFixture) -> Vec<Object> {
        let (city, enterprise, admin) = (world.cangzhou.id, self.owner.id, admin.user);
        let (bank, branch) = (self.bank, self.branch);
        let [import, rule, key, referral] = std::array::from_fn(|_| Uuid::new_v4());
        let hash = import.simple();
        let sql = format!(
            "insert into imports (id, tenant_id, city_id, kind, content_hash, asked_by, asked_name, asked_at, status, ended_at)
               values ('{import}', '{bank}', '{city}', 'referrals', '\\x{hash}', '{admin}', '温如岚', '{AT}', 'done', '{AT}');
             insert into dispatch_rules (id, tenant_id, position, branch_id, created_by, created_name, created_at)
               values ('{rule}', '{bank}', 1, '{branch}', '{admin}', '温如岚', '{AT}');
             insert into bank_api_keys (tenant_id, id, kind, name, secret_sealed, status, created_by, created_name, created_at)
               values ('{bank}', '{key}', 'sandbox', '信贷系统', '\\x00', 'active', '{admin}', '温如岚', '{AT}');
             insert into referrals (id, tenant_id, city_id, branch_id, branch_name, credit_code, company_name, status, import_id,
                 created_at, changed_at)
               select '{referral}', '{bank}', '{city}', '{branch}', '支行', unified_social_credit_code, name, 'waiting', '{import}',
                 '{AT}', '{AT}' from enterprises where id = '{enterprise}';"
        );
        sow(world, sql).await;
        vec![
            object("import", "/imports/", import),
            object("dispatch rule", "/rules/", rule).typed(&[("_action", "remove")]),
            object("API key", "/keys/", key).typed(&[("_action", "confirm"), ("deed", "revoke")]),
            object("referral", "/referrals/", referral)
                .typed(&[("to", "contacted"), ("version", "1")]),
        ]
    }

    /// What the city asks its institutions to do, proposes and reports.
    pub(super) async fn of_the_city(&self, world: &World) -> Vec<Object> {
        let (city, enterprise, operator) = (world.cangzhou.id, self.owner.id, self.operator.user);
        let [import, list, row, repair] = std::array::from_fn(|_| Uuid::new_v4());
        let [code, report] = std::array::from_fn(|_| Uuid::new_v4());
        let hash = import.simple();
        let sql = format!(
            "insert into imports (id, tenant_id, city_id, kind, content_hash, asked_by, asked_name, asked_at, status, ended_at)
               values ('{import}', '{city}', '{city}', 'visits', '\\x{hash}', '{operator}', '宋知远', '{AT}', 'done', '{AT}');
             insert into visit_lists (id, tenant_id, name, source, due_on, rows_kept, created_by, created_name, created_at)
               select '{list}', '{city}', name || '走访清单', '市工信局', '2026-12-31', 1, '{operator}', '宋知远', '{AT}'
               from enterprises where id = '{enterprise}';
             insert into visit_files (tenant_id, import_id, list_id) values ('{city}', '{import}', '{list}');
             insert into visit_rows (id, tenant_id, list_id, import_id, row_number, credit_code, company_name, district, created_at)
               select '{row}', '{city}', '{list}', '{import}', 1, unified_social_credit_code, name, '130903', '{AT}'
               from enterprises where id = '{enterprise}';
             insert into visit_repairs (id, tenant_id, row_id, department, what, due_on, set_by, set_name, set_at)
               values ('{repair}', '{city}', '{row}', '市自然资源和规划局', '协助企业补办厂房不动产登记。', '2026-12-20', '{operator}',
                 '宋知远', '{AT}');
             insert into code_proposals (id, tenant_id, code, company_name, evidence, reason, asked_by, asked_name, asked_at)
               select '{code}', '{city}', unified_social_credit_code, name, 'licence', '证照已核对', '{operator}', '宋知远', '{AT}'
               from enterprises where id = '{enterprise}';
             insert into province_reports (tenant_id, id, month, body, made_at, state, since, settled_at)
               values ('{city}', '{report}', '2026-10-01', '{{}}', '{AT}', 'replaced', '{AT}', '{AT}');"
        );
        sow(world, sql).await;
        vec![
            overseen("import of a visit list", "/visits/imports/", "/", import),
            overseen("visit list", "/visits/", "/", list),
            overseen("row of a visit list", "/rows/", "/", row)
                .within(list)
                .typed(&[("_action", "contact")]),
            overseen("repair task", "/visits/repairs/", "/", repair)
                .typed(&[("repair_note", "已补办")]),
            overseen("proposed code", "/operator/codes/", "/", code),
            overseen("report to the province", "/operator/province/", "/", report),
        ]
    }

    /// What the enterprise made by itself, at the doors where it does.
    pub(super) async fn of_the_enterprise(&self, world: &World) -> Vec<Object> {
        let browser = &self.owner.browser;
        let trial = format!("/market/{}/estimate", self.product);
        let asked = [("amount", "100"), ("term", "2")];
        let estimate = led_to(&browser.submit(&trial, &trial, &asked).await.expect(303));
        let form = "/enterprise/complaints/new";
        let about = format!("node:{}", self.branch);
        let filled = [
            ("about", about.as_str()),
            ("kind", "slow"),
            ("complaint_body", "接单后两周没有联系。"),
        ];
        let complaint = led_to(&browser.submit(form, form, &filled).await.expect(303));
        let [handover, review] = std::array::from_fn(|_| Uuid::new_v4());
        let operator = self.operator.user;
        let (city, enterprise, person) = (world.cangzhou.id, self.owner.id, self.owner.user);
        let hash = handover.simple();
        // The branch was asked: a sibling of it sees no more for that.
        let sql = format!(
            "update complaints set status = 'taken', taken_by = '{operator}', taken_name = '宋知远', handler_tenant_id = about_id,
               handler_name = about_name where id = '{complaint}';
             insert into handovers (id, token_hash, tenant_id, enterprise_id, user_id, purpose, created_at, expires_at)
               values ('{handover}', '\\x{hash}', '{city}', '{enterprise}', '{person}', 'face', '{AT}', '2026-11-25 18:00:00+08');
             insert into face_reviews (id, tenant_id, enterprise_id, user_id, enterprise_name, person_name, legal_id_index, reference,
                 status, created_at)
               select '{review}', '{city}', id, '{person}', name, '顾**', '\\x00', 'A-1', 'requested', '{AT}'
               from enterprises where id = '{enterprise}';"
        );
        sow(world, sql).await;
        vec![
            object("estimate", "/estimates/", estimate),
            object("face check on a phone", "/face/", handover),
            overseen("face review", "/operator/faces/", "/", review),
            overseen(
                "complaint",
                "/complaints/",
                "/operator/complaints/",
                complaint,
            )
            .typed(&[
                ("handling_note", "已电话联系"),
                ("question", "请说明"),
                ("answer", "已核实"),
                ("statement", "已联系"),
                ("again", "仍未联系"),
            ]),
        ]
    }
}
