//! 办理时限: two operators change what clocks are given from a day on; what has started keeps what it was given, and the log tells it.

use std::ops::Deref;

use application::rules::TimeLimit;
use domain::{financing::ClockEras, ids::FinancingApplicationId};
use journeys::{Answer, StaffFixture};
use time::{
    Duration, OffsetDateTime,
    macros::{date, datetime},
};
use yijianrong::audit;

use super::scene::{TwoOperators, scene};

const PAGE: &str = "/operator/settings/clock_limits";
const WHY: &str = "年底业务集中，放宽接单时限";

struct Two(TwoOperators);

impl Deref for Two {
    type Target = TwoOperators;

    fn deref(&self) -> &TwoOperators {
        &self.0
    }
}

/// A Wednesday at half past nine.
async fn two() -> Two {
    Two(TwoOperators::of(scene().await).await)
}

impl Two {
    /// The form as the city's file fills it, but for these fields.
    async fn propose(&self, changes: &[(&str, &str)]) -> Answer {
        let limits = *self.scene.world.cangzhou.clocks.first();
        let numbers = TimeLimit::ALL.iter();
        let mut fields: Vec<(&str, String)> = numbers
            .map(|limit| (limit.code(), limit.of(&limits).to_string()))
            .collect();
        fields.push(("valid_from", String::new()));
        fields.push(("rule_reason", WHY.to_owned()));
        for (name, typed) in changes {
            let field = fields.iter_mut().find(|field| field.0 == *name);
            field.expect("the form has it").1 = (*typed).to_owned();
        }
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, typed)| (*name, typed.as_str()))
            .collect();
        let browser = self.proven(&self.first).await;
        browser.submit(PAGE, PAGE, &fields).await
    }

    async fn answer(&self, who: &StaffFixture, with: &str) -> Answer {
        self.settle(PAGE, who, with).await
    }

    fn eras(&self) -> ClockEras {
        let city = self.scene.world.cangzhou.id;
        let city = self.scene.world.parts.cities.by_id(city);
        city.expect("the city").clocks.clone()
    }

    /// The process hears of it through the database, soon.
    async fn heard(&self, later: usize) {
        let watcher = self.scene.fresh(&self.first).await;
        for _ in 0..2_000 {
            if self.eras().later().len() == later {
                return;
            }
            watcher.get("/operator").await;
        }
        panic!("nobody heard of {later} eras");
    }

    async fn due(&self, id: FinancingApplicationId) -> OffsetDateTime {
        sqlx::query_scalar("select due_at from financing_applications where id = $1")
            .bind(id.0)
            .fetch_one(&self.scene.world.owner)
            .await
            .expect("it is there")
    }

    /// Letters about half of the time to accept.
    async fn halves(&self, id: FinancingApplicationId) -> i64 {
        sqlx::query_scalar(
            "select count(*) from messages where dedupe_key like 'clock:accept:half:' || $1::text || ':%'",
        )
        .bind(id.to_string())
        .fetch_one(&self.scene.world.owner)
        .await
        .expect("it counts")
    }

    async fn tick_at(&self, at: OffsetDateTime) {
        self.scene.world.clock.set(at);
        self.scene.tick().await;
    }

    async fn is_true(&self) {
        let report = audit::run(&self.scene.world.parts).await;
        let report = report.expect("it looks");
        assert!(report.clean, "{}", report.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_two_operators_change_is_given_to_what_starts_from_its_day_on() {
    let two = two().await;
    let before = two.scene.submitted().await;
    two.propose(&[("accept_days", "2")]).await.expect(303);
    // Whoever proposed it sees it wait, and cannot let it through past the page either.
    let own = two.proven(&two.first).await.get(PAGE).await.expect(200);
    assert!(!own.text().contains("同意变更</button>"));
    let alone = two.answer(&two.first, "confirm").await;
    alone.expect(409);
    two.answer(&two.second, "confirm").await.expect(303);
    two.heard(1).await;
    let page = two.scene.fresh(&two.scene.supervisor).await.get(PAGE).await;
    page.expect(200)
        .says("1 个工作日")
        .says("自 2026-11-26（周四）零时起")
        .says("支行接单 2 个工作日")
        .says("宋知远提出，卫之行复核")
        .says(WHY);
    two.scene.deliver().await;
    let told = two.scene.titles(two.scene.world.cangzhou.id, false).await;
    assert!(told.contains(&"办理时限变更已通过".to_owned()), "{told:?}");

    // The last minute of the one limit and the first instant of the other.
    let last = datetime!(2026-11-25 23:59 +8);
    let last = two.scene.submitted_at(last).await;
    let after = datetime!(2026-11-26 00:00 +8);
    let after = two.scene.submitted_at(after).await;
    let due = [
        two.due(before).await,
        two.due(last).await,
        two.due(after).await,
    ];
    assert_eq!(
        due,
        [
            datetime!(2026-11-26 09:30 +8),
            datetime!(2026-11-26 23:59 +8),
            datetime!(2026-11-30 00:00 +8),
        ]
    );
    // Half of what each was given.
    two.tick_at(datetime!(2026-11-26 01:00 +8)).await;
    assert!(two.halves(before).await > 0);
    assert_eq!(two.halves(last).await, 0);
    two.tick_at(datetime!(2026-11-26 12:00 +8)).await;
    assert!(two.halves(last).await > 0);
    assert_eq!(two.halves(after).await, 0);
    // Twice what each was given.
    let stages = async || {
        let scene = &two.scene;
        [
            scene.stage(before).await,
            scene.stage(last).await,
            scene.stage(after).await,
        ]
    };
    two.tick_at(datetime!(2026-11-27 09:30 +8)).await;
    let one = ["returned_to_hq", "submitted", "submitted"];
    assert_eq!(stages().await, one);
    two.tick_at(datetime!(2026-12-01 09:00 +8)).await;
    let both = ["returned_to_hq", "returned_to_hq", "submitted"];
    assert_eq!(stages().await, both);
    two.is_true().await;

    // Enterprises read what they were promised, and visitors what is promised now.
    let owner = two.scene.fresh_owner().await;
    for (id, words) in [(before, "（1 个工作日内）"), (after, "（2 个工作日内）")] {
        let page = format!("/enterprise/applications/{id}/submitted");
        owner.get(&page).await.expect(200).says(words);
    }
    let about = two.scene.world.browser().get("/about").await;
    about.expect(200).says("2 个工作日内");

    // Another change later moves nothing of all that, and the other city has no part in any.
    two.propose(&[("accept_days", "3"), ("valid_from", "2026-12-02")])
        .await
        .expect(303);
    two.answer(&two.second, "confirm").await.expect(303);
    two.heard(2).await;
    two.tick_at(datetime!(2026-12-02 00:00 +8)).await;
    assert_eq!(stages().await, ["returned_to_hq"; 3]);
    two.is_true().await;
    let other = two.scene.world.parts.cities.by_id(two.scene.world.other.id);
    assert!(other.expect("the other").clocks.later().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_by_its_field_and_what_was_typed_stays() {
    let two = two().await;
    for (field, typed, words) in [
        ("accept_days", "6", "请填写 1–5 的整数"),
        ("accept_days", "4", "不能短于“支行接单”的 4 个工作日"),
        ("decision_days", "一周", "请填写 3–60 的整数"),
        ("supplement_days", "12", "应早于“企业补充材料”的 12 天"),
        ("complaint_days", "", "请填写 1–15 的整数"),
        ("valid_from", "2026-11-25", "生效日期最早为明天"),
        ("valid_from", "2028-01-01", "生效日期最晚为 365 天后"),
        ("valid_from", "下周一", "请填写生效日期，格式如 2026-12-31"),
        ("rule_reason", "", "请填写变更原因"),
        ("valid_from", "2026-12-10", "没有需要变更的内容"),
    ] {
        let refused = two.propose(&[(field, typed)]).await;
        let value = format!("value=\"{typed}\"");
        let refused = refused.expect(422).says(words);
        assert!(
            field == "rule_reason" || typed.is_empty() || refused.text().contains(&value),
            "{field} {typed}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_waits_for_its_day_survives_the_file_and_is_taken_back_before_it() {
    let two = two().await;
    two.propose(&[("decision_days", "15")]).await.expect(303);
    // Too near for every process to hear of it; nobody lets a limit through that has begun.
    two.scene.world.clock.set(datetime!(2026-11-25 23:55 +8));
    let late = two.answer(&two.second, "confirm").await;
    late.expect(409).says("距生效不足 10 分钟");
    two.answer(&two.second, "decline").await.expect(303);
    assert_eq!(two.eras(), ClockEras::of(*two.eras().first()));

    let ahead = [("decision_days", "15"), ("valid_from", "2026-12-10")];
    two.propose(&ahead).await.expect(303);
    two.answer(&two.second, "confirm").await.expect(303);
    two.heard(1).await;
    // As at a start: what stands in the database is laid over the file again.
    let parts = &two.scene.world.parts;
    parts.in_force.as_filed(two.scene.world.cangzhou.id);
    two.scene.world.in_force().await;
    let eras = two.eras();
    assert_eq!(eras.later()[0].from, date!(2026 - 12 - 10));
    assert_eq!(eras.later()[0].limits.decision_days, 15);
    let filed = two.scene.world.cangzhou.clocks.first();
    assert_eq!(eras.first(), filed, "the file's is the beginning");

    // The limits of before from the same day on: nothing comes any more, and the history keeps both.
    two.propose(&[("valid_from", "2026-12-10")])
        .await
        .expect(303);
    two.answer(&two.second, "confirm").await.expect(303);
    two.heard(0).await;
    let page = two.scene.fresh(&two.first).await.get(PAGE).await;
    page.expect(200)
        .says("给出审核结果 15 个工作日")
        .says("给出审核结果 10 个工作日");
    two.scene.world.clock.advance(Duration::days(20));
    let id = two.scene.submitted().await;
    let decision: OffsetDateTime =
        sqlx::query_scalar("select decision_due_at from financing_applications where id = $1")
            .bind(id.0)
            .fetch_one(&two.scene.world.owner)
            .await
            .expect("it is there");
    // Tuesday night, ten working days on.
    assert_eq!(decision, datetime!(2026-12-29 23:55 +8));
    two.is_true().await;
}
