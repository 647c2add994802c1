//! Letters 沟通记录 on PostgreSQL.

use application::ports::{
    letters::{
        Called, LetterFile, LetterKind, LetterRow, Letters, OpenCall, SentFiles, Side, Waiting,
    },
    scanner::Scan,
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{EnterpriseId, FileId, FinancingApplicationId, UserId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Stored {
    id: Uuid,
    side: String,
    author_id: Uuid,
    author_name: String,
    kind: String,
    body: String,
    file_id: Option<Uuid>,
    scan: Option<String>,
    at: OffsetDateTime,
    read_at: Option<OffsetDateTime>,
    called_at: Option<OffsetDateTime>,
    called_by: Option<Uuid>,
    called_name: String,
    outcome: String,
}

impl Stored {
    fn restore(self) -> Result<LetterRow, StoreError> {
        let unknown = || StoreError::Broken("a letter of an unknown kind".into());
        Ok(LetterRow {
            id: self.id,
            side: Side::from_code(&self.side).ok_or_else(unknown)?,
            author: UserId(self.author_id),
            author_name: self.author_name,
            kind: LetterKind::from_code(&self.kind).ok_or_else(unknown)?,
            body: self.body,
            file: self.file_id.map(FileId),
            scan: self.scan.as_deref().map(known),
            at: self.at,
            read_at: self.read_at,
            called: self.called_at.zip(self.called_by).map(|(at, by)| Called {
                at,
                by: UserId(by),
                by_name: self.called_name,
                outcome: self.outcome,
            }),
        })
    }
}

fn known(scan: &str) -> Scan {
    Scan::from_code(scan).unwrap_or(Scan::Unknown)
}

#[derive(FromRow)]
struct StoredFile {
    id: Uuid,
    object_key: String,
    media_type: String,
    byte_size: i32,
    sha256: Vec<u8>,
    scan: String,
    added_by: Uuid,
    added_at: OffsetDateTime,
}

impl From<StoredFile> for LetterFile {
    fn from(row: StoredFile) -> Self {
        Self {
            id: FileId(row.id),
            object_key: row.object_key,
            media_type: row.media_type,
            byte_size: row.byte_size,
            sha256: row.sha256,
            scan: known(&row.scan),
            added_by: UserId(row.added_by),
            added_at: row.added_at,
        }
    }
}

#[async_trait]
impl Letters for PgUnitOfWork {
    async fn open_calls(&mut self, most: i64) -> Result<Vec<OpenCall>, StoreError> {
        type Row = (Uuid, Option<String>, String, String, String, OffsetDateTime);
        let rows: Vec<Row> = sqlx::query_as(
            "select a.id, a.application_no, a.enterprise_name, a.holder_name, l.body, l.at
             from application_letters l
             join financing_applications a on a.tenant_id = l.tenant_id and a.id = l.application_id
             where l.tenant_id = $1 and a.handler_tenant_id = $2 and l.kind = 'call_request' and l.called_at is null
               and a.stage in ('submitted', 'accepted', 'due_diligence', 'need_supplement', 'in_approval', 'approved',
                 'disbursing', 'disbursed')
             order by l.at, l.id limit $3",
        )
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(
                |(id, number, enterprise_name, holder_name, body, at)| OpenCall {
                    application: FinancingApplicationId(id),
                    number: number.unwrap_or_default(),
                    enterprise_name,
                    holder_name,
                    body,
                    at,
                },
            )
            .collect())
    }

    async fn letters(
        &mut self,
        application: FinancingApplicationId,
        most: i64,
    ) -> Result<Vec<LetterRow>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select l.id, l.side, l.author_id, l.author_name, l.kind, l.body, l.file_id, f.scan, l.at, l.read_at, l.called_at,
               l.called_by, l.called_name, l.outcome
             from application_letters l left join letter_files f on f.tenant_id = l.tenant_id and f.id = l.file_id
             where l.tenant_id = $1 and l.application_id = $2 order by l.at desc, l.id desc limit $3",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().rev().map(Stored::restore).collect()
    }

    async fn write_letter(
        &mut self,
        application: FinancingApplicationId,
        letter: &LetterRow,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into application_letters (id, tenant_id, application_id, side, author_id, author_name, kind, body, file_id, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(letter.id)
        .bind(self.city.0)
        .bind(application.0)
        .bind(letter.side.code())
        .bind(letter.author.0)
        .bind(&letter.author_name)
        .bind(letter.kind.code())
        .bind(&letter.body)
        .bind(letter.file.map(|file| file.0))
        .bind(letter.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn keep_letter_file(
        &mut self,
        application: FinancingApplicationId,
        file: &LetterFile,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into letter_files (id, tenant_id, application_id, object_key, media_type, byte_size, sha256, scan, added_by, added_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(file.id.0)
        .bind(self.city.0)
        .bind(application.0)
        .bind(&file.object_key)
        .bind(&file.media_type)
        .bind(file.byte_size)
        .bind(&file.sha256)
        .bind(file.scan.code())
        .bind(file.added_by.0)
        .bind(file.added_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn letter_file(
        &mut self,
        application: FinancingApplicationId,
        file: FileId,
    ) -> Result<Option<LetterFile>, StoreError> {
        let row: Option<StoredFile> = sqlx::query_as(
            "select id, object_key, media_type, byte_size, sha256, scan, added_by, added_at from letter_files
             where tenant_id = $1 and application_id = $2 and id = $3",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(file.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(Into::into))
    }

    async fn letter_files_to(&mut self, of: EnterpriseId) -> Result<Vec<LetterFile>, StoreError> {
        let rows: Vec<StoredFile> = sqlx::query_as(
            "select f.id, f.object_key, f.media_type, f.byte_size, f.sha256, f.scan, f.added_by, f.added_at
             from letter_files f join financing_applications a on a.tenant_id = f.tenant_id and a.id = f.application_id
             where f.tenant_id = $1 and a.enterprise_id = $2 order by f.added_at, f.id",
        )
        .bind(self.city.0)
        .bind(of.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn letter_files_to_scan(
        &mut self,
        before: OffsetDateTime,
        at_most: i64,
    ) -> Result<Vec<LetterFile>, StoreError> {
        let rows: Vec<StoredFile> = sqlx::query_as(
            "select id, object_key, media_type, byte_size, sha256, scan, added_by, added_at from letter_files
             where tenant_id = $1 and scan in ('unknown', 'unscanned') and (scan_asked_at is null or scan_asked_at < $2)
             order by scan_asked_at nulls first, added_at limit $3",
        )
        .bind(self.city.0)
        .bind(before)
        .bind(at_most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn set_letter_scan(
        &mut self,
        file: FileId,
        scan: Scan,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update letter_files set scan = $3, scan_asked_at = $4 where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(file.0)
        .bind(scan.code())
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn sent_files(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<SentFiles, StoreError> {
        let (files, bytes) = sqlx::query_as(
            "select count(*), coalesce(sum(byte_size), 0) from letter_files where tenant_id = $1 and application_id = $2",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(SentFiles { files, bytes })
    }

    async fn waiting(
        &mut self,
        application: FinancingApplicationId,
        reader: Side,
    ) -> Result<Waiting, StoreError> {
        let (letters, unread, calls) = sqlx::query_as(
            "select count(*), count(*) filter (where read_at is null and side <> $3),
                    count(*) filter (where kind = 'call_request' and called_at is null)
             from application_letters where tenant_id = $1 and application_id = $2",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(reader.code())
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(Waiting {
            letters,
            unread,
            calls,
        })
    }

    async fn written_since(
        &mut self,
        author: UserId,
        since: OffsetDateTime,
    ) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from application_letters where tenant_id = $1 and author_id = $2 and at > $3",
        )
        .bind(self.city.0)
        .bind(author.0)
        .bind(since)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn read_letters(
        &mut self,
        application: FinancingApplicationId,
        reader: Side,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update application_letters set read_at = $4
             where tenant_id = $1 and application_id = $2 and side <> $3 and read_at is null",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(reader.code())
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn tick_off(
        &mut self,
        application: FinancingApplicationId,
        letter: Uuid,
        called: &Called,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update application_letters set called_at = $4, called_by = $5, called_name = $6, outcome = $7,
               read_at = coalesce(read_at, $4)
             where tenant_id = $1 and application_id = $2 and id = $3 and kind = 'call_request' and called_at is null",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(letter)
        .bind(called.at)
        .bind(called.by.0)
        .bind(&called.by_name)
        .bind(&called.outcome)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }
}
