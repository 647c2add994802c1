//! 整改任务: set for what can be repaired, overdue first, done once.

use time::Duration;
use uuid::Uuid;

use super::{PIPES, city, press};

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_set_for_what_can_be_repaired_comes_first_when_overdue_and_is_done_once() {
    let city = city().await;
    let list = city.sent().await;
    let operator = &city.operator.browser;
    let one = city.row(&list, PIPES).await;
    let repair = format!("{one}/repair");
    operator
        .get(&repair)
        .await
        .expect(409)
        .says("没有可以整改的未授信原因");
    let refused = [("contacted", "", ""), ("declined", "papers", "")];
    city.follow(1, &refused).await;
    let wrong = [
        ("repair_department", ""),
        ("repair_what", "补"),
        ("repair_due", "2026-11-24"),
    ];
    press(operator, &repair, &wrong)
        .await
        .expect(422)
        .says("请输入责任部门")
        .says("至少输入 2 个字")
        .says("请输入今天到一年以内的日期");
    let task = |department: &'static str, due: &'static str| {
        [
            ("repair_department", department),
            ("repair_what", "补办不动产登记"),
            ("repair_due", due),
        ]
    };
    for (department, due) in [("市税务局", "2026-12-20"), ("市自然资源局", "2026-11-27")]
    {
        press(operator, &repair, &task(department, due))
            .await
            .expect(303);
    }
    city.world.clock.advance(Duration::days(3));
    let operator = city.fresh().await;
    let page = operator.get("/operator/visits/repairs").await.expect(200);
    let text = page.says("已逾期").text();
    let tasks = text.split("<tbody>").last().expect("the tasks");
    let late = tasks.find("市自然资源局").expect("the overdue one");
    let later = tasks.find("市税务局").expect("the other one");
    assert!(late < later, "what is overdue comes first");
    let narrowed = "/operator/visits/repairs?state=overdue";
    let page = operator.get(narrowed).await.expect(200).text();
    let tasks = page.split("<tbody>").last().expect("the tasks");
    assert!(tasks.contains("市自然资源局") && !tasks.contains("市税务局"));
    let id: Uuid = sqlx::query_scalar("select id from visit_repairs order by due_on limit 1")
        .fetch_one(&city.world.owner)
        .await
        .expect("the overdue one");
    let done = format!("/operator/visits/repairs/{id}");
    // Whoever is granted meanwhile keeps the tasks that are not done.
    sqlx::query("update referrals set status = 'granted' where tenant_id = $1")
        .bind(city.first.0)
        .execute(&city.world.owner)
        .await
        .expect("it is granted after all");
    let page = operator.get(&one).await.expect(200).text();
    assert!(page.contains(&id.to_string()), "it is ended from here too");
    press(&operator, &done, &[("repair_note", "")])
        .await
        .expect(422)
        .says("请输入完成情况");
    press(&operator, &done, &[("repair_note", "已办妥登记。")])
        .await
        .expect(303);
    operator.get(&done).await.expect(409).says("已登记完成");
    operator
        .get(&one)
        .await
        .expect(200)
        .says("已完成")
        .says("已办妥登记。");
    let page = operator.get(narrowed).await.expect(200);
    page.says("没有符合条件的整改任务");
}
