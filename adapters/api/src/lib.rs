#![doc = include_str!("../README.md")]

mod appeals;
mod articles;
mod budget;
mod call;
mod city;
mod consents;
mod docs;
mod door;
mod eligibility;
mod entry;
mod face;
mod filters;
mod letters;
mod loan;
mod market;
mod messages;
mod openapi;
mod problem;
mod profile;
mod ratings;
mod reading;
mod records;
mod repayment;
mod requests;
mod safety;
mod shapes;
mod size;
mod uploads;
mod wechat;

use std::{collections::BTreeMap, sync::Arc};

use application::{
    access::Origin,
    account::{
        captcha::CaptchaDesk, codes::SmsDesk, devices::DeviceDesk, own::OwnRoom, recover::Recovery,
        register::Registration, sign_in::SignIn,
    },
    agreements::Reconsent,
    catalogue::{OwnFacts, Portal},
    city::Cities,
    consents::ConsentLedger,
    error::UseError,
    files::Files,
    financing::Financing,
    identity::Identity,
    messages::MessageBox,
    mini::MiniRoom,
    ports::{
        notice_words::NoticeWords,
        reference::{IndustryDirectory, RegionDirectory, Vocabulary},
        tokens::Tokens,
    },
    profile::Profiles,
    ratings::RatingRoom,
    recognition::Recognition,
    sessions::SessionKeeper,
    size::SizeRoom,
    thread::ThreadRoom,
};
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, Method, header, request::Parts},
    response::Response,
    routing::{MethodRouter, any},
};

pub use budget::Rates;
pub use call::CHANNEL;
pub use door::{Door, Who};
pub use openapi::document;

/// Address, request id and channel of a request, as the program in front of us knows them.
pub type OriginOf = Arc<dyn Fn(&Parts) -> Origin + Send + Sync>;

/// 登录, 注册 and 账号安全.
pub struct AccountUses {
    pub captcha: CaptchaDesk,
    pub codes: SmsDesk,
    pub sign_in: SignIn,
    pub registration: Registration,
    pub recovery: Recovery,
    pub devices: DeviceDesk,
    pub own: OwnRoom,
}

/// What the doors need.
pub struct Uses {
    pub account: AccountUses,
    pub profiles: Profiles,
    pub size: SizeRoom,
    pub files: Files,
    pub identity: Identity,
    pub financing: Financing,
    pub consents: ConsentLedger,
    pub reconsent: Reconsent,
    pub messages: MessageBox,
    pub thread: ThreadRoom,
    pub ratings: RatingRoom,
    pub mini: MiniRoom,
    pub recognition: Recognition,
    pub portal: Arc<Portal>,
    /// The own enterprise beside the rules of a product.
    pub own: OwnFacts,
    pub vocabulary: Arc<dyn Vocabulary>,
    pub regions: Arc<dyn RegionDirectory>,
    pub industries: Arc<dyn IndustryDirectory>,
}

/// The state of every door; cheap to clone.
#[derive(Clone)]
pub struct Api {
    pub(crate) uses: Arc<Uses>,
    pub(crate) cities: Arc<dyn Cities>,
    pub(crate) sessions: SessionKeeper,
    pub(crate) tokens: Arc<dyn Tokens>,
    pub(crate) words: Arc<dyn NoticeWords>,
    pub(crate) origin: OriginOf,
    pub(crate) budgets: budget::Budgets,
}

/// What every door needs and no room.
pub struct Kit {
    pub cities: Arc<dyn Cities>,
    pub sessions: SessionKeeper,
    pub tokens: Arc<dyn Tokens>,
    pub words: Arc<dyn NoticeWords>,
    pub origin: OriginOf,
    pub rates: Rates,
}

impl Api {
    pub fn new(uses: Uses, kit: Kit) -> Self {
        Self {
            uses: Arc::new(uses),
            cities: kit.cities,
            sessions: kit.sessions,
            tokens: kit.tokens,
            words: kit.words,
            origin: kit.origin,
            budgets: budget::Budgets::new(kit.rates),
        }
    }
}

/// Every door of the interface, in the order in which the document tells them.
pub fn doors() -> Vec<Door> {
    [
        entry::doors(),
        wechat::doors(),
        safety::doors(),
        city::doors(),
        market::doors(),
        filters::doors(),
        eligibility::doors(),
        repayment::doors(),
        articles::doors(),
        requests::doors(),
        face::doors(),
        records::doors(),
        loan::doors(),
        appeals::doors(),
        ratings::doors(),
        profile::doors(),
        size::doors(),
        reading::doors(),
        uploads::doors(),
        messages::doors(),
        letters::doors(),
        consents::doors(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The router; whatever else is asked for under `/api/` is answered as a problem too.
pub fn routes(api: Api) -> Router {
    let mut paths: BTreeMap<&str, (MethodRouter<Api>, Vec<Method>)> = BTreeMap::new();
    for door in doors() {
        let (path, method, route) = door.into_route();
        let entry = paths.entry(path).or_default();
        entry.0 = std::mem::take(&mut entry.0).merge(route);
        entry.1.push(method);
    }
    let mut router = docs::routes();
    for (path, (route, mut methods)) in paths {
        if methods.contains(&Method::GET) {
            methods.push(Method::HEAD);
        }
        let allow = methods.iter().map(Method::as_str).collect::<Vec<_>>();
        let allow = HeaderValue::from_str(&allow.join(", ")).ok();
        let refuse = move |State(api): State<Api>, parts: Parts| {
            let allow = allow.clone();
            async move { wrong_method(&api, &parts, allow) }
        };
        router = router.route(path, route.fallback(refuse));
    }
    router
        .route("/api/{*rest}", any(nothing_here))
        .with_state(api)
}

fn wrong_method(api: &Api, parts: &Parts, allow: Option<HeaderValue>) -> Response {
    let request_id = (api.origin)(parts).request_id;
    let error = UseError::new(application::error::Kind::Invalid, "method_not_allowed");
    let mut response = problem::answer(&*api.words, error, &request_id);
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

async fn nothing_here(State(api): State<Api>, parts: Parts) -> Response {
    let request_id = (api.origin)(&parts).request_id;
    problem::answer(&*api.words, UseError::not_found(), &request_id)
}
