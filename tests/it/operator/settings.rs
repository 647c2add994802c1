//! 平台设置: a change is proposed by one operator and let through by another; from then on it wins over the city's file.

use application::outbox::QuietHours;
use journeys::{Answer, Browser, World};

const PAGE: &str = "/operator/settings";

struct Scene {
    world: World,
    first: Browser,
    second: Browser,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let mut two = Vec::new();
    for name in ["宋知远", "卫之行"] {
        let person = world.staff(world.cangzhou.id, name, &["op"]).await;
        person.browser.prove().await;
        two.push(person.browser);
    }
    let second = two.pop().expect("two");
    let first = two.pop().expect("two");
    Scene {
        world,
        first,
        second,
    }
}

/// Sends the form of a rule's page; the change that waits is named where the page names one.
async fn press(browser: &Browser, rule: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("{PAGE}/{rule}");
    let form = browser.get(&path).await.expect(200);
    let change = form.input("change").unwrap_or_default();
    let mut all = vec![("change", change.as_str())];
    all.extend_from_slice(fields);
    browser.submit_from(&form, &path, &all).await
}

impl Scene {
    /// The process hears of it through the database, soon.
    async fn budget_is(&self, most: u32) {
        for _ in 0..2_000 {
            let city = self.world.parts.cities.by_id(self.world.cangzhou.id);
            if city.expect("the city").sms_daily_budget == most {
                return;
            }
            self.first.get(PAGE).await;
        }
        panic!("nobody heard of {most}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_stands_only_once_another_operator_lets_it_through() {
    let scene = scene().await;
    let before = scene.world.cangzhou.sms_daily_budget;
    let why = ("rule_reason", "年底集中还款，短信量增加");
    for (typed, words) in [
        ("", "100–1000000"),
        ("99", "100–1000000"),
        (&*before.to_string(), "与现行设置相同"),
    ] {
        press(&scene.first, "sms_daily_budget", &[("budget", typed), why])
            .await
            .expect(422)
            .says(words)
            .says("年底集中还款");
    }
    press(&scene.first, "sms_daily_budget", &[("budget", "5000")])
        .await
        .expect(422)
        .says("请填写变更原因");
    press(&scene.first, "sms_daily_budget", &[("budget", "5000"), why])
        .await
        .expect(303);
    // The one who asked sees it wait, and cannot let it through past the page either.
    let own = scene.first.get(&format!("{PAGE}/sms_daily_budget")).await;
    let own = own.expect(200).says("须由提出人以外的平台运营人员复核");
    assert!(!own.text().contains("同意变更</button>"));
    let change: uuid::Uuid = sqlx::query_scalar("select id from city_rule_changes")
        .fetch_one(&scene.world.owner)
        .await
        .expect("a change");
    let change = change.to_string();
    let by_hand = [
        ("change", change.as_str()),
        ("_action", "confirm"),
        ("_key", "0123456789abcdef0123"),
    ];
    let path = format!("{PAGE}/sms_daily_budget");
    scene.first.submit(PAGE, &path, &by_hand).await.expect(409);
    scene.budget_is(before).await;
    press(&scene.second, "sms_daily_budget", &[("_action", "confirm")])
        .await
        .expect(303);
    scene.budget_is(5_000).await;
    scene
        .second
        .get(&path)
        .await
        .expect(200)
        .says("5000 条")
        .says("宋知远提出，卫之行复核")
        .says("年底集中还款");
    // Another city keeps its own.
    let other = scene.world.parts.cities.by_id(scene.world.other.id);
    assert_eq!(other.expect("the other").sms_daily_budget, before);
    let rewritten = sqlx::query("update city_rule_changes set value = '{\"most\": 1}'")
        .execute(&scene.world.owner)
        .await;
    assert!(rewritten.is_err(), "history stays as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_survives_the_file_and_a_start() {
    let scene = scene().await;
    let why = ("rule_reason", "改到晚九点后不打扰");
    let hours = [("quiet_from", "21"), ("quiet_until", "7"), why];
    press(&scene.first, "sms_quiet", &[("quiet_from", "21"), why])
        .await
        .expect(422)
        .says("请选择");
    press(&scene.first, "sms_quiet", &hours).await.expect(303);
    press(&scene.second, "sms_quiet", &[("_action", "confirm")])
        .await
        .expect(303);
    let limit = [("single_step", "50"), ("rule_reason", "小额贷款提速")];
    press(&scene.first, "single_step_limit", &limit)
        .await
        .expect(303);
    press(
        &scene.second,
        "single_step_limit",
        &[("_action", "decline")],
    )
    .await
    .expect(303);
    // As at a start: what differs from the files is read again, and nothing else.
    let parts = &scene.world.parts;
    parts.in_force.as_filed(scene.world.cangzhou.id);
    scene.world.in_force().await;
    let city = parts.cities.by_id(scene.world.cangzhou.id).expect("there");
    assert_eq!(city.sms_quiet, QuietHours::new(21, 7));
    assert_eq!(
        city.single_step_up_to_cents, scene.world.cangzhou.single_step_up_to_cents,
        "what was declined changes nothing"
    );
    let other = parts.cities.by_id(scene.world.other.id).expect("there");
    assert_eq!(other.sms_quiet, scene.world.other.sms_quiet);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_reads_and_an_institution_finds_no_such_page() {
    let scene = scene().await;
    let world = &scene.world;
    let supervisor = world
        .staff(world.cangzhou.id, "季明远", &["os"])
        .await
        .browser;
    let path = format!("{PAGE}/sms_quiet");
    let page = supervisor.get(&path).await.expect(200);
    assert!(!page.text().contains("提出变更</button>"));
    let csrf = supervisor.get("/branch/account").await.csrf();
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", "0123456789abcdef0123"),
        ("rule_reason", "试试"),
    ];
    supervisor.post(&path, &fields).await.expect(403);
    let bank = world.bank("狮城商业银行").await;
    let chief = world.staff(bank, "梁承宇", &["ha"]).await.browser;
    chief.get(PAGE).await.expect(404);
    chief.get(&path).await.expect(404);
    scene.first.get("/hq/settings").await.expect(404);
    scene
        .first
        .get(&format!("{PAGE}/nothing"))
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_advised_after_a_refusal_is_the_citys_to_word() {
    let scene = scene().await;
    let reasons = scene.world.cangzhou.rejection_reasons.clone();
    let mut typed: Vec<(String, String)> = Vec::new();
    for reason in reasons.iter() {
        typed.push((format!("tip_{}", reason.code), reason.tip.clone()));
        let days = reason.reapply_days.to_string();
        typed.push((format!("days_{}", reason.code), days));
    }
    let (tip, days) = ("tip_collateral", "days_collateral");
    let send = async |changes: &[(&str, &str)]| {
        let mut fields: Vec<(&str, &str)> = typed
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name))
            .collect();
        fields.extend_from_slice(changes);
        fields.push(("rule_reason", "新增政府性融资担保"));
        press(&scene.first, "rejection_advice", &fields).await
    };
    let odd = send(&[(tip, ""), (days, "366")]).await.expect(422);
    odd.says("0–365").says("新增政府性融资担保");
    send(&[]).await.expect(422).says("与现行设置相同");
    let words = "可以向市融资担保公司申请政府性担保。";
    send(&[(tip, words), (days, "7")]).await.expect(303);
    let waiting = scene.second.get(&format!("{PAGE}/rejection_advice")).await;
    waiting.expect(200).says(words).says("7 天后可再次申请");
    press(&scene.second, "rejection_advice", &[("_action", "confirm")])
        .await
        .expect(303);
    for _ in 0..2_000 {
        let city = scene.world.parts.cities.by_id(scene.world.cangzhou.id);
        let now = city.expect("the city").rejection_reasons.clone();
        let collateral = now.iter().find(|reason| reason.code == "collateral");
        if collateral.is_some_and(|reason| reason.tip == words && reason.reapply_days == 7) {
            // Every other reason stays as it was.
            let others = |all: &[application::city::RejectionReason]| {
                let others = all.iter().filter(|reason| reason.code != "collateral");
                others.cloned().collect::<Vec<_>>()
            };
            assert_eq!(others(&now), others(&reasons));
            return;
        }
        scene.first.get(PAGE).await;
    }
    panic!("nobody heard of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proposed_a_change_takes_it_back_as_long_as_nobody_has_settled_it() {
    let scene = scene().await;
    let before = scene.world.cangzhou.sms_daily_budget;
    let rule = "sms_daily_budget";
    let path = format!("{PAGE}/{rule}");
    let typed = [("budget", "5000"), ("rule_reason", "年底短信量增加")];
    press(&scene.first, rule, &typed).await.expect(303);
    let owner = &scene.world.owner;
    let by_another = sqlx::query(
        "update city_rule_changes set status = 'withdrawn', settled_at = now(),
           settled_by = (select id from users where id <> asked_by limit 1)",
    );
    assert!(by_another.execute(owner).await.is_err());
    let nobody = sqlx::query("update city_rule_changes set status = 'withdrawn'");
    assert!(nobody.execute(owner).await.is_err());
    // The other one settles it or leaves it, but does not take it back.
    let seen = scene.second.get(&path).await.expect(200);
    assert!(!seen.text().contains("撤回变更</button>"));
    let change = seen.input("change").expect("a change waits");
    let change = ("change", change.as_str());
    let withdraw = ("_action", "withdraw");
    scene
        .second
        .submit_from(&seen, &path, &[change, withdraw])
        .await
        .expect(409)
        .says("只有提出人可以撤回");
    let long = "长".repeat(201);
    press(&scene.first, rule, &[withdraw, ("withdraw_reason", &long)])
        .await
        .expect(422)
        .says("撤回原因最多 200 个字");
    let own = scene.first.get(&path).await.expect(200);
    let why = ("withdraw_reason", "金额填错");
    // A double click takes it back once.
    for _ in 0..2 {
        scene
            .first
            .submit_from(&own, &path, &[change, withdraw, why])
            .await
            .expect(303);
    }
    let seen = scene.second.get(&path).await.expect(200);
    let seen = seen.says("已撤回").says("撤回原因：金额填错");
    seen.says("年底短信量增加").says("提出变更</button>");
    // What was open in another window does nothing any more.
    let late = [change, ("_action", "confirm")];
    scene
        .second
        .submit(&path, &path, &late)
        .await
        .expect(409)
        .says("已由宋知远撤回");
    scene.budget_is(before).await;
    // The rule is free for another proposal, and one that was settled is not taken back.
    press(&scene.first, rule, &typed).await.expect(303);
    let own = scene.first.get(&path).await.expect(200);
    let change = own.input("change").expect("a change waits");
    press(&scene.second, rule, &[("_action", "decline")])
        .await
        .expect(303);
    scene
        .first
        .submit_from(&own, &path, &[("change", change.as_str()), withdraw])
        .await
        .expect(409)
        .says("该变更已经处理");
    let noted: Vec<String> = sqlx::query_scalar(
        "select detail ->> 'reason' from audit_entries where action = 'city_rule.withdraw' and outcome = 'ok'",
    )
    .fetch_all(owner)
    .await
    .expect("it is noted");
    assert_eq!(noted, ["金额填错"]);
}
