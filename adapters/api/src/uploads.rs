//! 分段上传: pieces with an offset; a cut costs no more than one piece. PUT, since `wx.request` knows no PATCH.

use application::{error::UseResult, files::PIECE_MOST, ports::uploads::Upload};
use axum::http::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    door::{Door, NoQuery, Who},
    shapes::instant,
};

const TAG: &str = "上传";
const OFFSET: &str = "upload-offset";

/// 开始上传.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Begin {
    /// Bytes, at most 10 MB.
    #[schema(minimum = 1, maximum = 10_485_760)]
    size: u32,
}

/// 上传到哪里了.
#[derive(Serialize, ToSchema)]
struct UploadState {
    id: Uuid,
    size: i32,
    /// 已收到的字节数: where the next piece begins.
    offset: i32,
    complete: bool,
    /// Bytes of a piece at most.
    piece_most: usize,
    expires_at: String,
}

impl From<Upload> for UploadState {
    fn from(upload: Upload) -> Self {
        Self {
            id: upload.id,
            size: upload.byte_size,
            offset: upload.received,
            complete: upload.received == upload.byte_size,
            piece_most: PIECE_MOST,
            expires_at: instant(upload.expires_at),
        }
    }
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::write(
            TAG,
            "开始上传",
            own,
            (Method::POST, "/api/v1/uploads"),
            begin,
        )
        .created(),
        Door::read(TAG, "上传到哪里了", own, "/api/v1/uploads/{id}", state),
        Door::bytes(
            TAG,
            "上传一段；重复的一段不会重复保存",
            own,
            (Method::PUT, "/api/v1/uploads/{id}"),
            PIECE_MOST,
            piece,
        )
        .header("Upload-Offset", "这一段从第几个字节开始"),
    ]
}

async fn begin(api: Api, call: Call, ask: Begin) -> UseResult<UploadState> {
    let bytes = usize::try_from(ask.size).unwrap_or(usize::MAX);
    let upload = api.uses.files.begin_upload(call.actor()?, bytes).await?;
    Ok(upload.into())
}

async fn state(api: Api, call: Call, _: NoQuery) -> UseResult<UploadState> {
    let upload = api.uses.files.upload(call.actor()?, call.id("id")?).await?;
    Ok(upload.into())
}

async fn piece(api: Api, call: Call, bytes: Vec<u8>) -> UseResult<UploadState> {
    let offset = call.number(OFFSET)?;
    let upload = api
        .uses
        .files
        .add_piece(call.actor()?, call.id("id")?, offset, &bytes)
        .await?;
    Ok(upload.into())
}
