//! 融资需求管理 (M-501 to M-519): twelve columns word for word, filters, drafts.

use application::ports::application_board::{BoardFilter, COUNT_CAP, PER_PAGE};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{
    calendar::{SHANGHAI, parse_day},
    financing::{FinancingApplication, IntakeStatus, ReviewStatus},
};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use super::{Desk, LIST, crumbs, id_of, show};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    parts::{Cell, Filter, Link, Pager, Table, TagKind},
    posted::Form,
    spawned::spawned,
    visit::{EnterpriseVisit, encode, posted_by_enterprise},
};

/// The filters as the address has them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BoardQuery {
    intake: String,
    review: String,
    q: String,
    from: String,
    to: String,
    /// `1`: only what waits for a decision, as 概览 counts it.
    open: String,
    page: String,
}

fn midnight(day: Date) -> OffsetDateTime {
    day.midnight().assume_offset(SHANGHAI)
}

impl BoardQuery {
    fn filter(&self) -> BoardFilter {
        BoardFilter {
            intake: IntakeStatus::from_code(&self.intake),
            review: ReviewStatus::from_code(&self.review),
            keyword: self.q.trim().chars().take(40).collect(),
            from: parse_day(&self.from).map(midnight),
            until: parse_day(&self.to).and_then(Date::next_day).map(midnight),
            open_only: self.open == "1",
        }
    }

    /// The address with one thing changed; pages start anew unless the page itself is changed.
    fn href(&self, name: &str, value: &str) -> String {
        let mut href = LIST.to_owned();
        let mut mark = '?';
        let mut add = |key: &str, value: &str| {
            if !value.is_empty() {
                href.push_str(&format!("{mark}{key}={}", encode(value)));
                mark = '&';
            }
        };
        for (key, own) in [
            ("intake", &self.intake),
            ("review", &self.review),
            ("q", &self.q),
            ("from", &self.from),
            ("to", &self.to),
            ("open", &self.open),
        ] {
            add(key, if key == name { value } else { own });
        }
        if name == "page" {
            add("page", value);
        }
        href
    }

    fn is_filtered(&self) -> bool {
        [
            &self.intake,
            &self.review,
            &self.q,
            &self.from,
            &self.to,
            &self.open,
        ]
        .iter()
        .any(|text| !text.trim().is_empty())
    }

    fn form(&self) -> FormView {
        let mut form = FormView::new(LIST)
            .with(
                Field::text("q", "关键词")
                    .placeholder("申请编号、金融产品或机构")
                    .maxlength(40)
                    .value(&self.q),
            )
            .with(date_field("from", "申请日期从", &self.from))
            .with(date_field("to", "申请日期至", &self.to));
        for (name, value) in [
            ("intake", &self.intake),
            ("review", &self.review),
            ("open", &self.open),
        ] {
            if !value.is_empty() {
                form.push(Field::hidden(name, value));
            }
        }
        form
    }

    fn active(&self) -> Vec<Link> {
        let intake = IntakeStatus::from_code(&self.intake).map(|s| ("intake", s.zh().to_owned()));
        let review = ReviewStatus::from_code(&self.review).map(|s| ("review", s.zh().to_owned()));
        let open = (self.open == "1").then(|| ("open", "办理中".to_owned()));
        let text = |name: &'static str, label: &str, value: &str| {
            (!value.trim().is_empty()).then(|| (name, format!("{label}{value}")))
        };
        [
            open,
            intake,
            review,
            text("q", "关键词：", &self.q),
            text("from", "从 ", &self.from),
            text("to", "至 ", &self.to),
        ]
        .into_iter()
        .flatten()
        .map(|(name, label)| Link::new(label, self.href(name, "")))
        .collect()
    }
}

fn date_field(name: &str, label: &str, value: &str) -> Field {
    let field = Field::text(name, label)
        .placeholder("例如 2026-03-05")
        .width("m")
        .maxlength(10)
        .value(value);
    if value.trim().is_empty() || parse_day(value).is_some() {
        field
    } else {
        field.error("日期格式应为 2026-03-05")
    }
}

#[derive(Serialize)]
struct BoardPageView {
    crumbs: Vec<Link>,
    tabs: Vec<Link>,
    form: FormView,
    intake: Filter,
    review: Filter,
    active: Vec<Link>,
    clear: String,
    table: Table,
    pager: Pager,
    filtered: bool,
    capped: bool,
}

fn tabs(drafts: usize, on_drafts: bool) -> Vec<Link> {
    vec![
        Link::new("已提交", LIST).current(!on_drafts),
        Link::new(format!("草稿（{drafts}）"), format!("{LIST}/drafts")).current(on_drafts),
    ]
}

/// The twelve columns of the manual, in its order and words (M-502 to M-513).
pub(super) fn table(rows: &[FinancingApplication]) -> Table {
    let mut table = Table::new("融资需求管理")
        .column("申请编号", "nowrap")
        .column("机构", "")
        .column("金融产品名称", "")
        .column("企业名称", "name")
        .column("融资金额 (万)", "num")
        .column("利率 (%)", "num")
        .column("期限", "num")
        .column("期限单位", "narrow")
        .column("申请时间", "nowrap")
        .column("接单状态", "nowrap")
        .column("审核状态", "nowrap")
        .column("审核意见", "wrap");
    for application in rows {
        let r = application.record();
        let term = r.approved_term.unwrap_or(r.term);
        let mut cells = vec![
            Cell::link(show::number(application), format!("{LIST}/{}", r.id)),
            Cell::text(&r.handler_name),
            Cell::text(&r.product_name),
            Cell::text(&r.enterprise_name),
            Cell::text(r.approved_amount.unwrap_or(r.amount).format_wan_short()),
            Cell::text(r.approved_rate.unwrap_or(r.rate).percent()),
            Cell::text(term.value().to_string()),
            Cell::text(term.unit().label()),
            Cell::text(show::second(r.submitted_at)),
        ];
        cells.extend(
            show::tags(application)
                .into_iter()
                .map(|t| Cell::tag(t.label, t.kind)),
        );
        cells.push(Cell::text(if r.review_opinion.is_empty() {
            "-"
        } else {
            &r.review_opinion
        }));
        table.push(cells);
    }
    table
}

fn filter<T: Copy>(
    label: &str,
    name: &str,
    chosen: &str,
    query: &BoardQuery,
    all: &[T],
    word: impl Fn(T) -> (&'static str, &'static str),
) -> Filter {
    let mut options = vec![Link::new("不限", query.href(name, "")).current(chosen.is_empty())];
    options.extend(all.iter().map(|value| {
        let (code, zh) = word(*value);
        Link::new(zh, query.href(name, code)).current(code == chosen)
    }));
    Filter {
        label: label.to_owned(),
        options,
    }
}

pub(super) async fn list(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Query(query): Query<BoardQuery>,
) -> Result<Response, WebError> {
    let page = query
        .page
        .parse()
        .unwrap_or(1)
        .clamp(1, COUNT_CAP / PER_PAGE);
    let sheet = web
        .uses
        .financing
        .list(visit.actor(), &query.filter(), page)
        .await?;
    let visit = visit.0.enterprise_console();
    let found = sheet.page;
    let view = BoardPageView {
        crumbs: crumbs(&[("融资需求管理", LIST)]),
        tabs: tabs(sheet.drafts, false),
        form: query.form(),
        intake: filter(
            "接单状态",
            "intake",
            &query.intake,
            &query,
            IntakeStatus::ALL,
            |s| (s.code(), s.zh()),
        ),
        review: filter(
            "审核状态",
            "review",
            &query.review,
            &query,
            ReviewStatus::ALL,
            |s| (s.code(), s.zh()),
        ),
        active: query.active(),
        clear: LIST.to_owned(),
        table: table(&found.rows),
        pager: Pager::new(found.total, found.page, PER_PAGE, |n| {
            query.href("page", &n.to_string())
        }),
        filtered: query.is_filtered(),
        capped: found.total >= COUNT_CAP,
    };
    Ok(visit.render("financing/board.html", "融资需求管理", &view))
}

#[derive(Serialize)]
struct DraftsPage {
    crumbs: Vec<Link>,
    tabs: Vec<Link>,
    table: Table,
}

pub(super) async fn drafts(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
) -> Result<Response, WebError> {
    let financing = &web.uses.financing;
    let held = financing.pending_face(visit.actor()).await?;
    let drafts = financing.drafts(visit.actor()).await?;
    let visit = visit.0.enterprise_console();
    let mut table = Table::new("草稿")
        .column("金融产品名称", "")
        .column("受理支行", "")
        .column("期望融资金额 (万)", "num")
        .column("期望融资期限", "num")
        .column("期望融资利率 (%)", "num")
        .column("保存时间", "nowrap")
        .column("状态", "nowrap")
        .column("操作", "nowrap");
    let or_dash = |text: &str| {
        if text.trim().is_empty() {
            "-".to_owned()
        } else {
            text.to_owned()
        }
    };
    let waiting = held.iter().map(|draft| (draft, true));
    for (draft, held) in waiting.chain(drafts.iter().map(|draft| (draft, false))) {
        let form = format!("/enterprise/apply/{}", draft.product);
        let own = format!("{LIST}/drafts/{}", draft.id);
        let (name, state, links) = if held {
            let links = vec![
                Link::new("人脸核验", "/enterprise/face"),
                Link::new("退回草稿", format!("{own}/leave")),
            ];
            let state = Cell::tag("待核身", TagKind::Warning).second("通过核验后自动提交");
            (Cell::text(&draft.product_name), state, links)
        } else {
            let links = vec![
                Link::new("继续填写", &form),
                Link::new("删除", format!("{own}/discard")),
            ];
            let state = Cell::tag("草稿", TagKind::Neutral);
            (Cell::link(&draft.product_name, &form), state, links)
        };
        table.push(vec![
            name,
            Cell::text(or_dash(&draft.branch)),
            Cell::text(or_dash(&draft.typed.amount)),
            Cell::text(match draft.typed.term.trim() {
                "" => "-".to_owned(),
                term => format!("{term} {}", draft.unit),
            }),
            Cell::text(or_dash(&draft.typed.rate)),
            Cell::text(show::minute(draft.saved_at)),
            state,
            Cell::links(links),
        ]);
    }
    let view = DraftsPage {
        crumbs: crumbs(&[("融资需求管理", LIST), ("草稿", "")]),
        tabs: tabs(held.len() + drafts.len(), true),
        table,
    };
    Ok(visit.render("financing/drafts.html", "融资需求草稿", &view))
}

#[derive(Serialize)]
struct DiscardPage {
    crumbs: Vec<Link>,
    action: String,
    product: String,
}

pub(super) async fn ask_discard(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: domain::ids::FinancingApplicationId = id_of(&id)?;
    let drafts = web.uses.financing.drafts(visit.actor()).await?;
    let draft = drafts.into_iter().find(|d| d.id == id);
    let draft = draft.ok_or_else(application::UseError::not_found)?;
    let visit = visit.0.enterprise_console();
    let view = DiscardPage {
        crumbs: crumbs(&[("融资需求管理", LIST), ("删除草稿", "")]),
        action: format!("{LIST}/drafts/{id}/discard"),
        product: draft.product_name,
    };
    Ok(visit.render("financing/discard.html", "删除草稿", &view))
}

pub(super) async fn discard(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id = id_of(&id)?;
    let uses = web.uses.clone();
    spawned(async move { uses.financing.discard(&actor, id).await }).await?;
    Ok(visit.redirect(&format!("{LIST}/drafts"), Some(("success", "草稿已删除。"))))
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    let board = |rows: usize, asked: &str| {
        let query = BoardQuery {
            q: asked.to_owned(),
            from: asked.to_owned(),
            review: if asked.is_empty() {
                String::new()
            } else {
                "approved".to_owned()
            },
            ..BoardQuery::default()
        };
        let mut table = Table::new("融资需求管理")
            .column("申请编号", "nowrap")
            .column("审核意见", "wrap");
        for _ in 0..rows {
            table.push(vec![
                Cell::link(ODD, "/enterprise/applications/x"),
                Cell::text(ODD),
            ]);
        }
        BoardPageView {
            crumbs: crumbs(&[("融资需求管理", LIST)]),
            tabs: tabs(3, false),
            form: query.form(),
            intake: filter(
                "接单状态",
                "intake",
                "",
                &query,
                IntakeStatus::ALL,
                |s| (s.code(), s.zh()),
            ),
            review: filter(
                "审核状态",
                "review",
                &query.review,
                &query,
                ReviewStatus::ALL,
                |s| (s.code(), s.zh()),
            ),
            active: query.active(),
            clear: LIST.to_owned(),
            table,
            pager: Pager::new(128, 2, PER_PAGE, |n| query.href("page", &n.to_string())),
            filtered: query.is_filtered(),
            capped: rows > 1,
        }
    };
    let mut table = Table::new("草稿").column("金融产品名称", "");
    let empty = table.clone();
    table.push(vec![Cell::link(ODD, "/enterprise/apply/x").second(ODD)]);
    let drafts = |table| DraftsPage {
        crumbs: crumbs(&[("草稿", "")]),
        tabs: tabs(0, true),
        table,
    };
    vec![
        sample("financing/board.html", &board(2, "")),
        sample("financing/board.html", &board(0, "")),
        sample("financing/board.html", &board(0, ODD)),
        sample("financing/drafts.html", &drafts(table)),
        sample("financing/drafts.html", &drafts(empty)),
        sample(
            "financing/discard.html",
            &DiscardPage {
                crumbs: crumbs(&[("删除草稿", "")]),
                action: LIST.to_owned(),
                product: ODD.to_owned(),
            },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_one_filter_keeps_the_others_and_starts_at_the_first_page() {
        let query = BoardQuery {
            intake: "pending".to_owned(),
            q: "抵押 贷".to_owned(),
            page: "3".to_owned(),
            ..BoardQuery::default()
        };
        assert_eq!(
            query.href("review", "approved"),
            "/enterprise/applications?intake=pending&review=approved&q=%E6%8A%B5%E6%8A%BC%20%E8%B4%B7"
        );
        assert_eq!(
            query.href("q", ""),
            "/enterprise/applications?intake=pending"
        );
        assert!(query.href("page", "4").ends_with("&page=4"));
    }

    #[test]
    fn a_day_counts_to_its_last_second_in_the_time_of_the_city() {
        let query = BoardQuery {
            from: "2026-03-05".to_owned(),
            to: "2026-03-05".to_owned(),
            ..BoardQuery::default()
        };
        let filter = query.filter();
        let hours = (filter.until.unwrap() - filter.from.unwrap()).whole_hours();
        assert_eq!(hours, 24);
        assert_eq!(
            filter.from.unwrap(),
            time::macros::datetime!(2026-03-04 16:00 UTC)
        );
    }

    #[test]
    fn what_is_no_date_is_said_and_filters_nothing() {
        let query = BoardQuery {
            from: "2026-02-30".to_owned(),
            ..BoardQuery::default()
        };
        assert!(query.form().has_errors());
        assert_eq!(query.filter().from, None);
    }
}
