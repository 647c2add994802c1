//! The portal as visitors use it: sections, search, what disappears, what is never shared.

use std::{path::Path, time::Duration};

use journeys::{Answer, World};
use reqwest::{Method, header};
use yijianrong::seed::content;

async fn filled() -> World {
    let world = World::new().await;
    fill(&world).await;
    world
}

async fn fill(world: &World) {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tenants/demo/cangzhou"
    ));
    let now = world.parts.clock.now();
    for city in [&world.cangzhou, &world.other] {
        content::basics(&world.parts.pool, city)
            .await
            .expect("the basics are written");
        content::demonstration(&world.parts.pool, city, folder, now)
            .await
            .expect("the demonstration is written");
    }
    world.parts.portal.changed(None);
}

fn total(answer: &Answer) -> usize {
    let text = answer.text();
    let at = text.find("款符合条件").expect("the list says how many");
    let before = text[..at].trim_end();
    let digits: String = before
        .chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .collect();
    digits
        .chars()
        .rev()
        .collect::<String>()
        .parse()
        .expect("a number")
}

fn names(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    text.split("<h2 class=\"product-name\">")
        .skip(1)
        .filter_map(|part| {
            part.split_once("\">")?
                .1
                .split_once("</a>")
                .map(|(name, _)| name.to_owned())
        })
        .collect()
}

#[tokio::test]
async fn every_section_opens_and_says_whose_it_is() {
    let world = filled().await;
    let visitor = world.browser();
    for path in [
        "/",
        "/market",
        "/institutions",
        "/holdings",
        "/policies",
        "/news",
        "/about",
        "/search",
        "/search?q=抵押",
        "/sitemap",
        "/accessibility",
        "/agreements/register",
    ] {
        let page = visitor.get(path).await.expect(200);
        let page = page.says(&world.cangzhou.name).says("0317-5669898");
        // M-020, M-601: how the mini-program is found.
        page.says("ICP备案: 冀ICP备20016432")
            .says("微信搜索“一键融服务”");
    }
    let elsewhere = world.browser_elsewhere().get("/").await.expect(200);
    let own = format!("微信搜索“{}”", world.other.mini_program_name);
    let elsewhere = elsewhere.says(&world.other.name).says(&own);
    assert!(!elsewhere.text().contains(&world.cangzhou.name));
}

#[tokio::test]
async fn a_second_seeding_changes_nothing() {
    let world = filled().await;
    let count = "select (select count(*) from tenants), (select count(*) from products), (select count(*) from product_branches),
                        (select count(*) from articles), (select count(*) from agreements)";
    let before: (i64, i64, i64, i64, i64) = sqlx::query_as(count)
        .fetch_one(&world.owner)
        .await
        .expect("counts");
    let sold_out = "update products set status = 'off_shelf' where id = (select min(id::text)::uuid from products)";
    sqlx::query(sold_out)
        .execute(&world.owner)
        .await
        .expect("it is taken off");
    fill(&world).await;
    let after: (i64, i64, i64, i64, i64) = sqlx::query_as(count)
        .fetch_one(&world.owner)
        .await
        .expect("counts");
    assert_eq!(before, after);
    assert!(
        before.1 >= 80 && before.3 >= 48,
        "both cities are full: {before:?}"
    );
    let off: i64 = sqlx::query_scalar("select count(*) from products where status = 'off_shelf'")
        .fetch_one(&world.owner)
        .await
        .expect("a count");
    assert_eq!(off, 1, "what people changed stays changed");
}

#[tokio::test]
async fn all_words_must_match_whatever_their_width() {
    let world = filled().await;
    let visitor = world.browser();
    let all = total(&visitor.get("/market").await.expect(200));
    let mortgage = total(&visitor.get("/market?q=抵押").await.expect(200));
    assert!(0 < mortgage && mortgage < all);
    let both = visitor.get("/market?q=抵押　沧海").await.expect(200);
    assert!(0 < total(&both) && total(&both) < mortgage);
    assert_eq!(names(&both).len(), total(&both).min(10));
    visitor
        .get("/market?q=没有这种产品")
        .await
        .expect(200)
        .says("没有符合条件的产品")
        .says("清空条件");
}

#[tokio::test]
async fn filters_combine_and_their_counts_are_true() {
    let world = filled().await;
    let visitor = world.browser();
    let page = visitor.get("/market?lane=first").await.expect(200).text();
    let mut followed = 0;
    for part in page.split("href=\"/market?").skip(1) {
        let Some((address, rest)) = part.split_once("\">") else {
            continue;
        };
        let Some((word, _)) = rest.split_once("</a>") else {
            continue;
        };
        let Some(count) = word.strip_suffix('）').and_then(|w| w.rsplit_once('（')) else {
            continue;
        };
        let count: usize = count.1.parse().expect("a count");
        if !address.contains("lane=first") || !address.contains('&') {
            continue;
        }
        let address = format!("/market?{}", address.replace("&amp;", "&"));
        assert_eq!(
            total(&visitor.get(&address).await.expect(200)),
            count,
            "{address}"
        );
        followed += 1;
    }
    assert!(followed > 15, "{followed} choices were followed");
}

#[tokio::test]
async fn pages_hold_ten_each_product_once_and_keep_the_search() {
    let world = filled().await;
    let visitor = world.browser();
    let first = visitor.get("/market?sort=rate").await.expect(200);
    let pages = total(&first).div_ceil(10);
    let mut seen = std::collections::BTreeSet::new();
    for page in 1..=pages {
        let answer = visitor
            .get(&format!("/market?sort=rate&page={page}"))
            .await
            .expect(200);
        if page < pages {
            assert!(
                answer
                    .text()
                    .contains(&format!("/market?sort=rate&amp;page={}", page + 1))
            );
        }
        for name in names(&answer) {
            assert!(seen.insert(name.clone()), "{name} stands on two pages");
        }
    }
    assert_eq!(seen.len(), total(&first));
}

#[tokio::test]
async fn a_page_beyond_the_end_and_garbage_are_answered_kindly() {
    let world = filled().await;
    let visitor = world.browser();
    let beyond = visitor
        .get("/market?page=99")
        .await
        .expect(200)
        .says("没有更多内容了");
    assert!(!names(&beyond).is_empty(), "the last page is shown");
    for odd in [
        "/market?page=-1",
        "/market?page=abc&sort=%00&org=x&guarantee=%3Cscript%3E",
        "/market?%FF=%FE&q=%FF%FE",
        "/policies?tag=%27%3B--&page=0",
        "/news?category=x&page=1e9",
        "/holdings?page=77",
    ] {
        visitor.get(odd).await.expect(200);
    }
    visitor
        .get("/market?amount=abc")
        .await
        .expect(200)
        .says("aria-invalid=\"true\"");
    for missing in [
        "/market/1",
        "/market/../etc",
        "/institutions/x",
        "/policies/x",
        "/agreements/none",
        "/agreements/register?version=1999.1",
    ] {
        visitor.get(missing).await.expect(404);
    }
}

#[tokio::test]
async fn a_product_off_the_shelf_is_gone_with_the_next_request() {
    let world = filled().await;
    let visitor = world.browser();
    let list = visitor
        .get("/market?q=惠民抵押贷")
        .await
        .expect(200)
        .says("惠民抵押贷");
    assert_eq!(names(&list), ["惠民抵押贷"]);
    let id = content::product_id(&world.cangzhou, "canghai-diya");
    visitor
        .get(&format!("/market/{id}"))
        .await
        .expect(200)
        .says("立即申请");
    sqlx::query("update products set status = 'off_shelf' where id = $1")
        .bind(id.0)
        .execute(&world.owner)
        .await
        .expect("it is taken off");
    let told = async {
        while world.parts.portal.at_hand(world.cangzhou.id).is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), told)
        .await
        .expect("the node hears of it");
    visitor
        .get(&format!("/market/{id}"))
        .await
        .expect(410)
        .says("该产品已下架");
    assert!(names(&visitor.get("/market?q=惠民抵押贷").await.expect(200)).is_empty());
}

/// An error page without what differs from request to request.
fn bare(answer: &Answer) -> String {
    let id = answer
        .headers
        .get("x-request-id")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let mut text = answer.text();
    if !id.is_empty() {
        text = text.replace(id, "");
    }
    text
}

#[tokio::test]
async fn another_citys_product_is_as_missing_as_none() {
    let world = filled().await;
    let visitor = world.browser();
    let foreign = content::product_id(&world.other, "canghai-diya");
    world
        .browser_elsewhere()
        .get(&format!("/market/{foreign}"))
        .await
        .expect(200);
    let one = visitor.get(&format!("/market/{foreign}")).await.expect(404);
    let nowhere = "00000000-0000-8000-8000-000000000001";
    let other = visitor.get(&format!("/market/{nowhere}")).await.expect(404);
    assert_eq!(
        bare(&one).replace(&foreign.to_string(), nowhere),
        bare(&other)
    );
    world
        .browser_at("nobody.example")
        .get("/market")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_kept_page_never_shows_another_visitors_name() {
    let world = filled().await;
    let person = world
        .ready_enterprise("沧州听潮机械有限公司", "13900000041")
        .await;
    let own = person.browser.get("/market").await.expect(200).says("退出");
    assert_eq!(own.headers[header::CACHE_CONTROL], "no-store");
    let visitor = world
        .browser()
        .get("/market")
        .await
        .expect(200)
        .says("登录");
    assert!(!visitor.text().contains("退出"));
    person.browser.get("/market").await.expect(200).says("退出");
    let again = world.browser().get("/market").await.expect(200);
    assert_eq!(again.body, visitor.body);
}

#[tokio::test]
async fn a_kept_page_is_answered_by_its_tag() {
    let world = filled().await;
    let visitor = world.browser();
    let page = visitor.get("/institutions").await.expect(200);
    let page = match page.headers.get(header::ETAG) {
        Some(_) => page,
        None => visitor.get("/institutions").await.expect(200),
    };
    let tag = page.headers[header::ETAG].clone();
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-cache");
    let asked = visitor
        .raw(Method::GET, "/institutions")
        .header(header::IF_NONE_MATCH, tag.clone());
    let same = visitor.answer(asked).await.expect(304);
    assert!(same.body.is_empty());
    let zipped = visitor
        .raw(Method::GET, "/institutions")
        .header(header::ACCEPT_ENCODING, "gzip");
    let zipped = visitor.answer(zipped).await.expect(200);
    assert_eq!(zipped.headers[header::CONTENT_ENCODING], "gzip");
    assert_ne!(zipped.headers[header::ETAG], tag);
    assert!(zipped.body.len() < page.body.len() / 2);
    for _ in 0..2 {
        let plain = visitor.get("/institutions").await.expect(200);
        assert_eq!(
            (&plain.headers[header::ETAG], plain.body),
            (&tag, page.body.clone())
        );
    }
    let large = visitor
        .raw(Method::GET, "/institutions")
        .header(header::COOKIE, "large=1");
    assert!(
        visitor
            .answer(large)
            .await
            .expect(200)
            .text()
            .contains("class=\"large\"")
    );
}

#[tokio::test]
async fn an_agreement_notes_that_it_was_opened_and_is_not_shared() {
    let world = filled().await;
    let page = world
        .browser()
        .get("/agreements/register")
        .await
        .expect(200);
    let page = page
        .says("data-agreement-text=\"register\"")
        .says("版本 2026.2")
        .says("2026-11-25");
    let cookies: Vec<_> = page.headers.get_all(header::SET_COOKIE).iter().collect();
    assert!(
        cookies
            .iter()
            .any(|c| c.to_str().is_ok_and(|c| c.starts_with("read_register=")))
    );
    assert!(!page.headers.contains_key(header::ETAG));
}

#[tokio::test]
async fn the_large_type_switch_leads_only_to_own_pages() {
    let world = World::new().await;
    let visitor = world.browser();
    assert_eq!(
        visitor
            .get("/large-type?on=1&back=/market%3Fq%3Da")
            .await
            .location(),
        "/market?q=a"
    );
    for foreign in [
        "https://evil.example",
        "//evil.example",
        "/%5Cevil.example",
        "javascript:alert(1)",
    ] {
        assert_eq!(
            visitor
                .get(&format!("/large-type?on=1&back={foreign}"))
                .await
                .location(),
            "/"
        );
    }
}

#[tokio::test]
async fn the_calculator_computes_with_the_products_own_figures() {
    let world = filled().await;
    let id = content::product_id(&world.cangzhou, "canghai-diya");
    let visitor = world.browser();
    let page = format!("/market/{id}?amount=100&term=1&rate=3.75&method=monthly_interest_bullet");
    visitor
        .get(&page)
        .await
        .expect(200)
        .says("3,125.00 元")
        .says("37,500.00 元");
    let page = visitor
        .get(&format!("/market/{id}"))
        .await
        .expect(200)
        .text();
    assert!(!page.contains("3.75%–3.75%"), "one rate is no range");
    assert!(
        !page.contains("等额本金"),
        "only the ways of paying back that the product has"
    );
    for rate in ["0", "3.74", "24"] {
        visitor
            .get(&format!("/market/{id}?amount=100&term=1&rate={rate}"))
            .await
            .expect(200)
            .says("年利率应为 3.75%");
    }
    visitor
        .get(&format!(
            "/market/{id}?amount=501&term=1&rate=3.75&method=equal_principal"
        ))
        .await
        .expect(200)
        .says("1")
        .says("有 1 处需要修改");
    visitor
        .get(&format!("/market/{id}?amount=x&term=99&rate=-1&method=zzz"))
        .await
        .expect(200)
        .says("有 3 处需要修改");
}

#[tokio::test]
async fn programs_get_the_same_list() {
    let world = filled().await;
    let answer = world
        .browser()
        .get("/market.json?guarantee=mortgage&sort=rate")
        .await
        .expect(200);
    let json: serde_json::Value = serde_json::from_slice(&answer.body).expect("it is JSON");
    let page = world
        .browser()
        .get("/market?guarantee=mortgage&sort=rate")
        .await
        .expect(200);
    assert_eq!(json["total"], total(&page));
    assert_eq!(
        json["items"][0]["name"].as_str(),
        names(&page).first().map(String::as_str)
    );
}

#[tokio::test]
async fn an_empty_city_says_so_on_every_page() {
    let world = World::new().await;
    let visitor = world.browser();
    for path in [
        "/",
        "/market",
        "/institutions",
        "/holdings",
        "/policies",
        "/news",
        "/about",
        "/search?q=a",
        "/sitemap",
    ] {
        visitor.get(path).await.expect(200);
    }
    visitor.get("/market").await.expect(200).says("正在上架");
}

#[tokio::test]
async fn the_site_map_sends_nobody_to_the_door_of_others() {
    let world = World::new().await;
    let firm = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let visitor = world.browser();
    for (browser, shown, hidden) in [
        (&visitor, "href=\"/register\"", "href=\"/branch\">工作台"),
        (
            &firm.browser,
            "href=\"/enterprise/applications\"",
            "href=\"/staff/login\"",
        ),
        (
            &clerk.browser,
            "href=\"/branch\">工作台",
            "href=\"/enterprise/applications\"",
        ),
    ] {
        let page = browser.get("/sitemap").await.expect(200).says("网站栏目");
        assert!(page.text().contains(shown), "{shown}");
        assert!(!page.text().contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn a_policy_offers_its_files_for_download_and_takes_them_along_when_it_goes() {
    let world = filled().await;
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tenants/demo/cangzhou"
    ));
    for _ in 0..2 {
        yijianrong::seed::attachments::run(&world.parts, &world.cangzhou, folder)
            .await
            .expect("the files are made");
    }
    world.parts.portal.changed(None);
    let policy: uuid::Uuid = sqlx::query_scalar(
        "select article_id from article_attachments where tenant_id = $1 and title = '设备更新融资贴息申报指南'",
    )
    .bind(world.cangzhou.id.0)
    .fetch_one(&world.owner)
    .await
    .expect("once, though it was made twice");
    let visitor = world.browser();
    let page = visitor
        .get(&format!("/policies/{policy}"))
        .await
        .expect(200)
        .says("附件下载")
        .says("设备更新融资贴息申报表");
    let text = page.text();
    let links: Vec<&str> = text
        .split("<a href=\"")
        .filter_map(|rest| rest.split('"').next())
        .filter(|href| href.contains("/files/"))
        .collect();
    assert_eq!(links.len(), 2);
    for (link, (start, kind)) in links.iter().zip([
        (&b"%PDF-"[..], "application/pdf"),
        (
            &b"PK"[..],
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ]) {
        let file = visitor.get(link).await.expect(200);
        assert!(file.body.starts_with(start), "{kind}");
        assert_eq!(file.headers["content-type"], kind);
        assert_eq!(file.headers["x-content-type-options"], "nosniff");
        assert!(
            file.headers["content-disposition"]
                .to_str()
                .is_ok_and(|text| text.starts_with("attachment;"))
        );
        // Another article's address and another city's host lead nowhere.
        let elsewhere = link.replace(&policy.to_string(), &uuid::Uuid::new_v4().to_string());
        visitor.get(&elsewhere).await.expect(404);
        world
            .browser_at(journeys::OTHER_HOST)
            .get(link)
            .await
            .expect(404);
    }
    sqlx::query("update articles set status = 'withdrawn' where id = $1")
        .bind(policy)
        .execute(&world.owner)
        .await
        .expect("it is withdrawn");
    world.parts.portal.changed(None);
    visitor.get(links[0]).await.expect(404);
}
