//! Wiring: every port gets its adapter, every room its router. One line each.

use std::sync::Arc;

use ::sheets::Xlsx;
use application::{
    access::{AccessPolicy, Guard},
    agreements::InForce,
    catalogue::{Handouts, OwnFacts, Portal, Showcase},
    city::Cities,
    ports::{
        captcha::CaptchaArtist,
        clock::Clock,
        data_book::DataBook,
        face::FaceVerifier,
        files::FileVault,
        hashing::PasswordHasher,
        pictures::PictureStudio,
        plugs::PlugError,
        providers::ProviderChecks,
        province::ProvinceNode,
        recognition::Recognizer,
        reference::Regions,
        scanner::FileScanner,
        sealing::Sealer,
        sms::{SmsReceiver, SmsSender},
        store::Store,
        tokens::Tokens,
        webhooks::HookCaller,
        wechat::MiniProgram,
        workbooks::Workbooks,
    },
    ratings::ShownRatings,
    regions::CityRegions,
    sessions::SessionKeeper,
};
use axum::Router;
use media::{DrawnCaptcha, Studio};
use outbound::Switchboard;
use postgres_adapter::{PgDoor, PgStore};
use sqlx::PgPool;
use tenants::{access::CasbinPolicy, plug_table::PlugTable};
use tokio::sync::OnceCell;
use vault::{ArgonHasher, HashSettings, Keys, SealSettings, SystemTokens, VaultSealer};
use web::{
    doors::{self, DoorSign},
    kit::{Kit, Mode, Web},
    portal::cache::PageCache,
};

use crate::{apart::Apart, layers};

pub mod account;
mod accounts;
mod api;
pub mod bank_api;
mod branch;
pub use branch::{codes, thread};
pub use catalogue::{appraisal, callbacks};
pub use changes::{read_agreements, watch};
pub use content::reconsent;
pub mod catalogue;
mod changes;
mod content;
pub mod financing;
mod hq;
pub mod people;
pub mod profile;
pub mod providers;
pub mod province;
mod recognition;
pub mod sheets;
pub mod wechat;

/// Every adapter of this process, behind its port.
#[derive(Clone)]
pub struct Parts {
    pub pool: PgPool,
    /// With their agreements as they are in force.
    pub cities: Arc<dyn Cities>,
    pub in_force: Arc<InForce>,
    /// The list of the nation as each city changed it.
    pub regions: Arc<dyn Regions>,
    pub guard: Guard,
    pub store: Arc<dyn Store>,
    pub pg: PgStore,
    pub door: Arc<PgDoor>,
    pub clock: Arc<dyn Clock>,
    pub sealer: Arc<dyn Sealer>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub tokens: Arc<dyn Tokens>,
    pub studio: Arc<dyn PictureStudio>,
    /// Who looks into files that are kept as they came.
    pub scanner: Arc<dyn FileScanner>,
    pub captcha: Arc<dyn CaptchaArtist>,
    pub files: Arc<dyn FileVault>,
    pub workbooks: Arc<dyn Workbooks>,
    pub sessions: SessionKeeper,
    /// The way out to providers, with its breakers.
    pub outbound: Switchboard,
    /// Who sends messages, city by city.
    pub sms: Arc<PlugTable<dyn SmsSender>>,
    /// Who takes receipts of messages, city by city.
    pub receipts: Arc<PlugTable<dyn SmsReceiver>>,
    /// Who examines everything that is plugged in.
    pub checks: Arc<dyn ProviderChecks>,
    /// Who tells banks what happened.
    pub caller: Arc<dyn HookCaller>,
    /// Who compares faces, city by city.
    pub face: Arc<PlugTable<dyn FaceVerifier>>,
    /// The cities' mini-programs.
    pub mini_programs: Arc<PlugTable<MiniProgram>>,
    /// Who reads licences and cards, city by city.
    pub recognition: Arc<PlugTable<dyn Recognizer>>,
    /// Whom cities report to.
    pub province: Arc<PlugTable<dyn ProvinceNode>>,

    pub portal: Arc<Portal>,
    /// Pages that everybody sees alike.
    pub pages: PageCache,
    /// The readable half of an export.
    pub book: Arc<dyn DataBook>,
    pub kit: Kit,
}

/// What differs between a running program and a test.
pub struct Outside {
    pub pool: PgPool,
    pub cities: Arc<dyn Cities>,
    pub clock: Arc<dyn Clock>,
    pub keys: Keys,
    /// What a password costs: the default everywhere but in tests, which sign in thousands of times.
    pub hashing: HashSettings,
    pub files: Arc<dyn FileVault>,
    pub scanner: Arc<dyn FileScanner>,
    /// Who parses documents and workbooks of strangers; `None`, in tests alone: this very process.
    pub apart: Option<Apart>,
    pub outbound: Switchboard,
    pub mode: Mode,
}

impl Parts {
    pub async fn assemble(outside: Outside) -> anyhow::Result<Self> {
        let Outside {
            pool,
            cities,
            clock,
            keys,
            hashing,
            files,
            scanner,
            apart,
            outbound,
            mode,
        } = outside;
        let in_force = Arc::new(InForce::new(cities, clock.clone()));
        let cities: Arc<dyn Cities> = in_force.clone();
        let guard = Guard::new(policy().await?);
        let pg = PgStore::new(pool.clone());
        let door = Arc::new(PgDoor::new(pool.clone()));
        let tokens: Arc<dyn Tokens> = Arc::new(SystemTokens::new(&keys.tokens));
        let sealer = Arc::new(VaultSealer::new(
            &keys,
            door.clone(),
            SealSettings::default(),
        ));
        let hasher = ArgonHasher::new(&keys.pepper, hashing)
            .ok_or_else(|| anyhow::anyhow!("password hashing could not be set up"))?;
        let sessions = SessionKeeper::new(door.clone(), tokens.clone(), clock.clone());
        let kit = Kit::new(
            cities.clone(),
            guard.clone(),
            sessions.clone(),
            tokens.clone(),
            clock.clone(),
            mode,
        )
        .map_err(|error| anyhow::anyhow!("templates or theme: {error}"))?;
        let portal = Arc::new(Portal::new(
            guard.clone(),
            Arc::new(PgStore::new(pool.clone())),
            clock.clone(),
        ));
        // A demonstration may tell this very machine; no setting of a production does (S-44).
        let caller: Arc<dyn HookCaller> = Arc::new(if mode.demo {
            bankapi::Caller::with_loopback()
        } else {
            bankapi::Caller::new()
        });
        reference::Reference::warm();
        let regions: Arc<dyn Regions> = Arc::new(CityRegions {
            published: Arc::new(reference::Reference),
            cities: cities.clone(),
            clock: clock.clone(),
        });
        let sealer: Arc<dyn Sealer> = sealer;
        let plugged = Plugged::new(&cities, &outbound, &door, &sealer, &clock)?;
        wechat::check_app_ids(&*cities)?;
        Ok(Self {
            store: Arc::new(pg.clone()),
            pg,
            door,
            clock,
            sealer,
            hasher: Arc::new(hasher),
            tokens,
            studio: Arc::new(
                apart
                    .clone()
                    .map_or_else(Studio::default, |apart| Studio::new(Arc::new(apart))),
            ),
            scanner,
            captcha: Arc::new(DrawnCaptcha),
            files,
            workbooks: Arc::new(
                apart.map_or_else(Xlsx::default, |apart| Xlsx::new(Arc::new(apart))),
            ),
            sessions,
            outbound,
            sms: plugged.sms,
            receipts: plugged.receipts,
            checks: plugged.checks,
            caller,
            face: plugged.face,
            mini_programs: plugged.mini_programs,
            recognition: plugged.recognition,
            province: plugged.province,
            pages: PageCache::new(kit.clone(), portal.clone()),
            portal,
            book: Arc::new(web::account::book::Book::new(kit.clone())),
            kit,
            guard,
            cities,
            in_force,
            regions,
            pool,
        })
    }
}

/// What each city has named, made and checked: wrong settings stop the start.
struct Plugged {
    sms: Arc<PlugTable<dyn SmsSender>>,
    receipts: Arc<PlugTable<dyn SmsReceiver>>,
    checks: Arc<dyn ProviderChecks>,
    face: Arc<PlugTable<dyn FaceVerifier>>,
    mini_programs: Arc<PlugTable<MiniProgram>>,
    recognition: Arc<PlugTable<dyn Recognizer>>,
    province: Arc<PlugTable<dyn ProvinceNode>>,
}

impl Plugged {
    fn new(
        cities: &Arc<dyn Cities>,
        board: &Switchboard,
        door: &Arc<PgDoor>,
        sealer: &Arc<dyn Sealer>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, PlugError> {
        let makings = providers::Makings {
            cities: cities.clone(),
            board: board.clone(),
            door: door.clone(),
            clock: clock.clone(),
        };
        let shelf = ::wechat::Shelf {
            tokens: door.clone(),
            sealer: sealer.clone(),
        };
        let sms = makings.senders();
        sms.check()?;
        let face = profile::face_table(cities.clone(), board, shelf.clone());
        face.check()?;
        let mini_programs = wechat::table(
            cities.clone(),
            door.clone(),
            clock.clone(),
            sealer.clone(),
            board.clone(),
        );
        mini_programs.check()?;
        let recognition = recognition::table(cities.clone(), board, shelf, clock.clone());
        recognition.check_where_named()?;
        let province = province::table(cities.clone(), board);
        province.check_where_named()?;
        Ok(Self {
            sms: Arc::new(sms),
            receipts: Arc::new(makings.receivers()),
            checks: Arc::new(makings.examiner()),
            face: Arc::new(face),
            mini_programs: Arc::new(mini_programs),
            recognition: Arc::new(recognition),
            province: Arc::new(province),
        })
    }
}

/// Builds what these cities name without keeping it; `all` are the cities that will be served together.
pub fn check_plugs(
    cities: &Arc<dyn Cities>,
    all: &dyn Cities,
    board: &Switchboard,
    door: &Arc<PgDoor>,
    sealer: &Arc<dyn Sealer>,
    clock: &Arc<dyn Clock>,
) -> Result<(), PlugError> {
    Plugged::new(cities, board, door, sealer, clock)?;
    wechat::check_app_ids(all)
}

/// Every room's router, merged and surrounded by the layers.
pub fn router(parts: &Parts) -> Router {
    let kit = || parts.kit.clone();
    let rooms = Router::new()
        .merge(web::assets::router())
        .merge(web::account::routes(Web::new(account::uses(parts), kit())))
        .merge(web::branch::routes(Web::new(branch::uses(parts), kit())))
        .merge(web::codes::routes(Web::new(branch::codes(parts), kit())))
        .merge(web::complaints::routes(Web::new(
            catalogue::complaints(parts),
            kit(),
        )))
        .merge(web::appraisal::routes(Web::new(
            catalogue::appraisal(parts),
            kit(),
        )))
        .merge(web::callbacks::routes(Web::new(
            catalogue::callbacks(parts),
            kit(),
        )))
        .merge(web::ratings::routes(Web::new(
            catalogue::ratings(parts),
            kit(),
        )))
        .merge(web::hq::routes(Web::new(hq::uses(parts), kit())))
        .merge(web::keys::routes(Web::new(bank_api::keys(parts), kit())))
        .merge(bankapi::routes(bank_api::api(parts)))
        .merge(::api::routes(api::api(parts)))
        .merge(web::tree::routes(Web::new(people::tree(parts), kit())))
        .merge(web::team::routes(Web::new(people::team(parts), kit())))
        .merge(web::people::routes(Web::new(people::uses(parts), kit())))
        .merge(web::ownership::routes(Web::new(people::eo(parts), kit())))
        .merge(web::products::routes(Web::new(
            catalogue::products(parts),
            kit(),
        )))
        .merge(web::hooks::routes(Web::new(
            catalogue::receipts(parts),
            kit(),
        )))
        .merge(web::exports::routes(Web::new(
            sheets::exports(parts),
            kit(),
        )))
        .merge(web::imports::routes(Web::new(
            sheets::imports(parts),
            kit(),
        )))
        .merge(web::referrals::routes(Web::new(
            sheets::referral_desk(parts),
            kit(),
        )))
        .merge(web::files::routes(Web::new(profile::files(parts), kit())))
        .merge(web::profile::routes(Web::new(
            profile::profile(parts),
            kit(),
        )))
        .merge(web::estimates::routes(Web::new(
            catalogue::estimates(parts),
            kit(),
        )))
        .merge(web::size::routes(Web::new(profile::size(parts), kit())))
        .merge(web::identity::routes(Web::new(
            profile::identity(parts),
            kit(),
        )))
        .merge(web::financing::routes(Web::new(
            financing::desk(parts),
            kit(),
        )))
        .merge(web::messages::routes(Web::new(
            financing::messages(parts),
            kit(),
        )))
        .merge(web::consents::routes(Web::new(
            financing::consents(parts),
            kit(),
        )))
        .merge(web::calendar::routes(Web::new(
            branch::calendar(parts),
            kit(),
        )))
        .merge(web::thread::routes(Web::new(branch::thread(parts), kit())))
        .merge(web::posters::routes(Web::new(wechat::uses(parts), kit())))
        .merge(web::provincial::routes(Web::new(
            province::provincial(parts),
            kit(),
        )))
        .merge(web::shell::routes(Web::new(web::shell::Shell, kit())))
        .merge(web::portal::routes(Web::new(showcase(parts), kit())))
        .merge(operators(parts));
    layers::surround(rooms, parts)
}

/// The rooms that only the operators of a city work in, or mostly they.
fn operators(parts: &Parts) -> Router {
    let kit = || parts.kit.clone();
    Router::new()
        .merge(web::operator::routes(Web::new(
            catalogue::operator(parts),
            kit(),
        )))
        .merge(web::content::routes(Web::new(content::desk(parts), kit())))
        .merge(web::reconsent::routes(Web::new(
            content::reconsent(parts),
            kit(),
        )))
        .merge(web::enterprises::routes(Web::new(
            catalogue::enterprises(parts),
            kit(),
        )))
        .merge(web::rules::routes(Web::new(catalogue::rules(parts), kit())))
        .merge(web::dictionaries::routes(Web::new(
            catalogue::dictionaries(parts),
            kit(),
        )))
        .merge(web::institutions::routes(Web::new(
            catalogue::institutions(parts),
            kit(),
        )))
        .merge(web::breaches::routes(Web::new(
            catalogue::breaches(parts),
            kit(),
        )))
        .merge(web::visits::routes(Web::new(
            sheets::visit_desk(parts),
            kit(),
        )))
        .merge(web::subsidies::routes(Web::new(
            catalogue::subsidies(parts),
            kit(),
        )))
}

fn own_facts(parts: &Parts) -> OwnFacts {
    OwnFacts {
        guard: parts.guard.clone(),
        store: parts.store.clone(),
        industries: Arc::new(reference::Reference),
    }
}

fn showcase(parts: &Parts) -> Showcase {
    Showcase {
        portal: parts.portal.clone(),
        words: Arc::new(reference::Reference),
        regions: Arc::new(reference::Reference),
        pictures: parts.studio.clone(),
        own: own_facts(parts),
        ratings: ShownRatings {
            guard: parts.guard.clone(),
            store: parts.store.clone(),
        },
        handouts: Handouts {
            guard: parts.guard.clone(),
            store: parts.store.clone(),
            vault: parts.files.clone(),
            sealer: parts.sealer.clone(),
        },
        mini: wechat::uses(parts),
    }
}

/// One policy for every database of this process, read once: nothing changes it.
async fn policy() -> anyhow::Result<Arc<dyn AccessPolicy>> {
    static POLICY: OnceCell<Arc<CasbinPolicy>> = OnceCell::const_new();
    let load = || async { anyhow::Ok(Arc::new(CasbinPolicy::load().await?)) };
    Ok(POLICY.get_or_try_init(load).await?.clone())
}

/// The signs of every door, for the door tests: a room that is merged above and missing here fails them.
pub fn door_signs() -> Vec<DoorSign> {
    [
        doors::signs(&web::account::doors()),
        doors::signs(&web::branch::doors()),
        doors::signs(&web::codes::doors()),
        doors::signs(&web::complaints::doors()),
        doors::signs(&web::appraisal::doors()),
        doors::signs(&web::breaches::doors()),
        doors::signs(&web::subsidies::doors()),
        doors::signs(&web::callbacks::doors()),
        doors::signs(&web::ratings::doors()),
        doors::signs(&web::hq::doors()),
        doors::signs(&web::keys::doors()),
        bank_api::signs(),
        api::signs(),
        doors::signs(&web::people::doors()),
        doors::signs(&web::team::doors()),
        doors::signs(&web::ownership::doors()),
        doors::signs(&web::products::doors()),
        doors::signs(&web::operator::doors()),
        doors::signs(&web::content::doors()),
        doors::signs(&web::reconsent::doors()),
        doors::signs(&web::tree::doors()),
        doors::signs(&web::enterprises::doors()),
        doors::signs(&web::institutions::doors()),
        doors::signs(&web::rules::doors()),
        doors::signs(&web::dictionaries::doors()),
        doors::signs(&web::hooks::doors()),
        doors::signs(&web::exports::doors()),
        doors::signs(&web::imports::doors()),
        doors::signs(&web::referrals::doors()),
        doors::signs(&web::visits::doors()),
        doors::signs(&web::files::doors()),
        doors::signs(&web::profile::doors()),
        doors::signs(&web::estimates::doors()),
        doors::signs(&web::size::doors()),
        doors::signs(&web::identity::doors()),
        doors::signs(&web::financing::doors()),
        doors::signs(&web::messages::doors()),
        doors::signs(&web::consents::doors()),
        doors::signs(&web::calendar::doors()),
        doors::signs(&web::thread::doors()),
        doors::signs(&web::posters::doors()),
        doors::signs(&web::provincial::doors()),
        doors::signs(&web::shell::doors()),
        doors::signs(&web::portal::doors()),
    ]
    .concat()
}
