//! 微信: sign-in by the login code, binding, phone number, subscription grants, and where a scanned code leads.

use application::{
    error::{Kind, UseError, UseResult},
    mini::Landing,
};
use axum::http::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    door::{Done, Door, NoQuery, Who},
    entry::{Tokens, paired},
};

const TAG: &str = "微信";

/// `wx.login` 的 code, and the app id it is from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    #[schema(max_length = 64)]
    app_id: String,
    /// Five minutes, once.
    #[schema(max_length = 256)]
    code: String,
}

/// 微信登录的结果.
#[derive(Serialize, ToSchema)]
struct WechatSignIn {
    state: WechatState,
    /// 已绑定时.
    tokens: Option<Tokens>,
}

/// `signed_in` 已登录; `unbound` 还没有绑定账号: register or sign in, then bind with a fresh code.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WechatState {
    SignedIn,
    Unbound,
}

/// 手机号快速验证的 code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PhoneCode {
    #[schema(max_length = 256)]
    code: String,
}

/// 手机号, to fill the form with; the message code proves it all the same.
#[derive(Serialize, ToSchema)]
struct PhoneFound {
    phone: String,
}

/// 可订阅的消息.
#[derive(Serialize, ToSchema)]
struct Offers {
    items: Vec<OfferLine>,
}

/// 一种订阅消息.
#[derive(Serialize, ToSchema)]
struct OfferLine {
    template: String,
    /// For `wx.requestSubscribeMessage`.
    template_id: String,
    /// 还可以收到几条.
    left: i32,
}

/// 用户点了允许的模板.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Granted {
    #[schema(max_items = 10)]
    template_ids: Vec<String>,
}

/// 扫码进入的页面.
#[derive(Serialize, ToSchema)]
struct SceneView {
    kind: SceneKind,
    product: Option<Uuid>,
    branch: Option<Uuid>,
    branch_name: Option<String>,
    institution: Option<Uuid>,
    institution_name: Option<String>,
}

/// `register` 注册, `branch` 支行, `product` 产品.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SceneKind {
    Register,
    Branch,
    Product,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    let public = Who::Public;
    let post = |path| (Method::POST, path);
    vec![
        Door::write(
            TAG,
            "微信登录",
            public,
            post("/api/v1/tokens/wechat"),
            sign_in,
        ),
        Door::write(
            TAG,
            "微信手机号",
            public,
            post("/api/v1/wechat/phone-numbers"),
            phone,
        ),
        Door::write(TAG, "绑定微信", own, post("/api/v1/account/wechat"), bind),
        Door::act(
            TAG,
            "解除绑定",
            own,
            (Method::DELETE, "/api/v1/account/wechat"),
            unbind,
        ),
        Door::read(TAG, "可订阅的消息", own, "/api/v1/subscriptions", offers),
        Door::write(
            TAG,
            "记下用户允许的订阅",
            own,
            post("/api/v1/subscriptions"),
            granted,
        )
        .keyed(),
        Door::read(
            TAG,
            "扫码进入的页面",
            public,
            "/api/v1/scenes/{code}",
            scene,
        ),
    ]
}

/// The city is the host's; a mini-program of another one signs nobody in here (S-01).
fn of_this_city(api: &Api, call: &Call, app_id: &str) -> UseResult<()> {
    let city = api.uses.mini.city_of(app_id);
    if city.is_some_and(|city| city.id == call.city.id) {
        return Ok(());
    }
    Err(UseError::new(Kind::Invalid, "wechat.other_app"))
}

async fn sign_in(api: Api, call: Call, ask: Login) -> UseResult<WechatSignIn> {
    of_this_city(&api, &call, &ask.app_id)?;
    let known = api.uses.mini.who(call.city.id, &ask.code).await?;
    let Some(user) = known.user else {
        return Ok(WechatSignIn {
            state: WechatState::Unbound,
            tokens: None,
        });
    };
    let sign_in = &api.uses.account.sign_in;
    let access = sign_in.by_identity(&call.caller(), user).await?;
    Ok(WechatSignIn {
        state: WechatState::SignedIn,
        tokens: Some(paired(&api, &call, access).await?),
    })
}

async fn phone(api: Api, call: Call, ask: PhoneCode) -> UseResult<PhoneFound> {
    let phone = api.uses.mini.phone(call.city.id, &ask.code).await?;
    Ok(PhoneFound {
        phone: phone.as_str().to_owned(),
    })
}

async fn bind(api: Api, call: Call, ask: Login) -> UseResult<Done> {
    of_this_city(&api, &call, &ask.app_id)?;
    api.uses.mini.bind(call.signed()?, &ask.code).await?;
    Ok(Done)
}

async fn unbind(api: Api, call: Call) -> UseResult<Done> {
    api.uses.mini.unbind(call.actor()?).await?;
    Ok(Done)
}

async fn offers(api: Api, call: Call, _: NoQuery) -> UseResult<Offers> {
    let offers = api.uses.mini.offers(call.actor()?).await?;
    Ok(Offers {
        items: offers
            .into_iter()
            .map(|offer| OfferLine {
                template: offer.template,
                template_id: offer.template_id,
                left: offer.left,
            })
            .collect(),
    })
}

async fn granted(api: Api, call: Call, ask: Granted) -> UseResult<Done> {
    let once = call.once()?;
    let mini = &api.uses.mini;
    mini.granted(call.actor()?, &ask.template_ids, &once)
        .await?;
    Ok(Done)
}

async fn scene(api: Api, call: Call, _: NoQuery) -> UseResult<SceneView> {
    let landing = api
        .uses
        .mini
        .resolve(call.city.id, call.part("code"))
        .await?;
    let mut view = SceneView {
        kind: SceneKind::Register,
        product: None,
        branch: None,
        branch_name: None,
        institution: None,
        institution_name: None,
    };
    match landing {
        Landing::Register => {}
        Landing::Branch {
            branch,
            institution,
        } => {
            view.kind = SceneKind::Branch;
            view.branch = Some(branch.id.0);
            view.branch_name = Some(branch.name);
            view.institution = Some(institution.id.0);
            view.institution_name = Some(institution.name);
        }
        Landing::Product { id } => {
            view.kind = SceneKind::Product;
            view.product = Some(id.0);
        }
    }
    Ok(view)
}
