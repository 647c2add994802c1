//! 区划变更: two operators change a township of their own prefecture; what is in force is chosen from, and what was filed reads as it did.

use std::ops::Deref;

use domain::ids::FinancingApplicationId;
use journeys::{Answer, StaffFixture};
use time::macros::datetime;

use crate::{
    api::Phone,
    clocks::scene::{TwoOperators, scene},
};

const PAGE: &str = "/operator/settings/regions";
const OPTIONS: &str = "/options/regions?parent=130903";
const WHY: &str = "省政府批复，国家区划表尚未包含";
const ADDED: [(&str, &str); 4] = [
    ("region_deed", "add"),
    ("region_county", "130903"),
    ("region_code", "130903102"),
    ("region_name", "锦程街道"),
];

struct Two(TwoOperators);

impl Deref for Two {
    type Target = TwoOperators;

    fn deref(&self) -> &TwoOperators {
        &self.0
    }
}

async fn two() -> Two {
    Two(TwoOperators::of(scene().await).await)
}

impl Two {
    /// The form with nothing but these fields and a reason.
    async fn propose(&self, typed: &[(&str, &str)]) -> Answer {
        let mut fields: Vec<(&str, &str)> = [
            "region_deed",
            "region_county",
            "region_code",
            "region_name",
            "region_successor",
            "valid_from",
        ]
        .map(|name| (name, ""))
        .into();
        fields.push(("rule_reason", WHY));
        for (name, value) in typed {
            let field = fields.iter_mut().find(|field| field.0 == *name);
            field.expect("the form has it").1 = *value;
        }
        let browser = self.proven(&self.first).await;
        browser.submit(PAGE, PAGE, &fields).await
    }

    async fn answer(&self, who: &StaffFixture, with: &str) -> Answer {
        self.settle(PAGE, who, with).await
    }

    /// Proposed, let through, and heard of by the process: so many changes are decided then.
    async fn decide(&self, typed: &[(&str, &str)], decided: usize) {
        self.propose(typed).await.expect(303);
        self.answer(&self.second, "confirm").await.expect(303);
        let parts = &self.scene.world.parts;
        let watcher = self.scene.fresh(&self.first).await;
        for _ in 0..2_000 {
            let city = parts.cities.by_id(self.scene.world.cangzhou.id);
            if city.expect("the city").own_regions.len() == decided {
                return;
            }
            watcher.get("/operator").await;
        }
        panic!("nobody heard of {decided} changes");
    }

    /// What a visitor of the city may choose below 运河区.
    async fn offered(&self) -> String {
        let browser = self.scene.world.browser();
        browser.get(OPTIONS).await.expect(200).text()
    }

    /// The enterprise's data as the branch opens them in full.
    async fn dossier(&self, id: FinancingApplicationId) -> String {
        let path = format!("/branch/applications/{id}/full");
        let browser = self.scene.fresh(&self.scene.clerk).await;
        let fields = [("reason", "电话核对身份")];
        browser
            .submit(&path, &path, &fields)
            .await
            .expect(200)
            .text()
    }

    /// 完善信息 sent with this township and little else.
    async fn save_at(&self, township: &str) -> Answer {
        let browser = self.scene.fresh_owner().await;
        let page = "/enterprise/profile?edit=1";
        let fields = [
            ("_action", "save"),
            ("province", "130000"),
            ("city", "130900"),
            ("county", "130903"),
            ("township", township),
        ];
        browser.submit(page, "/enterprise/profile", &fields).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_township_that_two_operators_add_is_chosen_in_their_city_and_in_no_other() {
    let two = two().await;
    let world = &two.scene.world;
    two.propose(&ADDED).await.expect(303);
    assert!(!two.offered().await.contains("锦程街道"), "it waits");
    let waiting = two.scene.fresh(&two.second).await.get(PAGE).await;
    waiting
        .expect(200)
        .says("130903102 锦程街道新设")
        .says("运河区")
        .says(WHY);
    two.answer(&two.first, "confirm").await.expect(409);
    two.answer(&two.first, "withdraw").await.expect(303);
    two.decide(&ADDED, 1).await;

    assert!(two.offered().await.contains("锦程街道"));
    let elsewhere = world.browser_elsewhere().get(OPTIONS).await.expect(200);
    assert!(!elsewhere.text().contains("锦程街道"));
    let path = "/api/v1/regions?parent=130903";
    let told = Phone::new(world).get(path).await.expect(200).to_string();
    assert!(told.contains("锦程街道"), "{told}");
    let told = Phone::elsewhere(world).get(path).await.expect(200);
    assert!(!told.to_string().contains("锦程街道"), "{told}");

    // It is taken where an address is filled in, and named where it stands.
    let taken = two.save_at("130903102").await.expect(422).text();
    assert!(!taken.contains("所选地区不存在"), "{taken}");
    let unknown = two.save_at("130903103").await.expect(422);
    unknown.says("所选地区不存在");
    two.scene
        .run("update enterprises set region_code = '130903102'")
        .await;
    let own = two.scene.fresh_owner().await;
    let own = own.get("/enterprise/profile").await.expect(200);
    own.says("河北省沧州市运河区锦程街道");
    let operator = two.scene.fresh(&two.first).await;
    let list = operator.get("/operator/enterprises").await.expect(200);
    list.says("河北省沧州市运河区");

    two.scene.deliver().await;
    let told = two.scene.titles(world.cangzhou.id, false).await;
    assert!(told.contains(&"区划变更已通过".to_owned()), "{told:?}");
    let noted = "select count(*) from audit_entries where action = 'city_rule.confirm' and detail -> 'after' ->> 'region' = '130903102'";
    assert_eq!(two.scene.count(noted).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_township_is_called_so_from_now_on_and_a_dossier_keeps_the_name_of_its_time() {
    let two = two().await;
    let before = two.scene.accepted().await;
    let renamed = [
        ("region_deed", "rename"),
        ("region_code", "130903001"),
        ("region_name", "水月寺街道"),
    ];
    two.decide(&renamed, 1).await;
    let after = two.scene.accepted().await;
    let own = two.scene.fresh_owner().await;
    own.get("/enterprise/profile")
        .await
        .expect(200)
        .says("河北省沧州市运河区水月寺街道");
    let old = two.dossier(before).await;
    assert!(old.contains("河北省沧州市运河区水月寺街街道"), "{old}");
    let new = two.dossier(after).await;
    assert!(new.contains("河北省沧州市运河区水月寺街道"), "{new}");
    let page = two.scene.fresh(&two.scene.supervisor).await.get(PAGE).await;
    page.expect(200)
        .says("130903001 水月寺街街道更名为“水月寺街道”")
        .says("宋知远")
        .says(WHY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_township_that_ended_is_chosen_no_more_and_keeps_its_name_where_it_stands() {
    let two = two().await;
    let ended = [
        ("region_deed", "end"),
        ("region_code", "130903001"),
        ("region_successor", "130903002"),
        ("valid_from", "2026-12-01"),
    ];
    two.decide(&ended, 1).await;
    assert!(two.offered().await.contains("水月寺街街道"), "not yet");
    // Nobody has to be told again when the day comes.
    two.scene.world.clock.set(datetime!(2026-12-01 00:00 +8));
    let offered = two.offered().await;
    assert!(!offered.contains("水月寺街街道"), "{offered}");
    assert!(offered.contains("南环中路街道"), "{offered}");
    let own = two.scene.fresh_owner().await;
    own.get("/enterprise/profile")
        .await
        .expect(200)
        .says("河北省沧州市运河区水月寺街街道");
    own.get("/enterprise/profile?edit=1")
        .await
        .expect(200)
        .says("原来填写的“水月寺街街道”已撤销，并入“南环中路街道”。请重新选择乡镇");
    two.save_at("130903001")
        .await
        .expect(422)
        .says("所选乡镇已撤销，请重新选择");
    let list = "/operator/dictionaries/regions?at=130903";
    let list = two.scene.fresh(&two.first).await.get(list).await;
    list.expect(200)
        .says("水月寺街街道")
        .says("已撤销")
        .says("2026-12-01 撤销，并入“南环中路街道”");

    let restored = [("region_deed", "restore"), ("region_code", "130903001")];
    two.decide(&restored, 2).await;
    assert!(two.offered().await.contains("水月寺街街道"));
    let other = two.scene.world.other.id;
    let other = two.scene.world.parts.cities.by_id(other);
    assert!(other.expect("the other").own_regions.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_by_its_field_and_what_was_typed_stays() {
    let two = two().await;
    let with = |changes: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
        let mut fields = ADDED.to_vec();
        for (name, value) in changes {
            fields.retain(|field| field.0 != *name);
            fields.push((*name, *value));
        }
        fields
    };
    for (changes, words) in [
        (vec![("region_deed", "")], "请选择新设、更名、撤销还是恢复"),
        (
            vec![("region_code", "130903")],
            "请填写 9 位数字的乡级区划代码",
        ),
        (vec![("region_code", "130802102")], "该代码不属于本市"),
        (vec![("region_code", "130921999")], "前 6 位应为 130903"),
        (
            vec![("region_code", "130903100")],
            "代码 130903100 已经是“小王庄镇”",
        ),
        (
            vec![("region_county", "")],
            "请选择新设的乡镇、街道所属的县（市、区）",
        ),
        (vec![("region_name", "")], "请填写乡镇、街道的名称"),
        (vec![("region_name", "第2街道")], "名称只能用汉字"),
        (
            vec![("region_name", "小王庄镇")],
            "同一县（市、区）已有“小王庄镇”（130903100）",
        ),
        (
            vec![("valid_from", "2023-06-30")],
            "国家区划表已经包含 2023-06-30 及以前的变更",
        ),
        (vec![("valid_from", "下周")], "请填写生效日期"),
        (
            vec![("region_deed", "rename")],
            "没有代码为 130903102 的乡镇、街道",
        ),
        (
            vec![
                ("region_deed", "end"),
                ("region_code", "130903100"),
                ("region_successor", "130903100"),
            ],
            "并入单位不能是撤销的乡镇、街道自己",
        ),
    ] {
        let refused = two.propose(&with(changes.as_slice())).await;
        refused.expect(422).says(words).says(WHY);
    }
    let left: i64 = two
        .scene
        .count("select count(*) from city_rule_changes")
        .await;
    assert_eq!(left, 0, "nothing of all that waits");
}
