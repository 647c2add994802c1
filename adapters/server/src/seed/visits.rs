//! 走访清单 of the demonstration: one list of thirty enterprises in mixed states, made by the use cases themselves, with tasks of which one
//! is overdue; once.

use std::sync::Arc;

use anyhow::Context as _;
use application::{
    access::{Actor, Guard},
    city::City,
    imports::SendFile,
    once::Once,
    ports::{
        imports::ImportKind,
        referrals::{ReferralFilter, StoredReferral},
        visits::VisitFilter,
        workbooks::SheetCell,
    },
    referrals::FollowReferral,
    visits::{FinishRepair, NewList, SendList, SetRepair},
};
use domain::{calendar::local_date, visit::VisitStage};
use time::Duration;
use uuid::Uuid;

use super::{
    people,
    sheets::{file, invented_code},
};
use crate::wire::{self, Parts};

const OPERATOR: &str = "city-op1";
/// Administrators of the two institutions that are given enterprises.
const ADMINISTRATORS: [&str; 2] = ["canghai-ha1", "shicheng-ha1"];
const DISTRICTS: [&str; 5] = ["130902", "130903", "130925", "130921", "130983"];
const WORDS: [&str; 8] = [
    "瀚澜", "渤沃", "宸泽", "岳川", "景瀛", "盐海", "禾青", "曜东",
];
const TRADES: [&str; 3] = ["机械配件", "管道装备", "包装材料"];
/// Enterprises of the platform itself, at most: they have applied already.
const KNOWN: i64 = 6;
const ALL: usize = 30;
/// Every sixth enterprise is given to nobody yet.
const UNGIVEN: usize = 6;

/// Step, 未授信原因, 融资需求, note.
type Step = (&'static str, &'static str, &'static str, &'static str);

/// What becomes of one enterprise after the other.
const WAYS: [&[Step]; 6] = [
    &[],
    &[("contacted", "", "", "已电话联系，约定下周走访。")],
    &[
        ("contacted", "", "wanted", ""),
        ("visited", "", "wanted", "已走访，计划扩产，需要流动资金。"),
    ],
    &[
        ("contacted", "", "wanted", ""),
        ("visited", "", "", ""),
        ("granted", "", "", ""),
    ],
    &[
        ("contacted", "", "not_now", ""),
        ("declined", "no_demand", "", ""),
    ],
    &[
        ("contacted", "", "wanted", ""),
        ("visited", "", "", ""),
        (
            "declined",
            "papers",
            "",
            "厂房没有办理不动产登记，暂时不能抵押。",
        ),
    ],
];

fn once(what: &str) -> Once {
    Once {
        key: format!("demonstration-visit-{what}"),
        body_hash: [0; 32],
    }
}

/// Adds the list where there is none; a second run adds nothing.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    let Some(operator) = people::signed_in_as(parts, city, OPERATOR).await? else {
        return Ok(());
    };
    let mut banks = Vec::new();
    for account in ADMINISTRATORS {
        banks.extend(people::signed_in_as(parts, city, account).await?);
    }
    let room = wire::sheets::visits(parts);
    if banks.len() < ADMINISTRATORS.len() || !room.lists(&operator, None).await?.lists.is_empty() {
        return Ok(());
    }
    let today = local_date(parts.clock.now());
    let ask = NewList {
        name: format!("{} 年制造业企业走访清单", today.year()),
        source: "市工业和信息化局".to_owned(),
        due: (today + Duration::days(45)).to_string(),
        once: once("list-of-the-year"),
    };
    let list = room.make(&operator, ask).await?;
    import(parts, city, &operator, (list, &banks)).await?;
    let ask = SendList {
        list,
        once: once("send-the-list"),
    };
    room.send(&operator, ask).await?;
    for bank in &banks {
        follow(parts, bank).await?;
    }
    backdate(parts, city, list).await?;
    repairs(parts, city, &operator, list).await
}

/// Code and name of enterprises that have asked the first institution for money.
async fn known(parts: &Parts, city: &City, bank: &Actor) -> anyhow::Result<Vec<(String, String)>> {
    let mut tx = people::as_city(parts, city.id).await?;
    let rows = sqlx::query_as(
        "select e.unified_social_credit_code, e.name from enterprises e
         where e.tenant_id = $1 and e.unified_social_credit_code is not null and exists (select from financing_applications a
           where a.tenant_id = e.tenant_id and a.enterprise_id = e.id and a.bank_id = $2 and a.submitted_at is not null)
         order by e.name limit $3",
    )
    .bind(city.id.0)
    .bind(bank.tenant.0)
    .bind(KNOWN)
    .fetch_all(&mut *tx)
    .await?;
    Ok(rows)
}

async fn import(
    parts: &Parts,
    city: &City,
    operator: &Actor,
    (list, banks): (Uuid, &[Actor]),
) -> anyhow::Result<()> {
    let first = banks.first().context("an institution")?;
    let mut rows = Vec::new();
    for (code, name) in known(parts, city, first).await? {
        let bank = first.tenant_name.as_str();
        rows.push(
            [code.as_str(), name.as_str(), "", "", "", bank, ""]
                .map(SheetCell::text)
                .to_vec(),
        );
    }
    for number in rows.len()..ALL {
        let district = DISTRICTS[number % DISTRICTS.len()];
        let code = invented_code(district, 80_000 + number).context("no code of this form")?;
        let name = format!(
            "沧州市{}{}有限公司",
            WORDS[number % WORDS.len()],
            TRADES[number % TRADES.len()]
        );
        let bank = if number % UNGIVEN == 0 {
            ""
        } else {
            banks[number % banks.len()].tenant_name.as_str()
        };
        let phone = format!("1990000{:04}", 6_200 + number);
        let contact = ["郑明远", "田书宁", "孟庆和"][number % 3];
        let cells = [code.as_str(), &name, "", contact, &phone, bank, ""];
        rows.push(cells.map(SheetCell::text).to_vec());
    }
    let ask = SendFile {
        kind: ImportKind::Visits.code().to_owned(),
        list: Some(list),
        bytes: file(parts, ImportKind::Visits, rows).await?,
        key: once("the-file").key,
    };
    wire::sheets::imports(parts).send(operator, ask).await?;
    let reach = parts.door.reach(city.id).await?;
    let permit = Guard::job(city.id, Arc::from(reach));
    wire::sheets::import_worker(parts).work_off(&permit).await?;
    Ok(())
}

/// What the city sent, as the institution has it.
async fn sent(parts: &Parts, bank: &Actor) -> anyhow::Result<Vec<StoredReferral>> {
    let room = wire::sheets::referrals(parts);
    let mut all = Vec::new();
    for page in 1..=3 {
        let list = room.list(bank, &ReferralFilter::default(), page).await?;
        all.extend(list.rows.into_iter().filter(|row| row.import.is_none()));
    }
    all.sort_by(|a, b| a.credit_code.cmp(&b.credit_code));
    Ok(all)
}

async fn follow(parts: &Parts, bank: &Actor) -> anyhow::Result<()> {
    let room = wire::sheets::referrals(parts);
    for (row, way) in sent(parts, bank).await?.iter().zip(WAYS.iter().cycle()) {
        for (version, (to, refusal, demand, note)) in (row.version..).zip(way.iter()) {
            let ask = FollowReferral {
                id: row.id,
                version,
                to: (*to).to_owned(),
                refusal: (*refusal).to_owned(),
                demand: (*demand).to_owned(),
                note: (*note).to_owned(),
                once: once(&format!("{to}-{}", row.id.simple())),
            };
            room.follow(bank, ask).await?;
        }
    }
    Ok(())
}

/// As if it had been sent two months ago: what enterprises asked for since counts.
async fn backdate(parts: &Parts, city: &City, list: Uuid) -> anyhow::Result<()> {
    let mut tx = people::as_city(parts, city.id).await?;
    sqlx::query(
        "update visit_rows set created_at = created_at - interval '61 days', sent_at = sent_at - interval '60 days'
         where tenant_id = $1 and list_id = $2",
    )
    .bind(city.id.0)
    .bind(list)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "update visit_lists set created_at = created_at - interval '61 days' where tenant_id = $1 and id = $2",
    )
    .bind(city.id.0)
    .bind(list)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// One under way, one done, one overdue.
async fn repairs(parts: &Parts, city: &City, operator: &Actor, list: Uuid) -> anyhow::Result<()> {
    let room = wire::sheets::visits(parts);
    let filter = VisitFilter {
        stage: Some(VisitStage::Declined),
        ..VisitFilter::default()
    };
    let rows = room.rows(operator, list, &filter, None).await?.rows;
    let mut rows = rows
        .iter()
        .filter(|row| application::visits::repairable(row));
    let today = local_date(parts.clock.now());
    let task = |department: &str, what: &str, row: Uuid| SetRepair {
        list,
        row,
        department: department.to_owned(),
        what: what.to_owned(),
        due: (today + Duration::days(14)).to_string(),
        once: once(&format!("task-{}", row.simple())),
    };
    if let Some(row) = rows.next() {
        let ask = task("市自然资源和规划局", "协助企业补办厂房不动产登记。", row.id);
        room.set_repair(operator, ask).await?;
    }
    if let Some(row) = rows.next() {
        let ask = task("市市场监督管理局", "指导企业完成信用修复。", row.id);
        room.set_repair(operator, ask).await?;
        let seen = room.row(operator, list, row.id).await?;
        if let Some(repair) = seen.repairs.first() {
            let ask = FinishRepair {
                repair: repair.id,
                note: "已完成信用修复，并告知机构。".to_owned(),
                once: once(&format!("done-{}", repair.id.simple())),
            };
            room.finish_repair(operator, ask).await?;
        }
    }
    let Some(row) = rows.next() else {
        return Ok(());
    };
    // No form sets what is overdue already.
    let mut tx = people::as_city(parts, city.id).await?;
    sqlx::query(
        "insert into visit_repairs (id, tenant_id, row_id, department, what, due_on, set_by, set_name, set_at)
         values ($1, $2, $3, '市自然资源和规划局', '协助企业补办厂房不动产登记。', $4, $5, $6, $7)",
    )
    .bind(parts.clock.new_id())
    .bind(city.id.0)
    .bind(row.id)
    .bind(today - Duration::days(3))
    .bind(operator.user.0)
    .bind(&operator.name)
    .bind(parts.clock.now() - Duration::days(20))
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
