//! 导入: a list takes every enterprise once, says of each bad row why, and keeps contacts sealed.

use super::{CHEMICALS, FIRST_BANK, NEW, PIPES, city, code, press, row};
use crate::sheets::imports::read;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_takes_every_enterprise_once_and_says_of_each_bad_row_why() {
    let city = city().await;
    let operator = &city.operator.browser;
    let wrong = [
        ("visit_name", "四"),
        ("visit_source", ""),
        ("visit_due", "2026-11-24"),
    ];
    press(operator, NEW, &wrong)
        .await
        .expect(422)
        .says("至少输入 2 个字")
        .says("请输入提供单位")
        .says("请输入不早于今天的日期")
        .says("2026-11-24");
    let list = city.list("四季度走访清单").await;
    let rows = [
        row(&code(1), PIPES, "盐山县", FIRST_BANK),
        row(&code(1), PIPES, "", ""),
        row("91130925PDY0091101", "沧州市某某有限公司", "", ""),
        row(&code(2), CHEMICALS, "北京市", "某某银行"),
        row(&code(3), CHEMICALS, "130903", ""),
    ];
    let import = city.import(&list, &rows).await;
    operator
        .get(&import)
        .await
        .expect(200)
        .says("已在本清单中")
        .says("校验码与前 17 位不符")
        .says("不是本市的区县")
        .says("没有找到可以受理的机构");
    let file = operator.get(&format!("{import}/bad")).await.expect(200);
    let bad = read(&city.world, file, &["统一社会信用代码", "未导入原因"]).await;
    assert_eq!(bad.rows.len(), 3, "the good rows were kept");
    assert_eq!(city.count("select count(*) from visit_rows").await, 2);
    let page = operator.get(&format!("{list}/rows")).await.expect(200);
    let page = page.says(PIPES).says("顾**，199****2037");
    assert!(!page.text().contains("19900002037"), "the phone is masked");
    let sealed: String = sqlx::query_scalar(
        "select encode(contact_sealed, 'escape') from visit_rows where company_name = $1",
    )
    .bind(PIPES)
    .fetch_one(&city.world.owner)
    .await
    .expect("it is sealed");
    assert!(!sealed.contains("19900002037"));
    let one = city.row(&list, PIPES).await;
    let form = operator.get(&one).await.expect(200);
    let full = operator
        .submit_from(&form, &one, &[("_action", "contact")])
        .await
        .expect(200)
        .says("顾屹舟，19900002037");
    assert_eq!(full.headers["cache-control"], "no-store");
    let looked = "select count(*) from audit_entries where action = 'visit.unmask'";
    assert_eq!(city.count(looked).await, 1);
    // An enterprise of an open list stands in no other; once that is closed, it may.
    let other = city.list("专精特新走访清单").await;
    let again = [row(&code(1), PIPES, "", "")];
    let import = city.import(&other, &again).await;
    operator
        .get(&import)
        .await
        .expect(200)
        .says("尚未关闭的走访清单“四季度走访清单”");
    press(operator, &format!("{list}/close"), &[])
        .await
        .expect(303);
    let again = [row(&code(1), PIPES, "", ""), row("1", PIPES, "", "")];
    city.import(&other, &again).await;
    let kept = "select count(*) from visit_rows where not frozen";
    assert_eq!(city.count(kept).await, 1);
    let contacts = "select count(*) from visit_rows where frozen and contact_sealed is not null";
    assert_eq!(city.count(contacts).await, 0, "nobody is called any more");
}
