//! Who knocks, and what is somebody else's to them.

use application::ports::sessions::SessionKind;
use domain::ids::{ProductId, TenantId};
use journeys::{Browser, EnterpriseFixture, StaffFixture, World};
use uuid::Uuid;
use web::doors::DoorSign;

use super::rows::led_to;

/// Somebody of a province, at the province's own site.
pub(super) const PROVINCE: &str = "province supervisor";

/// The operators of a city supervise what lies in it: there some of it is nobody else's.
pub(super) const OPERATOR: &str = "city operator";

/// Whoever may knock.
pub(super) struct Knocker {
    pub(super) name: &'static str,
    pub(super) kind: Option<SessionKind>,
    pub(super) browser: Browser,
    /// One of those to whom the first request belongs: the second one is somebody else's to them.
    pub(super) inside: bool,
}

fn knocker(name: &'static str, kind: Option<SessionKind>, browser: Browser) -> Knocker {
    Knocker {
        name,
        kind,
        browser,
        inside: false,
    }
}

/// An object, and the doors where its id means something.
pub(super) struct Object {
    pub(super) what: &'static str,
    /// What the path of such a door holds.
    pub(super) doors: &'static str,
    /// Where the operators of its own city look at it.
    pub(super) overseen: Option<&'static str>,
    pub(super) id: Uuid,
    /// What it is a part of, where a path names both.
    pub(super) whole: Option<Uuid>,
    /// What a form about it would bring, so that no post is refused for its empty fields before the object is looked for.
    pub(super) typed: &'static [(&'static str, &'static str)],
}

impl Object {
    pub(super) fn within(self, whole: Uuid) -> Self {
        Self {
            whole: Some(whole),
            ..self
        }
    }

    pub(super) fn typed(self, typed: &'static [(&'static str, &'static str)]) -> Self {
        Self { typed, ..self }
    }

    /// A path to it, and the same path to nothing.
    pub(super) fn paths(&self, sign: &DoorSign) -> [String; 2] {
        let (missing, nowhere) = (Uuid::new_v4(), self.whole.map(|_| Uuid::new_v4()));
        [(self.id, self.whole), (missing, nowhere)]
            .map(|(id, whole)| filled(sign.path, whole.unwrap_or(id), id))
    }
}

/// The path with `whole` for every parameter but the last, which is `id`.
pub(super) fn filled(path: &str, whole: Uuid, id: Uuid) -> String {
    let last = path.rfind('{').unwrap_or(path.len());
    let fill = |part: &str, id: Uuid| {
        let id = id.to_string();
        let parts = part.split('/');
        let parts = parts.map(|part| {
            if part.starts_with('{') {
                id.as_str()
            } else {
                part
            }
        });
        parts.collect::<Vec<&str>>().join("/")
    };
    [fill(&path[..last], whole), fill(&path[last..], id)].concat()
}

pub(super) fn object(what: &'static str, doors: &'static str, id: Uuid) -> Object {
    Object {
        what,
        doors,
        overseen: None,
        id,
        whole: None,
        typed: &[],
    }
}

pub(super) fn overseen(
    what: &'static str,
    doors: &'static str,
    at: &'static str,
    id: Uuid,
) -> Object {
    Object {
        overseen: Some(at),
        ..object(what, doors, id)
    }
}

/// A request with everybody to whom it belongs.
pub(super) struct Case<'a> {
    pub(super) owner: &'a EnterpriseFixture,
    pub(super) bank: TenantId,
    pub(super) branch: TenantId,
    pub(super) clerk: &'a StaffFixture,
    pub(super) product: ProductId,
    /// Of its city.
    pub(super) operator: &'a StaffFixture,
}

impl Case<'_> {
    /// Everything of it that has an id of its own, the request itself first.
    async fn objects(&self, world: &World) -> Vec<Object> {
        let application = world
            .submitted_application(self.owner, self.bank, self.branch, self.product)
            .await;
        let file = world.file_of(self.owner).await;
        let message = world.message_to(self.owner).await;
        let session: Uuid =
            sqlx::query_scalar("select public_id from sessions where user_id = $1 limit 1")
                .bind(self.owner.user.0)
                .fetch_one(&world.owner)
                .await
                .expect("they are signed in");
        let admin = world.staff(self.bank, "温如岚", &["ha"]).await;
        admin.browser.prove().await;
        let new = "/hq/exports/new";
        let asked = admin
            .browser
            .submit(new, new, &[("kind", "applications")])
            .await;
        let export = led_to(&asked.expect(303));
        let mut objects = vec![
            overseen("application", "{", "/operator/applications/", application.0),
            object("file", "/files/", file),
            object("message", "/messages/", message),
            object("session", "/sessions/", session),
            object("export", "/exports/", export),
            object("clerk", "/people/", self.clerk.user.0),
            object("owner", "/people/", self.owner.user.0),
            overseen("branch", "/tree/", "/", self.branch.0),
            overseen("product", "/products/", "/", self.product.0),
            overseen("enterprise", "/enterprises/", "/", self.owner.id.0),
            overseen("institution", "/operator/institutions/", "/", self.bank.0),
        ];
        objects.extend(self.loan(world, &admin).await);
        objects.extend(self.of_the_bank(world, &admin).await);
        objects.extend(self.of_the_city(world).await);
        objects.extend(self.of_the_enterprise(world).await);
        objects
    }
}

/// Two requests: what is foreign to those outside the first one, and what is to those inside it.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) knockers: Vec<Knocker>,
    pub(super) foreign: Vec<Object>,
    beyond: Vec<Object>,
    /// A file that the holder sent along with the first application, and one with the second.
    pub(super) letter_files: [Uuid; 2],
}

impl Scene {
    pub(super) fn foreign_to(&self, knocker: &Knocker) -> &[Object] {
        if knocker.inside {
            &self.beyond
        } else {
            &self.foreign
        }
    }

    /// Of the first request.
    pub(super) fn own(&self, what: &str) -> Uuid {
        one(&self.foreign, what)
    }

    /// Of the second one.
    pub(super) fn other(&self, what: &str) -> Uuid {
        one(&self.beyond, what)
    }
}

fn one(objects: &[Object], what: &str) -> Uuid {
    let found = objects.iter().find(|object| object.what == what);
    found.expect("there is one of each").id
}

/// A file that somebody of the branch sent along with a request.
async fn letter_file(world: &World, application: Uuid) -> Uuid {
    let file = Uuid::new_v4();
    sqlx::query(
        "insert into letter_files (id, tenant_id, application_id, object_key, media_type, byte_size, sha256, added_by, added_at)
         select $1, tenant_id, id, 'none', 'image/jpeg', 1, '\\x00', created_by, now() from financing_applications where id = $2",
    )
    .bind(file)
    .bind(application)
    .execute(&world.owner)
    .await
    .expect("the file is there");
    file
}

#[expect(clippy::too_many_lines, reason = "a scene names everybody in it once")]
pub(super) async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let sibling_branch = world.branch(bank, "狮城商业银行新华支行").await;
    let other_bank = world.bank("沧海惠民银行").await;
    let other_branch = world.branch(other_bank, "沧海惠民银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let other_product = world
        .product(other_bank, "惠企信用贷", &[other_branch])
        .await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let holder = world.branch(bank, "狮城商业银行青县支行").await;
    let holding_clerk = world.staff(holder, "林述", &["bm", "ba", "bh"]).await;
    let hq = world.staff(bank, "顾怀瑾", &["ha", "hp"]).await;
    let sibling = world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let abroad = world
        .new_enterprise(world.other.id, "北山市岚峰机械有限公司", "19900003001")
        .await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let approver = world.staff(branch, "邬志航", &["ba"]).await;
    let sibling_clerk = world.staff(sibling_branch, "时嘉宁", &["bm", "ba"]).await;
    let other_clerk = world
        .staff(other_branch, "和宏屹", &["bm", "ba", "bh"])
        .await;
    let other_hq = world.staff(other_bank, "梁承宇", &["ha", "hp"]).await;
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    let other_operator = world.staff(world.other.id, "石望舒", &["op"]).await;
    let vendor = world.staff(world.cangzhou.id, "卫之行", &["pa"]).await;
    let province = world.province().await;
    let supervisor = world.staff(province.id, "闻人知远", &["pr"]).await;
    let first = Case {
        owner: &owner,
        bank,
        branch: holder,
        clerk: &holding_clerk,
        product,
        operator: &operator,
    };
    let foreign = first.objects(&world).await;
    let second = Case {
        owner: &sibling,
        bank: other_bank,
        branch: other_branch,
        clerk: &other_clerk,
        product: other_product,
        operator: &operator,
    };
    let beyond = second.objects(&world).await;
    let letter_files = [
        letter_file(&world, foreign[0].id).await,
        letter_file(&world, beyond[0].id).await,
    ];
    // Where a step asks for a fresh proof first, whoever knocks has just given it: the wall behind it answers.
    for staff in [
        &holding_clerk,
        &hq,
        &sibling_clerk,
        &other_clerk,
        &other_hq,
        &operator,
        &other_operator,
    ] {
        staff.browser.prove().await;
    }
    let enterprise = Some(SessionKind::Enterprise);
    let staff = Some(SessionKind::Staff);
    // A session of one city, carried to the other city's host.
    let astray = world
        .signed_in(sibling.user, SessionKind::Enterprise, journeys::OTHER_HOST)
        .await;
    let mut knockers = vec![
        knocker("visitor", None, world.browser()),
        knocker("sibling enterprise", enterprise, sibling.browser),
        knocker("enterprise of another city", enterprise, abroad.browser),
        knocker("session of another city", None, astray),
        knocker("clerk of a sibling branch", staff, clerk.browser),
        knocker("approver of a sibling branch", staff, approver.browser),
        knocker(
            "clerk of a second sibling branch",
            staff,
            sibling_clerk.browser,
        ),
        knocker("staff of another bank", staff, other_clerk.browser),
        knocker("headquarters of another bank", staff, other_hq.browser),
        knocker(OPERATOR, staff, operator.browser),
        knocker(
            "city operator of another city",
            staff,
            other_operator.browser,
        ),
        knocker("vendor administrator", staff, vendor.browser),
        knocker(PROVINCE, staff, supervisor.browser),
    ];
    for (name, kind, browser) in [
        ("enterprise", enterprise, owner.browser),
        ("clerk", staff, holding_clerk.browser),
        ("headquarters", staff, hq.browser),
    ] {
        knockers.push(Knocker {
            inside: true,
            ..knocker(name, kind, browser)
        });
    }
    Scene {
        world,
        knockers,
        foreign,
        beyond,
        letter_files,
    }
}
