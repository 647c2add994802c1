//! 走访清单 and 整改任务: taken in once per enterprise, given to institutions that see their own rows alone, followed by them and seen by the
//! city, and what departments do about refusals.

mod coverage;
mod importing;
mod repairs;
mod sending;

use application::{
    ports::{people_now::PeopleNow as _, sessions::SessionKind, workbooks::SheetCell},
    visits::Coverage,
};
use domain::{ids::TenantId, values::UnifiedSocialCreditCode};
use journeys::{Answer, Browser, StaffFixture, World};
use uuid::Uuid;

use super::imports::{send, work, workbook};

const HEAD: [&str; 7] = [
    "统一社会信用代码",
    "企业名称",
    "所属区县",
    "联系人",
    "联系电话",
    "推荐机构",
    "备注",
];
const NEW: &str = "/operator/visits/new";
const PIPES: &str = "沧州市瀚岳澜管道装备有限公司";
const CHEMICALS: &str = "沧州市渤沃宸化工新材料有限公司";
const FIRST_BANK: &str = "狮城商业银行";
const SECOND_BANK: &str = "沧海惠民银行";

/// A code whose checks are right, in 盐山县.
fn code(number: u32) -> String {
    const SIGNS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let signs = || SIGNS.iter().map(|sign| char::from(*sign));
    let body = format!("91130925PDY9{number:04}");
    signs()
        .flat_map(|a| signs().map(move |b| (a, b)))
        .map(|(a, b)| format!("{body}{a}{b}"))
        .find(|code| UnifiedSocialCreditCode::parse(code).is_ok())
        .expect("one of them is right")
}

fn row(code: &str, name: &str, district: &str, bank: &str) -> Vec<SheetCell> {
    [code, name, district, "顾屹舟", "19900002037", bank, ""]
        .map(SheetCell::text)
        .to_vec()
}

struct City {
    world: World,
    operator: StaffFixture,
    first: TenantId,
    first_hq: StaffFixture,
    second: TenantId,
    second_hq: StaffFixture,
}

async fn city() -> City {
    let world = World::new().await;
    let first = world.bank(FIRST_BANK).await;
    let second = world.bank(SECOND_BANK).await;
    City {
        operator: world.staff(world.cangzhou.id, "宋知远", &["op"]).await,
        first_hq: world.staff(first, "梁承宇", &["ha"]).await,
        second_hq: world.staff(second, "简书越", &["ha"]).await,
        first,
        second,
        world,
    }
}

async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    browser.submit(path, path, fields).await
}

impl City {
    /// A new list; its page.
    async fn list(&self, name: &str) -> String {
        let fields = [
            ("visit_name", name),
            ("visit_source", "市工信局"),
            ("visit_due", "2026-12-31"),
        ];
        let made = press(&self.operator.browser, NEW, &fields)
            .await
            .expect(303);
        let there = made.location();
        there.strip_suffix("/import").expect("its form").to_owned()
    }

    /// Sends a file for a list and works it off; the page of the import.
    async fn import(&self, list: &str, rows: &[Vec<SheetCell>]) -> String {
        let file = workbook(&self.world, &HEAD, rows).await;
        let path = format!("{list}/import");
        let sent = send(&self.operator.browser, &path, "", file)
            .await
            .expect(303);
        assert_eq!(work(&self.world).await, 1);
        sent.location().to_owned()
    }

    /// One enterprise for each institution, sent.
    async fn sent(&self) -> String {
        let list = self.list("四季度走访清单").await;
        let rows = [
            row(&code(1), PIPES, "", FIRST_BANK),
            row(&code(2), CHEMICALS, "运河区", SECOND_BANK),
        ];
        self.import(&list, &rows).await;
        press(&self.operator.browser, &format!("{list}/send"), &[])
            .await
            .expect(303);
        list
    }

    /// What an institution has in its 推荐清单.
    async fn referral(&self, bank: TenantId) -> String {
        let id: Uuid = sqlx::query_scalar("select id from referrals where tenant_id = $1")
            .bind(bank.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("exactly one");
        format!("/hq/referrals/{id}")
    }

    /// Steps that the headquarters of the first institution notes: to, 未授信原因, 融资需求.
    async fn follow(&self, from: i32, steps: &[(&str, &str, &str)]) {
        let path = self.referral(self.first).await;
        for (version, (to, refusal, demand)) in (from..).zip(steps) {
            let version = version.to_string();
            let fields = [
                ("_action", "follow"),
                ("to", *to),
                ("refusal", *refusal),
                ("demand", *demand),
                ("referral_note", ""),
                ("version", version.as_str()),
            ];
            press(&self.first_hq.browser, &path, &fields)
                .await
                .expect(303);
        }
    }

    async fn sums(&self, list: &str) -> Coverage {
        let actor = self.world.parts.door.staff(self.operator.user).await;
        let actor = actor.expect("it answers").expect("an operator");
        let id = list.rsplit('/').next().expect("an id");
        let id = Uuid::parse_str(id).expect("an id");
        let room = yijianrong::wire::sheets::visits(&self.world.parts);
        room.list(&actor, id).await.expect("the numbers").sums
    }

    /// The page of the enterprise of that name.
    async fn row(&self, list: &str, name: &str) -> String {
        let id: Uuid = sqlx::query_scalar(
            "select v.id from visit_rows v join visit_lists l on l.tenant_id = v.tenant_id and l.id = v.list_id
             where v.company_name = $1 and l.id::text = $2",
        )
        .bind(name)
        .bind(list.rsplit('/').next().expect("an id"))
        .fetch_one(&self.world.owner)
        .await
        .expect("it is there");
        format!("{list}/rows/{id}")
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }

    /// A browser of the operator whose session began now.
    async fn fresh(&self) -> Browser {
        self.world
            .signed_in(
                self.operator.user,
                SessionKind::Staff,
                journeys::CANGZHOU_HOST,
            )
            .await
    }
}
