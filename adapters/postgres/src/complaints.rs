//! Complaints 投诉 on PostgreSQL.

use application::{
    ports::{
        branch_board::COUNT_CAP,
        complaints::{
            AskedNode, Complaint, ComplaintAlarm, ComplaintAsk, ComplaintCounts, ComplaintList,
            ComplaintPage, ComplaintTotals, Complaints, StepRow, Subject,
        },
        store::StoreError,
    },
    statistics::month_end,
};
use async_trait::async_trait;
use domain::{
    calendar::SHANGHAI,
    complaint::{ComplaintKind, ComplaintStatus, ComplaintStep},
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
    values::ComplaintNumber,
};
use sqlx::{FromRow, Postgres, QueryBuilder, Row as _, postgres::PgRow};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

/// What the city owes an answer to.
const OWED: [&str; 3] = ["filed", "taken", "reopened"];

struct Stored(Complaint);

fn known<T>(found: Option<T>) -> Result<T, sqlx::Error> {
    found.ok_or_else(|| sqlx::Error::Decode("an unknown word of a complaint".into()))
}

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let handler: Option<Uuid> = row.try_get("handler_tenant_id")?;
        let asked = match handler {
            Some(id) => Some(AskedNode {
                id: TenantId(id),
                name: row.try_get("handler_name")?,
                stated: row.try_get("stated")?,
            }),
            None => None,
        };
        let application: Option<Uuid> = row.try_get("application_id")?;
        let taken_by: Option<Uuid> = row.try_get("taken_by")?;
        Ok(Self(Complaint {
            id: row.try_get("id")?,
            number: row.try_get("complaint_no")?,
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            enterprise_name: row.try_get("enterprise_name")?,
            kind: known(ComplaintKind::from_code(row.try_get("kind")?))?,
            body: row.try_get("body")?,
            subject: Subject {
                application: application.map(FinancingApplicationId),
                application_no: row.try_get("application_no")?,
                about: TenantId(row.try_get("about_id")?),
                about_name: row.try_get("about_name")?,
                bank: TenantId(row.try_get("bank_id")?),
                bank_name: row.try_get("bank_name")?,
            },
            status: known(ComplaintStatus::from_code(row.try_get("status")?))?,
            filed_by: UserId(row.try_get("filed_by")?),
            filed_at: row.try_get("filed_at")?,
            clock_from: row.try_get("clock_from")?,
            due_at: row.try_get("due_at")?,
            taken_by: taken_by.map(UserId),
            taken_name: row.try_get("taken_name")?,
            asked,
            answer: row.try_get("answer")?,
            answered_at: row.try_get("answered_at")?,
            reopened: row.try_get("reopened")?,
            closed_at: row.try_get("closed_at")?,
            version: row.try_get("version")?,
        }))
    }
}

struct StoredStep(StepRow);

impl FromRow<'_, PgRow> for StoredStep {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let (by, node): (Option<Uuid>, Option<Uuid>) =
            (row.try_get("by_id")?, row.try_get("node_id")?);
        Ok(Self(StepRow {
            id: row.try_get("id")?,
            step: known(ComplaintStep::from_code(row.try_get("kind")?))?,
            words: row.try_get("words")?,
            by: by.map(UserId),
            by_name: row.try_get("by_name")?,
            node: node.map(TenantId),
            node_name: row.try_get("node_name")?,
            at: row.try_get("at")?,
        }))
    }
}

fn plain(rows: Vec<Stored>) -> Vec<Complaint> {
    rows.into_iter().map(|row| row.0).collect()
}

fn conditions(
    query: &mut QueryBuilder<Postgres>,
    city: Uuid,
    ask: &ComplaintAsk,
    now: OffsetDateTime,
) {
    query
        .push(" from complaints where tenant_id = ")
        .push_bind(city);
    match ask.list {
        ComplaintList::Owed => {
            query
                .push(" and status = any (")
                .push_bind(&OWED[..])
                .push(")");
        }
        ComplaintList::Overdue => {
            query.push(" and status = any (").push_bind(&OWED[..]);
            query.push(") and due_at < ").push_bind(now);
        }
        ComplaintList::Answered => {
            query.push(" and status = 'answered'");
        }
        ComplaintList::Closed => {
            query.push(" and status = 'closed'");
        }
        ComplaintList::All => {}
    }
    if let Some(filed) = ask.filed {
        let begins = |day: Date| day.midnight().assume_offset(SHANGHAI);
        let after = month_end(filed.month) + Duration::days(1);
        query.push(" and bank_id = ").push_bind(filed.bank.0);
        query
            .push(" and filed_at >= ")
            .push_bind(begins(filed.month))
            .push(" and filed_at < ")
            .push_bind(begins(after));
    }
    if let Some(kind) = ask.kind {
        query.push(" and kind = ").push_bind(kind.code());
    }
    if !ask.words.is_empty() {
        // A part of a name, with the signs of a pattern taken as they are.
        let words = ask.words.replace('\\', "\\\\");
        let like = format!("%{}%", words.replace('%', "\\%").replace('_', "\\_"));
        query
            .push(" and (complaint_no ilike ")
            .push_bind(like.clone());
        query
            .push(" or enterprise_name like ")
            .push_bind(like.clone());
        query.push(" or about_name like ").push_bind(like.clone());
        query.push(" or bank_name like ").push_bind(like).push(")");
    }
}

impl PgUnitOfWork {
    async fn changed(
        &mut self,
        query: sqlx::query::Query<'_, Postgres, sqlx::postgres::PgArguments>,
    ) -> Result<(), StoreError> {
        let done = query.execute(&mut *self.tx).await.map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }
}

#[async_trait]
impl Complaints for PgUnitOfWork {
    async fn next_complaint_number(&mut self, day: Date) -> Result<ComplaintNumber, StoreError> {
        let last: i32 = sqlx::query_scalar(
            "insert into complaint_numbers (tenant_id, day, last) values ($1, $2, 1)
             on conflict (tenant_id, day) do update set last = complaint_numbers.last + 1 returning last",
        )
        .bind(self.city.0)
        .bind(day)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        u32::try_from(last)
            .ok()
            .and_then(|n| ComplaintNumber::new(day, n))
            .ok_or_else(|| StoreError::Broken("the day's counter left its range".into()))
    }

    async fn complaint_subjects(&mut self) -> Result<Vec<Subject>, StoreError> {
        type Row = (Option<Uuid>, String, Uuid, String, Uuid, String);
        let rows: Vec<Row> = sqlx::query_as(
            "(select a.id, a.application_no, coalesce(h.id, b.id), coalesce(h.name, b.name), b.id, b.name
              from financing_applications a
              join tenants b on b.id = a.bank_id left join tenants h on h.id = a.handler_tenant_id
              where a.tenant_id = $1 and a.enterprise_id = current_enterprise() and a.application_no is not null
              order by a.submitted_at desc limit 200)
             union all
             (select null, '', t.id, t.name, t.id, t.name
              from institutions i join tenants t on t.id = i.tenant_id
              where i.city_id = $1 and i.status = 'published' order by i.position, t.name)
             union all
             (select null, '', t.id, t.name, p.id, p.name
              from branches r join tenants t on t.id = r.tenant_id join tenants p on p.id = r.bank_id
              join institutions i on i.tenant_id = r.bank_id and i.status = 'published'
              where r.city_id = $1 and r.status = 'published' order by i.position, p.name, t.name)",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(
                |(application, application_no, about, about_name, bank, bank_name)| Subject {
                    application: application.map(FinancingApplicationId),
                    application_no,
                    about: TenantId(about),
                    about_name,
                    bank: TenantId(bank),
                    bank_name,
                },
            )
            .collect())
    }

    async fn complaints_since(&mut self, since: OffsetDateTime) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from complaints
             where tenant_id = $1 and enterprise_id = current_enterprise() and filed_at > $2",
        )
        .bind(self.city.0)
        .bind(since)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn file_complaint(&mut self, c: &Complaint) -> Result<(), StoreError> {
        sqlx::query(
            "insert into complaints (id, tenant_id, enterprise_id, enterprise_name, complaint_no, kind, body, application_id,
               application_no, about_id, about_name, bank_id, bank_name, status, filed_by, filed_at, clock_from, due_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        )
        .bind(c.id)
        .bind(self.city.0)
        .bind(c.enterprise.0)
        .bind(&c.enterprise_name)
        .bind(&c.number)
        .bind(c.kind.code())
        .bind(&c.body)
        .bind(c.subject.application.map(|a| a.0))
        .bind(&c.subject.application_no)
        .bind(c.subject.about.0)
        .bind(&c.subject.about_name)
        .bind(c.subject.bank.0)
        .bind(&c.subject.bank_name)
        .bind(c.status.code())
        .bind(c.filed_by.0)
        .bind(c.filed_at)
        .bind(c.clock_from)
        .bind(c.due_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn complaint(&mut self, id: Uuid) -> Result<Option<Complaint>, StoreError> {
        let row: Option<Stored> =
            sqlx::query_as("select * from complaints where tenant_id = $1 and id = $2")
                .bind(self.city.0)
                .bind(id)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn complaint_for_update(&mut self, id: Uuid) -> Result<Option<Complaint>, StoreError> {
        let row: Option<Stored> =
            sqlx::query_as("select * from complaints where tenant_id = $1 and id = $2 for update")
                .bind(self.city.0)
                .bind(id)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn save_complaint(&mut self, c: &Complaint) -> Result<(), StoreError> {
        let asked = c.asked.as_ref();
        let query = sqlx::query(
            "update complaints set status = $4, taken_by = $5, taken_name = $6, handler_tenant_id = $7, handler_name = $8,
               stated = $9, answer = $10, answered_at = $11, closed_at = $12, version = version + 1
             where tenant_id = $1 and id = $2 and version = $3",
        )
        .bind(self.city.0)
        .bind(c.id)
        .bind(c.version)
        .bind(c.status.code())
        .bind(c.taken_by.map(|u| u.0))
        .bind(&c.taken_name)
        .bind(asked.map(|a| a.id.0))
        .bind(asked.map_or("", |a| a.name.as_str()))
        .bind(asked.is_some_and(|a| a.stated))
        .bind(&c.answer)
        .bind(c.answered_at)
        .bind(c.closed_at);
        self.changed(query).await
    }

    async fn save_own_complaint(&mut self, c: &Complaint) -> Result<(), StoreError> {
        let query = sqlx::query(
            "update complaints set status = $4, reopened = $5, closed_at = $6, due_at = $7,
               told = case when clock_from = $8 then told else 0 end, clock_from = $8, version = version + 1
             where tenant_id = $1 and id = $2 and version = $3",
        )
        .bind(self.city.0)
        .bind(c.id)
        .bind(c.version)
        .bind(c.status.code())
        .bind(c.reopened)
        .bind(c.closed_at)
        .bind(c.due_at)
        .bind(c.clock_from);
        self.changed(query).await
    }

    async fn complaint_stated(&mut self, c: &Complaint) -> Result<(), StoreError> {
        let query = sqlx::query(
            "update complaints set stated = true, version = version + 1
             where tenant_id = $1 and id = $2 and version = $3 and handler_tenant_id = $4",
        )
        .bind(self.city.0)
        .bind(c.id)
        .bind(c.version)
        .bind(self.tenant.0);
        self.changed(query).await
    }

    async fn add_complaint_step(
        &mut self,
        complaint: Uuid,
        step: &StepRow,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into complaint_steps (id, tenant_id, complaint_id, kind, words, by_id, by_name, node_id, node_name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(step.id)
        .bind(self.city.0)
        .bind(complaint)
        .bind(step.step.code())
        .bind(&step.words)
        .bind(step.by.map(|u| u.0))
        .bind(&step.by_name)
        .bind(step.node.map(|t| t.0))
        .bind(&step.node_name)
        .bind(step.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn complaint_steps(&mut self, complaint: Uuid) -> Result<Vec<StepRow>, StoreError> {
        let rows: Vec<StoredStep> = sqlx::query_as(
            "select * from complaint_steps where tenant_id = $1 and complaint_id = $2 order by at, id limit 500",
        )
        .bind(self.city.0)
        .bind(complaint)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn complaints(
        &mut self,
        ask: &ComplaintAsk,
        now: OffsetDateTime,
    ) -> Result<ComplaintPage, StoreError> {
        let mut count = QueryBuilder::new("select count(*)");
        conditions(&mut count, self.city.0, ask, now);
        let total: i64 = count
            .build_query_scalar()
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let mut query = QueryBuilder::new("select *");
        conditions(&mut query, self.city.0, ask, now);
        query.push(match ask.list {
            ComplaintList::Owed | ComplaintList::Overdue => " order by due_at, id",
            _ => " order by filed_at desc, id desc",
        });
        query.push(" limit ").push_bind(ask.most);
        query.push(" offset ").push_bind(ask.skip);
        let rows: Vec<Stored> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(ComplaintPage {
            rows: plain(rows),
            total,
        })
    }

    async fn complaint_counts(
        &mut self,
        now: OffsetDateTime,
    ) -> Result<ComplaintCounts, StoreError> {
        let (owed, overdue, answered): (i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from (select from complaints where tenant_id = $1 and status = any ($2) limit $4) c),
                    (select count(*) from (select from complaints
                       where tenant_id = $1 and status = any ($2) and due_at < $3 limit $4) c),
                    (select count(*) from (select from complaints where tenant_id = $1 and status = 'answered' limit $4) c)",
        )
        .bind(self.city.0)
        .bind(&OWED[..])
        .bind(now)
        .bind(COUNT_CAP + 1)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(ComplaintCounts {
            owed,
            overdue,
            answered,
        })
    }

    async fn complaint_totals(
        &mut self,
        month: Date,
        now: OffsetDateTime,
    ) -> Result<Vec<ComplaintTotals>, StoreError> {
        type Row = (Uuid, String, i64, i64, i64, i64, i64);
        let midnight = |day: Date| day.midnight().assume_offset(SHANGHAI);
        let rows: Vec<Row> = sqlx::query_as(
            "select bank_id, max(bank_name), count(*),
               count(*) filter (where not owed and (due_at is null or answered_at <= due_at)),
               count(*) filter (where not owed and answered_at > due_at),
               count(*) filter (where owed),
               count(*) filter (where owed and due_at < $5)
             from (select bank_id, bank_name, due_at, answered_at, status = any ($4) as owed from complaints
               where tenant_id = $1 and filed_at >= $2 and filed_at < $3) c
             group by bank_id order by 7 desc, 5 desc, 3 desc, 2",
        )
        .bind(self.city.0)
        .bind(midnight(month))
        .bind(midnight(month_end(month) + Duration::days(1)))
        .bind(&OWED[..])
        .bind(now)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let totals = |(bank, bank_name, received, on_time, late, open, overdue)| ComplaintTotals {
            bank: TenantId(bank),
            bank_name,
            received,
            on_time,
            late,
            open,
            overdue,
        };
        Ok(rows.into_iter().map(totals).collect())
    }

    async fn late_complaints(&mut self) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from complaints where tenant_id = $1 and status = any ($2) and told = $3",
        )
        .bind(self.city.0)
        .bind(&OWED[..])
        .bind(ComplaintAlarm::Late as i16)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn open_complaints_about(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<Complaint>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from complaints where tenant_id = $1 and application_id = $2 and status = any ($3)
             order by filed_at limit 20",
        )
        .bind(self.city.0)
        .bind(application.0)
        .bind(&OWED[..])
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(plain(rows))
    }

    async fn complaints_to_tell(
        &mut self,
        alarm: ComplaintAlarm,
        due_by: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Complaint>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from complaints where tenant_id = $1 and status = any ($2) and due_at <= $3 and told < $4
             order by due_at, id limit $5 for update skip locked",
        )
        .bind(self.city.0)
        .bind(&OWED[..])
        .bind(due_by)
        .bind(alarm as i16)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(plain(rows))
    }

    async fn complaint_told(&mut self, id: Uuid, alarm: ComplaintAlarm) -> Result<(), StoreError> {
        let query = sqlx::query("update complaints set told = $3 where tenant_id = $1 and id = $2")
            .bind(self.city.0)
            .bind(id)
            .bind(alarm as i16);
        self.changed(query).await
    }

    // What is asked for of every city again and again is not kept prepared on every connection.
    async fn complaints_to_close(
        &mut self,
        answered_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Complaint>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from complaints where tenant_id = $1 and status = 'answered' and answered_at < $2
             order by answered_at, id limit $3 for update skip locked",
        )
        .bind(self.city.0)
        .bind(answered_before)
        .bind(most)
        .persistent(false)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(plain(rows))
    }

    async fn complaints_to_date(
        &mut self,
        due_after: Option<OffsetDateTime>,
        most: i64,
    ) -> Result<Vec<Complaint>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from complaints where tenant_id = $1 and status = any ($2) and (due_at is null or due_at > $3)
             order by clock_from, id limit $4 for update",
        )
        .bind(self.city.0)
        .bind(&OWED[..])
        .bind(due_after)
        .bind(most)
        .persistent(false)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(plain(rows))
    }

    async fn date_complaint(
        &mut self,
        id: Uuid,
        due: Option<OffsetDateTime>,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(
            "update complaints set due_at = $3, told = 0, version = version + 1 where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(due);
        self.changed(query).await
    }
}
