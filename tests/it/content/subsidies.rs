//! 贴息补贴 of a policy: written as data, told where it is wrong, looked at by a second person, and shown with the policy.

use super::{once_heard, press, scene, with};

const POLICY: [(&str, &str); 5] = [
    ("title", "首贷贴息办法"),
    ("issuer", "财政工作主管部门"),
    ("category", "融资贴息"),
    ("audience", "取得首笔贷款的小微企业"),
    ("body", "对符合条件的贷款给予贴息。"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_a_subsidy_are_written_checked_by_another_and_shown() {
    let scene = scene().await;
    let draft = with(&POLICY, &[("subsidy_kind", "rate")]);
    let id = scene.drafted("policy", &draft).await;
    let writer = &scene.writer.browser;
    // A draft may lack what it cannot be handed in without.
    writer
        .get(&format!("/operator/content/{id}/submit"))
        .await
        .expect(422)
        .says("请输入年贴息率")
        .says("设置补贴的政策，请选择办理方式")
        .says("请输入放款日期从哪一天起");
    let edit = format!("/operator/content/{id}/edit");
    let turned = with(
        &draft,
        &[
            ("subsidy_rate", "1.5"),
            ("loan_from", "2026-12-31"),
            ("loan_until", "2026-01-01"),
            ("subsidy_cap", "五万"),
        ],
    );
    press(writer, &edit, &turned)
        .await
        .expect(422)
        .says("放款日期的结束不能早于开始")
        .says("每笔最高补贴应为数字，单位为元")
        .says("value=\"五万\"");
    let whole = with(
        &draft,
        &[
            ("delivery", "快申快享"),
            ("subsidy_rate", "1.5"),
            ("subsidy_months", "12"),
            ("subsidy_cap", "50000"),
            ("loan_from", "2026-01-01"),
            ("loan_until", "2026-12-31"),
            ("loan_guarantees", "unsecured"),
            ("loan_amount_max", "500"),
        ],
    );
    press(writer, &edit, &whole).await.expect(303);
    scene.submit(id).await;
    scene
        .checker
        .browser
        .get(&format!("/operator/content/{id}"))
        .await
        .expect(200)
        .says("按放款金额贴息")
        .says("最高放款金额");
    scene.publish(id).await;
    let public = format!("/policies/{id}");
    once_heard(&scene.world.browser(), &public, |a| a.status == 200)
        .await
        .says("按放款金额每年贴息 1.50%，最长 12 个月，每笔最高 50,000.00 元")
        .says("担保方式为信用")
        .says("放款金额不超过 500 万元")
        .says("放款与还款");
    let stored = "select count(*) from articles where subsidy ->> 'rate' = '150' and subsidy ->> 'cap_cents' = '5000000'
       and subsidy -> 'guarantees' = '[\"unsecured\"]'";
    assert_eq!(scene.count(stored).await, 1);
    // The next version starts with the same rules.
    let form = writer.get(&edit).await.expect(200);
    assert_eq!(form.input("subsidy_cap").as_deref(), Some("50000.00"));
    assert_eq!(form.input("loan_from").as_deref(), Some("2026-01-01"));
}
