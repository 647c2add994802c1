//! The form of the bank: what is missing or was never offered is named with its field; no stale page and no other bank writes.

use super::{FORM, changed, press, scene};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_price_nothing_is_put_before_the_city_and_the_missing_field_is_named() {
    let scene = scene().await;
    for (field, words) in [
        ("rate_min", "请输入最低年利率"),
        ("rate_max", "请输入最高年利率"),
        ("rate_type", "请选择利率类型"),
        ("fee_kind", "请选择是否另外收费"),
        ("conditions", "请填写申请条件"),
        ("repayment", "请至少选择一种还款方式"),
    ] {
        let mut fields = changed(field, "");
        let name = format!("缺 {field} 的产品");
        fields[0].1 = &name;
        fields.retain(|(n, v)| *n != field || !v.is_empty());
        let saved = scene.write("/hq/products/new", &fields, "submit").await;
        let to = saved.expect(303).location().to_owned();
        let page = scene.ha.browser.get(&to).await.expect(422);
        page.says(words).says(&name);
    }
    let waiting = "select count(*) from product_drafts where status = 'in_review'";
    assert_eq!(scene.count(waiting).await, 0);
    scene
        .write("/hq/products/new", &changed("rate_max", "3.00"), "save")
        .await
        .expect(422)
        .says("最高年利率应不小于最低年利率");
    scene
        .write("/hq/products/new", &changed("product_name", ""), "save")
        .await
        .expect(422)
        .says("请输入产品名称");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_was_never_offered_is_named_with_its_field_and_what_was_typed_is_kept() {
    let scene = scene().await;
    for (field, words) in [
        ("financing_type", "所选融资类型已不在可选范围内"),
        ("guarantee", "所选担保方式已不在可选范围内"),
        ("term_unit", "所选期限单位已不在可选范围内"),
        ("rate_term", "所选利率口径已不在可选范围内"),
        ("rate_type", "所选利率类型已不在可选范围内"),
        ("repayment", "勾选的还款方式中有已不在可选范围内的"),
        ("collateral", "勾选的可用担保物中有已不在可选范围内的"),
        ("purposes", "勾选的资金用途中有已不在可选范围内的"),
        ("industries", "勾选的适用行业中有已不在可选范围内的"),
        ("rule_regions", "勾选的企业所在区域中有已不在可选范围内的"),
        ("branches", "勾选的受理支行中有已停用或不属于本机构的"),
        ("rule_first_loan", "所选首贷要求已不在可选范围内"),
    ] {
        let mut fields = changed(field, "never-offered");
        if FORM.iter().all(|(name, _)| *name != field) {
            fields.push((field, "never-offered"));
        }
        scene
            .write("/hq/products/new", &fields, "save")
            .await
            .expect(422)
            .says(words)
            .says("园区设备贷")
            .says("在沧州市内登记满 1 年");
    }
    assert_eq!(scene.count("select count(*) from product_drafts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pages_of_one_draft_do_not_overwrite_each_other() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let path = format!("/operator/products/{id}/return");
    press(
        &scene.op.browser,
        &path,
        &[("review_note", "请补充申请条件。")],
    )
    .await
    .expect(303);
    let edit = format!("/hq/products/{id}/edit");
    let stale = scene.ha.browser.get(&edit).await.expect(200);
    scene
        .write(&edit, &changed("rate_max", "4.50"), "save")
        .await
        .expect(303);
    let revision = stale.input("revision").unwrap_or_default();
    let mut fields = vec![("revision", revision.as_str()), ("_action", "save")];
    fields.extend_from_slice(&FORM);
    scene
        .ha
        .browser
        .submit_from(&stale, &edit, &fields)
        .await
        .expect(409)
        .says("简书越已经修改了这份草稿");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_bank_does_not_even_see_the_product_in_its_console() {
    let scene = scene().await;
    let id = scene.published().await;
    let other = scene.world.bank("沧海惠民银行").await;
    let stranger = scene.world.staff(other, "梁承宇", &["ha"]).await;
    let csrf = stranger.browser.get("/branch/account").await.csrf();
    for path in ["", "/edit", "/preview", "/submit", "/off"] {
        let path = format!("/hq/products/{id}{path}");
        stranger.browser.get(&path).await.expect(404);
    }
    for path in ["/edit", "/submit", "/off"] {
        let path = format!("/hq/products/{id}{path}");
        let key = ("_key", "0123456789abcdef0123");
        let fields = [
            ("_csrf", csrf.as_str()),
            key,
            ("product_name", "改名"),
            ("revision", "1"),
            ("off_reason", "试试"),
        ];
        stranger.browser.post(&path, &fields).await.expect(404);
    }
    stranger.browser.get("/hq/products").await.expect(200);
    assert_eq!(
        scene
            .count("select count(*) from products where status = 'published' and version = 1")
            .await,
        1
    );
}
