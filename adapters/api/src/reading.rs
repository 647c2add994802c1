//! 证照识别 (M-604, M-605): what a photo says, proposed for a form that a person confirms.

use application::{
    error::{UseError, UseResult},
    ports::{pictures::MAX_UPLOAD_BYTES, recognition::Sureness},
    recognition::{Proposal, Reader},
};
use axum::http::Method;
use domain::enterprise::ProfileFile;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Api,
    call::Call,
    door::{Door, Who},
};

const TAG: &str = "证照识别";

/// 识别结果; what was not read is typed by hand.
#[derive(Serialize, ToSchema)]
struct Reading {
    items: Vec<ReadField>,
    /// 识别由第三方完成时的名称.
    third_party: Option<String>,
}

/// 一个识别出的字段.
#[derive(Serialize, ToSchema)]
struct ReadField {
    /// `name` 企业名称, `unified_social_credit_code`, `registered_capital`, `legal_representative`, `address`, `legal_id`.
    field: String,
    value: String,
    /// `false`: 请核对.
    sure: bool,
}

pub(crate) fn doors() -> Vec<Door> {
    vec![
        Door::bytes(
            TAG,
            "识别营业执照，用于注册；照片不保存",
            Who::Public,
            (Method::POST, "/api/v1/recognitions/licence"),
            MAX_UPLOAD_BYTES,
            licence,
        ),
        Door::act(
            TAG,
            "识别完善信息中已保存的照片：licence、id_front",
            Who::Enterprise,
            (Method::POST, "/api/v1/profile/photos/{kind}/readings"),
            photo,
        ),
    ]
}

fn shown(proposals: Vec<Proposal>, reader: Option<Reader>) -> Reading {
    let items = proposals.into_iter().map(|one| ReadField {
        field: one.field.to_owned(),
        value: one.value,
        sure: one.sureness == Sureness::Recognised,
    });
    Reading {
        items: items.collect(),
        third_party: reader.and_then(|reader| reader.third_party),
    }
}

async fn licence(api: Api, call: Call, photo: Vec<u8>) -> UseResult<Reading> {
    let room = &api.uses.recognition;
    let proposals = room.read_for_visitor(&call.caller(), photo).await?;
    Ok(shown(proposals, room.reader_of(call.city.id).await?))
}

async fn photo(api: Api, call: Call) -> UseResult<Reading> {
    let kind = ProfileFile::from_code(call.part("kind")).ok_or_else(UseError::not_found)?;
    let (room, actor) = (&api.uses.recognition, call.actor()?);
    let proposals = room.read(actor, kind).await?;
    Ok(shown(proposals, room.reader(actor).await?))
}
