//! 操作日志 (O8): who did what to what and when, with what was noted of it; and whether the chain still holds.

use std::collections::HashMap;

use application::{
    access::{Action, Room},
    audit::look::AuditLeaf,
    ports::{
        audit_search::{AuditAsk, AuditRow},
        branch_board::Cursor,
        province::ReportState,
    },
    rules::RuleName,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{
    calendar::{SHANGHAI, parse_day},
    callback::CallbackStatus,
    complaint::ComplaintStatus,
    financing::Stage,
    identity::{CheckStatus, ReviewStatus},
    referral::ReferralStatus,
    subsidy::ClaimStatus,
    tenant::Role,
    values::Cents,
};
use serde::Serialize;
use serde_json::Value;
use time::{Date, Duration, OffsetDateTime};

use super::OperatorDesk;
use crate::{
    branch::{leaf, write_cursor},
    errors::WebError,
    forms::Field,
    kit::Web,
    parts::{Cell, Link, Table},
    show,
    visit::{StaffVisit, encode},
    words,
};

const PAGE: &str = "/operator/audit";
const TITLE: &str = "操作日志";

/// `operator/audit.html`.
#[derive(Serialize)]
pub(super) struct AuditPage {
    pub crumbs: Vec<Link>,
    pub fields: Vec<Field>,
    /// A date that is none; empty: nothing is wrong.
    pub wrong: String,
    pub filtered: bool,
    pub clear: &'static str,
    /// `success`, `warning` or `danger`, and what it says of the chain.
    pub chain_kind: &'static str,
    pub chain: String,
    pub table: Table,
    pub prev: String,
    pub next: String,
}

impl AuditPage {
    pub const TEMPLATE: &'static str = "operator/audit.html";
}

/// First parts of the codes, in the order of the select.
const ROOMS: [(&str, &str); 43] = [
    ("sign_in", "登录"),
    ("application", "融资需求办理"),
    ("financing", "企业办理融资需求"),
    ("dossier", "企业资料查看"),
    ("oversight", "监管查看"),
    ("supervision", "督办与冻结"),
    ("identity", "人脸核验"),
    ("profile", "企业信息"),
    ("consent", "授权"),
    ("consents", "撤回授权"),
    ("account", "账号"),
    ("people", "人员与角色"),
    ("team", "企业人员"),
    ("tree", "机构与支行"),
    ("product", "产品"),
    ("dispatch", "派单规则"),
    ("settings", "审批设置"),
    ("export", "数据导出"),
    ("import", "批量导入"),
    ("referral", "推荐清单"),
    ("visit", "走访清单"),
    ("thread", "沟通记录"),
    ("api_key", "接口密钥"),
    ("webhook", "事件推送"),
    ("delivery", "消息投递"),
    ("province", "上级报送"),
    ("wechat", "微信"),
    ("enterprise", "企业管理"),
    ("institution", "机构管理"),
    ("complaint", "投诉"),
    ("rating", "企业评价"),
    ("size", "企业划型"),
    ("estimate", "额度试算"),
    ("callback", "回访工单"),
    ("subsidy", "贴息申请"),
    ("breach", "超时说明"),
    ("appraisal", "机构考评"),
    ("city_rule", "平台设置"),
    ("admitted_code", "代码核实"),
    ("content", "内容与协议"),
    ("second_factor", "两步验证"),
    ("log", "日志清理"),
    ("refused", "被拒绝的操作"),
];

fn room(action: &str) -> &str {
    let first = action.split('.').next().unwrap_or(action);
    ROOMS
        .iter()
        .find(|(code, _)| *code == first)
        .map_or("其他", |(_, zh)| zh)
}

/// What must not be read here even if somebody once noted it.
const HIDDEN: [&str; 9] = [
    "password",
    "secret",
    "token",
    "code",
    "phone",
    "legal_id",
    "id_number",
    "email",
    "hash",
];

fn key_words(key: &str) -> String {
    let known = match key {
        "reason" | "reasons" | "reason_codes" => "原因",
        "before" | "from" | "old" => "变更前",
        "after" | "to" | "new" => "变更后",
        "kind" => "类型",
        "room" => "范围",
        "action" => "操作",
        "roles" => "角色",
        "version" => "版本",
        "verb" => "办理",
        "stage" => "阶段",
        "product" => "产品",
        "branch" => "支行",
        "holder" => "经办人",
        other => return said("log_key", other),
    };
    known.to_owned()
}

/// The words of a code where there are such.
fn said(kind: &str, code: &str) -> String {
    let key = format!("{kind}.{code}");
    if words::has(&key) {
        words::text(&key, &[])
    } else {
        code.to_owned()
    }
}

/// A status by the words of its own room: the same code means one thing here and another one there.
fn status_words(room: &str, code: &str) -> Option<&'static str> {
    match room {
        "callback" => CallbackStatus::from_code(code).map(CallbackStatus::zh),
        "complaint" => ComplaintStatus::from_code(code).map(ComplaintStatus::zh),
        "referral" => ReferralStatus::from_code(code).map(ReferralStatus::zh),
        "province" => ReportState::from_code(code).map(ReportState::zh),
        "subsidy" => ClaimStatus::from_code(code).map(ClaimStatus::zh),
        "identity" => CheckStatus::from_code(code)
            .map(CheckStatus::zh)
            .or_else(|| ReviewStatus::from_code(code).map(ReviewStatus::zh)),
        _ => None,
    }
}

/// What a noted value is called where it is a code of ours.
fn value_words(of: &str, key: &str, code: &str) -> String {
    let known = match key {
        "room" => Room::from_code(code).map(Room::zh),
        "action" => Action::from_code(code).map(Action::zh),
        "stage" | "from" | "to" => Stage::from_code(code).map(Stage::zh),
        "role" | "roles" | "waiting" | "steps" => Role::from_code(code).map(Role::zh),
        "status" => status_words(of, code),
        "topic" => return said("delivery.topic", code),
        _ => None,
    };
    known.map_or_else(|| said("log_value", code), str::to_owned)
}

/// An id: what it is of is told beside the person or in the object, and the id itself tells nobody anything.
fn is_id(value: &Value) -> bool {
    let id = |value: &Value| {
        let text = value.as_str();
        text.is_some_and(|text| uuid::Uuid::try_parse(text).is_ok())
    };
    match value {
        Value::Array(all) => !all.is_empty() && all.iter().all(id),
        one => id(one),
    }
}

/// What was noted of an action `of` a room.
fn plain(of: &str, value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().map(|one| plain(of, one, depth + 1)).collect();
            all.join("、")
        }
        Value::Object(_) if depth > 2 => "…".to_owned(),
        Value::Object(all) => {
            let said = |value: &&Value| **value != Value::Null && value.as_str() != Some("");
            let told = all
                .iter()
                .filter(|(key, value)| said(value) && *key != "node" && !is_id(value));
            let pairs = told.map(|(key, value)| {
                let hidden = HIDDEN
                    .iter()
                    .any(|h| key == h || key.ends_with(&format!("_{h}")));
                let value = match value {
                    _ if hidden => "***".to_owned(),
                    Value::String(code) => value_words(of, key, code),
                    Value::Array(all) if all.iter().all(Value::is_string) => {
                        let one =
                            |one: &Value| value_words(of, key, one.as_str().unwrap_or_default());
                        all.iter().map(one).collect::<Vec<_>>().join("、")
                    }
                    Value::Number(cents) if key == "cents" || key.ends_with("_cents") => {
                        let cents = cents.as_i64().and_then(|n| Cents::new(n).ok());
                        cents.map_or_else(|| "-".to_owned(), |c| format!("{} 元", c.format_yuan()))
                    }
                    Value::Number(at) if key == "since" => instant(at.as_i64()),
                    other => plain(of, other, depth + 1),
                };
                format!("{}：{value}", key_words(key))
            });
            pairs.collect::<Vec<_>>().join("；")
        }
    }
}

fn instant(seconds: Option<i64>) -> String {
    let at = seconds.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    at.map_or_else(|| "-".to_owned(), show::minute)
}

fn outcome(row: &AuditRow) -> Cell {
    if row.outcome == "ok" {
        return Cell::text("成功");
    }
    let cell = Cell::tag("未生效", crate::parts::TagKind::Warning);
    if words::has(&row.outcome) {
        cell.second(words::text(&row.outcome, &[]))
    } else {
        cell.second(&row.outcome)
    }
}

/// What it was done to, in words where there are such.
fn object(row: &AuditRow) -> String {
    if let Some(known) = [&row.number, &row.subject]
        .into_iter()
        .find(|known| !known.is_empty())
    {
        return known.clone();
    }
    match RuleName::from_code(&row.object) {
        Some(rule) => rule.kind().zh().to_owned(),
        None if row.object.is_empty() => "-".to_owned(),
        None => row.object.clone(),
    }
}

fn table(rows: &[AuditRow]) -> Table {
    let mut table = Table::new(TITLE)
        .column("时间", "nowrap")
        .column("人员", "")
        .column("操作", "")
        .column("对象", "")
        .column("结果", "")
        .column("内容", "wrap")
        .column("日志链", "num");
    for row in rows {
        let who = if row.actor_name.is_empty() {
            Cell::text("系统或未登录")
        } else {
            Cell::text(&row.actor_name).second(&row.node_name)
        };
        let of = row.action.split('.').next().unwrap_or_default();
        let detail = plain(of, &row.detail, 0);
        table.push(vec![
            Cell::text(show::second(Some(row.at))).second(&row.ip),
            who,
            Cell::text(said("log", &row.action)).second(room(&row.action)),
            Cell::text(object(row)),
            outcome(row),
            Cell::text(if detail.is_empty() {
                "-".to_owned()
            } else {
                detail
            }),
            row.link
                .map_or_else(|| Cell::text("待链接"), |link| Cell::text(link.to_string())),
        ]);
    }
    table
}

/// The first instant of a day in Asia/Shanghai.
pub(crate) fn midnight(day: Date) -> OffsetDateTime {
    day.midnight().assume_offset(SHANGHAI)
}

fn read(asked: &HashMap<String, String>) -> AuditAsk {
    let word = |name: &str| {
        let typed: String = asked.get(name)?.trim().chars().take(64).collect();
        (!typed.is_empty()).then_some(typed)
    };
    let action = word("action").filter(|a| ROOMS.iter().any(|(code, _)| code == a));
    AuditAsk {
        person: word("person"),
        action,
        object: word("object"),
        enterprise: word("enterprise"),
        from: word("from").and_then(|t| parse_day(&t)).map(midnight),
        until: word("to")
            .and_then(|t| parse_day(&t))
            .map(|d| midnight(d + Duration::days(1))),
    }
}

const FIELDS: [&str; 6] = ["person", "action", "object", "enterprise", "from", "to"];

/// Dates that were typed and are none: nothing is narrowed by them, and that is told.
fn wrong(asked: &HashMap<String, String>) -> String {
    let bad = [("from", "起始日期"), ("to", "截止日期")].map(|(name, label)| {
        let typed = asked.get(name).map_or("", |typed| typed.trim());
        (!typed.is_empty() && parse_day(typed).is_none()).then_some(label)
    });
    let bad: Vec<&str> = bad.into_iter().flatten().collect();
    if bad.is_empty() {
        return String::new();
    }
    format!(
        "{}请按“2026-01-31”填写，以下没有按日期筛选。",
        bad.join("和")
    )
}

fn href(asked: &HashMap<String, String>) -> String {
    let pairs: Vec<String> = FIELDS
        .iter()
        .filter_map(|name| {
            let value = asked.get(*name)?.trim();
            (!value.is_empty()).then(|| format!("{name}={}", encode(value)))
        })
        .collect();
    format!("{PAGE}?{}", pairs.join("&"))
}

fn fields(asked: &HashMap<String, String>) -> Vec<Field> {
    let value = |name: &str| asked.get(name).cloned().unwrap_or_default();
    vec![
        Field::text("person", "人员姓名")
            .value(value("person"))
            .maxlength(30),
        Field::select("action", "操作", "全部操作")
            .options(ROOMS.iter().map(|(code, zh)| (*code, *zh)))
            .value(value("action")),
        Field::text("object", "申请编号或对象编号")
            .value(value("object"))
            .maxlength(64),
        Field::text("enterprise", "企业名称")
            .value(value("enterprise"))
            .maxlength(64),
        Field::text("from", "起始日期")
            .value(value("from"))
            .maxlength(10)
            .placeholder("2026-01-31"),
        Field::text("to", "截止日期")
            .value(value("to"))
            .maxlength(10)
            .placeholder("2026-01-31"),
    ]
}

fn chain(leaf: &AuditLeaf) -> (&'static str, String) {
    if leaf.last == 0 {
        return (
            "info",
            "日志链还没有链接，新的操作通常在 30 秒内链接。".to_owned(),
        );
    }
    if leaf.faults > 0 {
        return (
            "danger",
            format!(
                "最近 {} 条链接中有 {} 处与日志内容不符，请立即联系平台运维，用 yijianrong audit 命令全面检查。",
                leaf.looked_at, leaf.faults
            ),
        );
    }
    (
        "success",
        format!(
            "日志链到第 {} 条。打开本页时已检查最近 {} 条，没有发现修改、删除或调换。",
            leaf.last, leaf.looked_at
        ),
    )
}

fn page(asked: &HashMap<String, String>, leaf: &AuditLeaf) -> AuditPage {
    let base = href(asked);
    let beside = |name: &str, row: Option<&AuditRow>, there: bool| {
        row.filter(|_| there).map_or_else(String::new, |row| {
            let cursor = Cursor {
                at: Some(row.at),
                id: row.id,
            };
            format!("{base}&{name}={}", write_cursor(cursor))
        })
    };
    let (chain_kind, chain) = chain(leaf);
    AuditPage {
        crumbs: super::crumbs(Link::new(TITLE, PAGE), None),
        fields: fields(asked),
        wrong: wrong(asked),
        filtered: read(asked) != AuditAsk::default(),
        clear: PAGE,
        chain_kind,
        chain,
        table: table(&leaf.rows),
        prev: beside("before", leaf.rows.first(), leaf.before),
        next: beside("after", leaf.rows.last(), leaf.after),
    }
}

pub(super) async fn list(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let room = &web.uses.audit;
    let found = room
        .page(visit.actor(), &read(&asked), leaf(&asked))
        .await?;
    Ok(visit
        .0
        .staff_console()
        .render(AuditPage::TEMPLATE, TITLE, &page(&asked, &found)))
}

pub(super) fn sample(full: bool, nasty: &str) -> AuditPage {
    let row = AuditRow {
        id: uuid::Uuid::nil(),
        at: OffsetDateTime::UNIX_EPOCH,
        actor_name: nasty.to_owned(),
        actor_tenant: None,
        node_name: nasty.to_owned(),
        action: nasty.to_owned(),
        object: nasty.to_owned(),
        number: String::new(),
        subject: nasty.to_owned(),
        outcome: nasty.to_owned(),
        detail: serde_json::json!({ "reason": nasty }),
        ip: nasty.to_owned(),
        link: None,
    };
    let leaf = AuditLeaf {
        rows: if full { vec![row] } else { Vec::new() },
        before: full,
        after: full,
        last: i64::from(full) * 12,
        looked_at: 12,
        faults: usize::from(full),
    };
    let mut asked = HashMap::new();
    if full {
        asked.insert("person".to_owned(), nasty.to_owned());
    }
    page(&asked, &leaf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_as_text_and_secrets_are_not() {
        let detail = serde_json::json!({
            "reason": "核对", "from": "草稿", "to": { "stage": "已提交", "phone": "19900002037" }, "api_token": "abc", "n": 3,
        });
        let text = plain("product", &detail, 0);
        assert!(
            text.contains("原因：核对") && text.contains("变更前：草稿") && text.contains("n：3"),
            "{text}"
        );
        assert!(
            !text.contains("19900002037") && !text.contains("abc"),
            "{text}"
        );
    }

    #[test]
    fn a_day_is_whole_and_what_is_no_day_is_no_filter() {
        let ask = |from: &str, to: &str, action: &str| {
            let pairs = [("from", from), ("to", to), ("action", action)];
            read(&pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).into())
        };
        let whole = ask("2026-11-26", "2026-11-26", "dossier");
        assert_eq!(
            whole.until.unwrap() - whole.from.unwrap(),
            Duration::days(1)
        );
        assert_eq!(whole.action.as_deref(), Some("dossier"));
        assert_eq!(ask("gestern", "2026-13-01", "'; drop"), AuditAsk::default());
    }

    #[test]
    fn whatever_has_words_in_the_log_can_be_looked_for_by_its_room() {
        let words: std::collections::BTreeMap<String, String> =
            toml::from_str(include_str!("../../locales/zh-CN.toml")).expect("it reads");
        let actions: Vec<&str> = words
            .keys()
            .filter_map(|k| k.strip_prefix("log."))
            .collect();
        assert!(actions.len() > 100, "{}", actions.len());
        for action in actions {
            assert_ne!(room(action), "其他", "{action}");
        }
    }

    #[test]
    fn amounts_are_told_in_yuan_roles_by_name_and_ids_of_nodes_not_at_all() {
        let noted = serde_json::json!({
            "hold": "0199c1f6-7b1e-7000-8000-000000000001", "node": "6a23", "roles": ["os"], "waiting": ["op"], "after": { "cents": 5_000_000_000_i64 }
        });
        let told = plain("people", &noted, 0);
        for words in [Role::Operator.zh(), "待确认的角色", "50,000,000.00 元"] {
            assert!(told.contains(words), "{told}");
        }
        for silent in ["6a23", "分", "0199c1f6", "hold", "冻结"] {
            assert!(!told.contains(silent), "{told}");
        }
    }

    #[test]
    fn a_status_is_told_in_the_words_of_its_room() {
        for (of, code, words) in [
            ("callback", "reached", "状态：已回访"),
            ("complaint", "taken", "状态：处理中"),
            ("referral", "waiting", "状态：未联系"),
            ("province", "waiting", "状态：待报送"),
            ("export", "making", "状态：生成中"),
        ] {
            let told = plain(of, &serde_json::json!({ "status": code }), 0);
            assert_eq!(told, words);
        }
        let days = serde_json::json!({ "after": { "2026-10-16": "off" } });
        let told = plain("city_rule", &days, 0);
        assert_eq!(told, "变更后：2026-10-16：放假");
    }

    #[test]
    fn what_was_noted_is_told_in_words_and_nothing_empty_is_told() {
        let noted = serde_json::json!({
            "room": "lending", "status": "making", "reason": "", "rows": 45, "phone": "13800000000"
        });
        let told = plain("export", &noted, 0);
        for words in ["状态：生成中", "行数：45", "phone：***"] {
            assert!(told.contains(words), "{told}");
        }
        assert!(
            !told.contains("原因") && !told.contains("lending"),
            "{told}"
        );
    }
}
