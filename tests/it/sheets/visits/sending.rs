//! 分配 and 下发: each institution receives its own rows and nobody else any, by the pages and below them.

use std::sync::Arc;

use application::access::Guard;
use domain::ids::TenantId;
use sqlx::{AssertSqlSafe, Executor as _};
use uuid::Uuid;

use super::{CHEMICALS, FIRST_BANK, PIPES, city, code, press, row};

const LISTS: &str = "/operator/visits";

#[tokio::test(flavor = "multi_thread")]
async fn two_institutions_receive_their_own_rows_and_nobody_else_any() {
    let city = city().await;
    let operator = &city.operator.browser;
    let list = city.list("四季度走访清单").await;
    let rows = [
        row(&code(1), PIPES, "", FIRST_BANK),
        row(&code(2), CHEMICALS, "", ""),
    ];
    city.import(&list, &rows).await;
    let assign = format!("{list}/assign");
    let open = [("district", ""), ("visit_scope", "open")];
    press(operator, &assign, &open)
        .await
        .expect(422)
        .says("请选择机构");
    let second = city.second.to_string();
    let given = [
        ("district", ""),
        ("visit_scope", "open"),
        ("banks", second.as_str()),
    ];
    press(operator, &assign, &given).await.expect(303);
    let there = "select count(*) from referrals";
    assert_eq!(
        city.count(there).await,
        0,
        "nobody sees it before it is sent"
    );
    let path = format!("{list}/send");
    let form = operator.get(&path).await.expect(200);
    for _ in 0..2 {
        operator.submit_from(&form, &path, &[]).await.expect(303);
    }
    assert_eq!(city.count(there).await, 2, "a double click sends once");
    press(operator, &path, &[])
        .await
        .expect(409)
        .says("没有可以下发的企业");
    let told = "select count(*) from messages where title = '平台下发走访清单'";
    assert_eq!(city.count(told).await, 2);
    for (hq, own, other) in [
        (&city.first_hq, PIPES, CHEMICALS),
        (&city.second_hq, CHEMICALS, PIPES),
    ] {
        let page = hq.browser.get("/hq/referrals").await.expect(200);
        let page = page.says(own).says("市工信局");
        assert!(!page.text().contains(other), "{other}");
        hq.browser.get(LISTS).await.expect(404);
        hq.browser.get(&list).await.expect(404);
    }
    // What was sealed for the list opens in the institution's own place.
    let referral = city.referral(city.first).await;
    let form = city.first_hq.browser.get(&referral).await.expect(200);
    let contact = [("_action", "contact")];
    let full = city
        .first_hq
        .browser
        .submit_from(&form, &referral, &contact);
    full.await.expect(200).says("顾屹舟，19900002037");
    let third = city.world.bank("渤海民生银行").await;
    let stranger = city.world.staff(third, "沈若谷", &["ha"]).await;
    let page = stranger.browser.get("/hq/referrals").await.expect(200);
    assert!(!page.text().contains(PIPES) && !page.text().contains(CHEMICALS));
    stranger.browser.get(&referral).await.expect(404);
    let abroad = city
        .world
        .staff(city.world.other.id, "米嘉禾", &["op"])
        .await;
    abroad.browser.get(&list).await.expect(404);
    abroad
        .browser
        .get(&format!("{list}/rows"))
        .await
        .expect(404);
    let page = abroad.browser.get(LISTS).await.expect(200);
    assert!(!page.text().contains("四季度走访清单"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_goes_to_the_branch_of_its_district_where_there_is_one() {
    let city = city().await;
    let near = city.world.branch(city.second, "沧海惠民银行运河支行").await;
    city.sent().await;
    let given = async |bank: TenantId| -> (Option<Uuid>, String) {
        sqlx::query_as("select branch_id, branch_name from referrals where tenant_id = $1")
            .bind(bank.0)
            .fetch_one(&city.world.owner)
            .await
            .expect("exactly one")
    };
    let there = (Some(near.0), "沧海惠民银行运河支行".to_owned());
    assert_eq!(given(city.second).await, there);
    // The other institution has no branch in that district: its headquarters decides.
    assert_eq!(given(city.first).await, (None, String::new()));
    let manager = city.world.staff(near, "程沐阳", &["bm"]).await;
    let page = manager.browser.get("/branch/referrals").await.expect(200);
    page.says(CHEMICALS);
    // Nobody's enterprise comes to the branch of another institution.
    let parts = &city.world.parts;
    let of_city = city.world.cangzhou.id;
    let reach = parts.door.reach(of_city).await.expect("it answers");
    let permit = Guard::job(of_city, Arc::from(reach));
    let mut work = parts.pg.open(&permit).await.expect("it opens");
    let strange = sqlx::query(
        "insert into referrals (id, tenant_id, city_id, branch_id, credit_code, company_name, status, created_at, changed_at)
         values (gen_random_uuid(), $1, $2, $3, '91130925PDY9999999', '某某公司', 'waiting', now(), now())",
    )
    .bind(city.first.0)
    .bind(of_city.0)
    .bind(near.0)
    .execute(work.connection())
    .await;
    assert!(strange.is_err(), "a branch of its own institution or none");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walls_hold_without_the_program() {
    let city = city().await;
    city.sent().await;
    let parts = &city.world.parts;
    let of_city = city.world.cangzhou.id;
    let reach = parts.door.reach(of_city).await.expect("it answers");
    let permit = Guard::job(of_city, Arc::from(reach));
    // What an institution is following is its own to move, and the city adds to it nothing but what it sends.
    for sql in [
        "update referrals set status = 'granted'".to_owned(),
        "update referrals set branch_name = 'x'".to_owned(),
    ] {
        let mut work = parts.pg.open(&permit).await.expect("it opens");
        let done = work.connection().execute(AssertSqlSafe(sql.clone())).await;
        assert_eq!(done.expect("nothing to change").rows_affected(), 0, "{sql}");
    }
    let mut work = parts.pg.open(&permit).await.expect("it opens");
    let refused = work
        .connection()
        .execute(
            "insert into referrals (id, tenant_id, city_id, credit_code, company_name, status, created_at, changed_at)
             select gen_random_uuid(), tenant_id, city_id, '91130925PDY9999999', '某某公司', 'granted', now(), now() from referrals limit 1",
        )
        .await;
    assert!(refused.is_err(), "nobody is granted by the city");
    drop(work);
    let bank = Guard::job(city.first, Arc::from([city.first]));
    let mut work = parts.pg.open(&bank).await.expect("it opens");
    for table in ["visit_lists", "visit_rows", "visit_files", "visit_repairs"] {
        // AssertSqlSafe: names of this list.
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        let seen: i64 = sqlx::query_scalar(sql)
            .fetch_one(work.connection())
            .await
            .expect("it counts");
        assert_eq!(seen, 0, "{table}");
    }
    drop(work);
    let moved = sqlx::query("update visit_rows set bank_id = $1 where bank_id = $2")
        .bind(city.second.0)
        .bind(city.first.0)
        .execute(&city.world.owner)
        .await;
    assert!(moved.is_err(), "what was sent stays with its institution");
}
