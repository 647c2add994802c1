//! 不通过原因, 拒单原因, 补充清单 as rules: two operators change what officers pick from, and what was picked is read for good.

use application::city::City;
use journeys::{Answer, Browser};

use crate::branch::{self, step};

const PAGE: &str = "/operator/settings";

struct Scene {
    branch: branch::Scene,
    first: Browser,
    second: Browser,
}

async fn scene() -> Scene {
    let branch = branch::scene().await;
    let city = branch.world.cangzhou.id;
    let mut two = Vec::new();
    for name in ["宋知远", "卫之行"] {
        let person = branch.world.staff(city, name, &["op"]).await;
        person.browser.prove().await;
        two.push(person.browser);
    }
    let second = two.pop().expect("two");
    let first = two.pop().expect("two");
    Scene {
        branch,
        first,
        second,
    }
}

/// Code, name, text and whether it is offered: an entry of a list.
type Listed = (String, String, String, bool);

fn rejections(city: &City) -> Vec<Listed> {
    let all = city.rejection_reasons.iter();
    all.map(|r| (r.code.clone(), r.label.clone(), String::new(), r.active))
        .collect()
}

fn supplements(city: &City) -> Vec<Listed> {
    let all = city.supplement_templates.iter();
    all.map(|t| (t.code.clone(), t.label.clone(), t.hint.clone(), t.active))
        .collect()
}

impl Scene {
    fn city(&self) -> std::sync::Arc<City> {
        let world = &self.branch.world;
        let city = world.parts.cities.by_id(world.cangzhou.id);
        city.expect("the city")
    }

    /// The whole form of a list as it stands, but for what is changed.
    async fn propose(&self, rule: &str, listed: &[Listed], changes: &[(&str, &str)]) -> Answer {
        let mut typed: Vec<(String, String)> = Vec::new();
        for (code, label, text, active) in listed {
            if *active {
                typed.push(("active".to_owned(), code.clone()));
            }
            typed.push((format!("label_{code}"), label.clone()));
            typed.push((format!("hint_{code}"), text.clone()));
        }
        let mut fields: Vec<(&str, &str)> = typed
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name))
            .collect();
        fields.extend_from_slice(changes);
        fields.push(("rule_reason", "按监管意见调整"));
        let path = format!("{PAGE}/{rule}");
        let form = self.first.get(&path).await.expect(200);
        self.first.submit_from(&form, &path, &fields).await
    }

    async fn confirm(&self, rule: &str) {
        let path = format!("{PAGE}/{rule}");
        let form = self.second.get(&path).await.expect(200);
        let change = form.input("change").expect("a change waits");
        let fields = [("change", change.as_str()), ("_action", "confirm")];
        let done = self.second.submit_from(&form, &path, &fields).await;
        done.expect(303);
    }

    /// The process hears of it through the database, soon.
    async fn once(&self, is_so: impl Fn(&City) -> bool) {
        for _ in 0..2_000 {
            if is_so(&self.city()) {
                return;
            }
            self.first.get(PAGE).await;
        }
        panic!("nobody heard of it");
    }
}

fn stopped(listed: &[Listed], code: &str) -> Vec<Listed> {
    let mut listed = listed.to_vec();
    for one in &mut listed {
        one.3 = one.3 && one.0 != code;
    }
    listed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_was_stopped_is_picked_no_more_and_read_where_it_was_picked() {
    let scene = scene().await;
    let rule = "rejection_reasons";
    let filed = rejections(&scene.city());
    // A refusal for a reason that is stopped afterwards.
    scene.branch.accept().await;
    let officer = &scene.branch.approver.browser;
    officer.prove().await;
    let path = scene.branch.path("/reject");
    let form = officer.get(&path).await.expect(200);
    let refused = [("reasons", "collateral"), ("opinion", "抵押物价值不足。")];
    step(officer, &form, &path, &refused, "").await.expect(200);

    scene
        .propose(rule, &filed, &[])
        .await
        .expect(422)
        .says("与现行设置相同");
    let none: Vec<Listed> = filed
        .iter()
        .fold(filed.clone(), |all, one| stopped(&all, &one.0));
    scene
        .propose(rule, &none, &[])
        .await
        .expect(422)
        .says("不能停用");
    let declined_alone: Vec<Listed> = filed
        .iter()
        .filter(|one| one.0 != "enterprise_declined")
        .fold(filed.clone(), |all, one| stopped(&all, &one.0));
    scene
        .propose(rule, &declined_alone, &[])
        .await
        .expect(422)
        .says("请至少启用一项");
    let twice = [("label_collateral", "负债过高")];
    let answer = scene.propose(rule, &filed, &twice).await.expect(422);
    answer.says("列表中已有“负债过高”").says("按监管意见调整");
    let own = [
        ("new_label", "环保处罚未了结"),
        ("new_text", "请先办结行政处罚，再次申请。"),
        ("new_days", "30"),
    ];
    let without = stopped(&filed, "collateral");
    scene.propose(rule, &without, &own).await.expect(303);
    let waiting = scene.second.get(&format!("{PAGE}/{rule}")).await;
    waiting
        .expect(200)
        .says("担保不足（已停用）")
        .says("环保处罚未了结（启用）");
    // It waits: what the form stood open with is still taken nowhere but as it stands.
    assert_eq!(rejections(&scene.city()), filed);
    scene.confirm(rule).await;
    let is_stopped = |city: &City| !city.offered_reasons().any(|one| one.code == "collateral");
    scene.once(is_stopped).await;
    let now = scene.city();
    let last: Vec<&str> = now.rejection_reasons.iter().map(|r| &*r.code).collect();
    assert!(last.ends_with(&["own_reason_01", "other"]), "{last:?}");
    // The form that stood open is told so, and a new one offers what stands.
    step(officer, &form, &path, &refused, "confirm")
        .await
        .expect(422)
        .says("停用的");
    let page = officer.get(&path).await.expect(200).says("环保处罚未了结");
    assert!(!page.text().contains("value=\"collateral\""));
    let refused = [("reasons", "own_reason_01"), ("opinion", "处罚尚未办结。")];
    step(officer, &page, &path, &refused, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.branch.stage().await, "rejected");
    // 停用 again: the enterprise reads the reason and what to do about it all the same.
    let listed = rejections(&scene.city());
    let listed = stopped(&listed, "own_reason_01");
    scene.propose(rule, &listed, &[]).await.expect(303);
    scene.confirm(rule).await;
    let is_stopped = |city: &City| {
        !city
            .offered_reasons()
            .any(|one| one.code == "own_reason_01")
    };
    scene.once(is_stopped).await;
    let path = format!("/enterprise/applications/{}", scene.branch.application);
    let owner = &scene.branch.owner.browser;
    let page = owner.get(&path).await.expect(200);
    page.says("环保处罚未了结").says("请先办结行政处罚");
    // Its advice is changed where that of the others is.
    scene
        .first
        .get(&format!("{PAGE}/rejection_advice"))
        .await
        .expect(200)
        .says("环保处罚未了结：建议");
    // Another city keeps its own list.
    let world = &scene.branch.world;
    let other = world.parts.cities.by_id(world.other.id);
    assert_eq!(
        other.expect("the other").rejection_reasons,
        world.other.rejection_reasons
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_back_to_the_file_and_keeps_what_the_city_made_stopped() {
    let scene = scene().await;
    let rule = "supplement_templates";
    let filed = supplements(&scene.city());
    let changes = [
        ("hint_bank_statement", "近 6 个月，逐页清晰。"),
        ("new_label", "环评批复"),
    ];
    let without = stopped(&filed, "invoice");
    scene.propose(rule, &without, &changes).await.expect(303);
    scene.confirm(rule).await;
    let is_own = |city: &City| city.offered_supplements().any(|t| t.label == "环评批复");
    scene.once(is_own).await;
    scene.branch.accept().await;
    let officer = &scene.branch.clerk.browser;
    let path = scene.branch.path("/supplement");
    let form = officer.get(&path).await.expect(200);
    let form = form.says("近 6 个月，逐页清晰。").says("环评批复");
    assert!(!form.text().contains("value=\"invoice\""));
    let asked = [("templates", "own_item_01"), ("note", "请按清单补充。")];
    let stale = [("templates", "invoice"), asked[0], asked[1]];
    step(officer, &form, &path, &stale, "confirm")
        .await
        .expect(422)
        .says("停用的");
    step(officer, &form, &path, &asked, "confirm")
        .await
        .expect(303);
    let label: String = sqlx::query_scalar("select label from supplement_items")
        .fetch_one(&scene.branch.world.owner)
        .await
        .expect("an item");
    assert_eq!(label, "环评批复");
    let page = format!("{PAGE}/{rule}");
    let form = scene.first.get(&page).await.expect(200);
    let form = form.says("按城市配置文件恢复");
    let fields = [("_action", "reset"), ("rule_reason", "恢复原清单")];
    let done = scene.first.submit_from(&form, &page, &fields).await;
    done.expect(303);
    scene.confirm(rule).await;
    scene.once(|city| !is_own(city)).await;
    let mut now = supplements(&scene.city());
    let own = now.iter().position(|one| one.0 == "own_item_01");
    let own = now.remove(own.expect("it is still there"));
    assert!(!own.3);
    assert_eq!(now, filed);
    let noted: i64 = sqlx::query_scalar(
        "select count(*) from audit_entries where action in ('city_rule.propose', 'city_rule.confirm') and outcome = 'ok'",
    )
    .fetch_one(&scene.branch.world.owner)
    .await
    .expect("it is noted");
    assert_eq!(noted, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_branch_declines_for_is_the_citys_list_too() {
    let scene = scene().await;
    let rule = "intake_refusals";
    let city = scene.city();
    let listed = city.intake_refusals.iter();
    let listed: Vec<Listed> = listed
        .map(|r| (r.code.clone(), r.label.clone(), String::new(), r.active))
        .collect();
    let changes = [
        ("label_no_capacity", "本支行本月额度已满"),
        ("new_label", "企业主动要求延后"),
    ];
    let without = stopped(&listed, "enterprise_asked");
    scene.propose(rule, &without, &changes).await.expect(303);
    scene.confirm(rule).await;
    scene
        .once(|city| city.intake_refusals.len() > listed.len())
        .await;
    let officer = &scene.branch.clerk.browser;
    let path = scene.branch.path("/decline");
    let form = officer.get(&path).await.expect(200);
    let form = form.says("本支行本月额度已满").says("企业主动要求延后");
    assert!(!form.text().contains("value=\"enterprise_asked\""));
    for (reason, status) in [("enterprise_asked", 422), ("own_refusal_01", 303)] {
        let fields = [("intake_reasons", reason), ("decline_note", "请总部改派。")];
        step(officer, &form, &path, &fields, "confirm")
            .await
            .expect(status);
    }
    assert_eq!(scene.branch.stage().await, "returned_to_hq");
}
