//! Mini-program 小程序: who signs in there, which messages a person granted, and the codes that lead there.

mod codes;
mod grants;
mod screen;
mod who;

use std::sync::Arc;

use domain::ids::TenantId;

pub use codes::{CODE, Landing, Poster, Posters, place as codes_place};
pub(crate) use codes::{Easel, draw_for};
pub use grants::{MOST_GRANTS, Offer};
pub(crate) use screen::{CHECK, DOUBTFUL};
pub use screen::{Screen, Screened};
pub use who::Known;

use crate::{
    access::Guard,
    city::{Cities, City},
    error::{Kind, UseError, UseResult},
    ports::{
        catalogue::Catalogue,
        clock::Clock,
        files::FileVault,
        limits::Limits,
        plugs::Plugs,
        sealing::{Place, Sealer},
        store::Store,
        wechat::{MiniProgram, WechatDoor, WechatError},
    },
};

/// The room.
#[derive(Clone)]
pub struct MiniRoom {
    pub guard: Guard,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub cities: Arc<dyn Cities>,
    pub sealer: Arc<dyn Sealer>,
    pub vault: Arc<dyn FileVault>,
    pub catalogue: Arc<dyn Catalogue>,
    pub programs: Arc<dyn Plugs<MiniProgram>>,
    pub door: Arc<dyn WechatDoor>,
    pub limits: Arc<dyn Limits>,
}

impl MiniRoom {
    /// The city whose mini-program has this app id: what a sign-in from there is bound to.
    pub fn city_of(&self, app_id: &str) -> Option<Arc<City>> {
        let all = self.cities.all();
        all.into_iter().find(|city| {
            let section = city.plugs.get("wechat");
            section.and_then(|s| s.get("app_id")?.as_str()) == Some(app_id)
        })
    }

    async fn program(&self, city: TenantId) -> UseResult<Arc<MiniProgram>> {
        Ok(self.programs.of(city).await?)
    }
}

/// Where a person's openid is sealed.
pub(crate) fn openid_place(city: TenantId, user: domain::ids::UserId) -> Place {
    Place {
        tenant: city.0,
        table: "wechat_accounts",
        row: user.0,
        column: "openid_sealed",
    }
}

impl From<WechatError> for UseError {
    fn from(error: WechatError) -> Self {
        let code = error.code();
        let wait = match &error {
            WechatError::Throttled { after } => after.and_then(|a| u32::try_from(a.as_secs()).ok()),
            _ => None,
        };
        match error {
            WechatError::Again | WechatError::ForeignNumber => Self::field("code", code),
            WechatError::NoGrant | WechatError::NotActive => Self::new(Kind::Conflict, code),
            other => {
                let unavailable = Self::unavailable(other);
                Self {
                    code,
                    retry_after: wait.or(unavailable.retry_after),
                    ..unavailable
                }
            }
        }
    }
}
