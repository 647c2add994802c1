//! Doors 入口: the router is built from this list, so that a test can knock on every one.

use std::{future::Future, pin::Pin, sync::Arc};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    http::Method,
    response::Response,
    routing::{MethodRouter, get, post},
};

/// Who finds a door open; anybody else is sent to sign-in or told that there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Public,
    /// Signed-in people of an enterprise.
    Enterprise,
    /// Signed-in people of a tenant: bank, branch, city.
    Staff,
    /// Anybody signed in.
    SignedIn,
    /// Whoever holds a one-time link.
    Link,
    /// A bank's own system with a signature; sessions count for nothing there.
    Machine,
    /// A device of an enterprise person with an access token; cookies count for nothing there (S-14).
    Token,
}

/// Largest body of a door that takes files (S-49), and who finds that door open; the form reader asks before it reads.
#[derive(Clone, Copy, Debug)]
pub struct BodyMost {
    pub bytes: usize,
    pub who: Who,
}

/// A form with one upload.
pub const ONE_UPLOAD: usize = 11 * 1024 * 1024;
/// A form that carries three photos at once, or several pages, for browsers without script.
pub const THREE_UPLOADS: usize = 31 * 1024 * 1024;

/// One method on one path.
pub struct Door<S> {
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
    handler: MethodRouter<S>,
}

/// A door as the tests see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorSign {
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
}

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler of any arguments as one type: what axum makes of a handler would be made five hundred times otherwise, a third of the time
/// that this crate takes to compile.
struct AnyHandler<S>(Arc<dyn Fn(Request, S) -> Answer + Send + Sync>);

impl<S: 'static> AnyHandler<S> {
    fn of<H, T>(handler: H) -> Self
    where
        H: Handler<T, S, Future = Answer>,
    {
        Self(Arc::new(move |request, state| {
            handler.clone().call(request, state)
        }))
    }
}

impl<S> Clone for AnyHandler<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: 'static> Handler<(), S> for AnyHandler<S> {
    type Future = Answer;

    fn call(self, request: Request, state: S) -> Answer {
        (self.0)(request, state)
    }
}

impl<S: Clone + Send + Sync + 'static> Door<S> {
    pub fn get<H, T>(path: &'static str, who: Who, handler: H) -> Self
    where
        H: Handler<T, S, Future = Answer>,
    {
        Self {
            method: Method::GET,
            path,
            who,
            handler: get(AnyHandler::of(handler)),
        }
    }

    pub fn post<H, T>(path: &'static str, who: Who, handler: H) -> Self
    where
        H: Handler<T, S, Future = Answer>,
    {
        Self {
            method: Method::POST,
            path,
            who,
            handler: post(AnyHandler::of(handler)),
        }
    }

    /// Takes bodies up to `most` bytes instead of a form's.
    #[must_use]
    pub fn body(mut self, most: usize) -> Self {
        let body = BodyMost {
            bytes: most,
            who: self.who,
        };
        self.handler = self
            .handler
            .layer::<_, std::convert::Infallible>(Extension(body))
            .layer::<_, std::convert::Infallible>(DefaultBodyLimit::max(most));
        self
    }

    pub fn sign(&self) -> DoorSign {
        DoorSign {
            method: self.method.clone(),
            path: self.path,
            who: self.who,
        }
    }
}

/// The router of a room.
pub fn router<S: Clone + Send + Sync + 'static>(doors: Vec<Door<S>>, state: S) -> Router {
    doors
        .into_iter()
        .fold(Router::new(), |router, door| {
            router.route(door.path, door.handler)
        })
        .with_state(state)
}

/// The signs of a room, for the door tests.
pub fn signs<S: Clone + Send + Sync + 'static>(doors: &[Door<S>]) -> Vec<DoorSign> {
    doors.iter().map(Door::sign).collect()
}
