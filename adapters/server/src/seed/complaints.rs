//! Complaints 投诉 of the demonstration: one in every state, about requests that are there; each with its steps, added once.

use application::{city::City, ports::reference::WorkCalendarSource as _};
use domain::{calendar::local_date, financing::Clocks, values::ComplaintNumber};
use reference::Reference;
use sqlx::{FromRow, Postgres, Transaction};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::people::as_city;
use crate::{database::stable_id, wire::Parts};

/// What is told of one: kind, words, hours since it was filed, how far it is.
struct Plan {
    kind: &'static str,
    body: &'static str,
    hours: i64,
    steps: &'static [(&'static str, &'static str, i64)],
    status: &'static str,
}

const PLANS: [Plan; 6] = [
    Plan {
        kind: "slow",
        body: "接单后两周没有联系企业，多次询问进度都答复“在排队”。希望尽快安排尽调，并说明办理时间。",
        hours: 3,
        steps: &[],
        status: "filed",
    },
    Plan {
        kind: "fees",
        body: "客户经理口头要求先交 2000 元“评估服务费”，产品页面没有写明这项收费。希望核实是否合规。",
        hours: 26,
        steps: &[
            ("taken", "", 2),
            (
                "noted",
                "已电话联系企业，企业表示尚未付款，有微信聊天记录。",
                4,
            ),
            (
                "statement_asked",
                "请说明评估费的收取依据和收取人，明天下班前回复。",
                5,
            ),
        ],
        status: "taken",
    },
    Plan {
        kind: "refused",
        body: "材料齐全，支行以“额度用完”为由拒单，但同一产品仍在展示。希望说明真实原因。",
        hours: 190,
        steps: &[("taken", "", 20)],
        status: "taken",
    },
    Plan {
        kind: "attitude",
        body: "补充材料时反复要求提供已经上传过的合同，沟通中态度生硬。",
        hours: 220,
        steps: &[
            ("taken", "", 3),
            (
                "answered",
                "经核实，受理支行未及时查看已上传的合同，已当面致歉并完成审核。支行已对相关人员进行提醒。感谢您的监督。",
                46,
            ),
        ],
        status: "answered",
    },
    Plan {
        kind: "terms",
        body: "审批利率 3.85%，放款后合同载明 4.20%，与平台展示不一致。",
        hours: 330,
        steps: &[
            ("taken", "", 4),
            (
                "answered",
                "支行解释利率差异由担保方式变更引起，已补充告知。",
                50,
            ),
            (
                "reopened",
                "担保方式变更前没有征得企业同意，答复没有说明如何处理。",
                300,
            ),
        ],
        status: "reopened",
    },
    Plan {
        kind: "tying",
        body: "放款前被要求购买一份企业财产保险，否则不予放款。",
        hours: 900,
        steps: &[
            ("taken", "", 2),
            (
                "answered",
                "经核实，保险为自愿购买，支行告知不充分。已为企业办理退保并退还保费，支行已整改。",
                40,
            ),
            ("closed", "", 60),
        ],
        status: "closed",
    },
];

#[derive(FromRow)]
struct Subject {
    application_id: Uuid,
    application_no: String,
    enterprise_id: Uuid,
    enterprise_name: String,
    filed_by: Uuid,
    about_id: Uuid,
    about_name: String,
    bank_id: Uuid,
    bank_name: String,
}

/// Adds what was never there; a complaint that somebody went on with stays as it is.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    let mut tx = as_city(parts, city.id).await?;
    let officer: Option<(Uuid, String)> = sqlx::query_as(
        "select id, name from users where tenant_id = $1 and 'op' = any (roles) order by account limit 1",
    )
    .bind(city.id.0)
    .fetch_optional(&mut *tx)
    .await?;
    let subjects: Vec<Subject> = sqlx::query_as(
        "select distinct on (a.enterprise_id) a.id as application_id, a.application_no, a.enterprise_id, a.enterprise_name,
           a.created_by as filed_by, h.id as about_id, h.name as about_name, b.id as bank_id, b.name as bank_name
         from financing_applications a
         join tenants h on h.id = a.handler_tenant_id join tenants b on b.id = a.bank_id
         where a.tenant_id = $1 and a.accepted_at is not null and a.submitted_at < $2
         order by a.enterprise_id, a.submitted_at limit 6",
    )
    .bind(city.id.0)
    .bind(parts.clock.now() - Duration::days(3))
    .fetch_all(&mut *tx)
    .await?;
    let Some(officer) = officer else {
        return Ok(());
    };
    for (index, (plan, about)) in PLANS.iter().zip(&subjects).enumerate() {
        let id = stable_id(&["complaint", &city.slug, &index.to_string()]);
        tell(&mut tx, parts, city, &officer, id, plan, about).await?;
    }
    Ok(tx.commit().await?)
}

async fn tell(
    tx: &mut Transaction<'static, Postgres>,
    parts: &Parts,
    city: &City,
    officer: &(Uuid, String),
    id: Uuid,
    plan: &Plan,
    about: &Subject,
) -> anyhow::Result<()> {
    let there: bool = sqlx::query_scalar(
        "select exists (select from complaints where tenant_id = $1 and id = $2)",
    )
    .bind(city.id.0)
    .bind(id)
    .fetch_one(&mut **tx)
    .await?;
    if there {
        return Ok(());
    }
    let filed = parts.clock.now() - Duration::hours(plan.hours);
    let step = |kind: &str| plan.steps.iter().find(|s| s.0 == kind);
    let at = |hours: i64| filed + Duration::hours(hours);
    let again = step("reopened").map(|s| at(s.2));
    let asked = step("statement_asked").is_some();
    let answer = step("answered");
    let from = again.unwrap_or(filed);
    let number = number(tx, city, filed).await?;
    sqlx::query(
        "insert into complaints (id, tenant_id, enterprise_id, enterprise_name, complaint_no, kind, body, application_id,
           application_no, about_id, about_name, bank_id, bank_name, status, filed_by, filed_at, clock_from, due_at, taken_by,
           taken_name, handler_tenant_id, handler_name, answer, answered_at, reopened, closed_at, told)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
           $26, 0)",
    )
    .bind(id)
    .bind(city.id.0)
    .bind(about.enterprise_id)
    .bind(&about.enterprise_name)
    .bind(number.as_str())
    .bind(plan.kind)
    .bind(plan.body)
    .bind(about.application_id)
    .bind(&about.application_no)
    .bind(about.about_id)
    .bind(&about.about_name)
    .bind(about.bank_id)
    .bind(&about.bank_name)
    .bind(plan.status)
    .bind(about.filed_by)
    .bind(filed)
    .bind(from)
    .bind(due(city, from))
    .bind(step("taken").map(|_| officer.0))
    .bind(if step("taken").is_some() { officer.1.as_str() } else { "" })
    .bind(asked.then_some(about.about_id))
    .bind(if asked { about.about_name.as_str() } else { "" })
    .bind(answer.map_or("", |s| s.1))
    .bind(answer.map(|s| at(s.2)))
    .bind(again.is_some())
    .bind(step("closed").map(|s| at(s.2)))
    .execute(&mut **tx)
    .await?;
    let first = [("filed", plan.body, 0)];
    for (position, (kind, words, hours)) in first.iter().chain(plan.steps).enumerate() {
        let own = matches!(*kind, "filed" | "reopened" | "closed");
        let node = (*kind == "statement_asked").then_some((about.about_id, &about.about_name));
        sqlx::query(
            "insert into complaint_steps (id, tenant_id, complaint_id, kind, words, by_id, by_name, node_id, node_name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(stable_id(&["complaint step", &id.to_string(), &position.to_string()]))
        .bind(city.id.0)
        .bind(id)
        .bind(kind)
        .bind(words)
        .bind(if own { about.filed_by } else { officer.0 })
        .bind(if own { "" } else { officer.1.as_str() })
        .bind(node.map(|n| n.0))
        .bind(node.map_or("", |n| n.1.as_str()))
        .bind(at(*hours))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

fn due(city: &City, from: OffsetDateTime) -> Option<OffsetDateTime> {
    let calendar = Reference.published_calendar();
    let clocks = Clocks {
        eras: &city.clocks,
        calendar: &calendar,
        pauses: &city.pauses,
    };
    clocks.complaint_due(from)
}

async fn number(
    tx: &mut Transaction<'static, Postgres>,
    city: &City,
    filed: OffsetDateTime,
) -> anyhow::Result<ComplaintNumber> {
    let day = local_date(filed);
    let last: i32 = sqlx::query_scalar(
        "insert into complaint_numbers (tenant_id, day, last) values ($1, $2, 1)
         on conflict (tenant_id, day) do update set last = complaint_numbers.last + 1 returning last",
    )
    .bind(city.id.0)
    .bind(day)
    .fetch_one(&mut **tx)
    .await?;
    ComplaintNumber::new(day, u32::try_from(last)?)
        .ok_or_else(|| anyhow::anyhow!("the day's counter left its range"))
}
