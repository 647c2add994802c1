//! 完善信息 (M-803, F-10): facts, photos, and the code that saves them.

use application::{
    error::{UseError, UseResult},
    files::UploadFor,
    profile::{ProfilePage, SaveProfile},
};
use axum::http::Method;
use domain::{
    enterprise::ProfileFile,
    ids::TenantId,
    values::{PhoneNumber, ResidentId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    door::{Done, Door, NoQuery, Who},
    entry::{Sent, secret, selects},
    safety::Solved,
    shapes::{Word, called, instant},
};

const TAG: &str = "完善信息";

/// 企业信息. Numbers of persons are masked; an empty one in a save keeps what is stored.
#[derive(Serialize, ToSchema)]
struct Profile {
    /// 版本: goes back with a save.
    version: i32,
    complete: bool,
    /// 企业管理员 saves; others read.
    may_save: bool,
    name: String,
    unified_social_credit_code: String,
    /// 万元.
    registered_capital: Option<String>,
    legal_representative: String,
    legal_id_masked: Option<String>,
    contact_phone_masked: Option<String>,
    /// From the province down.
    region: Vec<Word>,
    /// 产业, 大类, 中类.
    industry: Vec<Word>,
    address: String,
    recommender: Option<Uuid>,
    email: Option<String>,
    photos: Vec<Photo>,
    missing: Vec<Word>,
    /// 推荐机构 to choose from.
    recommenders: Vec<Recommender>,
    /// Where the code goes.
    phone_masked: String,
    face_verified: bool,
}

/// 已上传的照片.
#[derive(Serialize, ToSchema)]
struct Photo {
    id: Uuid,
    /// 营业执照, 身份证正面 or 反面.
    kind: Word,
    media_type: String,
    size: i32,
    at: String,
}

/// 推荐机构.
#[derive(Serialize, ToSchema)]
struct Recommender {
    id: Uuid,
    name: String,
}

/// 保存 (M-408 to M-421).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Save {
    version: i32,
    #[schema(max_length = 200)]
    name: String,
    #[schema(max_length = 40)]
    unified_social_credit_code: String,
    /// 万元; empty when it is not told.
    #[schema(max_length = 30)]
    registered_capital: String,
    #[schema(max_length = 100)]
    legal_representative: String,
    /// 法定代表人身份证号; empty keeps the stored one.
    #[schema(max_length = 40)]
    legal_id: String,
    /// 法定代表人联系电话; empty keeps the stored one.
    #[schema(max_length = 20)]
    contact_phone: String,
    #[schema(max_items = 4)]
    region: Vec<String>,
    #[schema(max_items = 3)]
    industry: Vec<String>,
    #[schema(max_length = 400)]
    address: String,
    /// Empty: none.
    #[schema(max_length = 40)]
    recommender: String,
    #[schema(max_length = 200)]
    email: String,
    /// Becomes the one to sign in with.
    #[schema(max_length = 128)]
    password: String,
    #[schema(max_length = 128)]
    password_again: String,
    #[schema(max_length = 10)]
    sms_code: String,
}

/// 已保存.
#[derive(Serialize, ToSchema)]
struct Saved {
    /// 人脸核验 starts anew.
    representative_changed: bool,
    face_verified: bool,
}

/// 用哪个上传.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FromUpload {
    upload: Uuid,
}

/// 照片已保存.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kept {
    pub(crate) file: Uuid,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::read(TAG, "企业信息", own, "/api/v1/profile", view),
        Door::write(
            TAG,
            "发送保存用的短信验证码",
            own,
            (Method::POST, "/api/v1/profile/codes"),
            code,
        ),
        Door::write(
            TAG,
            "保存企业信息",
            own,
            (Method::PUT, "/api/v1/profile"),
            save,
        ),
        Door::write(
            TAG,
            "保存一张照片：licence、id_front、id_back",
            own,
            (Method::PUT, "/api/v1/profile/photos/{kind}"),
            photo,
        ),
        Door::act(
            TAG,
            "取消一张照片",
            own,
            (Method::DELETE, "/api/v1/profile/photos/{kind}"),
            remove,
        ),
    ]
}

fn shown(api: &Api, city: TenantId, page: &ProfilePage) -> Profile {
    let facts = &page.facts;
    let regions = api.uses.profiles.regions.of(city);
    let region = regions.path(&facts.region_code);
    let industry = api.uses.industries.path(&facts.industry_code);
    let capital = facts.registered_capital_cents;
    Profile {
        version: facts.version,
        complete: facts.completed_at.is_some(),
        may_save: page.may_save,
        name: facts.name.clone(),
        unified_social_credit_code: facts.credit_code.clone(),
        registered_capital: capital
            .and_then(|cents| domain::values::Cents::new(cents).ok())
            .map(crate::shapes::wan),
        legal_representative: facts.legal_representative.clone(),
        legal_id_masked: facts.legal_id.as_ref().map(ResidentId::masked),
        contact_phone_masked: facts.contact_phone.as_ref().map(PhoneNumber::masked),
        region: region
            .into_iter()
            .map(|one| Word::new(one.code, one.name))
            .collect(),
        industry: industry
            .into_iter()
            .map(|one| Word::new(one.code, one.name))
            .collect(),
        address: facts.address.clone(),
        recommender: facts.recommender.map(|id| id.0),
        email: facts.email.as_ref().map(|mail| mail.as_str().to_owned()),
        photos: photos(page),
        missing: (page.missing.iter())
            .map(|fact| Word::new(fact.code(), fact.zh()))
            .collect(),
        recommenders: (page.recommenders.iter())
            .map(|one| Recommender {
                id: one.id.0,
                name: one.name.clone(),
            })
            .collect(),
        phone_masked: page.phone.masked(),
        face_verified: page.face_verified,
    }
}

fn photos(page: &ProfilePage) -> Vec<Photo> {
    let photo = |file: &application::files::KeptFile| {
        let kind = ProfileFile::from_code(&file.kind)?;
        Some(Photo {
            id: file.id.0,
            kind: Word::new(kind.code(), kind.zh()),
            media_type: file.media_type.clone(),
            size: file.byte_size,
            at: instant(file.at),
        })
    };
    page.files.iter().filter_map(photo).collect()
}

async fn view(api: Api, call: Call, _: NoQuery) -> UseResult<Profile> {
    let page = api.uses.profiles.view(call.actor()?).await?;
    Ok(shown(&api, call.city.id, &page))
}

async fn code(api: Api, call: Call, ask: Solved) -> UseResult<Sent> {
    let profiles = &api.uses.profiles;
    let sent = profiles
        .send_code(call.actor()?, &call.caller(), &ask.captcha)
        .await?;
    Ok(sent.into())
}

async fn save(api: Api, call: Call, ask: Save) -> UseResult<Saved> {
    let ask = SaveProfile {
        version: ask.version,
        name: ask.name,
        credit_code: ask.unified_social_credit_code,
        registered_capital: ask.registered_capital,
        legal_representative: ask.legal_representative,
        legal_id: ask.legal_id,
        contact_phone: ask.contact_phone,
        region: selects(ask.region),
        industry: selects(ask.industry),
        address: ask.address,
        recommender: ask.recommender,
        email: ask.email,
        password: secret(ask.password),
        password_again: secret(ask.password_again),
        sms_code: ask.sms_code,
    };
    let profiles = &api.uses.profiles;
    let saved = profiles.save(call.actor()?, &call.caller(), ask).await?;
    Ok(Saved {
        representative_changed: saved.representative_changed,
        face_verified: saved.face_verified,
    })
}

fn kind_of(call: &Call) -> UseResult<ProfileFile> {
    ProfileFile::from_code(call.part("kind")).ok_or_else(UseError::not_found)
}

async fn photo(api: Api, call: Call, ask: FromUpload) -> UseResult<Kept> {
    let kind = kind_of(&call)?;
    let what = UploadFor::Profile(kind);
    let file = api
        .uses
        .files
        .finish_upload(call.actor()?, ask.upload, what, kind.code())
        .await
        .map_err(|error| called(error, kind.code(), "upload"))?;
    Ok(Kept { file: file.0 })
}

async fn remove(api: Api, call: Call) -> UseResult<Done> {
    let kind = kind_of(&call)?;
    api.uses.files.remove(call.actor()?, kind).await?;
    Ok(Done)
}
