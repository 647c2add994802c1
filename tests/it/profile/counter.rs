//! 人工核验 and 柜面核验: from the request to the person who is verified.

use std::sync::Arc;

use application::{
    access::Guard,
    outbox::{Channels, Deliverer},
    ports::notice_words::NoticeWords,
};

use super::*;

/// Messages say their code: what they say in words is not this journey's business.
struct Codes;

impl NoticeWords for Codes {
    fn text(&self, code: &str, _: &[(&'static str, String)]) -> String {
        code.to_owned()
    }
}

pub(super) async fn work_off(world: &World) {
    let city = world.cangzhou.id;
    let reach = world.parts.door.reach(city).await.expect("the reach");
    let permit = Guard::job(city, Arc::from(reach));
    let parts = &world.parts;
    Deliverer::new(
        parts.store.clone(),
        parts.clock.clone(),
        parts.cities.clone(),
        parts.sealer.clone(),
        Channels {
            sms: parts.sms.clone(),
            words: Arc::new(Codes),
            mini: parts.mini_programs.clone(),
            vault: parts.files.clone(),
        },
    )
    .work_off(&permit)
    .await
    .expect("the outbox is worked off");
}

async fn request(enterprise: &EnterpriseFixture, branch: &str) -> Answer {
    enterprise
        .browser
        .submit(
            "/enterprise/face/manual",
            "/enterprise/face/manual",
            &[("branch", branch)],
        )
        .await
}

async fn check_of(world: &World) -> String {
    let id: uuid::Uuid =
        sqlx::query_scalar("select id from face_checks where status = 'manual_requested'")
            .fetch_one(&world.owner)
            .await
            .expect("one request");
    format!("/branch/counter/{id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_saw_the_right_person_makes_them_verified() {
    let world = World::new().await;
    let bank = world.bank("沧海惠民银行").await;
    let branch = world.branch(bank, "沧海惠民银行运河支行").await;
    let other = world.branch(bank, "沧海惠民银行新华支行").await;
    let clerk = world.staff(branch, "周经办", &["bm"]).await;
    let stranger = world.staff(other, "吴经办", &["bm"]).await;
    let enterprise = complete(&world, "13900001001").await;
    request(&enterprise, "nobody")
        .await
        .expect(422)
        .says("请选择核验网点");
    request(&enterprise, &branch.to_string()).await.expect(303);
    enterprise
        .browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("待柜面核验")
        .says("受理编号");
    let path = check_of(&world).await;
    stranger.browser.get(&path).await.expect(404);
    stranger
        .browser
        .get("/branch/counter")
        .await
        .expect(200)
        .says("还没有柜面核验申请");
    let page = clerk.browser.get(&path).await.expect(200).says("顾**");
    assert!(!page.text().contains(LEGAL_ID) && !page.text().contains("顾屹舟"));
    let settle = |fields: &'static [(&'static str, &'static str)]| {
        clerk.browser.submit(&path, &path, fields)
    };
    settle(&[("_action", "pass"), ("legal_id", LEGAL_ID)])
        .await
        .expect(422)
        .says("营业执照原件，并勾选");
    settle(&[
        ("_action", "pass"),
        ("legal_id", "130925188703160119"),
        ("seen_person", "1"),
        ("seen_licence", "1"),
    ])
    .await
    .expect(422)
    .says("与企业登记的不一致");
    settle(&[("_action", "refuse")])
        .await
        .expect(422)
        .says("请填写核验说明");
    settle(&[
        ("_action", "pass"),
        ("legal_id", LEGAL_ID),
        ("seen_person", "1"),
        ("seen_licence", "1"),
    ])
    .await
    .expect(303);
    work_off(&world).await;
    let method: String = sqlx::query_scalar("select face_method from users where id = $1")
        .bind(enterprise.user.0)
        .fetch_one(&world.owner)
        .await
        .expect("verified");
    assert_eq!(method, "counter");
    enterprise
        .browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("柜面人工核验");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_taken_back_or_of_a_person_who_was_changed_is_void() {
    let world = World::new().await;
    let bank = world.bank("沧海惠民银行").await;
    let branch = world.branch(bank, "沧海惠民银行运河支行").await;
    let clerk = world.staff(branch, "周经办", &["bm"]).await;
    let enterprise = complete(&world, "13900001001").await;
    request(&enterprise, &branch.to_string()).await.expect(303);
    let path = check_of(&world).await;
    let page = clerk.browser.get(&path).await.expect(200);
    enterprise
        .browser
        .submit("/enterprise/face", "/enterprise/face/manual/cancel", &[])
        .await
        .expect(303);
    clerk
        .browser
        .submit_from(
            &page,
            &path,
            &[
                ("_action", "pass"),
                ("legal_id", LEGAL_ID),
                ("seen_person", "1"),
                ("seen_licence", "1"),
            ],
        )
        .await
        .expect(303);
    let status: String = sqlx::query_scalar("select status from face_checks")
        .fetch_one(&world.owner)
        .await
        .expect("the row");
    assert_eq!(status, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_changes_nothing_of_a_check_but_its_outcome() {
    let world = World::new().await;
    let bank = world.bank("沧海惠民银行").await;
    let branch = world.branch(bank, "沧海惠民银行运河支行").await;
    let enterprise = complete(&world, "13900001001").await;
    request(&enterprise, &branch.to_string()).await.expect(303);
    let as_branch = |sql: &'static str| {
        let pool = world.parts.pool.clone();
        let city = world.cangzhou.id;
        async move {
            let mut tx = pool.begin().await.expect("a transaction");
            sqlx::query("select set_config('role', 'tenant_rw', true), set_config('app.tenant_id', $1, true), set_config('app.reach', $1, true), set_config('app.city_id', $2, true)")
                .bind(branch.to_string())
                .bind(city.to_string())
                .execute(&mut *tx)
                .await
                .expect("the hat");
            sqlx::query(sql)
                .execute(&mut *tx)
                .await
                .map(|d| d.rows_affected())
        }
    };
    assert!(
        as_branch("update face_checks set status = 'manual_passed', person_name = 'x'")
            .await
            .is_err(),
        "only the outcome"
    );
    assert!(
        as_branch("update face_checks set status = 'passed'")
            .await
            .is_err(),
        "only the counter's outcomes"
    );
    assert_eq!(
        as_branch("update users set face_verified_at = now()")
            .await
            .unwrap_or(0),
        0,
        "never the people of an enterprise"
    );
}
