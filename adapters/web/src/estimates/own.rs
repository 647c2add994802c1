//! 我的试算: the enterprise's own list, one of them as it was told, and 删除.

use application::{
    estimates::{KEPT, Question, SeenEstimate, Since},
    ports::estimates::StoredEstimate,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;

use super::{
    LIST, PATH, Room, amounts,
    answer::{AnswerView, Names, apply_href, fit_of},
    href, own_href, wan,
};
use crate::{
    errors::WebError,
    parts::{Cell, Table},
    posted::Form,
    show,
    spawned::spawned,
    visit::{EnterpriseVisit, id_of, posted_by_enterprise},
};

/// 我的试算.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub lead: String,
    pub table: Table,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "estimates/list.html";
}

/// One of them.
#[derive(Serialize)]
pub(super) struct OnePage {
    pub product: String,
    pub bank: String,
    /// Who tried it, when, and of which version.
    pub made: String,
    /// What became of the product since; empty when nothing did.
    pub since: &'static str,
    pub answer: AnswerView,
    /// Empty while nobody takes requests for it, and once another version stands on the market.
    pub apply_href: String,
    /// Empty once it is off the market.
    pub again_href: String,
    pub product_href: String,
    /// Empty for whoever only looks.
    pub delete_href: String,
}

impl OnePage {
    pub const TEMPLATE: &'static str = "estimates/one.html";
}

#[derive(Serialize)]
pub(super) struct DeletePage {
    pub text: String,
    pub action: String,
    pub back: String,
}

impl DeletePage {
    pub const TEMPLATE: &'static str = "estimates/delete.html";
}

fn none() -> String {
    "暂无参考额度".to_owned()
}

pub(super) fn table(estimates: &[StoredEstimate]) -> Table {
    let mut table = Table::new(LIST)
        .column("产品", "")
        .column("期望金额和期限", "nowrap")
        .column("参考额度", "nowrap")
        .column("准入条件", "nowrap")
        .column("试算时间", "nowrap");
    for one in estimates {
        let amount = amounts(one.answer.low, one.answer.high);
        let fit = fit_of(&one.answer);
        table.push(vec![
            Cell::link(&one.product_name, own_href(one.id)).second(&one.bank_name),
            Cell::text(wan(Some(one.inputs.amount.cents()))).second(show::term(one.inputs.term)),
            Cell::text(if amount.is_empty() { none() } else { amount }),
            fit.map_or_else(|| Cell::text("-"), |tag| Cell::tag(tag.label, tag.kind)),
            Cell::text(show::minute(one.made_at)).second(&one.made_name),
        ]);
    }
    table
}

pub(super) async fn list(
    State(web): State<Room>,
    visit: EnterpriseVisit,
) -> Result<Response, WebError> {
    let estimates = web.uses.list(visit.actor()).await?;
    let page = ListPage {
        lead: format!(
            "试算结果仅供参考，不构成授信承诺。只有本企业可以查看，银行看不到；保留最近 {KEPT} 次，最长 365 天。"
        ),
        table: table(&estimates),
    };
    let visit = visit.0.enterprise_console();
    Ok(visit.render(ListPage::TEMPLATE, LIST, &page))
}

pub(super) fn view(seen: &SeenEstimate, names: &Names<'_>) -> OnePage {
    let one = &seen.estimate;
    let gone = seen.since == Since::Gone;
    let there = |href: String, is: bool| if is { href } else { String::new() };
    OnePage {
        product: one.product_name.clone(),
        bank: one.bank_name.clone(),
        made: format!(
            "{} 由{}试算，按产品第 {} 版。",
            show::minute(one.made_at),
            one.made_name,
            one.version
        ),
        since: match seen.since {
            Since::Same => "",
            Since::Changed => {
                "试算之后，机构更新了这款产品。以下是按当时内容试算的结果，请按现在的内容重新试算。"
            }
            Since::Gone => {
                "试算之后，这款产品已下架或暂停受理。以下是按当时内容试算的结果，请改选其他金融产品。"
            }
        },
        answer: AnswerView::of(&one.inputs, &one.answer, &seen.given, names),
        apply_href: there(
            apply_href(one.product, &one.inputs, &one.answer),
            // What another version came to is no figure to apply with: it is tried again first.
            seen.carried && seen.since == Since::Same,
        ),
        again_href: there(format!("{}?again={}", href(one.product), one.id), !gone),
        product_href: format!("/market/{}", one.product),
        delete_href: there(format!("{}/delete", own_href(one.id)), seen.may_delete),
    }
}

pub(super) async fn one(
    State(web): State<Room>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let city = &visit.0.city;
    let seen = web.uses.view(visit.actor(), city, id).await?;
    let names = |question: Question, code: &str| web.uses.name_of(question, code);
    let page = view(&seen, &names);
    let visit = visit.0.enterprise_console();
    let title = format!("额度试算：{}", page.product);
    Ok(visit.render(OnePage::TEMPLATE, &title, &page))
}

pub(super) async fn ask_delete(
    State(web): State<Room>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let city = &visit.0.city;
    let seen = web.uses.view(visit.actor(), city, id).await?;
    if !seen.may_delete {
        return Err(application::UseError::denied().into());
    }
    let back = own_href(id);
    let page = DeletePage {
        text: format!(
            "“{}”{} 的试算删除后不能恢复，本企业其他人员也看不到。",
            seen.estimate.product_name,
            show::minute(seen.estimate.made_at)
        ),
        action: format!("{back}/delete"),
        back,
    };
    let visit = visit.0.enterprise_console();
    Ok(visit.render(DeletePage::TEMPLATE, "删除试算", &page))
}

pub(super) async fn delete(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id = id_of(&id)?;
    let uses = web.uses.clone();
    spawned(async move { uses.delete(&actor, id).await }).await?;
    Ok(visit.redirect(PATH, Some(("success", "试算已删除。"))))
}
