//! 申请贴息: the computed sum, the account that it is to be paid to, and the declaration.

use application::{
    error::Kind,
    subsidies::{ApplySubsidy, AskedAccount, DECLARATION, SeenOffer, SubsidyRoom},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::{DrawId, FinancingApplicationId};
use uuid::Uuid;

use super::{
    own_href,
    words::{loan_rows, loan_words, reckoned, standard},
};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link},
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{EnterpriseVisit, id_of, posted_by_enterprise},
};

const LIST: &str = "/enterprise/applications";
const TITLE: &str = "申请贴息";
type Ids = Path<(String, String, String)>;

fn ids(
    (id, draw, policy): (String, String, String),
) -> Result<(FinancingApplicationId, DrawId, Uuid), WebError> {
    Ok((
        FinancingApplicationId(id_of(&id)?),
        DrawId(id_of(&draw)?),
        id_of(&policy)?,
    ))
}

fn loan_of(application: FinancingApplicationId) -> String {
    format!("{LIST}/{application}/loan")
}

pub(super) fn page(seen: &SeenOffer, key: &str, typed: &Posted) -> AskPage {
    let (offer, facts) = (&seen.offer, &seen.facts);
    let loan = loan_of(facts.application);
    let own = format!("{LIST}/{}", facts.application);
    let action = format!("{loan}/{}/subsidies/{}", facts.draw, offer.policy);
    let policy = Cell::link(&offer.title, format!("/policies/{}", offer.policy));
    let mut rows = vec![
        Described::cell("政策", policy.second(&offer.issuer)),
        Described::new("办理方式", offer.handling.zh()),
        Described::new("补贴标准", standard(&offer.conditions.terms)),
    ];
    rows.extend(
        offer
            .deadline
            .map(|day| Described::new("申报截止", day.to_string())),
    );
    rows.push(Described::new(
        "贷款",
        loan_words(&facts.application_no, facts.number),
    ));
    rows.extend(loan_rows(facts));
    rows.push(Described::cell(
        "补贴金额",
        reckoned(seen.granted, &offer.conditions.terms, facts),
    ));
    let form = FormView::new(action)
        .key(key)
        .with(Field::hidden("shown", seen.granted.sum.cents().to_string()))
        .with(Field::fixed(
            "account_name",
            "收款户名",
            &facts.enterprise_name,
        ))
        .with(
            Field::text("account_bank", "开户银行")
                .required()
                .hint("请填写到具体网点，如“某某银行某某支行”。")
                .maxlength(60)
                .value(typed.get("account_bank")),
        )
        .with(
            Field::text("account_no", "收款账号")
                .required()
                .hint("本企业的对公账号，8–30 位数字。仅用于拨付补贴，加密保存。")
                .inputmode("numeric")
                .autocomplete("off")
                .maxlength(40)
                .value(typed.get("account_no")),
        )
        .with(
            Field::checkbox("declared", DECLARATION)
                .required()
                .checked(typed.has("declared")),
        );
    AskPage {
        title: TITLE.to_owned(),
        lead: "放款信息直接引用银行登记、您已确认的记录，不需要重复填写。提交后由平台两人审核，结果会发消息告知您。"
            .to_owned(),
        crumbs: vec![
            Link::new("企业管理", "/enterprise"),
            Link::new("融资需求管理", LIST),
            Link::new(&facts.application_no, own),
            Link::new("放款与还款", loan.as_str()),
            Link::new(TITLE, "").current(true),
        ],
        rows,
        form,
        yes: "提交申请",
        no: "返回",
        back: loan,
        danger: false,
    }
}

pub(super) async fn form(
    State(web): State<Web<SubsidyRoom>>,
    visit: EnterpriseVisit,
    Path(path): Ids,
) -> Result<Response, WebError> {
    let (application, draw, policy) = ids(path)?;
    let found = web
        .uses
        .offered(visit.actor(), application, draw, policy)
        .await;
    let visit = visit.0.enterprise_console();
    match found {
        Ok(seen) => {
            let key = visit.kit.tokens().one_time();
            Ok(page(&seen, &key, &Posted::default()).drawn(&visit, None))
        }
        Err(error) => told(&visit, error, &loan_of(application)),
    }
}

pub(super) async fn send(
    State(web): State<Web<SubsidyRoom>>,
    Path(path): Ids,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let (application, draw, policy) = ids(path)?;
    let visit = visit.enterprise_console();
    let once = once(&posted)?;
    let key = once.key.clone();
    let ask = ApplySubsidy {
        application,
        draw,
        policy,
        shown: posted.get("shown").to_owned(),
        account: AskedAccount {
            bank: posted.get("account_bank").to_owned(),
            number: posted.get("account_no").to_owned(),
        },
        declared: posted.has("declared"),
        once,
    };
    let (uses, by) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.apply(&by, ask).await }).await {
        Ok(id) => Ok(visit.redirect(
            &own_href(id),
            Some(("success", "已提交，审核结果会发消息告知您。")),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let seen = web.uses.offered(&actor, application, draw, policy).await;
            match seen {
                Ok(seen) => Ok(page(&seen, &key, &posted).drawn(&visit, Some(&error))),
                Err(error) => told(&visit, error, &loan_of(application)),
            }
        }
        Err(error) => told(&visit, error, &loan_of(application)),
    }
}
