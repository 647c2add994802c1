//! 数据字典: every list with its source, read by whoever works with the figures of the city, and changed nowhere here.

use journeys::World;

const PAGE: &str = "/operator/dictionaries";

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_are_read_by_the_people_of_the_city_and_by_nobody_else() {
    let world = World::new().await;
    let city = world.cangzhou.id;
    for (role, proposes) in [("op", true), ("os", false), ("rg", false)] {
        let browser = world.staff(city, "宋知远", &[role]).await.browser;
        browser
            .get(PAGE)
            .await
            .expect(200)
            .says("国家统计局《统计用区划代码》")
            .says("截至 2023-06-30")
            .says("44703")
            .says("GB/T 4754-2017")
            .says("业务代码");
        let regions = browser.get(&format!("{PAGE}/regions")).await.expect(200);
        let text = regions.says("运河区").says("沧县").text();
        assert_eq!(text.contains("提出区划变更"), proposes, "{role}");
        assert_eq!(text.contains("/operator/settings/regions"), role != "rg");
        for path in ["industries", "words"] {
            browser.get(&format!("{PAGE}/{path}")).await.expect(200);
        }
    }
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await.browser;
    for path in ["", "/regions", "/industries", "/words"] {
        clerk.get(&format!("{PAGE}{path}")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_walked_level_by_level_and_searched_page_by_page() {
    let world = World::new().await;
    let reader = world.staff(world.cangzhou.id, "米嘉禾", &["os"]).await;
    let read = async |rest: &str| {
        let answer = reader.browser.get(&format!("{PAGE}/{rest}")).await;
        answer.expect(200).text()
    };
    let whole = read("regions?at=all").await;
    assert!(whole.contains("河北省") && whole.contains("台湾省"));
    let county = read("regions?at=130903").await;
    for words in ["返回上一级：沧州市", "小王庄镇", "130903100", "乡级"] {
        assert!(county.contains(words), "{words}");
    }
    let found = read("regions?q=%E5%B0%8F%E7%8E%8B%E5%BA%84%E9%95%87").await;
    assert!(found.contains("130903100") && found.contains("查询结果"));
    let first = read("regions?q=1309").await;
    assert!(first.contains("rel=\"next\"") && !first.contains("130984100"));
    let later = read("regions?q=1309&after=130903").await;
    assert!(later.contains("130903001") && !later.contains("130902001"));
    let none = read("regions?q=%E6%B2%A1%E6%9C%89").await;
    assert!(none.contains("没有符合条件的区划"));

    assert!(read("industries").await.contains("制造业"));
    let group = read("industries?at=011").await;
    for words in ["谷物种植", "稻谷种植", "0111", "小类", "第一产业"] {
        assert!(group.contains(words), "{words}");
    }
    assert!(read("industries?q=0111").await.contains("稻谷种植"));
    assert!(read("words").await.contains("还款方式"));
    assert!(read("words?of=guarantee").await.contains("抵押"));
}
