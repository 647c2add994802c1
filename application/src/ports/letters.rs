//! Letters 沟通记录: what an enterprise and the bank that holds its application write to each other (W25).

use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, FileId, FinancingApplicationId, TenantId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{scanner::Scan, sealing::Place, store::StoreError};

vocabulary! {
    /// 哪一方.
    Side {
        Enterprise = "enterprise" / "企业",
        Bank = "bank" / "受理支行",
    }
}

vocabulary! {
    /// 类型 of a letter.
    LetterKind {
        Text = "text" / "留言",
        File = "file" / "文件",
        CallRequest = "call_request" / "请求回电",
    }
}

/// 联系记录: the call that answered a request for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    pub at: OffsetDateTime,
    pub by: UserId,
    pub by_name: String,
    pub outcome: String,
}

/// One letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterRow {
    pub id: Uuid,
    pub side: Side,
    pub author: UserId,
    pub author_name: String,
    pub kind: LetterKind,
    pub body: String,
    pub file: Option<FileId>,
    /// What is known of a file of the branch; of the enterprise's the dossier knows.
    pub scan: Option<Scan>,
    pub at: OffsetDateTime,
    pub read_at: Option<OffsetDateTime>,
    pub called: Option<Called>,
}

/// 沟通文件 that a branch sent: sealed, the enterprise's to read and nobody's to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterFile {
    pub id: FileId,
    pub object_key: String,
    pub media_type: String,
    pub byte_size: i32,
    pub sha256: Vec<u8>,
    /// What is known of it (S-26).
    pub scan: Scan,
    pub added_by: UserId,
    pub added_at: OffsetDateTime,
}

impl LetterFile {
    /// Where its sealed object stands.
    pub fn place(city: TenantId, file: FileId) -> Place {
        Place {
            tenant: city.0,
            table: "letter_files",
            row: file.0,
            column: "object",
        }
    }
}

/// What a branch has sent along with one application so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentFiles {
    pub files: i64,
    pub bytes: i64,
}

/// What waits in a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub letters: i64,
    /// Of the other side.
    pub unread: i64,
    /// 请求回电 that nobody answered.
    pub calls: i64,
}

/// 请求回电 that nobody of a branch has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCall {
    pub application: FinancingApplicationId,
    pub number: String,
    pub enterprise_name: String,
    pub holder_name: String,
    pub body: String,
    pub at: OffsetDateTime,
}

#[async_trait]
pub trait Letters: Send {
    /// Open requests for a call on what the branch of the unit of work holds, the longest waiting first.
    async fn open_calls(&mut self, most: i64) -> Result<Vec<OpenCall>, StoreError>;

    /// The newest ones, oldest of them first.
    async fn letters(
        &mut self,
        application: FinancingApplicationId,
        most: i64,
    ) -> Result<Vec<LetterRow>, StoreError>;

    async fn write_letter(
        &mut self,
        application: FinancingApplicationId,
        letter: &LetterRow,
    ) -> Result<(), StoreError>;

    async fn keep_letter_file(
        &mut self,
        application: FinancingApplicationId,
        file: &LetterFile,
    ) -> Result<(), StoreError>;

    async fn letter_file(
        &mut self,
        application: FinancingApplicationId,
        file: FileId,
    ) -> Result<Option<LetterFile>, StoreError>;

    /// Everything that branches sent to one enterprise, oldest first; behind its own permit.
    async fn letter_files_to(&mut self, of: EnterpriseId) -> Result<Vec<LetterFile>, StoreError>;

    /// Files of which nothing is known and that were not asked about since `before`, the longest unasked first. For the city's
    /// worker.
    async fn letter_files_to_scan(
        &mut self,
        before: OffsetDateTime,
        at_most: i64,
    ) -> Result<Vec<LetterFile>, StoreError>;

    async fn set_letter_scan(
        &mut self,
        file: FileId,
        scan: Scan,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    async fn sent_files(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<SentFiles, StoreError>;

    async fn waiting(
        &mut self,
        application: FinancingApplicationId,
        reader: Side,
    ) -> Result<Waiting, StoreError>;

    /// How many a person wrote since an instant, in every thread.
    async fn written_since(
        &mut self,
        author: UserId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError>;

    /// Marks what the other side wrote as read.
    async fn read_letters(
        &mut self,
        application: FinancingApplicationId,
        reader: Side,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// Ticks a request for a call off; false when somebody did before.
    async fn tick_off(
        &mut self,
        application: FinancingApplicationId,
        letter: Uuid,
        called: &Called,
    ) -> Result<bool, StoreError>;
}
