//! 平台: what a city is called, its agreements, and the lists that forms choose from.

use application::{
    catalogue::Snapshot,
    city::Agreement,
    error::{UseError, UseResult},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

use crate::{
    Api,
    call::Call,
    door::{Door, NoQuery, Who},
};

const TAG: &str = "平台";
const READ: &str = "agreement_read";

/// 平台信息.
#[derive(Serialize, ToSchema)]
struct CityFacts {
    name: String,
    short_name: String,
    mini_program_name: String,
    tagline: String,
    hotline: String,
    hotline_hours: String,
    operator_name: String,
    operator_address: String,
    icp: String,
    /// 接单时限, in working days.
    accept_days: u32,
    /// 联系时限, in working days from the submission.
    contact_days: u32,
    /// 审核时限, in working days from the submission.
    decision_days: u32,
    default_province: String,
    default_city: String,
    agreements: Vec<AgreementLine>,
    /// 营业执照识别; `null`: typed by hand.
    licence_reader: Option<LicenceReader>,
}

/// 营业执照识别.
#[derive(Serialize, ToSchema)]
struct LicenceReader {
    /// Who gets the photo, where it does not stay with the platform: to be told before it is taken.
    third_party: Option<String>,
}

/// 协议, without its text.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgreementLine {
    code: String,
    title: String,
    short_title: String,
    version: String,
    effective_on: String,
    /// 需要勾选的页面: `register`, `apply`, `face`.
    ticked_on: Vec<String>,
    /// 需要展示的页面, ticked there or not: 融资需求申请条款 is read on `apply` without a box.
    shown_on: Vec<String>,
}

impl From<&Agreement> for AgreementLine {
    fn from(one: &Agreement) -> Self {
        Self {
            code: one.code.clone(),
            title: one.title.clone(),
            short_title: one.short_title.clone(),
            version: one.version.clone(),
            effective_on: one.effective.clone(),
            ticked_on: one.ticked.clone(),
            shown_on: one.shown.clone(),
        }
    }
}

/// 协议全文.
#[derive(Serialize, ToSchema)]
struct AgreementText {
    code: String,
    title: String,
    short_title: String,
    version: String,
    effective_on: String,
    /// Lines that begin with `## ` are headings; paragraphs are parted by blank lines.
    body: String,
    /// 阅读凭证: goes with the tick, on this device, for this version only.
    receipt: String,
}

/// 地区.
#[derive(Serialize, ToSchema)]
struct Region {
    code: String,
    name: String,
    /// 1 省, 2 市, 3 县区, 4 乡镇.
    level: u8,
    has_children: bool,
}

/// 行业.
#[derive(Serialize, ToSchema)]
struct Industry {
    code: String,
    name: String,
    has_children: bool,
}

/// 下级列表.
#[derive(Serialize, ToSchema)]
struct Regions {
    items: Vec<Region>,
}

/// 下级列表.
#[derive(Serialize, ToSchema)]
struct Industries {
    items: Vec<Industry>,
}

/// 上级.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Below {
    /// 上级代码; the first level without one.
    parent: Option<String>,
}

pub(crate) fn doors() -> Vec<Door> {
    vec![
        Door::read(TAG, "平台信息", Who::Public, "/api/v1/city", facts).cached(),
        Door::read(
            TAG,
            "协议全文，并取得阅读凭证",
            Who::Public,
            "/api/v1/agreements/{code}",
            agreement,
        )
        .on_a_device(),
        Door::read(TAG, "地区", Who::Public, "/api/v1/regions", regions).cached(),
        Door::read(TAG, "行业", Who::Public, "/api/v1/industries", industries).cached(),
    ]
}

async fn facts(api: Api, call: Call, _: NoQuery) -> UseResult<CityFacts> {
    let city = &call.city;
    let reader = api.uses.recognition.reader_of(city.id).await?;
    let limits = city.clocks.at(api.uses.recognition.clock.now());
    Ok(CityFacts {
        name: city.name.clone(),
        short_name: city.second_name.clone(),
        mini_program_name: city.mini_program_name.clone(),
        tagline: city.tagline.clone(),
        hotline: city.hotline.clone(),
        hotline_hours: city.hotline_hours.clone(),
        operator_name: city.operator_name.clone(),
        operator_address: city.operator_address.clone(),
        icp: city.icp.clone(),
        accept_days: limits.accept_days,
        contact_days: limits.contact_days,
        decision_days: limits.decision_days,
        default_province: city.default_province.clone(),
        default_city: city.default_city.clone(),
        agreements: city.agreements.iter().map(Into::into).collect(),
        licence_reader: reader.map(|one| LicenceReader {
            third_party: one.third_party,
        }),
    })
}

async fn agreement(api: Api, call: Call, _: NoQuery) -> UseResult<AgreementText> {
    let found = call.city.agreement(call.part("code"));
    let found = found.ok_or_else(UseError::not_found)?;
    Ok(AgreementText {
        code: found.code.clone(),
        title: found.title.clone(),
        short_title: found.short_title.clone(),
        version: found.version.clone(),
        effective_on: found.effective.clone(),
        body: found.body.to_string(),
        receipt: receipt(&api, &call, found),
    })
}

/// Says that this device has opened this version of a text; the pages say it with a cookie.
fn receipt(api: &Api, call: &Call, text: &Agreement) -> String {
    let bound = [call.device.as_str(), &text.code, &text.version];
    api.tokens.sign(READ, &bound)
}

/// 勾选的协议: the tick, and the receipt of having opened the text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tick {
    #[schema(max_length = 64)]
    pub(crate) code: String,
    /// 阅读凭证.
    #[schema(max_length = 64)]
    pub(crate) receipt: String,
    pub(crate) ticked: bool,
}

/// Whether the receipt is this device's, for the text that is shown now.
pub(crate) fn was_opened(api: &Api, call: &Call, tick: &Tick) -> bool {
    call.city.agreement(&tick.code).is_some_and(|text| {
        let bound = [call.device.as_str(), &text.code, &text.version];
        api.tokens.sign_fits(READ, &bound, &tick.receipt)
    })
}

async fn regions(api: Api, call: Call, ask: Below) -> UseResult<Regions> {
    let regions = api.uses.profiles.regions.of(call.city.id);
    let items = regions.children(ask.parent.as_deref());
    Ok(Regions {
        items: items
            .into_iter()
            .map(|one| Region {
                code: one.code,
                name: one.name,
                level: one.level,
                has_children: one.has_children,
            })
            .collect(),
    })
}

async fn industries(api: Api, _: Call, ask: Below) -> UseResult<Industries> {
    let items = api.uses.industries.children(ask.parent.as_deref());
    Ok(Industries {
        items: items
            .into_iter()
            .map(|one| Industry {
                code: one.code,
                name: one.name,
                has_children: one.has_children,
            })
            .collect(),
    })
}

/// What the city shows to everybody now.
pub(crate) async fn shelf(api: &Api, call: &Call) -> UseResult<Arc<Snapshot>> {
    use application::ports::catalogue::Catalogue as _;
    api.uses.portal.snapshot(call.city.id).await
}

/// The name of an institution; empty when it is not shown any more.
pub(crate) fn institution_name(snapshot: &Snapshot, id: domain::ids::TenantId) -> String {
    let found = snapshot.institution(id);
    found.map_or_else(String::new, |one| one.name.clone())
}
