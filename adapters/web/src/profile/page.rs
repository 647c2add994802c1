//! The pages 完善信息: the form, and the summary once everything is there.

use application::{
    ports::enterprises::Recommender,
    profile::{OpenedFacts, ProfilePage, Profiles},
    recognition::Reader,
    size::SizeStanding,
};
use domain::{
    enterprise::ProfileFile,
    ids::TenantId,
    values::{Cents, EmailAddress, PersonName, PhoneNumber, ResidentId},
};
use serde::Serialize;
use time::OffsetDateTime;

use super::{PATH, with_next};
use crate::{
    forms::FormView,
    parts::{Cell, Described},
};

/// The steps of an enterprise on its way to a request.
pub const STEPS: [&str; 4] = ["注册", "完善信息", "人脸核验", "提交融资需求"];

/// The form.
#[derive(Serialize)]
pub struct EditPage {
    pub form: FormView,
    pub steps: Vec<&'static str>,
    /// Labels of what is still missing, for the line above the form.
    pub missing: String,
    pub complete: bool,
    pub back: String,
    /// Whether photos are read here.
    pub reads: bool,
    /// Who gets the photo for that; empty when nobody does.
    pub third_party: String,
    /// What reading the photos came to.
    pub note: String,
    /// Since when the draft waits that stands in the form; empty: none does.
    pub draft: String,
}

/// The confirm page of 删除草稿.
#[derive(Serialize)]
pub struct DiscardPage {
    pub action: String,
    pub back: String,
}

/// The line above a form that was filled from a draft.
pub fn draft_words(saved_at: OffsetDateTime) -> String {
    format!("已保存草稿 {}", crate::show::minute(saved_at))
}

/// What is stored, masked.
#[derive(Serialize)]
pub struct SummaryPage {
    pub rows: Vec<Described>,
    pub files: Vec<Described>,
    /// 企业规模 as declared in 企业划型; no field of 完善信息.
    pub size: Vec<Described>,
    pub may_save: bool,
    pub complete: bool,
    pub face_verified: bool,
    pub edit_href: String,
    pub face_href: String,
    pub next: String,
}

pub fn edit(page: &ProfilePage, form: FormView, reader: Option<&Reader>, note: String) -> EditPage {
    let missing: Vec<&str> = page.missing.iter().map(|fact| fact.zh()).collect();
    let complete = page.facts.completed_at.is_some();
    EditPage {
        form,
        steps: STEPS.to_vec(),
        missing: missing.join("、"),
        complete,
        back: if complete { PATH } else { "/enterprise" }.to_owned(),
        reads: reader.is_some(),
        third_party: reader
            .and_then(|r| r.third_party.clone())
            .unwrap_or_default(),
        note,
        draft: String::new(),
    }
}

pub fn summary(
    uses: &Profiles,
    city: TenantId,
    page: &ProfilePage,
    size: &SizeStanding,
    next: &str,
) -> SummaryPage {
    let facts = &page.facts;
    let regions = uses.regions.of(city);
    let region = regions.full_name(&facts.region_code).unwrap_or_default();
    let industry = uses
        .industries
        .full_name(&facts.industry_code)
        .unwrap_or_default();
    let mut edit_href = format!("{PATH}?edit=1");
    if !next.is_empty() {
        edit_href.push_str(&format!("&next={}", crate::visit::encode(next)));
    }
    SummaryPage {
        rows: rows(facts, &page.recommenders, region, industry),
        size: vec![Described::cell(
            "企业规模",
            Cell::link(
                crate::size::words(size.declared.as_ref()),
                crate::size::PATH,
            ),
        )],
        files: ProfileFile::ALL
            .iter()
            .map(|file| {
                let kept = page.files.iter().rev().find(|f| f.kind == file.code());
                let cell = match kept {
                    Some(kept) => {
                        let word = if super::form::preview(kept).is_empty() {
                            "下载 PDF"
                        } else {
                            "查看照片"
                        };
                        Cell::link(word, format!("/enterprise/files/{}", kept.id))
                            .second(super::form::stored_words(kept.at))
                    }
                    None => Cell::text("尚未上传"),
                };
                Described::cell(file.zh(), cell)
            })
            .collect(),
        may_save: page.may_save,
        complete: facts.completed_at.is_some(),
        face_verified: page.face_verified,
        edit_href,
        face_href: with_next("/enterprise/face", next),
        next: next.to_owned(),
    }
}

fn rows(
    facts: &OpenedFacts,
    recommenders: &[Recommender],
    region: String,
    industry: String,
) -> Vec<Described> {
    let or_none = |text: String| {
        if text.is_empty() {
            "未填写".to_owned()
        } else {
            text
        }
    };
    let capital = facts
        .registered_capital_cents
        .and_then(|c| Cents::new(c).ok())
        .map(|c| format!("{} 万元", c.format_wan()))
        .unwrap_or_default();
    let recommender = recommenders
        .iter()
        .find(|r| Some(r.id) == facts.recommender)
        .map(|r| r.name.clone())
        .unwrap_or_default();
    let representative = PersonName::parse(&facts.legal_representative)
        .map(|n| n.masked())
        .unwrap_or_default();
    vec![
        Described::new("企业名称", &facts.name),
        Described::new("统一社会信用代码", or_none(facts.credit_code.clone())),
        Described::new("注册资本", or_none(capital)),
        Described::new("法定代表人姓名", representative),
        Described::new(
            "法定代表人身份证号",
            or_none(
                facts
                    .legal_id
                    .as_ref()
                    .map(ResidentId::masked)
                    .unwrap_or_default(),
            ),
        ),
        Described::new(
            "法定代表人联系电话",
            or_none(
                facts
                    .contact_phone
                    .as_ref()
                    .map(PhoneNumber::masked)
                    .unwrap_or_default(),
            ),
        ),
        Described::new("注册区县", or_none(region)),
        Described::new("所属行业", or_none(industry)),
        Described::new("详细地址", or_none(facts.address.clone())),
        Described::new("推荐机构", or_none(recommender)),
        Described::new(
            "邮箱号",
            or_none(
                facts
                    .email
                    .as_ref()
                    .map(EmailAddress::masked)
                    .unwrap_or_default(),
            ),
        ),
    ]
}

/// Every shape of the two pages, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    let nasty = "<b>\"'\\&</b>".repeat(8);
    let names = [
        "version",
        "next",
        "marks",
        "licence",
        "id_front",
        "id_back",
        "name",
        "unified_social_credit_code",
        "registered_capital",
        "legal_representative",
        "legal_id",
        "contact_phone",
        "region",
        "industry",
        "address",
        "recommender",
        "email",
        "password",
        "password_again",
        "captcha_kind",
        "captcha",
        "sms_code",
    ];
    let form = names.iter().fold(FormView::new(PATH), |form, name| {
        form.with(crate::forms::Field::text(*name, "企业名称").value(&nasty))
    });
    let mut failed = form.clone();
    failed.fail("name", "请输入企业名称");
    let edit = |form: FormView, complete: bool| {
        (
            "profile/edit.html",
            serde_json::to_value(EditPage {
                form,
                steps: STEPS.to_vec(),
                missing: nasty.clone(),
                complete,
                back: PATH.to_owned(),
                reads: complete,
                third_party: if complete {
                    nasty.clone()
                } else {
                    String::new()
                },
                note: if complete {
                    nasty.clone()
                } else {
                    String::new()
                },
                draft: if complete {
                    nasty.clone()
                } else {
                    String::new()
                },
            })
            .unwrap_or_default(),
        )
    };
    let summary = |may_save: bool, verified: bool| {
        (
            "profile/summary.html",
            serde_json::to_value(SummaryPage {
                rows: vec![Described::new("企业名称", &nasty)],
                size: vec![Described::new("企业规模", &nasty)],
                files: vec![Described::cell(
                    "营业执照照片",
                    Cell::link("查看照片", "/enterprise/files/1"),
                )],
                may_save,
                complete: verified,
                face_verified: verified,
                edit_href: format!("{PATH}?edit=1"),
                face_href: "/enterprise/face".to_owned(),
                next: String::new(),
            })
            .unwrap_or_default(),
        )
    };
    vec![
        edit(form, false),
        edit(failed, true),
        summary(true, false),
        summary(false, true),
        (
            "profile/discard.html",
            serde_json::to_value(DiscardPage {
                action: format!("{PATH}/draft"),
                back: PATH.to_owned(),
            })
            .unwrap_or_default(),
        ),
    ]
}
