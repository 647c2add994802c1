//! 申请导出: what, from where, for what.

use std::collections::HashMap;

use application::{
    access::{Action, Room as Chamber},
    error::Kind,
    exports::{AskExport, ExportLists, GROUPS},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::export::ExportKind;

use super::{Room, base_of, crumbs};
use crate::{
    branch::staff,
    console::{AskPage, told},
    errors::WebError,
    forms::{Choice, Field, FormView},
    posted::{Form, Posted, once},
    proof,
    spawned::spawned,
    visit::{StaffVisit, Visit},
};

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let base = base_of(&visit.0)?;
    let lists = web.uses.lists(visit.actor()).await?;
    if let Some(to_proof) = proof::first(&visit.0) {
        return Ok(to_proof);
    }
    let visit = visit.0.staff_console();
    // What the list was narrowed to is what the form begins with.
    let known = carried(&asked);
    let form = blank(base, &lists, &visit.kit.tokens().one_time()).fill(&known);
    Ok(page(base, form, &left_out(&asked)).drawn(&visit, None))
}

/// Filters of the list that no export has, and how they are called.
const OF_THE_LIST: [(&str, &str); 7] = [
    ("holder", "经办人"),
    ("mine", "经办人"),
    ("renewals", "类型"),
    ("due", "时限"),
    ("accepted", "接单时间"),
    ("decided", "审核时间"),
    ("q", "企业名称或申请编号"),
];

/// The choice of the form that a word of the list stands for.
fn group_of(stage: &str) -> Option<&'static str> {
    let stage = if stage == "submitted" {
        "waiting"
    } else {
        stage
    };
    let found = GROUPS.iter().find(|(code, _)| *code == stage);
    found.map(|(code, _)| *code)
}

fn carried(asked: &HashMap<String, String>) -> Vec<(String, String)> {
    let mut known = Vec::new();
    for name in ["group", "branch", "product", "from", "until"] {
        if let Some(value) = asked.get(name) {
            known.push((name.to_owned(), value.clone()));
        }
    }
    let group = asked.get("stage").and_then(|stage| group_of(stage));
    known.extend(group.map(|group| ("group".to_owned(), group.to_owned())));
    known
}

/// What the list was narrowed to and the file will not be, each in a word.
fn left_out(asked: &HashMap<String, String>) -> Vec<&'static str> {
    let word = |name: &str| asked.get(name).map_or("", |value| value.trim());
    let mut words = Vec::new();
    let stage = word("stage");
    if !stage.is_empty() && group_of(stage).is_none() {
        words.push("状态");
    }
    let there = OF_THE_LIST
        .iter()
        .filter(|(name, _)| !word(name).is_empty());
    words.extend(there.map(|(_, label)| *label));
    words.dedup();
    words
}

fn page(base: &str, form: FormView, left_out: &[&str]) -> AskPage {
    let mut lead =
        "文件在后台生成，保存 7 天，只供您本人下载。申请、复核和每次下载都会记入操作日志。"
            .to_owned();
    if !left_out.is_empty() {
        lead.push_str(&format!(
            "列表的以下条件不能用于导出，导出范围以下方所选为准：{}。",
            left_out.join("、")
        ));
    }
    AskPage {
        title: "申请导出".into(),
        lead,
        crumbs: crumbs(base, "申请导出"),
        rows: Vec::new(),
        form,
        yes: "提交导出申请",
        no: "返回",
        back: base.to_owned(),
        danger: false,
    }
}

fn blank(base: &str, lists: &ExportLists, key: &str) -> FormView {
    let mut form = FormView::new(format!("{base}/new"))
        .key(key)
        .with(
            Field::radio("kind", "导出内容")
                .options(
                    ExportKind::ALL
                        .iter()
                        .map(|kind| Choice::new(kind.code(), kind.zh())),
                )
                .value(ExportKind::Applications.code())
                .required(),
        )
        .with(
            Field::select("group", "状态", "全部")
                .options(GROUPS.map(|(code, label)| Choice::new(code, label)))
                .hint("只用于融资需求。")
                .width("m"),
        );
    if !lists.branches.is_empty() {
        form = form.with(
            Field::select("branch", "受理支行", "全部").options(
                lists
                    .branches
                    .iter()
                    .map(|b| Choice::new(b.id.0.to_string(), b.name.clone())),
            ),
        );
    }
    form.with(
        Field::select("product", "金融产品", "全部").options(
            lists
                .products
                .iter()
                .map(|p| Choice::new(p.id.0.to_string(), p.name.clone())),
        ),
    )
    .with(
        Field::text("from", "开始日期")
            .hint("融资需求按提交时间，放款按放款日期，还款按还款日期。形如 2026-01-31，可不填。")
            .width("m"),
    )
    .with(
        Field::text("until", "结束日期")
            .hint("包含当天，可不填。")
            .width("m"),
    )
    .with(
        Field::checkbox("full", "导出完整的个人信息（不脱敏）")
            .hint("法定代表人姓名、身份证号和联系电话将完整显示。须由总行另一位人员复核同意，企业可以看到这次查看记录。"),
    )
    .with(
        Field::textarea("reason", "用途")
            .hint("不脱敏时必填，最多 200 字。")
            .rows(2),
    )
}

pub(super) async fn post(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let base = base_of(&visit)?;
    let may = web
        .kit
        .guard()
        .may(&actor, Chamber::Exports, Action::Export)
        .await;
    if may && let Some(to_proof) = proof::carry(&visit) {
        return Ok(to_proof);
    }
    let visit = visit.staff_console();
    let ask = ask_of(&posted, once(&posted)?);
    let (uses, who) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.ask(&who, ask).await }).await {
        Ok(id) => Ok(visit.redirect(
            &format!("{base}/{id}"),
            Some(("success", "导出申请已提交。")),
        )),
        Err(error) if matches!(error.kind, Kind::Invalid | Kind::TooMany) => {
            let lists = web.uses.lists(&actor).await?;
            Ok(again(&visit, base, &lists, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, base),
    }
}

fn again(visit: &Visit, base: &str, lists: &ExportLists, posted: &Posted) -> AskPage {
    let key = visit.kit.tokens().one_time();
    page(base, blank(base, lists, &key).fill(posted.pairs()), &[])
}

fn ask_of(posted: &Posted, once: application::once::Once) -> AskExport {
    let text = |name: &str| posted.get(name).to_owned();
    AskExport {
        kind: text("kind"),
        group: text("group"),
        branch: text("branch"),
        product: text("product"),
        from: text("from"),
        until: text("until"),
        full: posted.get("full") == "1",
        reason: text("reason"),
        once,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        let owned = pairs.iter();
        owned
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn what_of_a_list_the_form_does_not_have_is_told() {
        let all = asked(&[
            ("stage", "decided"),
            ("mine", "1"),
            ("holder", "x"),
            ("q", "管道"),
            ("product", "p"),
        ]);
        assert_eq!(left_out(&all), ["状态", "经办人", "企业名称或申请编号"]);
        assert_eq!(carried(&all), [("product".to_owned(), "p".to_owned())]);
        assert!(left_out(&asked(&[("stage", "approved"), ("q", " ")])).is_empty());
    }

    #[test]
    fn what_waits_is_the_same_word_on_both() {
        let waits = asked(&[("stage", "submitted")]);
        assert!(left_out(&waits).is_empty());
        assert_eq!(
            carried(&waits),
            [("group".to_owned(), "waiting".to_owned())]
        );
    }
}
