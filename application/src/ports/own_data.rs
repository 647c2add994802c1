//! Own data 本企业数据: what an enterprise may take along, and what happens when it closes its account (S-34).

use std::collections::HashSet;

use async_trait::async_trait;
use domain::{
    financing::Stage,
    ids::{EnterpriseId, UserId},
    vocabulary,
};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{enterprise_files::FileRow, store::StoreError};

vocabulary! {
    /// Chapters of the export, in the order of the readable page.
    Chapter {
        Enterprise = "enterprise" / "企业信息",
        ProfileDraft = "profile_draft" / "完善信息草稿",
        People = "people" / "账号",
        Applications = "applications" / "融资需求",
        Events = "events" / "办理过程",
        Draws = "draws" / "放款",
        Repayments = "repayments" / "还款",
        Deferrals = "deferrals" / "延期申请",
        Subsidies = "subsidies" / "贴息申请",
        Letters = "letters" / "沟通记录",
        Complaints = "complaints" / "投诉",
        Ratings = "ratings" / "评价",
        Sizes = "sizes" / "企业划型",
        Estimates = "estimates" / "额度试算",
        Files = "files" / "企业材料",
        BankFiles = "bank_files" / "受理支行发来的文件",
        Consents = "consents" / "授权记录",
        FaceChecks = "face_checks" / "身份核验",
        Looks = "looks" / "查看记录",
        Messages = "messages" / "消息",
        SignIns = "sign_ins" / "登录记录",
        Sessions = "sessions" / "登录设备",
    }
}

vocabulary! {
    /// How far an export is.
    OwnExportStatus {
        Queued = "queued" / "等待生成",
        Making = "making" / "正在生成",
        Ready = "ready" / "可以下载",
        Failed = "failed" / "没有生成",
    }
}

/// An export of one's own data: asked for, made in the background, and then there for a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnExport {
    pub id: Uuid,
    pub enterprise: EnterpriseId,
    pub user: UserId,
    pub status: OwnExportStatus,
    /// Chapters gathered so far.
    pub done: i32,
    pub tries: i32,
    pub object_key: Option<String>,
    pub byte_size: i32,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// 注销 that was asked for and is not done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub id: Uuid,
    pub enterprise: EnterpriseId,
    pub asked_by: UserId,
    pub asked_at: OffsetDateTime,
    pub effective_at: OffsetDateTime,
}

/// A request or a loan that keeps an account open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandsInTheWay {
    pub application: Uuid,
    pub number: String,
    pub stage: Stage,
}

/// The enterprise's side; the walls see to it that every row is its own.
#[async_trait]
pub trait OwnData: Send {
    /// The rows of a chapter, as they are handed out.
    async fn chapter(
        &mut self,
        chapter: Chapter,
        of: EnterpriseId,
    ) -> Result<Vec<Value>, StoreError>;
    async fn insert_export(&mut self, export: &OwnExport) -> Result<(), StoreError>;
    /// What this person asked for and what is not over, newest first.
    async fn exports(
        &mut self,
        user: UserId,
        now: OffsetDateTime,
    ) -> Result<Vec<OwnExport>, StoreError>;
    /// Takes one that waits, or whose worker is gone, until `until`; `None` when somebody else has it.
    async fn take_own_export(
        &mut self,
        id: Uuid,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Option<OwnExport>, StoreError>;
    /// How far it is; the lease runs until `until`. False: it is no longer ours.
    async fn note_own_export(
        &mut self,
        export: &OwnExport,
        done: i32,
        until: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// It is made. False: it is no longer ours.
    async fn own_export_made(&mut self, export: &OwnExport) -> Result<bool, StoreError>;
    async fn note_fetched(&mut self, id: Uuid, at: OffsetDateTime) -> Result<(), StoreError>;
    /// The closing that is under way.
    async fn closing(&mut self, of: EnterpriseId) -> Result<Option<Closing>, StoreError>;
    /// `Conflict("account_closings_one_open")` when it was asked for before.
    async fn ask_closing(&mut self, closing: &Closing) -> Result<(), StoreError>;
    /// False when there was none to call off.
    async fn keep_account(
        &mut self,
        of: EnterpriseId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// Requests under way and loans unsettled, oldest first.
    async fn in_the_way(&mut self, of: EnterpriseId) -> Result<Vec<StandsInTheWay>, StoreError>;
}

/// The city's worker: what is over goes.
#[async_trait]
pub trait Closings: Send {
    /// Exports after their time.
    async fn over_exports(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<OwnExport>, StoreError>;
    /// Exports that wait or whose worker is gone, oldest first, with who asked.
    async fn own_exports_due(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(Uuid, UserId)>, StoreError>;
    /// It will not be made; whose it was, `None` when it had ended before.
    async fn own_export_failed(&mut self, id: Uuid) -> Result<Option<EnterpriseId>, StoreError>;
    async fn forget_exports(&mut self, ids: &[Uuid]) -> Result<(), StoreError>;
    /// Closings whose time has come, the longest due first.
    async fn due_closings(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Uuid>, StoreError>;
    /// One of them with its enterprise, locked; `None` when it is due no more, or somebody else has it, or while the city is about to
    /// change the owner who asked for it.
    async fn lock_closing(
        &mut self,
        id: Uuid,
        now: OffsetDateTime,
    ) -> Result<Option<Closing>, StoreError>;
    /// Files that no application holds.
    async fn loose_files(&mut self, of: EnterpriseId) -> Result<Vec<FileRow>, StoreError>;
    /// Every export of an enterprise.
    async fn exports_of(&mut self, of: EnterpriseId) -> Result<Vec<OwnExport>, StoreError>;
    /// Takes away or blots out what names a person; what law keeps is archived.
    async fn shut(&mut self, closing: &Closing, at: OffsetDateTime) -> Result<(), StoreError>;
    /// Objects of what was archived before `before`: their rows can go now.
    async fn after_archive(
        &mut self,
        before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Archived>, StoreError>;
    /// Which of these objects any row of the city names.
    async fn named_objects(&mut self, keys: &[String]) -> Result<HashSet<String>, StoreError>;
    /// Dossier and material rows of one archived application.
    async fn forget_archived(&mut self, application: Uuid) -> Result<(), StoreError>;
}

/// An archived application and the objects that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    pub application: Uuid,
    pub object_keys: Vec<String>,
}
