//! What takes many rows at once. It stands here, early in the alphabet, because tests begin by it: alone at the end, it would keep
//! everybody waiting.

use application::ports::workbooks::SheetCell;
use time::macros::date;

use crate::sheets::imports::{DRAW_HEAD, PATH, office, send, text, work, workbook};

/// Over a hundred applications, spread as a bank's month is.
#[tokio::test(flavor = "multi_thread")]
async fn of_ten_thousand_rows_with_thirty_seven_bad_ones_the_good_are_kept_and_the_bad_are_told() {
    let (count, wrong): (i64, i64) = (10_000, 37);
    let office = office().await;
    let browser = &office.admin.browser;
    let world = &office.scene.world;
    office
        .run(
            "insert into financing_applications select (jsonb_populate_record(null::financing_applications, to_jsonb(a)
               || jsonb_build_object('id', gen_random_uuid(), 'application_no', 'PO20261124' || lpad(n::text, 3, '0')))).*
             from financing_applications a, generate_series(1, 100) n;
             insert into application_events (id, tenant_id, application_id, seq, kind, to_stage, actor_kind, actor_role, at)
             select gen_random_uuid(), tenant_id, id, version, 'approve', 'approved', 'staff', 'ba', decided_at
             from financing_applications where application_no like 'PO20261124%'",
        )
        .await;
    let every = count / wrong;
    let rows: Vec<Vec<SheetCell>> = (0..count)
        .map(|n| {
            let bad = n % every == 0 && n / every < wrong;
            let amount = if bad {
                text("一百")
            } else {
                SheetCell::Yuan(10_000)
            };
            vec![
                text(&format!("PO20261124{:03}", n % 100 + 1)),
                text(&format!("HT-{n}")),
                SheetCell::Day(date!(2026 - 11 - 25)),
                amount,
                SheetCell::Rate(375),
            ]
        })
        .collect();
    let file = workbook(world, &DRAW_HEAD, &rows).await;
    let sent = send(browser, PATH, "draws", file).await.expect(303);
    work(world).await;
    let state: (String, i32, i32) =
        sqlx::query_as("select status, rows_kept, rows_done - rows_kept from imports")
            .fetch_one(&world.owner)
            .await
            .expect("it is there");
    let [kept, bad] = [count - wrong, wrong].map(|n| i32::try_from(n).expect("few"));
    assert_eq!(state, ("done".to_owned(), kept, bad));
    let drawn = "select count(*) from disbursements";
    assert_eq!(office.count(drawn).await, count - wrong);
    assert_eq!(
        office.count("select count(*) from import_rows").await,
        wrong
    );
    browser
        .get(sent.location())
        .await
        .expect(200)
        .says(&format!("{kept} 行"))
        .says(&format!("{bad} 行"));
}
