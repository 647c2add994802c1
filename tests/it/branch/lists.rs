//! 待接单, 已接单, 全部融资需求: order, pages and filters.

use journeys::Answer;

use super::scene;

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_sorted_by_due_time_and_says_how_much_is_left() {
    let scene = scene().await;
    let mut numbers = Vec::new();
    for hours in [30_i32, 4, 18, -2] {
        let id = scene
            .world
            .submitted_application(&scene.owner, scene.bank, scene.branch, scene.product)
            .await;
        let number: String = sqlx::query_scalar(
            "update financing_applications set due_at = $2 + make_interval(hours => $3), submitted_at = $2 - interval '20 hours'
             where id = $1 returning application_no",
        )
        .bind(id.0)
        .bind(scene.world.parts.clock.now())
        .bind(hours)
        .fetch_one(&scene.world.owner)
        .await
        .expect("it waits");
        numbers.push((hours, number));
    }
    numbers.sort();
    let text = scene
        .clerk
        .browser
        .get("/branch/queue")
        .await
        .expect(200)
        .says("已超时 2 小时")
        .says("即将到期，剩余 4 小时")
        .text();
    let places: Vec<usize> = numbers
        .iter()
        .map(|(_, number)| text.find(number.as_str()).expect("it is listed"))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    scene
        .clerk
        .browser
        .get("/branch")
        .await
        .expect(200)
        .says("已超时");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_that_is_not_paid_out_in_time_is_counted_and_listed_as_overdue() {
    let scene = scene().await;
    let number: String = sqlx::query_scalar(
        "update financing_applications set stage = 'approved', due_at = $2 - interval '2 hours', decided_at = $2 - interval '9 days',
           ever_accepted = true
         where id = $1 returning application_no",
    )
    .bind(scene.application.0)
    .bind(scene.world.parts.clock.now())
    .fetch_one(&scene.world.owner)
    .await
    .expect("it was approved");
    let browser = &scene.clerk.browser;
    browser
        .get("/branch/applications?due=overdue")
        .await
        .expect(200)
        .says(&number)
        .says("已超时 2 小时")
        .says("放款截止");
    browser.get("/branch").await.expect(200).says(&number);
    // Headquarters and the city mean the same by it, and the city may urge.
    let world = &scene.world;
    let admin = world.staff(scene.bank, "梁承宇", &["ha"]).await;
    admin.browser.get("/hq").await.expect(200).says(&number);
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    operator
        .browser
        .get("/operator")
        .await
        .expect(200)
        .says(&number);
    operator
        .browser
        .get("/operator/applications?list=overdue")
        .await
        .expect(200)
        .says("已超时（1）")
        .says("已超时 2 小时")
        .says("放款截止")
        .says(&number);
    operator
        .browser
        .get(&format!("/operator/applications/{}", scene.application))
        .await
        .expect(200)
        .says("放款截止")
        .says("发出督办");
}

/// The address of a pager's link.
fn pager(page: &Answer, rel: &str) -> Option<String> {
    let text = page.text();
    let at = text.find(&format!("rel=\"{rel}\""))?;
    let start = text[..at].rfind("href=\"")? + 6;
    let rest = &text[start..];
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_forth_and_back_shows_every_row_once() {
    let scene = scene().await;
    for number in 0..23 {
        let id = scene
            .world
            .submitted_application(&scene.owner, scene.bank, scene.branch, scene.product)
            .await;
        // Some without a clock, some at the same moment.
        sqlx::query("update financing_applications set due_at = case when $2 % 5 = 0 then null else $3 + make_interval(hours => $2 / 3) end where id = $1")
            .bind(id.0)
            .bind(number)
            .bind(scene.world.parts.clock.now())
            .execute(&scene.world.owner)
            .await
            .expect("it waits");
    }
    let browser = &scene.clerk.browser;
    let all: Vec<String> =
        sqlx::query_scalar("select application_no from financing_applications order by 1")
            .fetch_all(&scene.world.owner)
            .await
            .expect("they are there");
    for list in ["/branch/queue", "/branch/applications"] {
        let mut page = browser.get(list).await.expect(200).says("共 24 条");
        let mut seen = Vec::new();
        let mut pages = vec![list.to_owned()];
        loop {
            let text = page.text();
            seen.extend(all.iter().filter(|n| text.contains(n.as_str())).cloned());
            let Some(next) = pager(&page, "next") else {
                break;
            };
            pages.push(next.clone());
            page = browser.get(&next).await.expect(200);
        }
        assert_eq!(pages.len(), 3, "{list}");
        seen.sort();
        assert_eq!(seen, all, "{list}");
        let back = pager(&page, "prev").expect("there is a page before");
        let middle = browser.get(&back).await.expect(200);
        let again = browser.get(&pages[1]).await.expect(200);
        for number in &all {
            assert_eq!(
                middle.text().contains(number.as_str()),
                again.text().contains(number.as_str()),
                "{list}: {number}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_the_list_and_hostile_keywords_find_nothing() {
    let scene = scene().await;
    let browser = &scene.clerk.browser;
    for (query, found) in [
        ("?stage=waiting", true),
        ("?stage=approved", false),
        ("?q=%E7%80%9A%E5%B2%B3", true),
        ("?q=%25", false),
        ("?q=%27%3B%20drop%20table%20users%3B--", false),
        ("?due=overdue", false),
        ("?stage=nonsense&product=nonsense&after=nonsense", true),
    ] {
        let text = browser
            .get(&format!("/branch/applications{query}"))
            .await
            .expect(200)
            .text();
        assert_eq!(text.contains("PO20261125"), found, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_this_week_is_counted_as_it_is_listed() {
    let scene = scene().await;
    let world = &scene.world;
    for stage in ["rejected", "refused_intake"] {
        let id = world
            .submitted_application(&scene.owner, scene.bank, scene.branch, scene.product)
            .await;
        sqlx::query(
            "update financing_applications set stage = $2, due_at = null, decided_at = $3 where id = $1",
        )
        .bind(id.0)
        .bind(stage)
        .bind(world.parts.clock.now())
        .execute(&world.owner)
        .await
        .expect("it is refused");
    }
    let browser = &scene.clerk.browser;
    browser
        .get("/branch")
        .await
        .expect(200)
        .says("本周不通过</span><span class=\"stat-value\">2<");
    browser
        .get("/branch/applications?stage=rejected&decided=week")
        .await
        .expect(200)
        .says("共 2 条");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_narrowed_to_a_person_a_span_of_days_and_a_step_of_the_loan_and_says_so() {
    let scene = scene().await;
    let world = &scene.world;
    let mut numbers: Vec<String> = Vec::new();
    for (stage, holder, day) in [
        ("accepted", &scene.clerk, "2026-11-20"),
        ("approved", &scene.second_clerk, "2026-11-10"),
        ("settled", &scene.second_clerk, "2026-10-10"),
    ] {
        let id = world
            .submitted_application(&scene.owner, scene.bank, scene.branch, scene.product)
            .await;
        let number = sqlx::query_scalar(
            "update financing_applications set stage = $2, ever_accepted = true, holder_user_id = $3, holder_name = u.name,
               submitted_at = ($4 || ' 10:00+08')::timestamptz, approved_amount_cents = 100
             from users u where u.id = $3 and financing_applications.id = $1 returning application_no",
        )
        .bind(id.0)
        .bind(stage)
        .bind(holder.user.0)
        .bind(day)
        .fetch_one(&world.owner)
        .await
        .expect("it is held");
        numbers.push(number);
    }
    let browser = &scene.clerk.browser;
    let base = "/branch/applications";
    let all = browser.get(base).await.expect(200);
    all.says("我经办的")
        .says(&format!("{base}?mine=1"))
        .says("时嘉宁");
    let of_another = format!("holder={}", scene.second_clerk.user.0);
    for (query, chip, found) in [
        ("mine=1", "我经办的<span", vec![0]),
        (of_another.as_str(), "经办人：时嘉宁<span", vec![1, 2]),
        ("stage=to_draw", "待放款<span", vec![1]),
        ("stage=settled", "已结清<span", vec![2]),
        (
            "from=2026-11-10&until=2026-11-10",
            "提交日期从 2026-11-10<span",
            vec![1],
        ),
    ] {
        let page = browser.get(&format!("{base}?{query}")).await.expect(200);
        let page = page.says(chip).says(&format!("共 {} 条", found.len()));
        for place in found {
            assert!(page.text().contains(&numbers[place]), "{query}: {place}");
        }
    }
    let wrong = browser.get(&format!("{base}?from=2026-13-40")).await;
    wrong
        .expect(200)
        .says("日期格式应为 2026-03-05")
        .says("共 4 条");
    let desk = browser.get("/branch").await.expect(200);
    desk.says("待放款</span><span class=\"stat-value\">1<");
}
