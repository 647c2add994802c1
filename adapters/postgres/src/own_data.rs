//! Own data 本企业数据 on PostgreSQL: the chapters of the export, and the closing of an account as the enterprise sees it.

use application::ports::{
    own_data::{Chapter, Closing, OwnData, OwnExport, OwnExportStatus, StandsInTheWay},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::{Stage, Verb},
    ids::{EnterpriseId, UserId},
};
use serde_json::Value;
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

/// A moment as it is handed out: in the city's own time.
macro_rules! at {
    ($column:literal, $name:literal) => {
        concat!(
            "to_char(",
            $column,
            " at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') as ",
            $name
        )
    };
}

/// Rows of a chapter as JSON; $1 is the city, $2 the enterprise.
macro_rules! rows {
    ($($part:expr),+ $(,)?) => { concat!("select to_jsonb(r) from (", $($part),+, ") r") };
}

/// Requests that were sent: drafts go along as they are, without a number.
const APPLICATIONS: &str = rows!(
    "select application_no, (select l.application_no from financing_applications l
         where l.tenant_id = a.tenant_id and l.id = a.renews_id) as renews_no,
       product_name, handler_name as branch, amount_cents, rate / 100.0 as rate_percent, term, term_unit,
       stage, approved_amount_cents, approved_rate / 100.0 as approved_rate_percent, approved_term, approval_valid_until,
       review_opinion, supplement_rounds, channel, ",
    at!("created_at", "created_at"), ", ", at!("submitted_at", "submitted_at"), ", ", at!("accepted_at", "accepted_at"), ", ",
    at!("decided_at", "decided_at"),
    " from financing_applications a where tenant_id = $1 and enterprise_id = $2 order by id"
);

/// What stays among the bank's people is not handed out: $3 names those verbs.
const EVENTS: &str = rows!(
    "select a.application_no, e.kind as verb, e.to_stage as stage, e.actor_name, e.note, ", at!("e.at", "at"),
    " from application_events e join financing_applications a on a.tenant_id = e.tenant_id and a.id = e.application_id
      where e.tenant_id = $1 and a.enterprise_id = $2 and e.kind <> all($3) order by e.application_id, e.seq"
);

/// What one person of the bank proposes is the bank's own until a second one has agreed.
const DEFERRALS: &str = rows!(
    "select a.application_no, l.number, l.old_due_on, l.wanted_on, l.reason as deferral_reason, l.asked_name as person,
       case l.status when 'proposed' then 'open' else l.status end as deferral_status,
       case l.status when 'agreed' then l.new_due_on end as new_due_on,
       case when l.status in ('agreed', 'declined') then l.answer end as deferral_answer, ",
    at!("l.asked_at", "asked_at"), ", ",
    at!("case when l.status = 'declined' then l.answered_at else coalesce(l.checked_at, l.ended_at) end", "settled_at"),
    " from loan_deferrals l join financing_applications a on a.tenant_id = l.tenant_id and a.id = l.application_id
      where l.tenant_id = $1 and a.enterprise_id = $2 order by l.asked_at, l.id"
);

/// What was tried, each rule with its verdict in one line; everything that was told goes along in `data.json`.
const ESTIMATES: &str = rows!(
    "select product_name, bank_name as institution, product_version, amount_cents, term, term_unit,
       (figures ->> 'revenue_cents')::bigint as revenue_cents, (figures ->> 'tax_cents')::bigint as tax_cents,
       (figures ->> 'years')::int as years, (figures ->> 'capital_cents')::bigint as registered_capital_cents,
       figures ->> 'section' as section, figures ->> 'region' as region_code,
       (figures ->> 'first_loan')::boolean as first_loan, low_cents, high_cents,
       (select string_agg(concat(t.rule ->> 'text', '：', t.rule ->> 'words'), '；' order by t.number)
        from jsonb_array_elements(answer -> 'rules') with ordinality t (rule, number)) as rules,
       answer, made_name as person, ",
    at!("made_at", "made_at"),
    " from estimates where tenant_id = $1 and enterprise_id = $2 order by made_at, id"
);

const fn sql(chapter: Chapter) -> &'static str {
    match chapter {
        Chapter::Enterprise => rows!(
            "select name, legal_representative, unified_social_credit_code as credit_code, registered_capital_cents,
               region_code, industry_code, address, first_loan, channel, ",
            at!("profile_completed_at", "profile_completed_at"), ", ", at!("created_at", "created_at"),
            " from enterprises where tenant_id = $1 and id = $2"
        ),
        // The wall shows the draft of whoever asks and nobody else's; what it says is sealed and opened by the use case.
        Chapter::ProfileDraft => rows!(
            "select ", at!("saved_at", "saved_at"), " from profile_drafts where tenant_id = $1 and enterprise_id = $2"
        ),
        Chapter::People => rows!(
            "select name, status as account_status, face_method, ", at!("face_verified_at", "face_verified_at"), ", ",
            at!("created_at", "created_at"),
            " from users where tenant_id = $1 and enterprise_id = $2 order by id"
        ),
        Chapter::Applications => APPLICATIONS,
        Chapter::Events => EVENTS,
        Chapter::Draws => rows!(
            "select a.application_no, d.number, d.amount_cents, d.rate / 100.0 as rate_percent, d.drawn_on, d.due_on,
               d.contract_no, d.dispute, ", at!("d.confirmed_at", "confirmed_at"), ", ", at!("d.disputed_at", "disputed_at"),
            " from disbursements d join financing_applications a on a.tenant_id = d.tenant_id and a.id = d.application_id
              where d.tenant_id = $1 and a.enterprise_id = $2 order by d.application_id, d.number"
        ),
        Chapter::Repayments => rows!(
            "select a.application_no, p.principal_cents, p.paid_on, p.balance_cents, ", at!("p.at", "at"),
            " from repayments p join financing_applications a on a.tenant_id = p.tenant_id and a.id = p.application_id
              where p.tenant_id = $1 and a.enterprise_id = $2 order by p.application_id, p.at"
        ),
        Chapter::Deferrals => DEFERRALS,
        Chapter::Subsidies => rows!(
            "select a.application_no, c.draw_number as number, c.policy_title as policy, c.origin as claim_origin,
               c.status as claim_status, c.sum_cents, c.refusal, c.paid_cents, c.paid_on, ", at!("c.filed_at", "filed_at"), ", ",
            at!("c.approved_at", "approved_at"), ", ", at!("c.refused_at", "refused_at"),
            " from subsidy_claims c join financing_applications a on a.tenant_id = c.tenant_id and a.id = c.application_id
              where c.tenant_id = $1 and c.enterprise_id = $2 order by c.filed_at, c.id"
        ),
        Chapter::Letters => rows!(
            "select a.application_no, l.side, l.author_name, l.kind as letter_kind, l.body, ", at!("l.at", "at"),
            " from application_letters l join financing_applications a on a.tenant_id = l.tenant_id and a.id = l.application_id
              where l.tenant_id = $1 and a.enterprise_id = $2 order by l.application_id, l.at"
        ),
        Chapter::Complaints => rows!(
            "select complaint_no, application_no, about_name as about, kind as complaint_kind, body, status as complaint_status, answer, ",
            at!("filed_at", "filed_at"), ", ", at!("answered_at", "answered_at"), ", ", at!("closed_at", "closed_at"),
            " from complaints where tenant_id = $1 and enterprise_id = $2 order by filed_at, id"
        ),
        Chapter::Ratings => rows!(
            "select application_no, branch_name as branch, speed, service, openness, words, reply, hidden_reason, ",
            at!("rated_at", "rated_at"), " from ratings where tenant_id = $1 and enterprise_id = $2 order by rated_at, id"
        ),
        Chapter::Sizes => rows!(
            "select year, number as declared_times, industry_code, employees, revenue_cents, assets_cents, size_class, declared_name as person, ",
            at!("declared_at", "declared_at"),
            " from size_declarations where tenant_id = $1 and enterprise_id = $2 order by year, number"
        ),
        Chapter::Estimates => ESTIMATES,
        Chapter::Files => rows!(
            "select id, kind as file_kind, media_type, byte_size, ", at!("created_at", "at"),
            " from enterprise_files where tenant_id = $1 and enterprise_id = $2 and replaced_at is null order by created_at, id"
        ),
        Chapter::BankFiles => rows!(
            "select f.id, a.application_no, l.author_name, f.media_type, f.byte_size, ", at!("f.added_at", "at"),
            " from letter_files f join financing_applications a on a.tenant_id = f.tenant_id and a.id = f.application_id
              join application_letters l on l.tenant_id = f.tenant_id and l.application_id = f.application_id and l.file_id = f.id
              where f.tenant_id = $1 and a.enterprise_id = $2 order by f.added_at, f.id"
        ),
        Chapter::Consents => rows!(
            "select c.agreement_title, c.agreement_version, c.purpose, c.recipient, a.application_no, u.name as person,
               c.channel, c.ip, ", at!("c.granted_at", "granted_at"), ", ", at!("c.withdrawn_at", "withdrawn_at"),
            " from consents c join users u on u.id = c.user_id
              left join financing_applications a on a.tenant_id = c.tenant_id and a.id = c.application_id
              where c.tenant_id = $1 and c.enterprise_id = $2 order by c.granted_at, c.id"
        ),
        Chapter::FaceChecks => rows!(
            "select provider, status as check_status, reference, ", at!("created_at", "created_at"), ", ",
            at!("settled_at", "settled_at"),
            " from face_checks where tenant_id = $1 and enterprise_id = $2 order by created_at, id"
        ),
        Chapter::Looks => rows!(
            "select v.viewer_name, v.viewer_node, v.fields, v.reason, a.application_no, ", at!("v.at", "at"),
            " from view_entries v
              left join financing_applications a on a.tenant_id = v.tenant_id and a.id = v.application_id
              where v.tenant_id = $1 and v.enterprise_id = $2 order by v.at, v.id"
        ),
        Chapter::Messages => rows!(
            "select title, body, ", at!("created_at", "at"), ", ", at!("read_at", "read_at"),
            " from messages where tenant_id = $1 and enterprise_id = $2 order by created_at, id"
        ),
        Chapter::SignIns => rows!(
            "select ", at!("s.at", "at"), ", s.outcome, s.ip, s.agent
             from sign_in_records s join users u on u.id = s.user_id
             where s.tenant_id = $1 and u.enterprise_id = $2 order by s.at, s.id"
        ),
        Chapter::Sessions => rows!(
            "select ", at!("s.created_at", "created_at"), ", ", at!("s.seen_at", "seen_at"), ", s.ip, s.agent
             from sessions s join users u on u.id = s.user_id
             where s.tenant_id = $1 and u.enterprise_id = $2 and s.ended_at is null order by s.created_at"
        ),
    }
}

pub(crate) struct StoredExport(pub OwnExport);

impl FromRow<'_, PgRow> for StoredExport {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(OwnExport {
            id: row.try_get("id")?,
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            user: UserId(row.try_get("user_id")?),
            status: OwnExportStatus::from_code(row.try_get("status")?)
                .unwrap_or(OwnExportStatus::Failed),
            done: row.try_get("done")?,
            tries: row.try_get("tries")?,
            object_key: row.try_get("object_key")?,
            byte_size: row.try_get("byte_size")?,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
        }))
    }
}

pub(crate) struct StoredClosing(pub Closing);

impl FromRow<'_, PgRow> for StoredClosing {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(Closing {
            id: row.try_get("id")?,
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            asked_by: UserId(row.try_get("asked_by")?),
            asked_at: row.try_get("asked_at")?,
            effective_at: row.try_get("effective_at")?,
        }))
    }
}

#[async_trait]
impl OwnData for PgUnitOfWork {
    async fn chapter(
        &mut self,
        chapter: Chapter,
        of: EnterpriseId,
    ) -> Result<Vec<Value>, StoreError> {
        let internal: Vec<&str> = Verb::ALL
            .iter()
            .filter(|verb| verb.is_internal())
            .map(|verb| verb.code())
            .collect();
        let query = sqlx::query_scalar(sql(chapter))
            .bind(self.city.0)
            .bind(of.0);
        let query = if chapter == Chapter::Events {
            query.bind(internal)
        } else {
            query
        };
        query.fetch_all(&mut *self.tx).await.map_err(store_error)
    }

    async fn insert_export(&mut self, export: &OwnExport) -> Result<(), StoreError> {
        sqlx::query(
            "insert into own_data_exports (id, tenant_id, enterprise_id, user_id, status, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(export.id)
        .bind(self.city.0)
        .bind(export.enterprise.0)
        .bind(export.user.0)
        .bind(export.status.code())
        .bind(export.created_at)
        .bind(export.expires_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn exports(
        &mut self,
        user: UserId,
        now: OffsetDateTime,
    ) -> Result<Vec<OwnExport>, StoreError> {
        let rows: Vec<StoredExport> = sqlx::query_as(
            "select * from own_data_exports where tenant_id = $1 and user_id = $2 and expires_at > $3
             order by created_at desc, id desc",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(now)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn take_own_export(
        &mut self,
        id: Uuid,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Option<OwnExport>, StoreError> {
        let row: Option<StoredExport> = sqlx::query_as(
            "update own_data_exports set status = 'making', done = 0, tries = tries + 1, lease_until = $4
             where tenant_id = $1 and id = $2 and status in ('queued', 'making') and (lease_until is null or lease_until <= $3)
             returning *",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(now)
        .bind(until)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn note_own_export(
        &mut self,
        export: &OwnExport,
        done: i32,
        until: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let noted = sqlx::query(
            "update own_data_exports set done = $3, lease_until = $4
             where tenant_id = $1 and id = $2 and status = 'making' and tries = $5",
        )
        .bind(self.city.0)
        .bind(export.id)
        .bind(done)
        .bind(until)
        .bind(export.tries)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(noted.rows_affected() == 1)
    }

    async fn own_export_made(&mut self, export: &OwnExport) -> Result<bool, StoreError> {
        let made = sqlx::query(
            "update own_data_exports set status = 'ready', object_key = $3, byte_size = $4, expires_at = $5, lease_until = null
             where tenant_id = $1 and id = $2 and status = 'making' and tries = $6",
        )
        .bind(self.city.0)
        .bind(export.id)
        .bind(&export.object_key)
        .bind(export.byte_size)
        .bind(export.expires_at)
        .bind(export.tries)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(made.rows_affected() == 1)
    }

    async fn note_fetched(&mut self, id: Uuid, at: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("update own_data_exports set fetched_at = $3 where tenant_id = $1 and id = $2")
            .bind(self.city.0)
            .bind(id)
            .bind(at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn closing(&mut self, of: EnterpriseId) -> Result<Option<Closing>, StoreError> {
        let row: Option<StoredClosing> = sqlx::query_as(
            "select * from account_closings
             where tenant_id = $1 and enterprise_id = $2 and kept_at is null and done_at is null",
        )
        .bind(self.city.0)
        .bind(of.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn ask_closing(&mut self, closing: &Closing) -> Result<(), StoreError> {
        sqlx::query(
            "insert into account_closings (id, tenant_id, enterprise_id, asked_by, asked_at, effective_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(closing.id)
        .bind(self.city.0)
        .bind(closing.enterprise.0)
        .bind(closing.asked_by.0)
        .bind(closing.asked_at)
        .bind(closing.effective_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn keep_account(
        &mut self,
        of: EnterpriseId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update account_closings set kept_at = $3
             where tenant_id = $1 and enterprise_id = $2 and kept_at is null and done_at is null",
        )
        .bind(self.city.0)
        .bind(of.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn in_the_way(&mut self, of: EnterpriseId) -> Result<Vec<StandsInTheWay>, StoreError> {
        let open: Vec<&str> = Stage::ALL
            .iter()
            .filter(|stage| !stage.is_before_submission() && !stage.is_terminal())
            .map(|stage| stage.code())
            .collect();
        let rows: Vec<(Uuid, Option<String>, String)> = sqlx::query_as(
            "select id, application_no, stage from financing_applications
             where tenant_id = $1 and enterprise_id = $2 and stage = any($3) order by submitted_at, id",
        )
        .bind(self.city.0)
        .bind(of.0)
        .bind(open)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .filter_map(|(application, number, stage)| {
                Some(StandsInTheWay {
                    application,
                    number: number.unwrap_or_default(),
                    stage: Stage::from_code(&stage)?,
                })
            })
            .collect())
    }
}
