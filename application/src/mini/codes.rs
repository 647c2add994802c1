//! Mini-program codes 小程序码: asked for by staff, drawn once by the worker, kept, and shown to everybody from here.

use std::sync::Arc;

use domain::{
    ids::{ProductId, TenantId},
    scene::Scene,
    tenant::TenantKind,
};
use serde_json::json;
use uuid::Uuid;

use super::MiniRoom;
use crate::{
    access::{Action, Actor, Permit, Room},
    catalogue::Snapshot,
    error::{UseError, UseResult},
    memory::{Loaded, PUBLIC_FILES, bytes_of},
    once::Once,
    ports::{
        audit::AuditEntry,
        catalogue::{Branch, Institution, Product},
        clock::Clock,
        files::{FileKey, FileVault},
        sealing::{Place, Sealer},
        store::Store,
        wechat::{KeptCode, MiniProgram},
    },
};

/// Topic of a code that is to be drawn.
pub const CODE: &str = "wechat.code";
const ACTION: &str = "wechat.code";

/// Where a scene leads, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Landing {
    Register,
    Branch {
        branch: Box<Branch>,
        institution: Box<Institution>,
    },
    Product {
        id: ProductId,
    },
}

/// What a poster says, and whether its code is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    pub scene: Scene,
    /// The branch, the product, or the city's platform.
    pub heading: String,
    /// The institution, where there is one.
    pub institution: String,
    pub address: String,
    pub opening_hours: String,
    /// The code is kept and shown.
    pub drawn: bool,
    /// The city has a mini-program at all.
    pub possible: bool,
}

/// What may be printed: scene, name and institution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posters {
    pub branches: Vec<(Scene, String, String)>,
    pub products: Vec<(Scene, String, String)>,
    pub possible: bool,
}

/// Where the object of a code is sealed.
pub fn place(city: TenantId, id: Uuid) -> Place {
    Place {
        tenant: city.0,
        table: "wechat_codes",
        row: id,
        column: "object",
    }
}

impl MiniRoom {
    /// What somebody who scanned a code is led to. What is not on the shelf any more is not found.
    pub async fn resolve(&self, city: TenantId, text: &str) -> UseResult<Landing> {
        let scene = Scene::parse(text).ok_or_else(UseError::not_found)?;
        let snapshot = self.catalogue.snapshot(city).await?;
        landing(&snapshot, &scene).ok_or_else(UseError::not_found)
    }

    /// The picture of a code, for everybody; `network` is where they come from.
    pub async fn picture(
        &self,
        city: TenantId,
        text: &str,
        network: &str,
    ) -> UseResult<(String, Loaded)> {
        let scene = Scene::parse(text).ok_or_else(UseError::not_found)?;
        let program = self.program(city).await?;
        let permit = self.guard.visitor(city).await?;
        let mut work = self.store.begin(&permit).await?;
        let edition = program.codes.edition();
        let kept = work
            .kept_codes()
            .code_of(&program.app_id, edition, &scene)
            .await?
            .ok_or_else(UseError::not_found)?;
        drop(work);
        let size = bytes_of(kept.byte_size);
        let bytes = PUBLIC_FILES.load(network, size, self.read(city, &kept));
        let bytes = bytes.await?;
        Ok((kept.media_type, bytes))
    }

    async fn read(&self, city: TenantId, kept: &KeptCode) -> UseResult<Vec<u8>> {
        let key = FileKey::parse(&kept.object_key);
        let key = key.ok_or_else(|| UseError::bug("a code holds no key"))?;
        let sealed = self.vault.get(city.0, &key).await?;
        let sealed = sealed.ok_or_else(UseError::not_found)?;
        self.sealer.ready(city.0).await?;
        Ok(self.sealer.open(&place(city, kept.id), &sealed)?)
    }

    /// Whether the code of a scene is there for everybody to scan; never in a city without a mini-program.
    pub async fn is_drawn(&self, city: TenantId, scene: &Scene) -> UseResult<bool> {
        let program = self.program(city).await?;
        if program.app_id.is_empty() {
            return Ok(false);
        }
        let permit = self.guard.visitor(city).await?;
        let mut work = self.store.begin(&permit).await?;
        let kept = work
            .kept_codes()
            .code_of(&program.app_id, program.codes.edition(), scene)
            .await?;
        Ok(kept.is_some())
    }

    /// 小程序码 of everything that is theirs.
    pub async fn posters(&self, actor: &Actor) -> UseResult<Posters> {
        self.guard
            .permit(actor, Room::Posters, Action::View)
            .await?;
        let snapshot = self.catalogue.snapshot(actor.city).await?;
        let name = |id: TenantId| {
            let institution = snapshot.institution(id);
            institution.map(|institution| institution.name.clone())
        };
        let mine = |scene: &Scene| is_theirs(&snapshot, actor, scene);
        let branches = snapshot.content.branches.iter().filter_map(|branch| {
            let scene = Scene::Branch(branch.id);
            mine(&scene).then_some((scene, branch.name.clone(), name(branch.bank)?))
        });
        let products = snapshot.products().filter_map(|product| {
            let scene = Scene::Product(product.id);
            mine(&scene).then_some((scene, product.name.clone(), name(product.institution)?))
        });
        Ok(Posters {
            branches: branches.collect(),
            products: products.collect(),
            possible: !self.program(actor.city).await?.app_id.is_empty(),
        })
    }

    /// 海报: for staff, of what is theirs.
    pub async fn poster(&self, actor: &Actor, text: &str) -> UseResult<Poster> {
        let permit = self
            .guard
            .permit(actor, Room::Posters, Action::View)
            .await?;
        self.poster_of(actor, &permit, text).await
    }

    /// 生成小程序码: the worker draws it after the commit.
    pub async fn want(&self, actor: &Actor, text: &str, once: &Once) -> UseResult<()> {
        let permit = self.guard.permit(actor, Room::Posters, Action::Ask).await?;
        let poster = self.poster_of(actor, &permit, text).await?;
        if !poster.possible {
            return Err(UseError::conflict("wechat.no_program"));
        }
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, ACTION, at).await?.is_some() || poster.drawn {
            return Ok(());
        }
        let scene = poster.scene.text();
        let payload = json!({ "scene": scene });
        work.outbox()
            .push(self.clock.new_id(), CODE, payload, at)
            .await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), ACTION, scene, at);
        work.audit().write(entry).await?;
        once.done(&mut *work, ACTION, json!({})).await?;
        Ok(work.commit().await?)
    }

    async fn poster_of(&self, actor: &Actor, permit: &Permit, text: &str) -> UseResult<Poster> {
        let scene = Scene::parse(text).ok_or_else(UseError::not_found)?;
        let snapshot = self.catalogue.snapshot(actor.city).await?;
        if !is_theirs(&snapshot, actor, &scene) {
            return Err(UseError::not_found());
        }
        let landing = landing(&snapshot, &scene).ok_or_else(UseError::not_found)?;
        let program = self.program(actor.city).await?;
        let mut work = self.store.begin(permit).await?;
        let kept = work
            .kept_codes()
            .code_of(&program.app_id, program.codes.edition(), &scene)
            .await?;
        let mut poster = Poster {
            scene,
            heading: String::new(),
            institution: String::new(),
            address: String::new(),
            opening_hours: String::new(),
            drawn: kept.is_some(),
            possible: !program.app_id.is_empty(),
        };
        match landing {
            Landing::Register => {
                let city = self.cities.by_id(actor.city);
                poster.heading = city.map_or(String::new(), |city| city.name.clone());
            }
            Landing::Branch {
                branch,
                institution,
            } => {
                poster.heading = branch.name;
                poster.institution = institution.name;
                poster.address = branch.address;
                poster.opening_hours = branch.opening_hours;
            }
            Landing::Product { id } => {
                let product = snapshot.product(id).ok_or_else(UseError::not_found)?;
                poster.heading.clone_from(&product.name);
                let institution = snapshot.institution(product.institution);
                poster.institution = institution.map_or(String::new(), |i| i.name.clone());
            }
        }
        Ok(poster)
    }
}

fn landing(snapshot: &Snapshot, scene: &Scene) -> Option<Landing> {
    Some(match scene {
        Scene::Register => Landing::Register,
        Scene::Branch(id) => {
            let branch = snapshot.branch(*id)?.clone();
            let institution = snapshot.institution(branch.bank)?.clone();
            Landing::Branch {
                branch: Box::new(branch),
                institution: Box::new(institution),
            }
        }
        Scene::Product(id) => Landing::Product {
            id: snapshot.product(*id)?.id,
        },
    })
}

/// The city's staff print everything; an institution what is its own; a branch itself and what it carries.
fn is_theirs(snapshot: &Snapshot, actor: &Actor, scene: &Scene) -> bool {
    let carries = |product: &Product| {
        actor.reach.contains(&product.institution) || product.branches.contains(&actor.tenant)
    };
    match scene {
        Scene::Register => true,
        _ if actor.tenant_kind == TenantKind::City => true,
        Scene::Branch(id) => actor.reach.contains(id),
        Scene::Product(id) => snapshot.product(*id).is_some_and(carries),
    }
}

/// What the worker draws with.
pub(crate) struct Easel<'a> {
    pub store: &'a Arc<dyn Store>,
    pub clock: &'a dyn Clock,
    pub sealer: &'a dyn Sealer,
    pub vault: &'a dyn FileVault,
}

/// Draws one code for the city of the permit, unless it is there. Called outside of any unit of work; twice does no harm: the
/// second object is nobody's and is collected.
pub(crate) async fn draw_for(
    easel: &Easel<'_>,
    permit: &Permit,
    program: &MiniProgram,
    scene: Scene,
) -> UseResult<()> {
    let edition = program.codes.edition();
    let mut work = easel.store.begin(permit).await?;
    let there = work
        .kept_codes()
        .code_of(&program.app_id, edition, &scene)
        .await?;
    drop(work);
    if there.is_some() {
        return Ok(());
    }
    let picture = program.codes.draw(&scene).await?;
    let (city, id) = (permit.city(), easel.clock.new_id());
    easel.sealer.ready(city.0).await?;
    let sealed = easel.sealer.seal(&place(city, id), &picture.bytes)?;
    let key = easel.vault.put(city.0, sealed).await?;
    let byte_size = i32::try_from(picture.bytes.len()).unwrap_or(i32::MAX);
    let kept = KeptCode {
        id,
        scene,
        app_id: program.app_id.clone(),
        edition,
        media_type: picture.media_type.to_owned(),
        object_key: key.as_str().to_owned(),
        byte_size,
        at: easel.clock.now(),
    };
    let mut work = easel.store.begin(permit).await?;
    work.kept_codes().keep_code(&kept).await?;
    Ok(work.commit().await?)
}
