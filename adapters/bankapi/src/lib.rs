#![doc = include_str!("../README.md")]

mod address;
mod caller;
mod calls;
mod problem;
mod signed;

use std::sync::Arc;

use application::{
    access::Origin,
    bank_api::{BankDesk, Gate},
    city::Cities,
    ports::notice_words::NoticeWords,
};
use axum::{
    Router,
    http::{Method, request::Parts},
    routing::{MethodRouter, any, get, post},
};

pub use caller::Caller;

/// Address, request id and channel of a request, as the program in front of us knows them.
pub type OriginOf = Arc<dyn Fn(&Parts) -> Origin + Send + Sync>;

/// What the doors need.
#[derive(Clone)]
pub struct Api {
    pub gate: Gate,
    pub desk: Arc<BankDesk>,
    pub cities: Arc<dyn Cities>,
    pub words: Arc<dyn NoticeWords>,
    pub origin: OriginOf,
}

/// One method on one path; nobody enters without a signature.
pub struct Door {
    pub method: Method,
    pub path: &'static str,
    handler: MethodRouter<Api>,
}

/// Every door of the interface.
pub fn doors() -> Vec<Door> {
    let door = |method, path, handler| Door {
        method,
        path,
        handler,
    };
    vec![
        door(Method::GET, "/bank/v1/applications", get(calls::list)),
        door(Method::GET, "/bank/v1/applications/{id}", get(calls::one)),
        door(
            Method::POST,
            "/bank/v1/applications/{id}/disbursements",
            post(calls::disburse),
        ),
        door(
            Method::POST,
            "/bank/v1/applications/{id}/repayments",
            post(calls::repay),
        ),
        door(
            Method::POST,
            "/bank/v1/applications/{id}/settlement",
            post(calls::settle),
        ),
    ]
}

/// The router; whatever else is asked for under `/bank/` is answered as a problem too.
pub fn routes(api: Api) -> Router {
    doors()
        .into_iter()
        .fold(Router::new(), |router, door| {
            router.route(door.path, door.handler.fallback(calls::wrong_method))
        })
        .route("/bank/{*rest}", any(calls::nothing_here))
        .with_state(api)
}
