//! 人脸核验 (M-707 to M-710): consent, the photo, and what it came to. The verdict is the provider's, fetched by our server; nothing that a
//! client says about it is read anywhere.

use application::{
    error::UseResult,
    financing::AfterFace,
    identity::{FaceOutcome, Leave},
    ports::face::{DemoOutcome, FaceWay},
};
use axum::http::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    city::{Tick, was_opened},
    door::{Done, Door, NoQuery, Who},
    shapes::{Word, instant},
};

const TAG: &str = "人脸核验";

/// 核验状态.
#[derive(Serialize, ToSchema)]
struct FaceView {
    enterprise_name: String,
    /// Masked name of the legal representative.
    person: String,
    profile_complete: bool,
    verified: bool,
    verified_at: Option<String>,
    /// 已单独同意.
    consented: bool,
    attempts_left: u32,
    provider_name: String,
    /// The provider compares nothing.
    demo: bool,
    /// `photo` 拍照比对, `away` 在核验服务的页面或组件上, `nowhere` 不在小程序中办理.
    way: Way,
    /// The latest attempt.
    latest: Option<Attempt>,
    /// 柜面核验, when it was asked for.
    counter: Option<CounterRequest>,
}

/// 核验方式 on the phone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Way {
    Photo,
    Away,
    Nowhere,
}

/// 一次核验.
#[derive(Serialize, ToSchema)]
struct Attempt {
    status: Word,
    at: String,
    /// 没有通过的原因.
    reason: Option<String>,
}

/// 柜面核验申请.
#[derive(Serialize, ToSchema)]
struct CounterRequest {
    /// To be named at the counter.
    reference: String,
    branch: String,
    status: Word,
}

/// 单独同意.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Agree {
    agreement: Tick,
}

/// 刚拍的照片.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Check {
    upload: Uuid,
    /// 演示环境: what the demonstration's provider shall answer; a real provider never hears of it.
    demo_outcome: Option<Demo>,
}

/// 演示结果.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Demo {
    Pass,
    Fail,
    Unclear,
}

/// 核验结果.
#[derive(Serialize, ToSchema)]
struct Outcome {
    result: FaceResult,
    /// 没有通过时的提示.
    message: Option<String>,
    attempts_left: Option<u32>,
    /// 核验服务的页面, when the person goes on there.
    page: Option<String>,
    /// What the provider's component in the mini-program wants.
    token: Option<String>,
    /// 随之提交成功的融资需求 (M-709).
    submitted: Vec<Released>,
    /// Something changed meanwhile: a draft again.
    returned: Vec<Returned>,
}

/// `passed` 通过, `failed` 没有通过, `unclear` 结果还不知道: asked again later, never a success; `away` 在核验服务的页面或组件上继续,
/// `pending` 还没有完成, `ended` 没有比对就结束了, counts for nothing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FaceResult {
    Passed,
    Failed,
    Unclear,
    Away,
    Pending,
    Ended,
}

/// 提交成功.
#[derive(Serialize, ToSchema)]
pub(crate) struct Released {
    application: Uuid,
    application_no: String,
}

/// 退回草稿.
#[derive(Serialize, ToSchema)]
pub(crate) struct Returned {
    application: Uuid,
    code: String,
    message: String,
}

/// 办理柜面核验的支行.
#[derive(Serialize, ToSchema)]
struct Counters {
    items: Vec<CounterLine>,
}

/// 一处柜面.
#[derive(Serialize, ToSchema)]
struct CounterLine {
    id: Uuid,
    name: String,
    county: String,
    address: String,
    phone: String,
}

/// 去哪个支行.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AtCounter {
    #[schema(max_length = 40)]
    branch: String,
}

/// 核验编号.
#[derive(Serialize, ToSchema)]
struct Reference {
    reference: String,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    let post = |path| (Method::POST, path);
    vec![
        Door::read(TAG, "核验状态", own, "/api/v1/face", view),
        Door::write(TAG, "单独同意", own, post("/api/v1/face/consents"), consent),
        Door::write(
            TAG,
            "用刚拍的照片核验；通过后，等待核身的融资需求随之提交",
            own,
            post("/api/v1/face/checks"),
            check,
        ),
        Door::act(
            TAG,
            "在核验服务的页面或组件上核验；结果由平台查询",
            own,
            post("/api/v1/face/sessions"),
            leave,
        ),
        Door::act(
            TAG,
            "重新查询不明确的结果",
            own,
            post("/api/v1/face/checks/latest/queries"),
            ask_again,
        ),
        Door::act(
            TAG,
            "别处已核验通过时，提交等待核身的融资需求",
            own,
            post("/api/v1/face/releases"),
            release,
        ),
        Door::read(
            TAG,
            "可柜面核验的支行",
            own,
            "/api/v1/face/counters",
            counters,
        ),
        Door::write(
            TAG,
            "申请柜面核验",
            own,
            post("/api/v1/face/counter-requests"),
            counter,
        ),
        Door::act(
            TAG,
            "取消柜面核验",
            own,
            (Method::DELETE, "/api/v1/face/counter-requests/current"),
            cancel,
        ),
    ]
}

async fn view(api: Api, call: Call, _: NoQuery) -> UseResult<FaceView> {
    let status = api.uses.identity.status(call.actor()?).await?;
    let left = status.left();
    let reason = |code: &str| (!code.is_empty()).then(|| api.words.text(code, &[]));
    Ok(FaceView {
        enterprise_name: status.enterprise_name,
        person: status.person,
        profile_complete: status.profile_complete,
        verified: status.verified.at.is_some(),
        verified_at: status.verified.at.map(instant),
        consented: status.consented,
        attempts_left: left,
        provider_name: status.provider_name,
        demo: status.demo,
        way: match status.way {
            FaceWay::Photo => Way::Photo,
            FaceWay::Away => Way::Away,
            FaceWay::Nowhere => Way::Nowhere,
        },
        latest: status.latest.map(|check| Attempt {
            status: Word::new(check.status.code(), check.status.zh()),
            at: instant(check.settled_at.unwrap_or(check.created_at)),
            reason: reason(&check.reason_code),
        }),
        counter: status.request.map(|request| CounterRequest {
            reference: request.reference,
            branch: status.request_branch,
            status: Word::new(request.status.code(), request.status.zh()),
        }),
    })
}

async fn consent(api: Api, call: Call, ask: Agree) -> UseResult<Done> {
    let tick = &ask.agreement;
    let opened = tick.code == "face" && was_opened(&api, &call, tick);
    let identity = &api.uses.identity;
    identity
        .consent(call.actor()?, opened && tick.ticked)
        .await?;
    Ok(Done)
}

async fn told(api: &Api, call: &Call, outcome: FaceOutcome) -> UseResult<Outcome> {
    let mut told = Outcome {
        result: FaceResult::Unclear,
        message: None,
        attempts_left: None,
        page: None,
        token: None,
        submitted: Vec::new(),
        returned: Vec::new(),
    };
    match outcome {
        FaceOutcome::Passed => {
            told.result = FaceResult::Passed;
            let after = api.uses.financing.pass_face(call.actor()?).await?;
            (told.submitted, told.returned) = released(api, after);
        }
        FaceOutcome::Failed { code, left } => {
            told.result = FaceResult::Failed;
            told.message = Some(api.words.text(code, &[]));
            told.attempts_left = Some(left);
        }
        FaceOutcome::Ended { code } => {
            told.result = FaceResult::Ended;
            told.message = Some(api.words.text(code, &[]));
        }
        FaceOutcome::Away { page, token, .. } => {
            told.result = FaceResult::Away;
            (told.page, told.token) = (filled(page), filled(token));
        }
        FaceOutcome::Pending => told.result = FaceResult::Pending,
        FaceOutcome::Unclear => {}
    }
    Ok(told)
}

fn released(api: &Api, after: AfterFace) -> (Vec<Released>, Vec<Returned>) {
    let submitted = after.submitted.into_iter().map(|one| Released {
        application: one.application.0,
        application_no: one.number,
    });
    let returned = after.returned.into_iter().map(|(id, why)| Returned {
        application: id.0,
        code: why.code.to_owned(),
        message: api.words.text(why.code, &why.params),
    });
    (submitted.collect(), returned.collect())
}

async fn check(api: Api, call: Call, ask: Check) -> UseResult<Outcome> {
    let actor = call.actor()?;
    let demo = ask.demo_outcome.map(|demo| match demo {
        Demo::Pass => DemoOutcome::Pass,
        Demo::Fail => DemoOutcome::Fail,
        Demo::Unclear => DemoOutcome::Unclear,
    });
    let identity = &api.uses.identity;
    let outcome = identity.check_upload(actor, ask.upload, demo).await?;
    told(&api, &call, outcome).await
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

async fn leave(api: Api, call: Call) -> UseResult<Outcome> {
    let from = Leave::default();
    let outcome = api.uses.identity.leave(call.actor()?, from).await?;
    told(&api, &call, outcome).await
}

async fn ask_again(api: Api, call: Call) -> UseResult<Outcome> {
    let outcome = api.uses.identity.ask_again(call.actor()?).await?;
    told(&api, &call, outcome).await
}

async fn release(api: Api, call: Call) -> UseResult<Outcome> {
    let after = api.uses.financing.pass_face(call.actor()?).await?;
    let (submitted, returned) = released(&api, after);
    let verified = api.uses.identity.status(call.actor()?).await?.verified;
    Ok(Outcome {
        result: if verified.at.is_some() {
            FaceResult::Passed
        } else {
            FaceResult::Unclear
        },
        message: None,
        attempts_left: None,
        page: None,
        token: None,
        submitted,
        returned,
    })
}

async fn counters(api: Api, call: Call, _: NoQuery) -> UseResult<Counters> {
    let all = api.uses.identity.counters(call.actor()?).await?;
    Ok(Counters {
        items: all
            .into_iter()
            .map(|one| CounterLine {
                id: one.counter.id.0,
                name: one.counter.name,
                county: one.county,
                address: one.counter.address,
                phone: one.counter.phone,
            })
            .collect(),
    })
}

async fn counter(api: Api, call: Call, ask: AtCounter) -> UseResult<Reference> {
    let identity = &api.uses.identity;
    let reference = identity.request_counter(call.actor()?, &ask.branch).await?;
    Ok(Reference { reference })
}

async fn cancel(api: Api, call: Call) -> UseResult<Done> {
    api.uses.identity.cancel_request(call.actor()?).await?;
    Ok(Done)
}
