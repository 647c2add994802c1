//! 推荐清单: taken in once per enterprise, given to branches, followed step by step.

use application::ports::workbooks::SheetCell;
use journeys::{StaffFixture, World};

use super::imports::{send, work, workbook};

const HEAD: [&str; 6] = [
    "统一社会信用代码",
    "企业名称",
    "联系人",
    "联系电话",
    "推荐来源",
    "备注",
];

struct Office {
    world: World,
    admin: StaffFixture,
    /// Of the branch in the district of the first enterprise.
    officer: StaffFixture,
    neighbour: StaffFixture,
    stranger: StaffFixture,
    neighbour_branch: domain::ids::TenantId,
}

async fn office() -> Office {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let canal = world.branch(bank, "狮城商业银行运河支行").await;
    let xinhua = world.branch(bank, "狮城商业银行新华支行").await;
    let other = world.bank("沧海惠民银行").await;
    sqlx::query("update branches set region_code = '130925' where tenant_id = $1")
        .bind(xinhua.0)
        .execute(&world.owner)
        .await
        .expect("another district");
    Office {
        admin: world.staff(bank, "梁承宇", &["ha"]).await,
        officer: world.staff(xinhua, "时嘉宁", &["bm"]).await,
        neighbour: world.staff(canal, "钱云诚", &["bm"]).await,
        stranger: world.staff(other, "简书越", &["ha"]).await,
        neighbour_branch: canal,
        world,
    }
}

fn row(cells: [&str; 6]) -> Vec<SheetCell> {
    cells.map(SheetCell::text).to_vec()
}

/// In 盐山县, where the branch of the officer is.
const FIRST: &str = "91130925PDY009110X";

impl Office {
    async fn import(&self) -> String {
        let rows = [
            row([
                FIRST,
                "沧州市瀚岳澜管道装备有限公司",
                "顾屹舟",
                "19900002037",
                "市工信局",
                "管道龙头",
            ]),
            row([FIRST, "沧州市瀚岳澜管道装备有限公司", "", "", "", ""]),
            row(["91130925PDY0091101", "沧州市某某有限公司", "", "", "", ""]),
            row(["91130925", "短", "张三", "123", "", ""]),
        ];
        let file = workbook(&self.world, &HEAD, &rows).await;
        let path = "/hq/referrals/import";
        let sent = send(&self.admin.browser, path, "", file).await.expect(303);
        assert_eq!(work(&self.world).await, 1);
        sent.location().to_owned()
    }

    async fn one(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_taken_in_once_per_enterprise_and_given_to_the_branch_of_its_district() {
    let office = office().await;
    let import = office.import().await;
    office
        .admin
        .browser
        .get(&import)
        .await
        .expect(200)
        .says("推荐清单")
        .says("已在推荐清单中")
        .says("校验码与前 17 位不符")
        .says("应为 18 位");
    let list = office.admin.browser.get("/hq/referrals").await.expect(200);
    list.clone()
        .says("沧州市瀚岳澜管道装备有限公司")
        .says("顾**，199****2037")
        .says("狮城商业银行新华支行");
    assert!(!list.text().contains("19900002037"), "the phone is masked");
    let stored = office.one("select credit_code || ' ' || status || ' ' || encode(contact_sealed, 'escape') from referrals").await;
    assert!(stored.starts_with("91130925PDY009110X waiting "));
    assert!(!stored.contains("19900002037"), "the phone is sealed");
    // The branch of the district sees it; the others of the bank and other banks do not.
    let id = office.one("select id::text from referrals").await;
    let path = format!("/branch/referrals/{id}");
    office
        .officer
        .browser
        .get(&path)
        .await
        .expect(200)
        .says("未联系");
    office.neighbour.browser.get(&path).await.expect(404);
    let theirs = office
        .neighbour
        .browser
        .get("/branch/referrals")
        .await
        .expect(200);
    assert!(!theirs.text().contains("瀚岳澜"));
    office
        .stranger
        .browser
        .get(&format!("/hq/referrals/{id}"))
        .await
        .expect(404);
    let approver = office
        .world
        .staff(office.admin.tenant, "温如岚", &["hp"])
        .await;
    approver.browser.get("/hq/referrals").await.expect(404);
    approver
        .browser
        .get("/hq/referrals/import")
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_is_followed_step_by_step_and_given_to_another_branch() {
    let office = office().await;
    office.import().await;
    let id = office.one("select id::text from referrals").await;
    let path = format!("/branch/referrals/{id}");
    let browser = &office.officer.browser;
    let page = browser
        .get(&path)
        .await
        .expect(200)
        .says("顾**，199****2037");
    let full = browser
        .submit_from(&page, &path, &[("_action", "contact")])
        .await
        .expect(200);
    full.says("顾屹舟，19900002037");
    let looked = "select count(*)::text from audit_entries where action = 'referral.unmask'";
    assert_eq!(office.one(looked).await, "1");
    let step = |to: &'static str, note: &'static str, version: &'static str| {
        [
            ("_action", "follow"),
            ("to", to),
            ("referral_note", note),
            ("version", version),
        ]
    };
    for (to, note, version, status, words) in [
        ("", "", "1", 422, "请选择跟进结果"),
        ("granted", "", "1", 409, "跟进状态已变更"),
        ("contacted", "", "9", 409, "已由他人更新"),
        ("contacted", "已电话联系财务负责人。", "1", 303, ""),
        ("declined", " ", "2", 422, "请选择未授信原因"),
        ("visited", "", "2", 303, ""),
    ] {
        browser
            .submit(&path, &path, &step(to, note, version))
            .await
            .expect(status)
            .says(words);
    }
    browser
        .get(&path)
        .await
        .expect(200)
        .says("已走访")
        .says("已电话联系财务负责人。");
    // A branch only follows: giving it away is not its right, in the program and in the database.
    let to = office.neighbour_branch.to_string();
    let give = [
        ("_action", "assign"),
        ("branch", to.as_str()),
        ("version", "3"),
    ];
    browser.submit(&path, &path, &give).await.expect(403);
    let there = format!("/hq/referrals/{id}");
    office
        .admin
        .browser
        .submit(&there, &there, &give)
        .await
        .expect(303);
    browser.get(&path).await.expect(404);
    let neighbour = &office.neighbour.browser;
    let refused = |code: &'static str, note: &'static str| {
        let mut fields = step("declined", note, "4").to_vec();
        fields.push(("refusal", code));
        fields
    };
    neighbour
        .submit(&path, &path, &refused("other", " "))
        .await
        .expect(422)
        .says("请输入未授信原因");
    neighbour
        .submit(&path, &path, &refused("debt", "负债率过高"))
        .await
        .expect(303);
    let after = neighbour
        .get(&path)
        .await
        .expect(200)
        .says("未授信")
        .says("负债率过高");
    assert!(!after.text().contains("登记跟进结果"), "it is over");
    office
        .admin
        .browser
        .get("/hq/referrals?status=declined")
        .await
        .expect(200)
        .says("瀚岳澜");
    for sql in [
        "update referral_steps set note = ''",
        "delete from referral_steps",
        "update referrals set reason = ''",
    ] {
        assert!(
            sqlx::query(sql).execute(&office.world.owner).await.is_err(),
            "{sql}"
        );
    }
}
