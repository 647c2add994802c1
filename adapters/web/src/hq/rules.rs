//! 派单规则: the ordered list, a new rule, and what the rules would do with the requests that wait.

use application::{
    dispatch::{AddRule, RuleStep, RulesCase, Trial},
    error::{Kind, UseError},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;
use uuid::Uuid;

use super::{Hq, crumbs};
use crate::{
    branch::{staff, told},
    console::show_errors,
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    matter::base,
    parts::{Cell, Link, Table},
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, Visit},
};

#[derive(Serialize)]
pub(super) struct RulesPage {
    pub crumbs: Vec<Link>,
    pub rules: Vec<RuleLine>,
    pub may_change: bool,
    pub form: FormView,
    pub trials: Table,
}

impl RulesPage {
    pub const TEMPLATE: &'static str = "hq/rules.html";
}

/// One rule with its buttons.
#[derive(Serialize)]
pub(super) struct RuleLine {
    pub number: usize,
    pub county: String,
    pub product: String,
    pub most_open: String,
    pub branch: String,
    pub action: String,
    pub keys: [String; 3],
    pub first: bool,
    pub last: bool,
}

pub(super) async fn show(
    State(web): State<Web<Hq>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let case = web.uses.dispatch.rules(visit.actor()).await?;
    let visit = visit.0.staff_console();
    let form = blank(&case, &visit.kit.tokens().one_time());
    Ok(drawn(&visit, &case, form, StatusCode::OK))
}

pub(super) async fn add(
    State(web): State<Web<Hq>>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let ask = AddRule {
        county: posted.get("county").to_owned(),
        product: posted.get("product").to_owned(),
        most_open: posted.get("most_open").to_owned(),
        branch: posted.get("rule_branch").to_owned(),
        once: once(&posted)?,
    };
    let (uses, who) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.dispatch.add_rule(&who, ask).await }).await {
        Ok(()) => Ok(visit.redirect("/hq/rules", Some(("success", "已添加规则，排在最后。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let case = web.uses.dispatch.rules(&actor).await?;
            Ok(again(&visit, &case, &posted, &error))
        }
        Err(error) => told(&visit, error, "/hq/rules"),
    }
}

pub(super) async fn change(
    State(web): State<Web<Hq>>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let (step, done) = match posted.action() {
        "up" => (RuleStep::Up, "已上移规则。"),
        "down" => (RuleStep::Down, "已下移规则。"),
        "remove" => (RuleStep::Remove, "已删除规则。"),
        _ => return Err(WebError(UseError::not_found())),
    };
    let (uses, key) = (web.uses.clone(), once(&posted)?);
    match spawned(async move { uses.dispatch.change_rule(&actor, id, step, key).await }).await {
        Ok(()) => Ok(visit.redirect("/hq/rules", Some(("success", done)))),
        Err(error) => told(&visit, error, "/hq/rules"),
    }
}

fn again(visit: &Visit, case: &RulesCase, posted: &Posted, error: &UseError) -> Response {
    let key = visit.kit.tokens().one_time();
    let mut form = blank(case, &key).fill(posted.pairs());
    show_errors(&mut form, error);
    drawn(visit, case, form, StatusCode::UNPROCESSABLE_ENTITY)
}

fn blank(case: &RulesCase, key: &str) -> FormView {
    let products = case.products.iter();
    let branches = case.branches.iter();
    FormView::new("/hq/rules")
        .key(key)
        .with(
            Field::select("county", "企业所在区县", "不限")
                .options(
                    case.counties
                        .iter()
                        .map(|(code, name)| Choice::new(code, name)),
                )
                .width("m"),
        )
        .with(
            Field::select("product", "金融产品", "不限")
                .options(products.map(|p| Choice::new(p.id.0.to_string(), &p.name))),
        )
        .with(
            Field::number("most_open", "待办上限", "笔")
                .hint("支行待接单和办理中的笔数少于上限时适用。不填表示不限。"),
        )
        .with(
            Field::select("rule_branch", "派往支行", "请选择支行")
                .required()
                .options(branches.map(|b| Choice::new(b.id.0.to_string(), &b.name))),
        )
}

fn drawn(visit: &Visit, case: &RulesCase, form: FormView, status: StatusCode) -> Response {
    let any = |text: &str| if text.is_empty() { "不限" } else { text }.to_owned();
    let last = case.rules.len();
    let rules = case
        .rules
        .iter()
        .zip(1..)
        .map(|(rule, number)| RuleLine {
            number,
            county: any(&rule.county),
            product: any(&rule.product),
            most_open: rule
                .most_open
                .map_or_else(|| "不限".to_owned(), |most| format!("少于 {most} 笔")),
            branch: any(&rule.branch),
            action: format!("/hq/rules/{}", rule.id),
            keys: std::array::from_fn(|_| visit.kit.tokens().one_time()),
            first: number == 1,
            last: number == last,
        })
        .collect();
    let page = RulesPage {
        crumbs: crumbs("派单规则"),
        rules,
        may_change: case.may_change,
        form,
        trials: trials(&case.trials),
    };
    visit.render_with(status, RulesPage::TEMPLATE, "派单规则", &page)
}

fn trials(rows: &[Trial]) -> Table {
    let mut table = Table::new("按现有规则试算")
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("企业所在地区", "")
        .column("现受理支行", "")
        .column("将派往", "")
        .column("依据", "wrap");
    for row in rows {
        let (branch, why) = match &row.choice {
            Some(choice) => (
                choice.branch_name.clone(),
                format!(
                    "第 {} 条规则，该支行现有待办 {} 笔",
                    choice.rule, choice.load
                ),
            ),
            None => ("-".to_owned(), "没有适用的规则，请人工选择支行".to_owned()),
        };
        let mut href = base(row.application);
        if row.may_assign {
            href.push_str("/dispatch");
        }
        table.push(vec![
            Cell::link(&row.number, href),
            Cell::text(&row.enterprise_name).second(&row.product_name),
            Cell::text(if row.county.is_empty() {
                "-"
            } else {
                &row.county
            }),
            Cell::text(&row.now_at),
            Cell::text(branch),
            Cell::text(why),
        ]);
    }
    table
}
