//! 融资申请 (M-704 to M-710, F-6, F-7): the form, drafts, and 立即申请.

use application::{
    error::{FieldError, UseError, UseResult},
    financing::{
        Applied, ApplyForm, AskInput, CoolDown, DraftLine, Follows, Next, Standstill,
        SubmitApplication,
    },
    ports::product_offers::OfferBranch,
};
use axum::http::Method;
use domain::{
    calendar::local_date,
    ids::{FinancingApplicationId, ProductId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    city::{Tick, was_opened},
    door::{Done, Door, NoQuery, Who},
    problem::FieldProblem,
    shapes::{Word, day, instant, wan, yuan},
};

const TAG: &str = "融资申请";

/// 再次申请.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Again {
    /// The request that this one follows.
    again: Option<Uuid>,
}

/// 需求申请.
#[derive(Serialize, ToSchema)]
struct Form {
    product: Uuid,
    product_name: String,
    /// `null`: off the shelf while a draft is kept.
    offer: Option<OfferView>,
    branches: Vec<BranchChoice>,
    draft: Option<Uuid>,
    typed: TypedView,
    cool_down: Option<CoolDownView>,
    profile_complete: bool,
    face_verified: bool,
    /// 账户冻结: nothing new may be submitted; drafts are kept.
    frozen: bool,
}

/// 产品要求.
#[derive(Serialize, ToSchema)]
struct OfferView {
    version: i32,
    institution: String,
    rate_min: String,
    rate_max: String,
    /// 万元.
    amount_min: String,
    amount_max: String,
    term_min: u16,
    term_max: u16,
    term_unit: Word,
    guarantee: Word,
}

/// 受理支行.
#[derive(Serialize, ToSchema)]
struct BranchChoice {
    id: Uuid,
    name: String,
    address: String,
    phone: String,
    usual_response_hours: Option<i32>,
}

/// 填写的内容, right or not.
#[derive(Serialize, ToSchema)]
struct TypedView {
    amount: String,
    term: String,
    rate: String,
    branch: String,
    /// 已勾选的协议, `code@version`.
    agreed: Vec<String>,
}

/// 冷静期.
#[derive(Serialize, ToSchema)]
struct CoolDownView {
    until: String,
    reasons: Vec<String>,
    /// The sentence that every channel says.
    message: String,
}

/// 保存草稿.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveDraft {
    product: Uuid,
    /// 期望融资金额, 万元.
    #[schema(max_length = 64)]
    amount: String,
    /// 期望融资期限.
    #[schema(max_length = 64)]
    term: String,
    /// 期望融资利率, %/年.
    #[schema(max_length = 64)]
    rate: String,
    /// 受理支行.
    #[schema(max_length = 64)]
    branch: String,
    #[schema(max_items = 20)]
    agreements: Vec<Tick>,
    again: Option<Uuid>,
}

/// 草稿已保存, whatever is wrong with it.
#[derive(Serialize, ToSchema)]
struct SavedDraft {
    draft: Uuid,
    next: NextStep,
    problems: Vec<FieldProblem>,
}

/// `fix` 需要修改, `profile` 先完善信息, `apply` 可以立即申请; the face check comes afterwards (M-707).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NextStep {
    Fix,
    Profile,
    Apply,
}

/// 核对信息.
#[derive(Serialize, ToSchema)]
struct CheckView {
    draft: Uuid,
    /// Goes back with 立即申请: what is confirmed is what was seen (S-40).
    version: i32,
    product_name: String,
    /// 金融机构.
    institution: String,
    guarantee: Word,
    enterprise_name: String,
    /// 万元.
    amount: String,
    /// 人民币元.
    amount_yuan: String,
    term: u16,
    term_unit: Word,
    rate: String,
    branch: BranchChoice,
    /// Who is given what the enterprise filled in.
    recipient: String,
    /// 同一产品和支行在办理的融资需求.
    duplicates: Vec<String>,
    cool_down: Option<CoolDownView>,
    face_verified: bool,
}

/// 草稿箱.
#[derive(Serialize, ToSchema)]
struct Drafts {
    items: Vec<DraftView>,
}

/// 草稿, or a request that waits for the face check.
#[derive(Serialize, ToSchema)]
struct DraftView {
    id: Uuid,
    version: i32,
    state: DraftState,
    product: Uuid,
    product_name: String,
    branch: String,
    amount: String,
    term: String,
    term_unit: String,
    rate: String,
    saved_at: String,
}

/// `draft` 草稿, `pending_face` 待核身.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DraftState {
    Draft,
    PendingFace,
}

/// 立即申请. 409 `agreements.owed`: new versions of agreements are to be accepted first, at `/api/v1/consents/owed`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Apply {
    version: i32,
    /// 仍要提交, when there is another one for the same product and branch.
    #[serde(default)]
    confirm_duplicate: bool,
}

/// 申请结果.
#[derive(Serialize, ToSchema)]
struct AppliedView {
    application: Uuid,
    state: AppliedState,
    application_no: Option<String>,
    /// The same click once more: nothing new was made.
    replay: bool,
}

/// `submitted` 提交成功, `pending_face` 接下来做人脸核验.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AppliedState {
    Submitted,
    PendingFace,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::read(
            TAG,
            "需求申请表",
            own,
            "/api/v1/products/{id}/application-form",
            form,
        ),
        Door::write(TAG, "保存草稿", own, (Method::PUT, "/api/v1/drafts"), save),
        Door::read(TAG, "草稿和待核身的申请", own, "/api/v1/drafts", drafts),
        Door::act(
            TAG,
            "删除草稿",
            own,
            (Method::DELETE, "/api/v1/drafts/{id}"),
            discard,
        ),
        Door::read(
            TAG,
            "核对信息",
            own,
            "/api/v1/products/{id}/application-check",
            check,
        )
        .conflicting(),
        Door::write(
            TAG,
            "立即申请",
            own,
            (Method::POST, "/api/v1/drafts/{id}/submission"),
            apply,
        )
        .keyed(),
        Door::act(
            TAG,
            "放弃核身，退回草稿",
            own,
            (Method::DELETE, "/api/v1/drafts/{id}/submission"),
            leave,
        ),
    ]
}

fn branch(one: &OfferBranch) -> BranchChoice {
    BranchChoice {
        id: one.id.0,
        name: one.name.clone(),
        address: one.address.clone(),
        phone: one.phone.clone(),
        usual_response_hours: one.usual_response_hours,
    }
}

fn cooling(api: &Api, one: CoolDown) -> CoolDownView {
    let until = day(local_date(one.until));
    let told = [("date", until.clone()), ("reasons", one.reasons.join("、"))];
    CoolDownView {
        until,
        message: api.words.text("financing.cool_down", &told),
        reasons: one.reasons,
    }
}

async fn form(api: Api, call: Call, ask: Again) -> UseResult<Form> {
    let product = ProductId(call.id("id")?);
    let follows = Follows {
        again: ask.again.map(FinancingApplicationId),
        renews: None,
    };
    let financing = &api.uses.financing;
    let form: ApplyForm = financing.form(call.actor()?, product, follows).await?;
    Ok(Form {
        product: product.0,
        product_name: form.product_name,
        offer: form.offer.map(|offer| OfferView {
            version: offer.version,
            institution: offer.bank_name,
            rate_min: offer.range.rate_min.percent(),
            rate_max: offer.range.rate_max.percent(),
            amount_min: wan(offer.range.amount_min),
            amount_max: wan(offer.range.amount_max),
            term_min: offer.range.term_min,
            term_max: offer.range.term_max,
            term_unit: Word::unit(offer.range.term_unit),
            guarantee: Word::guarantee(offer.guarantee),
        }),
        branches: form.branches.iter().map(branch).collect(),
        draft: form.draft.map(|id| id.0),
        typed: TypedView {
            amount: form.typed.amount,
            term: form.typed.term,
            rate: form.typed.rate,
            branch: form.typed.branch,
            agreed: form.typed.agreed,
        },
        cool_down: form.cool_down.map(|one| cooling(&api, one)),
        profile_complete: form.profile_complete,
        face_verified: form.face_verified,
        frozen: form.frozen,
    })
}

async fn save(api: Api, call: Call, ask: SaveDraft) -> UseResult<SavedDraft> {
    let agreements = &ask.agreements;
    let ticked = agreements.iter().filter(|tick| tick.ticked);
    let opened = agreements
        .iter()
        .filter(|tick| was_opened(&api, &call, tick));
    let input = AskInput {
        product: ProductId(ask.product),
        amount: ask.amount.clone(),
        term: ask.term.clone(),
        rate: ask.rate.clone(),
        branch: ask.branch.clone(),
        agreed: ticked.map(|tick| tick.code.clone()).collect(),
        opened: opened.map(|tick| tick.code.clone()).collect(),
        again: ask.again.map(FinancingApplicationId),
        renews: None,
    };
    let saved = api.uses.financing.save(call.actor()?, input).await?;
    let problems = |errors: &[FieldError]| {
        errors
            .iter()
            .map(|error| FieldProblem::of(&*api.words, error))
            .collect()
    };
    let (next, problems) = match &saved.next {
        Next::Fix(errors) => (NextStep::Fix, problems(errors)),
        Next::Profile => (NextStep::Profile, Vec::new()),
        Next::Face | Next::Check => (NextStep::Apply, Vec::new()),
    };
    Ok(SavedDraft {
        draft: saved.application.0,
        next,
        problems,
    })
}

fn line(draft: DraftLine, state: DraftState) -> DraftView {
    DraftView {
        id: draft.id.0,
        version: draft.version,
        state,
        product: draft.product.0,
        product_name: draft.product_name,
        branch: draft.branch,
        amount: draft.typed.amount,
        term: draft.typed.term,
        term_unit: draft.unit.to_owned(),
        rate: draft.typed.rate,
        saved_at: instant(draft.saved_at),
    }
}

async fn drafts(api: Api, call: Call, _: NoQuery) -> UseResult<Drafts> {
    let financing = &api.uses.financing;
    let waiting = financing.pending_face(call.actor()?).await?;
    let drafts = financing.drafts(call.actor()?).await?;
    let waiting = waiting
        .into_iter()
        .map(|one| line(one, DraftState::PendingFace));
    let drafts = drafts.into_iter().map(|one| line(one, DraftState::Draft));
    Ok(Drafts {
        items: waiting.chain(drafts).collect(),
    })
}

fn application(call: &Call) -> UseResult<FinancingApplicationId> {
    call.id("id").map(FinancingApplicationId)
}

async fn discard(api: Api, call: Call) -> UseResult<Done> {
    let id = application(&call)?;
    api.uses.financing.discard(call.actor()?, id).await?;
    Ok(Done)
}

async fn check(api: Api, call: Call, _: NoQuery) -> UseResult<CheckView> {
    let product = ProductId(call.id("id")?);
    let financing = &api.uses.financing;
    let sheet = financing.look_over(call.actor()?, product).await?;
    let (sheet, face_verified) = match sheet {
        Ok(found) => found,
        Err(Standstill::Profile) => return Err(UseError::conflict("face.profile_incomplete")),
        Err(_) => return Err(UseError::conflict("financing.draft_incomplete")),
    };
    let record = sheet.application.record();
    Ok(CheckView {
        draft: record.id.0,
        version: record.version,
        product_name: record.product_name.clone(),
        institution: sheet.offer.bank_name.clone(),
        guarantee: Word::guarantee(sheet.offer.guarantee),
        enterprise_name: record.enterprise_name.clone(),
        amount: wan(record.amount),
        amount_yuan: yuan(record.amount),
        term: record.term.value(),
        term_unit: Word::unit(record.term.unit()),
        rate: record.rate.percent(),
        branch: branch(&sheet.branch),
        recipient: sheet.offer.bank_name.clone(),
        duplicates: sheet.duplicates,
        cool_down: sheet.cool_down.map(|one| cooling(&api, one)),
        face_verified,
    })
}

async fn apply(api: Api, call: Call, ask: Apply) -> UseResult<AppliedView> {
    let once = call.once()?;
    let input = SubmitApplication {
        draft: application(&call)?,
        version: ask.version,
        confirm_duplicate: ask.confirm_duplicate,
        key: once.key,
        body_hash: once.body_hash,
    };
    api.uses.reconsent.demand(call.actor()?).await?;
    let applied = api.uses.financing.apply(call.actor()?, input).await?;
    Ok(match applied {
        Applied::Submitted(submitted) => AppliedView {
            application: submitted.application.0,
            state: AppliedState::Submitted,
            application_no: Some(submitted.number),
            replay: submitted.replay,
        },
        Applied::PendingFace {
            application,
            replay,
        } => AppliedView {
            application: application.0,
            state: AppliedState::PendingFace,
            application_no: None,
            replay,
        },
    })
}

async fn leave(api: Api, call: Call) -> UseResult<Done> {
    let id = application(&call)?;
    api.uses.financing.leave_face(call.actor()?, id).await?;
    Ok(Done)
}
