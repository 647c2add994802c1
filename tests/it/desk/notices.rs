//! Who hears of what, in the site and by SMS.

use std::sync::Arc;

use application::access::Guard;
use yijianrong::wire;

use super::{deed, investigated};
use crate::branch::Scene;

pub(super) async fn work_off(scene: &Scene) {
    let parts = &scene.world.parts;
    let city = scene.world.cangzhou.id;
    let reach = parts.door.reach(city).await.expect("the reach");
    let permit = Guard::job(city, Arc::from(reach));
    let worker = wire::financing::deliverer(parts);
    while worker.work_off(&permit).await.expect("it works") > 0 {}
}

/// Titles in the box of a node, or of the enterprise.
async fn box_of(scene: &Scene, node: uuid::Uuid) -> Vec<String> {
    sqlx::query_scalar("select title from messages where tenant_id = $1 order by created_at, id")
        .bind(node)
        .fetch_all(&scene.world.owner)
        .await
        .expect("messages")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_is_told_to_those_it_concerns() {
    let scene = investigated().await;
    scene.steps(&["ba", "hp"]).await;
    scene.propose().await;
    let opinion = [("sign_opinion", "同意。")];
    deed(&scene.approver.browser, &scene.path("/agree"), &opinion)
        .await
        .expect(303);
    work_off(&scene).await;
    let bank = box_of(&scene, scene.bank.0).await;
    assert_eq!(bank, ["有融资需求等待审批"], "headquarters signs next");
    let chief = scene.world.staff(scene.bank, "梁承宇", &["hp"]).await;
    deed(&chief.browser, &scene.path("/pass"), &opinion)
        .await
        .expect(303);
    let draw = [
        ("draw_amount", "8"),
        ("draw_rate", "3.75"),
        ("drawn_on", "2026-11-25"),
        ("due_on", "2028-11-25"),
        ("contract_no", "HT-1"),
    ];
    deed(&scene.clerk.browser, &scene.path("/disburse"), &draw)
        .await
        .expect(303);
    let id: uuid::Uuid = sqlx::query_scalar("select id from disbursements")
        .fetch_one(&scene.world.owner)
        .await
        .expect("a draw");
    let doubt = scene.own(&format!("/loan/{id}/dispute"));
    scene
        .owner
        .browser
        .submit(&doubt, &doubt, &[("dispute", "金额不符。")])
        .await
        .expect(303);
    work_off(&scene).await;
    let branch = box_of(&scene, scene.branch.0).await;
    for title in [
        "有融资需求等待审批",
        "融资需求审批通过",
        "企业对放款提出异议",
    ] {
        assert!(branch.iter().any(|t| t == title), "{title}: {branch:?}");
    }
    let own = box_of(&scene, scene.world.cangzhou.id.0).await;
    for title in [
        "支行已开始尽调",
        "融资需求进入审批",
        "融资需求审核通过",
        "放款已登记，请确认",
    ] {
        assert!(own.iter().any(|t| t == title), "{title}: {own:?}");
    }
    let parked = "select count(*) from outbox where done_at is null";
    assert_eq!(scene.count(parked).await, 0);
    let sms = "select count(*) from outbox where topic = 'application.sms' and payload->>'template' = 'disbursed'";
    assert_eq!(scene.count(sms).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_a_draw_or_a_repayment_names_the_sum_and_the_day() {
    let scene = investigated().await;
    scene.propose().await;
    scene.approve().await;
    let draw = [
        ("draw_amount", "8"),
        ("draw_rate", "3.75"),
        ("drawn_on", "2026-11-25"),
        ("due_on", "2028-11-25"),
        ("contract_no", "HT-1"),
    ];
    deed(&scene.clerk.browser, &scene.path("/disburse"), &draw)
        .await
        .expect(303);
    let id: uuid::Uuid = sqlx::query_scalar("select id from disbursements")
        .fetch_one(&scene.world.owner)
        .await
        .expect("a draw");
    let loan = scene.own("/loan");
    let confirm = format!("{loan}/{id}/confirm");
    let owner = &scene.owner.browser;
    owner.submit(&loan, &confirm, &[]).await.expect(303);
    let paid = [("principal", "30000.50"), ("paid_on", "2026-11-25")];
    deed(&scene.clerk.browser, &scene.path("/repay"), &paid)
        .await
        .expect(303);
    work_off(&scene).await;
    let bodies: Vec<String> = sqlx::query_scalar("select body from messages")
        .fetch_all(&scene.world.owner)
        .await
        .expect("messages");
    for told in [
        "一笔放款：金额 80,000.00 元，放款日期 2026-11-25",
        "一笔还款：归还本金 30,000.50 元，还款日期 2026-11-25",
        "一笔放款无误：金额 80,000.00 元，放款日期 2026-11-25",
    ] {
        assert!(
            bodies.iter().any(|b| b.contains(told)),
            "{told}: {bodies:?}"
        );
    }
    let sms = "select count(*) from outbox where topic = 'application.sms' and payload->>'template' = 'disbursed'
               and payload->>'sum' = '8000000' and payload->>'on' = '2026-11-25'";
    assert_eq!(scene.count(sms).await, 1);
}
