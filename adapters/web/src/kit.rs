//! What every page needs and nothing of the business: templates, cities, sign-in, keys, mode.

use std::sync::Arc;

use application::{
    access::Guard,
    city::Cities,
    ports::{clock::Clock, tokens::Tokens},
    sessions::SessionKeeper,
};
use axum::extract::FromRef;
use tera::Tera;

use crate::{
    drawings::Drawings,
    flood::FloodLimits,
    theme::{self, Brand},
};

/// How the program runs, as far as pages show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Demonstration: said on every page.
    pub demo: bool,
    /// Cookies are `Secure` and carry the `__Host-` prefix.
    pub secure_cookies: bool,
    /// Proxies whose `X-Forwarded-For` is believed (their number before us).
    pub trusted_proxies: usize,
    /// How fast writing doors may be used.
    pub flood: FloodLimits,
}

/// Shared by all rooms; cheap to clone.
#[derive(Clone)]
pub struct Kit(Arc<Inner>);

struct Inner {
    tera: &'static Tera,
    drawings: Drawings,
    cities: Arc<dyn Cities>,
    guard: Guard,
    sessions: SessionKeeper,
    tokens: Arc<dyn Tokens>,
    clock: Arc<dyn Clock>,
    mode: Mode,
}

impl Kit {
    /// Compiles every template that is not yet, and makes every city's theme: what is wrong stops the start.
    pub fn new(
        cities: Arc<dyn Cities>,
        guard: Guard,
        sessions: SessionKeeper,
        tokens: Arc<dyn Tokens>,
        clock: Arc<dyn Clock>,
        mode: Mode,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let tera = crate::templates::shared()?;
        for city in cities.all() {
            theme::css_url(&Brand {
                brand: city.brand.clone(),
                accent: city.accent.clone(),
            })?;
        }
        Ok(Self(Arc::new(Inner {
            tera,
            drawings: Drawings::default(),
            cities,
            guard,
            sessions,
            tokens,
            clock,
            mode,
        })))
    }

    pub fn tera(&self) -> &Tera {
        self.0.tera
    }
    pub(crate) fn drawings(&self) -> &Drawings {
        &self.0.drawings
    }
    pub fn cities(&self) -> &dyn Cities {
        &*self.0.cities
    }
    pub fn guard(&self) -> &Guard {
        &self.0.guard
    }
    pub fn sessions(&self) -> &SessionKeeper {
        &self.0.sessions
    }
    pub fn tokens(&self) -> &dyn Tokens {
        &*self.0.tokens
    }
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// The name of a cookie of ours: `__Host-` where it travels over HTTPS.
    pub fn cookie_name(&self, name: &str) -> String {
        if self.0.mode.secure_cookies {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        }
    }

    /// A `Set-Cookie` value; an empty value takes the cookie away.
    pub fn cookie(&self, name: &str, value: &str) -> String {
        let secure = if self.0.mode.secure_cookies {
            "; Secure"
        } else {
            ""
        };
        let gone = if value.is_empty() { "; Max-Age=0" } else { "" };
        format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{gone}",
            self.cookie_name(name)
        )
    }
}

/// The state of one room's router: its use cases and the kit.
pub struct Web<U> {
    pub uses: Arc<U>,
    pub kit: Kit,
}

impl<U> Web<U> {
    pub fn new(uses: U, kit: Kit) -> Self {
        Self {
            uses: Arc::new(uses),
            kit,
        }
    }
}

impl<U> Clone for Web<U> {
    fn clone(&self) -> Self {
        Self {
            uses: self.uses.clone(),
            kit: self.kit.clone(),
        }
    }
}

impl<U> FromRef<Web<U>> for Kit {
    fn from_ref(web: &Web<U>) -> Self {
        web.kit.clone()
    }
}
