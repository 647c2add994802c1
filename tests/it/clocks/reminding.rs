//! Reminders at half, at four fifths and at the end; headquarters and the city after that; each once (B3).

use std::sync::Arc;

use application::{access::Guard, ports::reference::WorkCalendarSource, timers::Timers};
use domain::{
    calendar::{DayKind, WorkCalendar},
    ids::FinancingApplicationId,
};
use time::{
    Duration, OffsetDateTime,
    macros::{date, datetime},
};
use web::words::LocaleWords;

use super::scene::{Scene, scene};

/// What everybody was told of one clock, by box: branch, headquarters, city.
async fn told(scene: &Scene, word: &str) -> [Vec<String>; 3] {
    let city = scene.world.cangzhou.id;
    let mut boxes = [const { Vec::new() }; 3];
    for (shelf, node) in boxes.iter_mut().zip([scene.branch, scene.bank, city]) {
        let titles = scene.titles(node, false).await;
        shelf.extend(titles.into_iter().filter(|title| title.contains(word)));
    }
    boxes
}

async fn at(scene: &Scene, moment: OffsetDateTime) {
    scene.world.clock.set(moment);
    scene.tick().await;
    scene.tick().await;
    scene.deliver().await;
}

async fn rings(scene: &Scene) -> usize {
    let texts = scene.texts().await;
    texts
        .iter()
        .filter(|text| text.contains("首次联系企业"))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_is_spoken_of_at_half_at_four_fifths_and_at_the_end_each_once() {
    let scene = scene().await;
    // Wednesday 9:30: the first contact is due on Monday 9:30, three working days later.
    scene.accepted().await;
    at(&scene, datetime!(2026-11-26 21:29 +8)).await;
    assert_eq!(
        told(&scene, "首次联系").await,
        [vec![], vec![], vec![]] as [Vec<String>; 3]
    );
    at(&scene, datetime!(2026-11-26 21:30 +8)).await;
    let half = "首次联系企业时限已过半";
    assert_eq!(told(&scene, "首次联系").await[0], [half]);
    assert_eq!(rings(&scene).await, 1);
    at(&scene, datetime!(2026-11-27 19:06 +8)).await;
    let soon = "首次联系企业时限即将到期";
    assert_eq!(told(&scene, "首次联系").await[0], [half, soon]);
    assert_eq!(rings(&scene).await, 2);
    // The weekend passes, nothing is said.
    at(&scene, datetime!(2026-11-29 23:00 +8)).await;
    assert_eq!(told(&scene, "首次联系").await[1], [] as [&str; 0]);
    // The end, with two nodes looking at the same moment.
    scene.world.clock.set(datetime!(2026-11-30 09:30 +8));
    let (one, two) = (scene.workers(), scene.workers());
    let (one, two) = tokio::join!(one.tick_once(), two.tick_once());
    one.and(two).expect("they run");
    at(&scene, datetime!(2026-11-30 09:31 +8)).await;
    let over = "首次联系企业已超时";
    let boxes = told(&scene, "首次联系").await;
    assert_eq!(boxes[0], [half, soon, over]);
    assert_eq!(boxes[1], ["支行办理超时：首次联系企业"]);
    assert_eq!(boxes[2], [] as [&str; 0], "the city waits a working day");
    assert_eq!(rings(&scene).await, 3);
    at(&scene, datetime!(2026-12-01 09:30 +8)).await;
    let boxes = told(&scene, "首次联系").await;
    assert_eq!(boxes[0], [half, soon, over]);
    assert_eq!(boxes[1].len(), 1);
    assert_eq!(boxes[2], ["金融机构办理超时：首次联系企业"]);
    assert_eq!(rings(&scene).await, 3);
    let parked = "select count(*) from outbox where parked_at is not null or done_at is null";
    assert_eq!(scene.count(parked).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_time_to_accept_goes_up_to_the_head_and_to_headquarters_once() {
    let scene = scene().await;
    scene.submitted().await;
    // Wednesday 9:30, due on Thursday 9:30.
    at(&scene, datetime!(2026-11-25 21:29 +8)).await;
    assert_eq!(told(&scene, "时限已过半").await[1], [] as [&str; 0]);
    at(&scene, datetime!(2026-11-25 21:30 +8)).await;
    let boxes = told(&scene, "时限已过半").await;
    assert_eq!(boxes[0].len(), 1, "{boxes:?}");
    assert_eq!(boxes[1].len(), 1, "{boxes:?}");
    assert_eq!(boxes[2], [] as [&str; 0]);
    let to: Vec<String> = sqlx::query_scalar("select payload->>'to' from outbox where topic = 'application.sms' and payload->>'template' = 'clock_half'")
        .fetch_all(&scene.world.owner)
        .await
        .expect("they are read");
    assert_eq!(to, [scene.head.user.0.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holders_phone_rings_and_the_heads_while_nobody_holds_it() {
    let scene = scene().await;
    let id = scene.submitted().await;
    scene.deliver().await;
    let texts = scene.texts().await;
    let path = format!("/branch/applications/{id}");
    let arrived = texts
        .iter()
        .filter(|t| t.contains("待接单") && t.contains(&path));
    assert_eq!(
        arrived.count(),
        2,
        "the manager's and the head's: {texts:?}"
    );
    // Four fifths of the one day to accept.
    at(&scene, datetime!(2026-11-26 04:42 +8)).await;
    let to: Vec<String> = sqlx::query_scalar("select payload->>'to' from outbox where topic = 'application.sms' and payload->>'template' = 'clock_soon'")
        .fetch_all(&scene.world.owner)
        .await
        .expect("they are read");
    assert_eq!(to, [scene.head.user.0.to_string()]);
    let page = format!("{path}/accept");
    let browser = scene.fresh(&scene.clerk).await;
    browser
        .submit(&page, &page, &[("_action", "confirm")])
        .await
        .expect(303);
    at(&scene, datetime!(2026-11-27 19:30 +8)).await;
    let to: Vec<String> = sqlx::query_scalar("select payload->>'to' from outbox where topic = 'application.sms' and payload->>'clock' = 'contact'")
        .fetch_all(&scene.world.owner)
        .await
        .expect("they are read");
    assert_eq!(to, [scene.clerk.user.0.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_clock_says_nothing_and_goes_on_with_what_was_left() {
    let scene = scene().await;
    let id = scene.accepted().await;
    at(&scene, datetime!(2026-11-26 21:30 +8)).await;
    assert_eq!(told(&scene, "首次联系").await[0].len(), 1);
    let path = format!("/branch/applications/{id}/supplement");
    let browser = scene.fresh(&scene.clerk).await;
    let form = browser.get(&path).await.expect(200);
    let version = form.input("version").expect("the version");
    browser
        .submit_from(
            &form,
            &path,
            &[
                ("version", &version),
                ("_action", "confirm"),
                ("templates", "bank_statement"),
                ("note", "请补充近一年的流水。"),
            ],
        )
        .await
        .expect(303);
    // Nine days go by: past every due time of before. Only the enterprise hears that half its fifteen days are gone.
    at(&scene, datetime!(2026-12-05 21:30 +8)).await;
    assert_eq!(told(&scene, "首次联系").await[0].len(), 1);
    let own = scene.titles(scene.world.cangzhou.id, true).await;
    let half = own.iter().filter(|t| t.contains("时间已过半")).count();
    assert_eq!(half, 1, "{own:?}");
    // A Monday at 9:30: it has what it had, a day and a half.
    scene.world.clock.set(datetime!(2026-12-07 09:30 +8));
    let page = format!("/enterprise/applications/{id}/supplement");
    let owner = scene.fresh_owner().await;
    let form = owner.get(&page).await.expect(200);
    let text = form.text();
    let item = text.split("name=\"text_").nth(1).expect("an item");
    let item = format!("text_{}", item.split('"').next().expect("its id"));
    owner
        .submit_from(
            &form,
            &page,
            &[("_action", "send"), (&item, "见附件说明"), ("note", "")],
        )
        .await
        .expect(303);
    scene.tick().await;
    let due: OffsetDateTime =
        sqlx::query_scalar("select due_at from financing_applications where id = $1")
            .bind(id.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("it is there");
    assert_eq!(due, datetime!(2026-12-08 21:30 +8));
    assert_eq!(
        told(&scene, "首次联系").await[0].len(),
        1,
        "half was told before"
    );
    owner
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("首次联系时限")
        .says("2026-12-08 21:30 前")
        .says("剩余 1 个工作日 12 小时");
    at(&scene, datetime!(2026-12-08 07:06 +8)).await;
    assert_eq!(told(&scene, "首次联系").await[0].len(), 2);
}

struct Calendar(WorkCalendar);

impl WorkCalendarSource for Calendar {
    fn published_calendar(&self) -> Arc<WorkCalendar> {
        Arc::new(self.0.clone())
    }
}

async fn tick_with(scene: &Scene, calendar: WorkCalendar) {
    let parts = &scene.world.parts;
    let timers = Timers::new(
        parts.store.clone(),
        parts.clock.clone(),
        parts.cities.clone(),
        Arc::new(Calendar(calendar)),
        Arc::new(LocaleWords),
    );
    let city = scene.world.cangzhou.id;
    let reach = parts.door.reach(city).await.expect("the city's reach");
    timers
        .tick(&Guard::job(city, reach.into()))
        .await
        .expect("it runs");
}

async fn dues(scene: &Scene, id: FinancingApplicationId) -> [Option<OffsetDateTime>; 2] {
    let (due, decision) =
        sqlx::query_as("select due_at, decision_due_at from financing_applications where id = $1")
            .bind(id.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("it is there");
    [due, decision]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_beyond_the_calendar_is_not_guessed_and_gets_its_date_with_the_next_notice() {
    let scene = scene().await;
    scene.world.clock.set(datetime!(2026-12-31 10:00 +8));
    let id = scene.submitted().await;
    assert_eq!(dues(&scene, id).await, [None, None]);
    scene
        .fresh_owner()
        .await
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("已超出日历范围，时限待定");
    scene
        .fresh(&scene.clerk)
        .await
        .get("/branch/queue")
        .await
        .expect(200)
        .says("时限待定");
    scene.tick().await;
    let supervisor = scene.fresh(&scene.supervisor).await;
    supervisor
        .get("/operator/calendar")
        .await
        .expect(200)
        .says("缺少 2027 年的节假日安排")
        .says("有 1 笔融资需求");
    let told = told(&scene, "工作日历").await;
    assert_eq!(told[2], ["工作日历即将用完"], "once, to the city alone");
    // Weeks later the notice is there: the first three days of the year are off.
    scene.world.clock.set(datetime!(2027-02-01 10:00 +8));
    scene.tick().await;
    assert_eq!(dues(&scene, id).await, [None, None], "still nobody knows");
    assert_eq!(
        scene.stage(id).await,
        "expired",
        "but thirty days are thirty days"
    );
    let second = scene.submitted_at(datetime!(2026-12-31 10:00 +8)).await;
    scene.world.clock.set(datetime!(2027-01-04 10:00 +8));
    let off = [1, 2, 3].map(|day| (date!(2026 - 12 - 31) + Duration::days(day), DayKind::Off));
    tick_with(&scene, WorkCalendar::new(2026..=2027, off)).await;
    assert_eq!(
        dues(&scene, second).await,
        [
            Some(datetime!(2027-01-04 10:00 +8)),
            Some(datetime!(2027-01-15 10:00 +8))
        ]
    );
    // The notice is gone again: what reaches into its year stays unknown.
    let third = scene.submitted_at(datetime!(2026-12-31 10:00 +8)).await;
    tick_with(&scene, WorkCalendar::new(2026..=2026, [])).await;
    assert_eq!(dues(&scene, third).await, [None, None]);
}
