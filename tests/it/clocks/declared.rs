//! 本市工作日历调整: a day that the city declares is counted in every promise that it touches, and the log still tells them all.

use std::ops::Deref;

use domain::ids::FinancingApplicationId;
use journeys::{Answer, World};
use time::{Duration, OffsetDateTime, macros::datetime};
use yijianrong::audit;

use super::scene::{TwoOperators, scene_in};

const PAGE: &str = "/operator/settings/work_days";

struct Two(TwoOperators);

impl Deref for Two {
    type Target = TwoOperators;

    fn deref(&self) -> &TwoOperators {
        &self.0
    }
}

/// A Wednesday in a week without holidays, and one request of half past nine.
async fn two() -> (Two, FinancingApplicationId) {
    let two = TwoOperators::of(scene_in(World::shipped().await).await).await;
    let id = two.scene.submitted_at(datetime!(2026-10-14 09:30 +8)).await;
    (Two(two), id)
}

impl Two {
    async fn propose(&self, day: &str, kind: &str, reason: &str) -> Answer {
        self.propose_span((day, ""), kind, reason).await
    }

    async fn propose_span(&self, span: (&str, &str), kind: &str, reason: &str) -> Answer {
        let browser = self.proven(&self.first).await;
        let fields = [
            ("day", span.0),
            ("day_until", span.1),
            ("day_kind", kind),
            ("rule_reason", reason),
        ];
        browser.submit(PAGE, PAGE, &fields).await
    }

    async fn answer(&self, with: &str) -> Answer {
        self.settle(PAGE, &self.second, with).await
    }

    async fn declare(&self, day: &str, kind: &str) {
        self.propose(day, kind, "市政府通知").await.expect(303);
        self.answer("confirm").await.expect(303);
    }

    /// Until when it is to be accepted, contacted and decided.
    async fn due(&self, id: FinancingApplicationId) -> [OffsetDateTime; 3] {
        let due: (OffsetDateTime, OffsetDateTime, OffsetDateTime) = sqlx::query_as(
            "select due_at, contact_due_at, decision_due_at from financing_applications where id = $1",
        )
        .bind(id.0)
        .fetch_one(&self.scene.world.owner)
        .await
        .expect("it is there");
        [due.0, due.1, due.2]
    }

    async fn is_true(&self) {
        let report = audit::run(&self.scene.world.parts).await;
        let report = report.expect("it looks");
        assert!(report.clean, "{}", report.text);
    }
}

const AS_PUBLISHED: [OffsetDateTime; 3] = [
    datetime!(2026-10-15 09:30 +8),
    datetime!(2026-10-19 09:30 +8),
    datetime!(2026-10-28 09:30 +8),
];
const FRIDAY_OFF: [OffsetDateTime; 3] = [
    datetime!(2026-10-15 09:30 +8),
    datetime!(2026-10-20 09:30 +8),
    datetime!(2026-10-29 09:30 +8),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_two_operators_declared_moves_what_is_due_after_it_and_can_be_taken_back() {
    let (two, id) = two().await;
    assert_eq!(two.due(id).await, AS_PUBLISHED);
    let why = "全市承办大型活动，放假一天";
    for (day, kind, words) in [
        ("", "off", "请填写日期"),
        ("2026-02-30", "off", "请填写日期"),
        ("2026-10-14", "off", "只能调整明天及以后的日期"),
        ("2027-01-04", "off", "2027 年的节假日安排还没有录入"),
        ("2026-10-16", "", "请选择当天放假、上班还是按国家安排"),
        (
            "2026-10-16",
            "work",
            "没有需要变更的内容，请去掉后再提出：2026-10-16",
        ),
    ] {
        let refused = two.propose(day, kind, why).await;
        refused.expect(422).says(words).says(why);
    }
    two.propose("2026-10-16", "off", "")
        .await
        .expect(422)
        .says("请填写变更原因");
    two.propose("2026-10-16", "off", why).await.expect(303);
    two.scene.tick().await;
    assert_eq!(two.due(id).await, AS_PUBLISHED, "one person moves nothing");
    two.answer("confirm").await.expect(303);
    let calendar = two.scene.fresh(&two.scene.supervisor).await;
    let year = calendar.get("/operator/calendar?year=2026").await;
    year.expect(200)
        .says("2026-10-16（周五）")
        .says(why)
        .says("宋知远提出，卫之行复核")
        .says("正在重新计算时限");
    two.scene.tick().await;
    assert_eq!(two.due(id).await, FRIDAY_OFF);
    two.is_true().await;
    let year = calendar.get("/operator/calendar").await;
    year.expect(200).says("1 笔业务的时限有变化");
    let noted: i64 =
        sqlx::query_scalar("select count(*) from audit_entries where action = 'city_rule.redated'")
            .fetch_one(&two.scene.world.owner)
            .await
            .expect("it counts");
    assert_eq!(noted, 1);
    // Back as it was published, while the day has not come; the history keeps both.
    two.declare("2026-10-16", "published").await;
    two.scene.tick().await;
    assert_eq!(two.due(id).await, AS_PUBLISHED);
    two.is_true().await;
    let history = calendar.get(PAGE).await;
    history.expect(200).says(why).says("按国家安排");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holiday_of_several_days_is_one_proposal_and_one_answer() {
    let (two, id) = two().await;
    let why = "狮城文化节放假四天";
    for (span, words) in [
        (("2026-10-16", "2026-10-15"), "结束日期不能早于开始日期"),
        (("2026-10-16", "十月十九"), "请填写日期，格式如 2026-12-31"),
        (("2026-10-16", "2026-11-16"), "一次最多调整 31 天"),
        (
            ("2026-10-13", "2026-10-16"),
            "已经到来的日期不再变更：2026-10-13、2026-10-14",
        ),
        (
            ("2026-10-17", "2026-10-18"),
            "请去掉后再提出：2026-10-17、2026-10-18",
        ),
        (
            ("2026-12-30", "2027-01-02"),
            "2027 年的节假日安排还没有录入",
        ),
    ] {
        let refused = two.propose_span(span, "off", why).await;
        refused.expect(422).says(words).says(span.1);
    }
    // Friday to Monday: the weekend is off anyway.
    let holiday = ("2026-10-16", "2026-10-19");
    let proposed = two.propose_span(holiday, "off", why).await;
    proposed.expect(303);
    let waiting = two.scene.fresh(&two.second).await.get(PAGE).await;
    let waiting = waiting
        .expect(200)
        .says("2026-10-16（周五）放假")
        .says("2026-10-19（周一）放假");
    assert!(!waiting.text().contains("2026-10-17"));
    two.answer("confirm").await.expect(303);
    two.scene.tick().await;
    let two_days_later = [
        datetime!(2026-10-15 09:30 +8),
        datetime!(2026-10-21 09:30 +8),
        datetime!(2026-10-30 09:30 +8),
    ];
    assert_eq!(two.due(id).await, two_days_later);
    two.is_true().await;
    // One of them that is so already is named, and nothing of the others is kept.
    let more = ("2026-10-19", "2026-10-20");
    let refused = two.propose_span(more, "off", why).await;
    refused.expect(422).says("请去掉后再提出：2026-10-19");
    // All of them go back at once.
    let back = two.propose_span(holiday, "published", why).await;
    back.expect(303);
    two.answer("confirm").await.expect(303);
    two.scene.tick().await;
    assert_eq!(two.due(id).await, AS_PUBLISHED);
    two.is_true().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worked_saturday_counts_and_what_was_served_on_the_calendar_of_before_is_found() {
    let (two, id) = two().await;
    two.declare("2026-10-17", "work").await;
    two.scene.tick().await;
    let saturday = [
        datetime!(2026-10-15 09:30 +8),
        datetime!(2026-10-17 09:30 +8),
        datetime!(2026-10-27 09:30 +8),
    ];
    assert_eq!(two.due(id).await, saturday);
    // A request that was under way while this process had not heard of it.
    two.scene
        .run("update financing_applications set decision_due_at = '2026-10-28 09:30:00+08'")
        .await;
    two.scene.world.clock.advance(Duration::minutes(11));
    two.scene.tick().await;
    assert_eq!(two.due(id).await, saturday);
    two.is_true().await;
    // The first and the second time, and no third: nothing is left to do.
    two.scene
        .run("update financing_applications set decision_due_at = '2026-10-28 09:30:00+08'")
        .await;
    two.scene.world.clock.advance(Duration::minutes(11));
    two.scene.tick().await;
    assert_ne!(
        two.due(id).await,
        saturday,
        "a row that lies is the audit's to tell"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_came_while_it_waited_can_only_be_declined() {
    let (two, id) = two().await;
    two.propose("2026-10-16", "off", "市政府通知")
        .await
        .expect(303);
    two.scene.world.clock.set(datetime!(2026-10-16 08:00 +8));
    let late = two.answer("confirm").await;
    late.expect(409).says("要调整的日期已经到来");
    two.answer("decline").await.expect(303);
    two.scene.tick().await;
    let [_, contact, decision] = two.due(id).await;
    assert_eq!([contact, decision], [AS_PUBLISHED[1], AS_PUBLISHED[2]]);
    two.is_true().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_city_counts_on_its_own_calendar() {
    let (two, _) = two().await;
    two.declare("2026-10-16", "off").await;
    let parts = &two.scene.world.parts;
    for _ in 0..2_000 {
        let own = parts.cities.by_id(two.scene.world.cangzhou.id);
        if !own.expect("the city").own_days.is_empty() {
            break;
        }
        two.scene.fresh(&two.first).await.get("/operator").await;
    }
    let other = parts.cities.by_id(two.scene.world.other.id);
    assert!(other.expect("the other").own_days.is_empty());
    // What is asked for from now on is counted on it from the beginning.
    let id = two.scene.submitted().await;
    assert_eq!(two.due(id).await, FRIDAY_OFF);
    // The one of before is dated by the worker.
    two.scene.tick().await;
    two.is_true().await;
}
