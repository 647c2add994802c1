//! What waits on the operators' desk of the demonstration: two holds and a pause that want a second person, a doubtful
//! code; made by the use cases themselves, once.

use application::{
    access::{Actor, Permit},
    city::City,
    codes::ProposeCode,
    enterprises::AskAccountHold,
    institutions::AskSuspension,
    ports::reference::RegionDirectory,
    rules::{ProposeRule, RuleKind, SettleRule, TypedRegion, region_parents},
};
use domain::{
    ids::{EnterpriseId, TenantId},
    regions::RegionDeed,
};
use reference::Reference;
use std::sync::Arc;
use uuid::Uuid;

use super::{actors, once, people};
use crate::wire::{self, Parts};

/// Right in form, wrong in its last sign.
const DOUBTFUL: &str = "911309253085920671";

/// Adds what is missing; a second run adds nothing.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    let operators = actors::operators(parts, city).await?;
    let Some([first, second]) = &operators else {
        return Ok(());
    };
    let reach = parts.door.reach(city.id).await?;
    let permit = application::access::Guard::job(city.id, Arc::from(reach));
    if parts
        .store
        .begin(&permit)
        .await?
        .admitted_codes()
        .proposal_of(DOUBTFUL)
        .await?
        .is_some()
    {
        return Ok(());
    }
    accounts(parts, first).await?;
    pause(parts, &permit, first).await?;
    rules(parts, first, second).await?;
    township(parts, city, first, second).await?;
    wire::codes(parts)
        .propose(
            first,
            ProposeCode {
                code: DOUBTFUL.to_owned(),
                company_name: "旧河街印刷厂（普通合伙）".to_owned(),
                evidence: "licence".to_owned(),
                reason:
                    "1998 年换发的代码，校验位与现行规则不符；已核对营业执照原件，公示系统可查。"
                        .to_owned(),
                once: once("desk", "code"),
            },
        )
        .await?;
    Ok(())
}

/// Two that wait for the second person, of those that have not passed the face check. Nobody is frozen: the demonstration signs in with
/// them.
async fn accounts(parts: &Parts, first: &Actor) -> anyhow::Result<()> {
    let mut tx = people::as_city(parts, first.city).await?;
    let found: Vec<Uuid> = sqlx::query_scalar(
        "select e.id from enterprises e where e.tenant_id = $1 and e.status = 'active' and not exists (
           select from users u where u.tenant_id = e.tenant_id and u.enterprise_id = e.id and u.face_verified_at is not null)
         order by e.profile_completed_at is null, e.name limit 2",
    )
    .bind(first.city.0)
    .fetch_all(&mut *tx)
    .await?;
    drop(tx);
    let room = wire::catalogue::enterprises(parts);
    for (index, enterprise) in found.into_iter().enumerate() {
        let enterprise = EnterpriseId(enterprise);
        let reason = if index == 0 {
            "预留手机号机主来电，称不知道该企业在平台注册，疑似冒用，正在核实。"
        } else {
            "登记地址退信，电话多次无人接听，待工商登记信息核对。"
        };
        room.ask_hold(
            first,
            AskAccountHold {
                enterprise,
                reason: reason.to_owned(),
                once: once("desk", &format!("hold-{index}")),
            },
        )
        .await?;
    }
    Ok(())
}

/// The institution with the fewest products.
async fn pause(parts: &Parts, permit: &Permit, first: &Actor) -> anyhow::Result<()> {
    let mut work = parts.store.begin(permit).await?;
    let all = work.institution_desk().desk_institutions().await?;
    drop(work);
    let institution: Option<TenantId> = all.iter().min_by_key(|i| i.products).map(|i| i.id);
    let Some(institution) = institution else {
        return Ok(());
    };
    let ask = AskSuspension {
        institution,
        reason: "许可证将于下月到期，正在换发，换发前暂不受理新的融资需求。".to_owned(),
        once: once("desk", "pause"),
    };
    wire::catalogue::institutions(parts)
        .ask_suspension(first, ask)
        .await?;
    Ok(())
}

/// One change that stands, and one that waits.
async fn rules(parts: &Parts, first: &Actor, second: &Actor) -> anyhow::Result<()> {
    let room = wire::catalogue::rules(parts);
    for (kind, budget, limit, reason) in [
        (
            RuleKind::SmsDailyBudget,
            "3000",
            "",
            "年末集中还款提醒较多，按上月用量的 1.5 倍调整。",
        ),
        (
            RuleKind::SingleStepLimit,
            "",
            "5000",
            "大额项目风险上升，超过 5000 万元的改由审批流程办理。",
        ),
    ] {
        let ask = ProposeRule {
            budget: budget.to_owned(),
            limit: limit.to_owned(),
            reason: reason.to_owned(),
            ..ProposeRule::empty(kind.into(), once("desk", kind.code()))
        };
        room.propose(first, ask).await?;
    }
    let kind = RuleKind::SmsDailyBudget;
    if let Some(open) = room.case(second, &kind.into()).await?.open {
        let ask = SettleRule {
            name: kind.into(),
            change: open.id,
            confirm: true,
            once: once("desk", "rule-settled"),
        };
        room.settle(second, ask).await?;
    }
    Ok(())
}

/// 区划变更 of an invented township: it was set up and stands, and another name of it waits.
async fn township(parts: &Parts, city: &City, first: &Actor, second: &Actor) -> anyhow::Result<()> {
    let regions: &dyn RegionDirectory = &Reference;
    let Some(county) = region_parents(regions, city).into_iter().next() else {
        return Ok(());
    };
    let mut codes = (20..100).map(|n| format!("{}{n:03}", county.code));
    let Some(code) = codes.find(|code| regions.find(code).is_none()) else {
        return Ok(());
    };
    let room = wire::catalogue::rules(parts);
    let name = RuleKind::Regions;
    let ask = |deed: RegionDeed, called: &str, reason: &str| ProposeRule {
        region: TypedRegion {
            deed: deed.code().to_owned(),
            county: county.code.clone(),
            code: code.clone(),
            name: called.to_owned(),
            successor: String::new(),
        },
        reason: reason.to_owned(),
        ..ProposeRule::empty(
            name.into(),
            once("desk", &format!("region-{}", deed.code())),
        )
    };
    let reason = "省政府批复设立街道办事处，国家区划表尚未包含，企业注册时需要选择。";
    room.propose(first, ask(RegionDeed::Add, "锦程街道", reason))
        .await?;
    if let Some(open) = room.case(second, &name.into()).await?.open {
        let ask = SettleRule {
            name: name.into(),
            change: open.id,
            confirm: true,
            once: once("desk", "region-settled"),
        };
        room.settle(second, ask).await?;
    }
    let reason = "市民政局公示更名方案，待批复文件送达后复核。";
    room.propose(first, ask(RegionDeed::Rename, "锦程湖街道", reason))
        .await?;
    Ok(())
}
