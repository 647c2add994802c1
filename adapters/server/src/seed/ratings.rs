//! Ratings 评价 of the demonstration: of requests that were decided, some of them answered; added once.

use application::city::City;
use domain::rating::masked_company;
use sqlx::FromRow;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::people::as_city;
use crate::{database::stable_id, wire::Parts};

/// Stars for 办理效率, 服务态度, 费用与条件透明; words; the institution's reply.
type Plan = ([i16; 3], &'static str, &'static str);

const PLANS: [Plan; 8] = [
    (
        [5, 5, 5],
        "接单当天就联系了企业，材料清单一次说清，放款很快。",
        "感谢您的认可，我们会继续做好服务。",
    ),
    ([4, 5, 4], "客户经理很耐心，审批比承诺的时间早两天。", ""),
    (
        [3, 4, 4],
        "流程清楚，就是补充材料跑了两次，希望一次告知。",
        "已把补充材料改为一次列清，给您带来不便，请谅解。",
    ),
    ([5, 4, 5], "", ""),
    (
        [2, 3, 3],
        "审批时间偏长，中间没有主动告知进度。",
        "已安排专人跟进进度告知，欢迎继续监督。",
    ),
    ([4, 4, 5], "利率与页面展示一致，没有额外收费。", ""),
    ([5, 5, 4], "线上提交后只去了一次网点。", ""),
    ([3, 3, 4], "整体可以，希望增加还款方式。", ""),
];

#[derive(FromRow)]
struct Request {
    id: Uuid,
    application_no: String,
    enterprise_id: Uuid,
    enterprise_name: String,
    created_by: Uuid,
    bank_id: Uuid,
    branch_id: Uuid,
    branch_name: String,
    decided_at: OffsetDateTime,
}

/// Adds what was never there; one that somebody answered or hid stays as it is.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    let now = parts.clock.now();
    let mut tx = as_city(parts, city.id).await?;
    let decided: Vec<Request> = sqlx::query_as(
        "select a.id, a.application_no, a.enterprise_id, a.enterprise_name, a.created_by, a.bank_id, h.id as branch_id,
           h.name as branch_name, a.decided_at
         from financing_applications a join tenants h on h.id = a.handler_tenant_id
         where a.tenant_id = $1 and a.decided_at < $2
           and a.stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected')
         order by a.bank_id, a.id",
    )
    .bind(city.id.0)
    .bind(now - Duration::days(2))
    .fetch_all(&mut *tx)
    .await?;
    // Two of three are rated, as in life not everybody does.
    for (index, one) in decided.iter().enumerate().filter(|(i, _)| i % 3 != 2) {
        let (stars, words, reply) = PLANS[index % PLANS.len()];
        let rated = (one.decided_at + Duration::hours(30)).min(now - Duration::hours(3));
        let id = stable_id(&["rating", &city.slug, &one.id.to_string()]);
        sqlx::query(
            "insert into ratings (id, tenant_id, enterprise_id, application_id, application_no, masked_name, bank_id, branch_id,
               branch_name, speed, service, openness, words, rated_by, rated_at, reply, replied_name, replied_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) on conflict do nothing",
        )
        .bind(id)
        .bind(city.id.0)
        .bind(one.enterprise_id)
        .bind(one.id)
        .bind(&one.application_no)
        .bind(masked_company(&one.enterprise_name))
        .bind(one.bank_id)
        .bind(one.branch_id)
        .bind(&one.branch_name)
        .bind(stars[0])
        .bind(stars[1])
        .bind(stars[2])
        .bind(words)
        .bind(one.created_by)
        .bind(rated)
        .bind(reply)
        .bind(if reply.is_empty() { "" } else { "机构客服" })
        .bind((!reply.is_empty()).then(|| (rated + Duration::hours(20)).min(now - Duration::hours(1))))
        .execute(&mut *tx)
        .await?;
    }
    Ok(tx.commit().await?)
}
