//! 下发: rows of a list come into the 推荐清单 of their institutions, a thousand at a time and all in one transaction.

use application::ports::{
    store::StoreError,
    visits::{RowToSend, SendRow, Sending, Sent},
};
use domain::{ids::TenantId, referral::ReferralStatus};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork, supervision::broken};

/// Rows of one statement.
const AT_ONCE: usize = 1_000;

/// An institution has an enterprise in its 推荐清单 once, whoever recommends it.
const WAITING: &str = "
    select v.id, v.bank_id, v.contact_sealed, r.id, r.status
    from visit_rows v join institutions i on i.tenant_id = v.bank_id and i.status = 'published'
      join tenants b on b.id = v.bank_id and b.status = 'active'
      left join referrals r on r.tenant_id = v.bank_id and r.credit_code = v.credit_code
    where v.tenant_id = $1 and v.list_id = $2 and v.sent_at is null and not v.frozen
    order by v.id limit $3 for update of v";

/// Of several branches of a district each gets as many, the one that follows the fewest first.
const NEW: &str = "
    with places as (
      select b.bank_id, left(b.region_code, 6) as district, b.tenant_id as id, t.name,
        row_number() over (partition by b.bank_id, left(b.region_code, 6) order by l.load, b.tenant_id) - 1 as turn,
        count(*) over (partition by b.bank_id, left(b.region_code, 6)) as many
      from branches b join tenants t on t.id = b.tenant_id and t.status = 'active'
        cross join lateral (select count(*) as load from referrals r where r.tenant_id = b.bank_id and r.branch_id = b.tenant_id
          and r.status in ('waiting', 'contacted', 'visited')) l
      where b.city_id = $1 and b.bank_id = any ($4::uuid[])
    ), given as (
      select g.bank, g.referral, g.sealed, v.credit_code, v.company_name, v.contact_shown, v.note, v.district,
        row_number() over (partition by g.bank, v.district order by v.id) - 1 as turn
      from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::bytea[]) as g (id, bank, referral, sealed)
        join visit_rows v on v.tenant_id = $1 and v.list_id = $2 and v.id = g.id
    )
    insert into referrals (id, tenant_id, city_id, branch_id, branch_name, credit_code, company_name, contact_shown, contact_sealed,
      source, note, status, created_at, changed_name, changed_at)
    select g.referral, g.bank, $1, p.id, coalesce(p.name, ''), g.credit_code, g.company_name, g.contact_shown, g.sealed, $7, g.note,
      'waiting', $8, $9, $8
    from given g left join places p on p.bank_id = g.bank and p.district = g.district and p.turn = g.turn % p.many";

const AGAIN: &str = "
    update referrals r set status = 'waiting', reason = '', refusal = '', demand = null, demand_at = null, contacted_at = null,
      visited_at = null, ended_at = null, version = r.version + 1, changed_at = $3, changed_name = $4
    from unnest($1::uuid[], $2::uuid[]) as g (bank, referral)
    where r.tenant_id = g.bank and r.id = g.referral and r.status in ('granted', 'declined')";

const STEPS: &str = "
    insert into referral_steps (id, tenant_id, referral_id, what, note, by_id, by_name, at)
    select gen_random_uuid(), g.bank, g.referral, g.what, $4, $5, $6, $7
    from unnest($1::uuid[], $2::uuid[], $3::text[]) as g (bank, referral, what)";

const LINK: &str = "
    update visit_rows v set referral_id = g.referral, sent_at = $5, version = v.version + 1
    from unnest($3::uuid[], $4::uuid[]) as g (id, referral)
    where v.tenant_id = $1 and v.list_id = $2 and v.id = g.id and v.sent_at is null and not v.frozen";

/// What the institution reads in 跟进记录.
fn step(how: Sent) -> &'static str {
    match how {
        Sent::New => "平台下发走访清单",
        Sent::Again => "平台再次下发走访清单",
        Sent::Joined => "列入平台走访清单",
    }
}

fn all_of(rows: &[&SendRow], done: u64) -> Result<(), StoreError> {
    if usize::try_from(done).is_ok_and(|done| done == rows.len()) {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}

impl PgUnitOfWork {
    pub(super) async fn waiting_rows(
        &mut self,
        list: Uuid,
        most: i64,
    ) -> Result<Vec<RowToSend>, StoreError> {
        type Waiting = (Uuid, Uuid, Option<Vec<u8>>, Option<Uuid>, Option<String>);
        let rows: Vec<Waiting> = sqlx::query_as(WAITING)
            .bind(self.city.0)
            .bind(list)
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let read = |(row, bank, contact_sealed, referral, status): Waiting| -> Result<RowToSend, StoreError> {
            let there = match referral.zip(status) {
                Some((id, code)) => {
                    let status = ReferralStatus::from_code(&code);
                    let status = status.ok_or_else(|| broken("an unknown status of a referral"))?;
                    Some((id, status))
                }
                None => None,
            };
            Ok(RowToSend {
                row,
                bank: TenantId(bank),
                contact_sealed,
                there,
            })
        };
        rows.into_iter().map(read).collect()
    }

    pub(super) async fn send_into_referrals(
        &mut self,
        sending: &Sending,
        rows: &[SendRow],
    ) -> Result<(), StoreError> {
        for some in rows.chunks(AT_ONCE) {
            let of = |how: Sent| some.iter().filter(|row| row.how == how).collect::<Vec<_>>();
            self.add_new(sending, &of(Sent::New)).await?;
            self.begin_again(sending, &of(Sent::Again)).await?;
            self.note_steps(sending, some).await?;
            self.link_rows(sending, some).await?;
        }
        let sent = i32::try_from(rows.len()).unwrap_or(i32::MAX);
        sqlx::query(
            "update visit_lists set rows_sent = rows_sent + $3 where tenant_id = $1 and id = $2",
        )
        .bind(self.city.0)
        .bind(sending.list)
        .bind(sent)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn add_new(&mut self, sending: &Sending, rows: &[&SendRow]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = rows.iter().map(|row| row.row).collect();
        let banks: Vec<Uuid> = rows.iter().map(|row| row.bank.0).collect();
        let referrals: Vec<Uuid> = rows.iter().map(|row| row.referral).collect();
        let sealed: Vec<Option<Vec<u8>>> =
            rows.iter().map(|row| row.contact_sealed.clone()).collect();
        let done = sqlx::query(NEW)
            .bind(self.city.0)
            .bind(sending.list)
            .bind(ids)
            .bind(banks)
            .bind(referrals)
            .bind(sealed)
            .bind(&sending.source)
            .bind(sending.at)
            .bind(&sending.by_name)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        all_of(rows, done.rows_affected())
    }

    async fn begin_again(
        &mut self,
        sending: &Sending,
        rows: &[&SendRow],
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let banks: Vec<Uuid> = rows.iter().map(|row| row.bank.0).collect();
        let referrals: Vec<Uuid> = rows.iter().map(|row| row.referral).collect();
        let done = sqlx::query(AGAIN)
            .bind(banks)
            .bind(referrals)
            .bind(sending.at)
            .bind(&sending.by_name)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        all_of(rows, done.rows_affected())
    }

    async fn note_steps(&mut self, sending: &Sending, rows: &[SendRow]) -> Result<(), StoreError> {
        let banks: Vec<Uuid> = rows.iter().map(|row| row.bank.0).collect();
        let referrals: Vec<Uuid> = rows.iter().map(|row| row.referral).collect();
        let steps: Vec<&str> = rows.iter().map(|row| step(row.how)).collect();
        sqlx::query(STEPS)
            .bind(banks)
            .bind(referrals)
            .bind(steps)
            .bind(&sending.note)
            .bind(sending.by.0)
            .bind(&sending.by_name)
            .bind(sending.at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn link_rows(&mut self, sending: &Sending, rows: &[SendRow]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.row).collect();
        let referrals: Vec<Uuid> = rows.iter().map(|row| row.referral).collect();
        let done = sqlx::query(LINK)
            .bind(self.city.0)
            .bind(sending.list)
            .bind(ids)
            .bind(referrals)
            .bind(sending.at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        all_of(&rows.iter().collect::<Vec<_>>(), done.rows_affected())
    }
}
