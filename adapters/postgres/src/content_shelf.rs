//! Content shelf 内容管理 on PostgreSQL.

use application::{
    content::{ContentForm, StoredTerms},
    ports::{
        catalogue::{AgreementText, Article, ArticleKind, Banner},
        content::{
            AgreementVersion, ContentDraft, ContentKind, ContentPicture, ContentShelf, Makers,
            NewAttachment, PieceAsk, PieceRow, PieceVersion,
        },
        product_shelf::DraftStatus,
        store::StoreError,
    },
};
use async_trait::async_trait;
use domain::ids::UserId;
use sqlx::{FromRow, Row as _, postgres::PgRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    catalogue,
    errors::{store_error, unreadable},
    store::PgUnitOfWork,
};

struct DraftRow(ContentDraft);

impl FromRow<'_, PgRow> for DraftRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let form: Json<ContentForm> = row.try_get("form")?;
        let authors: Vec<Uuid> = row.try_get("authors")?;
        Ok(Self(ContentDraft {
            id: row.try_get("id")?,
            kind: kind_of(row)?,
            code: row.try_get("code")?,
            revision: row.try_get("revision")?,
            status: DraftStatus::from_code(row.try_get("status")?)
                .ok_or_else(|| unreadable("an unknown state of a draft"))?,
            form: form.0,
            authors: authors.into_iter().map(UserId).collect(),
            author_names: row.try_get("author_names")?,
            saved_at: row.try_get("saved_at")?,
            submitted_at: row.try_get("submitted_at")?,
            review_note: row.try_get("review_note")?,
            reviewed_by: row.try_get::<Option<Uuid>, _>("reviewed_by")?.map(UserId),
            reviewed_name: row.try_get("reviewed_name")?,
            reviewed_at: row.try_get("reviewed_at")?,
        }))
    }
}

fn kind_of(row: &PgRow) -> Result<ContentKind, sqlx::Error> {
    ContentKind::from_code(row.try_get("kind")?)
        .ok_or_else(|| unreadable("an unknown kind of text"))
}

struct ListRow(PieceRow);

impl FromRow<'_, PgRow> for ListRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let status: Option<&str> = row.try_get("status")?;
        let draft: Option<&str> = row.try_get("draft")?;
        Ok(Self(PieceRow {
            id: row.try_get("id")?,
            kind: kind_of(row)?,
            title: row.try_get("title")?,
            version: row.try_get("version")?,
            withdrawn: status == Some("withdrawn"),
            visible_from: row.try_get("visible_from")?,
            visible_until: row.try_get("visible_until")?,
            shown: row.try_get("shown")?,
            draft: draft.and_then(DraftStatus::from_code),
            updated_at: row.try_get("updated_at")?,
        }))
    }
}

fn version_of(
    row: &PgRow,
    kind: ContentKind,
    form: ContentForm,
) -> Result<PieceVersion, sqlx::Error> {
    let origin: &str = row.try_get("origin")?;
    let status: &str = row.try_get("status")?;
    Ok(PieceVersion {
        kind,
        version: row.try_get("version")?,
        form,
        withdrawn: status == "withdrawn",
        visible_from: row.try_get("from_then_on")?,
        visible_until: row.try_get("visible_until")?,
        published_at: row.try_get("published_at")?,
        from_file: origin == "file",
        written_by: row.try_get("written_by")?,
        checked_by: row.try_get("checked_by")?,
        recorded_at: row.try_get("recorded_at")?,
        withdrawn_note: row.try_get("withdrawn_note")?,
        withdrawn_by: row.try_get("withdrawn_by")?,
        withdrawn_at: row.try_get("withdrawn_at")?,
    })
}

fn article_version(row: &PgRow) -> Result<PieceVersion, sqlx::Error> {
    let article = catalogue::article(row)?;
    let kind = match article.kind {
        ArticleKind::Policy => ContentKind::Policy,
        ArticleKind::News => ContentKind::News,
        ArticleKind::About => ContentKind::About,
    };
    let form = ContentForm::of_article(&article, row.try_get("files")?);
    version_of(row, kind, form)
}

fn banner_version(row: &PgRow) -> Result<PieceVersion, sqlx::Error> {
    let form = ContentForm::of_banner(&catalogue::banner(row)?);
    version_of(row, ContentKind::Banner, form)
}

fn agreement_version(row: &PgRow) -> Result<AgreementVersion, sqlx::Error> {
    let origin: &str = row.try_get("origin")?;
    Ok(AgreementVersion {
        text: catalogue::agreement(row)?,
        from_file: origin == "file",
        written_by: row.try_get("written_by")?,
        checked_by: row.try_get("checked_by")?,
        recorded_at: row.try_get("recorded_at")?,
        accepted: row.try_get("accepted")?,
    })
}

fn read<T>(
    rows: Result<Vec<PgRow>, sqlx::Error>,
    one: impl Fn(&PgRow) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, StoreError> {
    rows.and_then(|rows| rows.iter().map(one).collect())
        .map_err(store_error)
}

/// Half of a search: `%`, `_` and `\` stand for themselves.
fn like(words: &str) -> Option<String> {
    let words = words.trim();
    if words.is_empty() {
        return None;
    }
    let escaped = words
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    Some(format!("%{escaped}%"))
}

const DRAFT: &str = "select * from content_drafts where tenant_id = $1 and id = $2";
const DRAFT_LOCKED: &str =
    "select * from content_drafts where tenant_id = $1 and id = $2 for update";

const AGREEMENT: &str = "select * from content_drafts where tenant_id = $1 and code = $2";
const AGREEMENT_LOCKED: &str =
    "select * from content_drafts where tenant_id = $1 and code = $2 for update";
/// Of two that begin the draft of a text, or of an agreement under ids of their own, the second one writes nothing.
const NEW_DRAFT: &str = "insert into content_drafts (tenant_id, id, revision, status, title, form, authors, author_names,
       saved_at, submitted_at, review_note, reviewed_by, reviewed_name, reviewed_at, kind, code)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     on conflict do nothing";
const NEXT_DRAFT: &str = "update content_drafts set revision = $3, status = $4, title = $5, form = $6, authors = $7,
       author_names = $8, saved_at = $9, submitted_at = $10, review_note = $11, reviewed_by = $12, reviewed_name = $13,
       reviewed_at = $14
     where tenant_id = $1 and id = $2 and revision = $15";

impl PgUnitOfWork {
    async fn agreement_row(
        &mut self,
        sql: &'static str,
        code: &str,
    ) -> Result<Option<ContentDraft>, StoreError> {
        let row: Option<DraftRow> = sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(code)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(|r| r.0))
    }

    async fn content_row(
        &mut self,
        sql: &'static str,
        id: Uuid,
    ) -> Result<Option<ContentDraft>, StoreError> {
        let row: Option<DraftRow> = sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(|r| r.0))
    }
}

#[async_trait]
impl ContentShelf for PgUnitOfWork {
    async fn pieces(
        &mut self,
        ask: &PieceAsk,
        at: OffsetDateTime,
    ) -> Result<Vec<PieceRow>, StoreError> {
        let rows: Vec<ListRow> = sqlx::query_as(
            "with pieces as (
               select distinct on (id) id, kind, title, version, status, nullif(visible_from, '-infinity') as visible_from,
                      null::timestamptz as visible_until, greatest(recorded_at, withdrawn_at) as changed_at,
                      max(version) filter (where status = 'published' and visible_from <= $4) over (partition by id) as shown
               from articles where tenant_id = $1 order by id, version desc),
             pictures as (
               select distinct on (id) id, 'banner' as kind, title, version, status, visible_from, visible_until,
                      greatest(recorded_at, withdrawn_at) as changed_at,
                      max(version) filter (where status = 'published' and visible_from <= $4) over (partition by id) as shown
               from banners where tenant_id = $1 order by id, version desc),
             up as (select * from pieces union all select * from pictures),
             written as (select * from content_drafts where tenant_id = $1 and status <> 'published' and kind <> 'agreement')
             select coalesce(u.id, d.id) as id, coalesce(u.kind, d.kind) as kind, coalesce(u.title, d.title) as title,
                    coalesce(u.version, 0) as version, u.status, u.visible_from, u.visible_until, u.shown, d.status as draft,
                    greatest(u.changed_at, d.saved_at) as updated_at
             from up u full join written d on d.id = u.id
             where ($2::text is null or coalesce(u.kind, d.kind) = $2)
               and ($3::text is null or u.title ilike $3 or d.title ilike $3)
             order by greatest(u.changed_at, d.saved_at) desc, 1 limit 2000",
        )
        .bind(self.city.0)
        .bind(ask.kind.map(ContentKind::code))
        .bind(like(&ask.words))
        .bind(at)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn piece_versions(&mut self, id: Uuid) -> Result<Vec<PieceVersion>, StoreError> {
        let articles = sqlx::query(
            "select a.*, nullif(visible_from, '-infinity') as from_then_on, null::timestamptz as visible_until,
                    coalesce(a.attachments, array(select f.id from article_attachments f
                      where f.tenant_id = a.tenant_id and f.article_id = a.id and not f.drafted
                      order by f.position, f.id)) as files
             from articles a where a.tenant_id = $1 and a.id = $2 order by version desc limit 200",
        )
        .bind(self.city.0)
        .bind(id)
        .fetch_all(&mut *self.tx)
        .await;
        let articles = read(articles, article_version)?;
        if !articles.is_empty() {
            return Ok(articles);
        }
        let banners = sqlx::query(
            "select b.*, b.visible_from as from_then_on, p.width, p.height
             from banners b join content_pictures p on p.tenant_id = b.tenant_id and p.id = b.picture_id
             where b.tenant_id = $1 and b.id = $2 order by version desc limit 200",
        )
        .bind(self.city.0)
        .bind(id)
        .fetch_all(&mut *self.tx)
        .await;
        read(banners, banner_version)
    }

    async fn content_draft(&mut self, id: Uuid) -> Result<Option<ContentDraft>, StoreError> {
        self.content_row(DRAFT, id).await
    }

    async fn content_draft_for_update(
        &mut self,
        id: Uuid,
    ) -> Result<Option<ContentDraft>, StoreError> {
        self.content_row(DRAFT_LOCKED, id).await
    }

    async fn agreement_draft(&mut self, code: &str) -> Result<Option<ContentDraft>, StoreError> {
        self.agreement_row(AGREEMENT, code).await
    }

    async fn agreement_draft_for_update(
        &mut self,
        code: &str,
    ) -> Result<Option<ContentDraft>, StoreError> {
        self.agreement_row(AGREEMENT_LOCKED, code).await
    }

    async fn waiting_content(&mut self) -> Result<Vec<ContentDraft>, StoreError> {
        let rows: Vec<DraftRow> = sqlx::query_as(
            "select * from content_drafts where tenant_id = $1 and status = 'in_review' order by submitted_at, id limit 200",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn save_content_draft(
        &mut self,
        draft: &ContentDraft,
        over: i32,
    ) -> Result<bool, StoreError> {
        let authors: Vec<Uuid> = draft.authors.iter().map(|a| a.0).collect();
        let title: String = draft.form.title.chars().take(120).collect();
        let query = if over == 0 {
            sqlx::query(NEW_DRAFT)
        } else {
            sqlx::query(NEXT_DRAFT)
        };
        let query = query
            .bind(self.tenant.0)
            .bind(draft.id)
            .bind(draft.revision)
            .bind(draft.status.code())
            .bind(title)
            .bind(Json(&draft.form))
            .bind(authors)
            .bind(&draft.author_names)
            .bind(draft.saved_at)
            .bind(draft.submitted_at)
            .bind(&draft.review_note)
            .bind(draft.reviewed_by.map(|u| u.0))
            .bind(&draft.reviewed_name)
            .bind(draft.reviewed_at);
        let query = if over == 0 {
            query.bind(draft.kind.code()).bind(&draft.code)
        } else {
            query.bind(over)
        };
        let done = query.execute(&mut *self.tx).await.map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn publish_article(
        &mut self,
        version: i32,
        article: &Article,
        visible_from: OffsetDateTime,
        by: &Makers,
    ) -> Result<(), StoreError> {
        let related: Vec<Uuid> = article.related_products.iter().map(|p| p.0).collect();
        let kind = match article.kind {
            ArticleKind::Policy => "policy",
            ArticleKind::News => "news",
            ArticleKind::About => "about",
        };
        sqlx::query(
            "insert into articles (id, tenant_id, city_id, version, kind, title, category, source, delivery, audience, pinned,
               related_products, document_no, issuer, summary, body, tags, deadline, industries, regions, first_loan, attachments,
               published_at, visible_from, origin, written_by, checked_by, recorded_at, subsidy)
             values ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
               'operator', $24, $25, $26, $27)",
        )
        .bind(article.id)
        .bind(self.city.0)
        .bind(version)
        .bind(kind)
        .bind(&article.title)
        .bind(&article.category)
        .bind(&article.source)
        .bind(&article.delivery)
        .bind(&article.audience)
        .bind(article.pinned)
        .bind(related)
        .bind(&article.document_no)
        .bind(&article.issuer)
        .bind(&article.summary)
        .bind(&article.body)
        .bind(&article.tags)
        .bind(article.deadline)
        .bind(&article.industries)
        .bind(&article.regions)
        .bind(article.first_loan)
        .bind(&article.attachments)
        .bind(article.published_at)
        .bind(visible_from)
        .bind(&by.written_by)
        .bind(&by.checked_by)
        .bind(by.at)
        .bind(article.subsidy.as_ref().map(StoredTerms::of).map(Json))
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn publish_banner(
        &mut self,
        version: i32,
        banner: &Banner,
        published_at: OffsetDateTime,
        by: &Makers,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into banners (id, tenant_id, city_id, version, title, link, picture_id, position, visible_from, visible_until,
               published_at, written_by, checked_by, recorded_at)
             values ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(banner.id)
        .bind(self.city.0)
        .bind(version)
        .bind(&banner.title)
        .bind(&banner.link)
        .bind(banner.picture)
        .bind(banner.position)
        .bind(banner.from)
        .bind(banner.until)
        .bind(published_at)
        .bind(&by.written_by)
        .bind(&by.checked_by)
        .bind(by.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn publish_agreement(
        &mut self,
        text: &AgreementText,
        hash: &[u8; 32],
        by: &Makers,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into agreements (tenant_id, city_id, code, version, title, body, body_hash, published_at, reconsent,
               change_note, origin, written_by, checked_by, recorded_at)
             values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, 'operator', $10, $11, $12)",
        )
        .bind(self.city.0)
        .bind(&text.code)
        .bind(&text.version)
        .bind(&text.title)
        .bind(&text.body)
        .bind(hash.as_slice())
        .bind(text.published_at)
        .bind(text.reconsent)
        .bind(&text.change_note)
        .bind(&by.written_by)
        .bind(&by.checked_by)
        .bind(by.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn withdraw_piece(
        &mut self,
        id: Uuid,
        note: &str,
        by: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut taken = 0;
        for sql in [
            "update articles set status = 'withdrawn', withdrawn_note = $3, withdrawn_by = $4, withdrawn_at = $5
             where tenant_id = $1 and id = $2 and status = 'published'",
            "update banners set status = 'withdrawn', withdrawn_note = $3, withdrawn_by = $4, withdrawn_at = $5
             where tenant_id = $1 and id = $2 and status = 'published'",
        ] {
            let done = sqlx::query(sql)
                .bind(self.city.0)
                .bind(id)
                .bind(note)
                .bind(by)
                .bind(at)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
            taken += done.rows_affected();
        }
        Ok(taken > 0)
    }

    async fn agreement_versions(
        &mut self,
        code: Option<&str>,
    ) -> Result<Vec<AgreementVersion>, StoreError> {
        let rows = sqlx::query(
            "select a.*, coalesce(g.people, 0) as accepted from agreements a
             left join (select agreement_code, agreement_version, count(distinct user_id) as people from consents
                        where tenant_id = $1 and withdrawn_at is null and ($2::text is null or agreement_code = $2)
                        group by 1, 2) g on g.agreement_code = a.code and g.agreement_version = a.version
             where a.tenant_id = $1 and ($2::text is null or a.code = $2)
             order by a.code, a.published_at desc, a.version desc limit 1000",
        )
        .bind(self.city.0)
        .bind(code)
        .fetch_all(&mut *self.tx)
        .await;
        read(rows, agreement_version)
    }

    async fn add_attachment(&mut self, new: &NewAttachment) -> Result<(), StoreError> {
        let file = &new.file;
        sqlx::query(
            "insert into article_attachments (id, tenant_id, city_id, article_id, position, title, kind, object_key, byte_size,
               sha256, created_at, drafted, scan) values ($1, $2, $2, $3, 1, $4, $5, $6, $7, $8, $9, true, $10)",
        )
        .bind(file.id)
        .bind(self.city.0)
        .bind(file.article)
        .bind(&file.title)
        .bind(file.kind.code())
        .bind(&file.object_key)
        .bind(file.byte_size)
        .bind(new.sha256.as_slice())
        .bind(new.at)
        .bind(new.scan)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn add_picture(&mut self, picture: &ContentPicture) -> Result<(), StoreError> {
        sqlx::query(
            "insert into content_pictures (tenant_id, city_id, id, object_key, width, height, byte_size, sha256, added_at)
             values ($1, $1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.city.0)
        .bind(picture.id)
        .bind(&picture.object_key)
        .bind(picture.width)
        .bind(picture.height)
        .bind(picture.byte_size)
        .bind(&picture.sha256)
        .bind(picture.added_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn picture(&mut self, id: Uuid) -> Result<Option<ContentPicture>, StoreError> {
        let row = sqlx::query("select * from content_pictures where tenant_id = $1 and id = $2")
            .bind(self.city.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let read = |row: PgRow| {
            Ok(ContentPicture {
                id: row.try_get("id")?,
                object_key: row.try_get("object_key")?,
                width: row.try_get("width")?,
                height: row.try_get("height")?,
                byte_size: row.try_get("byte_size")?,
                sha256: row.try_get("sha256")?,
                added_at: row.try_get("added_at")?,
            })
        };
        row.map(read).transpose().map_err(store_error)
    }
}
