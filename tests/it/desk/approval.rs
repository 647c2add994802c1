//! Rows 18 to 22: proposed on a whole report, signed by other eyes, over what nobody changed.

use domain::ids::TenantId;
use sqlx::Executor as _;

use super::{PROPOSAL, REPORT, deed, investigated, opened};
use crate::branch::{Scene, scene, step};

const OPINION: [(&str, &str); 1] = [("sign_opinion", "同意经办意见。")];

async fn proposed() -> Scene {
    let scene = investigated().await;
    scene.propose().await;
    scene
}

impl Scene {
    /// The clerk posts what no page offers, with all that a form would have brought along.
    async fn no_way_past(&self, path: &str) {
        let version: i32 = sqlx::query_scalar("select version from financing_applications")
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there");
        let version = version.to_string();
        let mut fields = PROPOSAL.to_vec();
        fields.push(("version", &version));
        fields.push(("_key", "019abcde-0000-7000-8000-000000000001"));
        let detail = self.path("");
        let past = self.clerk.browser.submit(&detail, path, &fields).await;
        past.expect(409).says("尽调报告没有填写完整");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_whole_report_that_speaks_for_the_loan_goes_up() {
    let scene = investigated().await;
    let path = scene.path("/propose");
    let browser = &scene.clerk.browser;
    scene
        .second_clerk
        .browser
        .get(&path)
        .await
        .expect(409)
        .says("钱云诚");
    let told = browser.get(&path).await.expect(409);
    let told = told.says("尽调报告没有填写完整").says("去填写尽调报告");
    assert!(told.text().contains(&scene.path("/diligence")));
    assert!(!told.text().contains("proposal_opinion"), "no form");
    let page = browser.get(&scene.path("")).await.expect(200);
    assert!(!page.text().contains(&path), "no button either");
    // Nor does it go up past the form.
    scene.no_way_past(&path).await;
    let mut against = REPORT;
    against[8] = ("conclusion", "oppose");
    scene.report(&against).await.expect(303);
    browser.get(&path).await.expect(409);
    scene.no_way_past(&path).await;
    scene.report(&REPORT).await.expect(303);
    for (field, value, words) in [
        ("approved_amount", "501", "金额应在 1–500 万元之间"),
        ("approved_term", "11", "期限应在 1–10 年之间"),
        ("valid_until", "2026-11-25", "额度有效期应晚于今天"),
        ("proposal_opinion", "", "请输入经办意见"),
    ] {
        let mut fields = PROPOSAL;
        for one in &mut fields {
            if one.0 == field {
                one.1 = value;
            }
        }
        deed(browser, &path, &fields).await.expect(422).says(words);
    }
    sqlx::query("update consents set withdrawn_at = now()")
        .execute(&scene.world.owner)
        .await
        .expect("the consent is withdrawn");
    deed(browser, &path, &PROPOSAL)
        .await
        .expect(409)
        .says("企业已撤回");
    assert_eq!(scene.stage().await, "due_diligence");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_step_is_signed_by_the_approver_and_what_is_internal_stays_inside() {
    let scene = proposed().await;
    assert_eq!(scene.stage().await, "in_approval");
    let approver = &scene.approver.browser;
    let queue = approver.get("/branch/approvals").await.expect(200);
    queue
        .says("沧州市瀚岳澜管道装备有限公司")
        .says("第 1 级，共 1 级");
    let holder = scene.clerk.browser.get("/branch/approvals").await;
    holder.expect(200).says("现在没有等待您审批的融资需求");
    let page = approver.get(&scene.path("")).await.expect(200);
    let page = page
        .says("还款来源充足，建议授信。")
        .says("厂房抵押，权属清晰。");
    assert!(page.text().contains("/pass\"") && !page.text().contains("/agree\""));
    approver.get(&scene.path("/agree")).await.expect(409);
    let path = scene.path("/pass");
    let form = opened(approver, &path).await.says("申请 10.00 万元");
    step(approver, &form, &path, &[("sign_opinion", "")], "")
        .await
        .expect(422)
        .says("请输入意见");
    step(approver, &form, &path, &OPINION, "")
        .await
        .expect(200)
        .says("审核结果不能改为不通过");
    assert_eq!(scene.stage().await, "in_approval", "nothing is done yet");
    assert_eq!(
        scene
            .count("select count(*) from approval_signatures")
            .await,
        0
    );
    for _ in 0..2 {
        step(approver, &form, &path, &OPINION, "confirm")
            .await
            .expect(303);
    }
    assert_eq!(scene.stage().await, "approved");
    let signed = "select count(*) from approval_signatures where verdict = 'approve' and round = 1 and step = 1";
    assert_eq!(scene.count(signed).await, 1);
    let own = format!("/enterprise/applications/{}", scene.application);
    let own = scene.owner.browser.get(&own).await.expect(200);
    let text = own.says("同意经办意见。").says("8.00 万元").text();
    assert!(!text.contains("建议授信") && !text.contains("权属清晰"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_steps_are_two_people_the_second_at_headquarters() {
    let scene = investigated().await;
    scene.steps(&["ba", "hp"]).await;
    scene.propose().await;
    let chief = scene.world.staff(scene.bank, "梁承宇", &["hp"]).await;
    let early = chief.browser.get(&scene.path("/pass")).await;
    early.expect(409).says("这一级审批不由您签署");
    let approver = &scene.approver.browser;
    approver.get(&scene.path("/pass")).await.expect(409);
    // Whose request is signed stands beside the form.
    let sheet = opened(approver, &scene.path("/agree")).await;
    sheet.says("企业名称").says(&scene.owner.name);
    deed(approver, &scene.path("/agree"), &OPINION)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "in_approval");
    approver.get(&scene.path("/agree")).await.expect(409);
    let stranger = scene.world.bank("沧海惠民银行").await;
    let stranger = scene.world.staff(stranger, "和宏屹", &["hp"]).await;
    stranger.browser.get(&scene.path("/pass")).await.expect(404);
    let queue = chief.browser.get("/branch/approvals").await.expect(200);
    queue.says("第 2 级，共 2 级").says("狮城商业银行运河支行");
    let page = chief.browser.get(&scene.path("")).await.expect(200);
    page.says("邬志航").says("同意经办意见。");
    deed(
        &chief.browser,
        &scene.path("/pass"),
        &[("sign_opinion", "同意授信。")],
    )
    .await
    .expect(303);
    assert_eq!(scene.stage().await, "approved");
    let people = "select count(distinct signer_id) from approval_signatures";
    assert_eq!(scene.count(people).await, 2);
    let own = format!("/enterprise/applications/{}", scene.application);
    let text = scene.owner.browser.get(&own).await.expect(200).text();
    assert!(text.contains("同意授信。") && !text.contains("同意经办意见。"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_may_be_refused_with_reasons_or_given_back_and_signed_anew() {
    let scene = proposed().await;
    let approver = &scene.approver.browser;
    deed(approver, &scene.path("/return"), &[("return_reason", " ")])
        .await
        .expect(422)
        .says("请输入退回原因");
    let why = [("return_reason", "请补充抵押物评估。")];
    deed(approver, &scene.path("/return"), &why)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "due_diligence");
    let own = format!("/enterprise/applications/{}", scene.application);
    let text = scene.owner.browser.get(&own).await.expect(200).text();
    assert!(!text.contains("抵押物评估"), "it stays inside");
    scene.propose().await;
    for (fields, words) in [
        (vec![("sign_opinion", "不足")], "请至少选择一项不通过原因"),
        (
            vec![("reasons", "collateral"), ("sign_opinion", "")],
            "请输入意见",
        ),
    ] {
        deed(approver, &scene.path("/veto"), &fields)
            .await
            .expect(422)
            .says(words);
    }
    let fields = [
        ("reasons", "collateral"),
        ("sign_opinion", "抵押物价值不足。"),
    ];
    deed(approver, &scene.path("/veto"), &fields)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "rejected");
    let rounds = "select count(*) from approval_signatures where (round, verdict) in ((1, 'return'), (2, 'reject'))";
    assert_eq!(scene.count(rounds).await, 2);
    scene
        .owner
        .browser
        .get(&own)
        .await
        .expect(200)
        .says("抵押物价值不足。");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_is_kept_whatever_is_written_later() {
    let scene = proposed().await;
    let why = [("return_reason", "请补充抵押物评估。")];
    deed(&scene.approver.browser, &scene.path("/return"), &why)
        .await
        .expect(303);
    let mut later = REPORT;
    later[5] = ("collateral", "厂房抵押，已重新评估。");
    scene.report(&later).await.expect(303);
    deed(&scene.clerk.browser, &scene.path("/propose"), &PROPOSAL)
        .await
        .expect(303);
    scene.approve().await;
    let kept = "select count(*) from approval_signatures where sha256(convert_to(signed, 'UTF8')) = content
        and ((round = 1 and signed like '%权属清晰%') or (round = 2 and signed like '%已重新评估%'))";
    assert_eq!(scene.count(kept).await, 2);
    for lie in [
        "update approval_signatures set signed = ''",
        "insert into approval_signatures select (jsonb_populate_record(null::approval_signatures, to_jsonb(s)
           || jsonb_build_object('id', gen_random_uuid(), 'round', 9, 'signed', '[]'))).* from approval_signatures s limit 1",
    ] {
        assert!(scene.world.owner.execute(lie).await.is_err(), "{lie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_after_it_was_proposed_is_not_signed() {
    for change in [
        "update due_diligence_reports set collateral = '另一处厂房'",
        "update financing_applications set amount_cents = amount_cents * 2",
        "update financing_applications set approval = jsonb_set(approval, '{amount_cents}', '990000000')",
    ] {
        let scene = proposed().await;
        let approver = &scene.approver.browser;
        let form = opened(approver, &scene.path("/pass")).await;
        sqlx::query(change)
            .execute(&scene.world.owner)
            .await
            .expect("somebody changes it");
        let path = scene.path("/pass");
        step(approver, &form, &path, &OPINION, "confirm")
            .await
            .expect(409)
            .says("内容已变更");
        assert_eq!(scene.stage().await, "in_approval", "{change}");
        deed(
            approver,
            &scene.path("/return"),
            &[("return_reason", "内容不一致")],
        )
        .await
        .expect(303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_signs_nothing_even_as_an_approver_nor_past_the_program() {
    let scene = scene().await;
    let both = scene
        .world
        .staff(scene.branch, "单景行", &["bm", "ba"])
        .await;
    let page = scene.path("/accept");
    both.browser
        .submit(&page, &page, &[("_action", "confirm")])
        .await
        .expect(303);
    deed(
        &both.browser,
        &scene.path("/start"),
        &[("contact_note", "已联系")],
    )
    .await
    .expect(303);
    let path = scene.path("/diligence");
    let form = both.browser.get(&path).await.expect(200);
    let version = form.input("version").expect("a version");
    let mut fields = vec![("version", version.as_str()), ("report_version", "0")];
    fields.extend_from_slice(&REPORT);
    both.browser
        .submit_from(&form, &path, &fields)
        .await
        .expect(303);
    deed(&both.browser, &scene.path("/propose"), &PROPOSAL)
        .await
        .expect(303);
    let page = both.browser.get(&scene.path("")).await.expect(200);
    assert!(!page.text().contains("/pass\""), "no button");
    // The form of another approver, posted by the holder.
    let theirs = opened(&scene.approver.browser, &scene.path("/pass")).await;
    let version = theirs.input("version").expect("a version");
    let csrf = page.csrf();
    let posted = [
        ("_csrf", csrf.as_str()),
        ("_key", "0123456789abcdef0123"),
        ("_action", "confirm"),
        ("version", &version),
        OPINION[0],
    ];
    both.browser
        .post(&scene.path("/pass"), &posted)
        .await
        .expect(409)
        .says("经办人和已签署的人不能再次签署");
    let told = sign_by_sql(&scene, both.tenant, both.user.0).await;
    assert!(told.contains("does not sign it"), "{told}");
    let told = scene
        .world
        .owner
        .execute("update financing_applications set stage = 'approved' where stage = 'in_approval'")
        .await
        .expect_err("nobody signed")
        .to_string();
    assert!(told.contains("signature of every step"), "{told}");
    assert_eq!(scene.stage().await, "in_approval");
}

/// Writes a signature past the program, in the hat of the branch.
async fn sign_by_sql(scene: &Scene, branch: TenantId, signer: uuid::Uuid) -> String {
    let city = scene.world.cangzhou.id;
    let mut tx = scene.world.owner.begin().await.expect("it begins");
    for (name, value) in [
        ("app.tenant_id", branch.to_string()),
        ("app.city_id", city.to_string()),
        ("app.reach", branch.to_string()),
    ] {
        sqlx::query("select set_config($1, $2, true)")
            .bind(name)
            .bind(value)
            .execute(&mut *tx)
            .await
            .expect("it is set");
    }
    tx.execute("set local role tenant_rw")
        .await
        .expect("the hat fits");
    sqlx::query(
        "insert into approval_signatures (id, tenant_id, application_id, round, step, signer_id, signer_name, signer_role,
           verdict, content, at) values (gen_random_uuid(), $1, $2, 1, 1, $3, '某人', 'ba', 'approve', '\\x00', now())",
    )
    .bind(city.0)
    .bind(scene.application.0)
    .bind(signer)
    .execute(&mut *tx)
    .await
    .expect_err("the holder is refused")
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_approvers_at_the_same_moment_are_one_decision() {
    let scene = proposed().await;
    let second = scene.world.staff(scene.branch, "方致远", &["ba"]).await;
    let path = scene.path("/pass");
    let one = opened(&scene.approver.browser, &path).await;
    let two = opened(&second.browser, &path).await;
    let (a, b) = futures::join!(
        step(&scene.approver.browser, &one, &path, &OPINION, "confirm"),
        step(&second.browser, &two, &path, &OPINION, "confirm"),
    );
    let mut codes = [a.status.as_u16(), b.status.as_u16()];
    codes.sort_unstable();
    assert_eq!(codes, [303, 409]);
    assert_eq!(
        scene
            .count("select count(*) from approval_signatures")
            .await,
        1
    );
    let events = "select count(*) from application_events where kind = 'approve'";
    assert_eq!(scene.count(events).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_banks_own_limit_stands_before_the_citys() {
    let scene = scene().await;
    scene.accept().await;
    let approver = &scene.approver.browser;
    let page = approver.get(&scene.path("")).await.expect(200);
    assert!(
        page.text().contains("/approve\""),
        "the city lets it be decided at once"
    );
    scene.steps(&["ba"]).await;
    let page = approver.get(&scene.path("")).await.expect(200);
    assert!(!page.text().contains("/approve\""), "the bank does not");
    approver.get(&scene.path("/approve")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_withdrawn_during_the_approval_ends_agreeing_and_not_refusing() {
    let scene = proposed().await;
    sqlx::query("update consents set withdrawn_at = now()")
        .execute(&scene.world.owner)
        .await
        .expect("the consent is withdrawn");
    let approver = &scene.approver.browser;
    let path = scene.path("/pass");
    let form = opened(approver, &path).await;
    step(approver, &form, &path, &OPINION, "confirm")
        .await
        .expect(409)
        .says("企业已撤回本次申请的授权");
    assert_eq!(scene.stage().await, "in_approval");
    let path = scene.path("/return");
    let form = opened(approver, &path).await;
    let reason = [("return_reason", "企业已撤回授权，请先联系企业。")];
    step(approver, &form, &path, &reason, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "due_diligence");
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_the_approval_whoever_signs_sends_back_and_a_colleague_of_the_holder_does_not() {
    let scene = investigated().await;
    scene.steps(&["ba", "hp"]).await;
    scene.propose().await;
    let path = scene.path("/supplement");
    let asked = [
        ("templates", "bank_statement"),
        ("note", "请补充近一年的流水。"),
    ];
    let colleague = &scene.second_clerk.browser;
    colleague.get(&path).await.expect(409).says("钱云诚");
    // Nor past the form.
    let form = scene.clerk.browser.get(&path).await.expect(200);
    let version = form.input("version").expect("a version");
    let mut posted = vec![
        ("version", version.as_str()),
        ("_action", "confirm"),
        ("_key", "019abcde-0000-7000-8000-000000000002"),
    ];
    posted.extend_from_slice(&asked);
    let detail = scene.path("");
    let past = colleague.submit(&detail, &path, &posted).await;
    past.expect(409).says("钱云诚");
    assert_eq!(scene.stage().await, "in_approval");
    // Who administers as well asks as the one who signs, even before it is their turn.
    let chief = scene.world.staff(scene.bank, "梁承宇", &["ha", "hp"]).await;
    deed(&chief.browser, &path, &asked).await.expect(303);
    assert_eq!(scene.stage().await, "need_supplement");
    let by = "select count(*) from application_events where kind = 'ask_supplement' and actor_role = 'hp'";
    assert_eq!(scene.count(by).await, 1);
}
