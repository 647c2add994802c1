//! 融资需求总览 of the city: looked through by number, name and credit code, page by page without gaps.

use domain::ids::{FinancingApplicationId, ProductId, TenantId};
use journeys::{Browser, EnterpriseFixture, World};

const LIST: &str = "/operator/applications";

struct Scene {
    world: World,
    bank: TenantId,
    branch: TenantId,
    product: ProductId,
    first: EnterpriseFixture,
    second: EnterpriseFixture,
    operator: Browser,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let first = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let second = world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    Scene {
        operator: operator.browser,
        world,
        bank,
        branch,
        product,
        first,
        second,
    }
}

impl Scene {
    async fn submitted(&self, of: &EnterpriseFixture) -> FinancingApplicationId {
        let world = &self.world;
        world
            .submitted_application(of, self.bank, self.branch, self.product)
            .await
    }

    async fn text(&self, sql: &'static str, id: uuid::Uuid) -> String {
        sqlx::query_scalar(sql)
            .bind(id)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }

    /// Ids of the rows of a page, in order.
    async fn rows(&self, path: &str) -> (Vec<String>, String) {
        let page = self.operator.get(path).await.expect(200).text();
        let rows = page
            .split(&format!("href=\"{LIST}/"))
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect();
        (rows, page)
    }
}

/// The address behind 上一页 or 下一页.
fn beside(page: &str, rel: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!("\" rel=\"{rel}\""))?;
    let href = before.rsplit("href=\"").next()?;
    Some(href.replace("&amp;", "&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_is_found_by_number_name_or_credit_code_in_whichever_list_it_stands() {
    let scene = scene().await;
    let open = scene.submitted(&scene.first).await;
    let closed = scene.submitted(&scene.second).await;
    sqlx::query(
        "update financing_applications set stage = 'withdrawn', due_at = null where id = $1",
    )
    .bind(closed.0)
    .execute(&scene.world.owner)
    .await
    .expect("it is withdrawn");
    let number = "select application_no from financing_applications where id = $1";
    let number = scene.text(number, closed.0).await;
    let code = "select unified_social_credit_code from enterprises where id = $1";
    let code = scene.text(code, scene.second.id.0).await;
    for words in [
        number.as_str(),
        &number.to_lowercase(),
        &code.to_lowercase(),
        "渤沃宸",
        "%20渤沃宸%20",
    ] {
        let (rows, page) = scene.rows(&format!("{LIST}?q={words}")).await;
        assert_eq!(rows, [closed.to_string()], "{words}\n{page}");
    }
    // The lists keep the words; without words they are what they were.
    let (rows, page) = scene.rows(&format!("{LIST}?list=open&q=渤沃宸")).await;
    assert!(rows.is_empty() && page.contains("没有符合"), "{page}");
    let (rows, _) = scene.rows(LIST).await;
    assert_eq!(rows, [open.to_string()]);
    let (rows, _) = scene.rows(&format!("{LIST}?list=all")).await;
    assert_eq!(rows.len(), 2);
    // Wildcards are letters, and markup stays text.
    for odd in ["%25", "_", "100%25", "<b>"] {
        let (rows, page) = scene.rows(&format!("{LIST}?q={odd}")).await;
        assert!(rows.is_empty(), "{odd}");
        assert!(!page.contains("<b>"), "{odd}");
    }
    // Another city finds nothing of this one.
    let abroad = scene
        .world
        .staff(scene.world.other.id, "北山运营", &["op"])
        .await;
    let theirs = abroad.browser.get(&format!("{LIST}?q={number}")).await;
    assert!(!theirs.text().contains("渤沃宸"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_stands_on_exactly_one_page_forwards_and_backwards() {
    let scene = scene().await;
    let mut all = Vec::new();
    for at in 0..45 {
        let id = scene.submitted(&scene.first).await;
        // Some without a clock, some due in the same moment.
        let due = match at % 3 {
            0 => "null",
            1 => "timestamptz '2026-11-26 09:00+08'",
            _ => "timestamptz '2026-11-27 09:00+08' + AT * interval '1 second'",
        };
        let sql = format!(
            "update financing_applications set due_at = {due} where id = '{}'",
            id.0
        );
        let sql = sql.replace("AT", &at.to_string());
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&scene.world.owner)
            .await
            .expect("it is due");
        all.push(id.to_string());
    }
    all.sort();
    for list in ["open", "all"] {
        let mut path = format!("{LIST}?list={list}&q=瀚岳澜");
        let mut pages = Vec::new();
        loop {
            let (rows, page) = scene.rows(&path).await;
            pages.push(rows);
            match beside(&page, "next") {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 5]);
        let mut seen = pages.concat();
        seen.sort();
        assert_eq!(seen, all, "{list}");
        // And back to the first one.
        for expected in pages.iter().rev().skip(1) {
            let (_, page) = scene.rows(&path).await;
            path = beside(&page, "prev").expect("there is a page before");
            assert_eq!(&scene.rows(&path).await.0, expected, "{list}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_at_an_institution_or_a_branch_opens_exactly_these_requests() {
    let scene = scene().await;
    let world = &scene.world;
    let open = scene.submitted(&scene.first).await;
    let approved = scene.submitted(&scene.second).await;
    sqlx::query(
        "update financing_applications set stage = 'approved', ever_accepted = true where id = $1",
    )
    .bind(approved.0)
    .execute(&world.owner)
    .await
    .expect("it is approved");
    let bank = world.bank("沧海惠民银行").await;
    let branch = world.branch(bank, "沧海惠民银行新华支行").await;
    let product = world.product(bank, "流水贷", &[branch]).await;
    world
        .submitted_application(&scene.first, bank, branch, product)
        .await;
    for (room, by, node) in [
        ("/operator/institutions".to_owned(), "bank", scene.bank),
        (
            format!("/operator/institutions/{}", scene.bank),
            "branch",
            scene.branch,
        ),
    ] {
        let figures = scene.operator.get(&room).await.expect(200).text();
        let figures = figures.replace("&amp;", "&");
        let href = format!("{LIST}?list=open&{by}={node}");
        assert!(figures.contains(&href), "{href} in {figures}");
        let (rows, page) = scene.rows(&href).await;
        assert_eq!(rows, [open.to_string()], "{page}");
        assert!(page.contains("狮城商业银行"), "{page}");
        // The other lists of the same node, and the whole city again.
        let (rows, _) = scene.rows(&format!("{LIST}?list=all&{by}={node}")).await;
        assert_eq!(rows.len(), 2);
    }
    assert_eq!(scene.rows(LIST).await.0.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_enterprises_of_one_name_are_told_apart_by_their_credit_codes() {
    let scene = scene().await;
    let twin = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002111")
        .await;
    let code = "select unified_social_credit_code from enterprises where id = $1";
    let mut codes = Vec::new();
    for one in [&scene.first, &twin] {
        scene.submitted(one).await;
        codes.push(scene.text(code, one.id.0).await);
    }
    assert_ne!(codes[0], codes[1]);
    let requests = scene.operator.get(LIST).await.expect(200).text();
    let enterprises = scene.operator.get("/operator/enterprises").await;
    let enterprises = enterprises.expect(200).text();
    for code in &codes {
        let tail = format!("信用代码尾号 {}", &code[code.len() - 6..]);
        assert!(requests.contains(&tail), "{tail}: {requests}");
        assert!(enterprises.contains(code.as_str()), "{code}");
    }
}
