//! The form 完善信息: labels and order are the manual's (M-405 to M-421).

use application::{
    account::codes::CodeSent,
    city::City,
    files::KeptFile,
    ports::{
        pictures::MAX_UPLOAD_BYTES,
        reference::{IndustryDirectory, RegionDirectory},
    },
    profile::{OpenedFacts, ProfileDraft, ProfilePage, Profiles},
    recognition::Reader,
};
use domain::{
    enterprise::ProfileFile,
    values::{Cents, PhoneNumber, ResidentId},
};
use time::OffsetDateTime;

use super::fill::{MARKS, READ};
use crate::{
    account::options::ended_words,
    forms::{Field, FormView, SmsPart, UploadPart},
    posted::Posted,
};

pub const REGION_LEVELS: [&str; 4] = ["province", "city", "county", "township"];
pub const INDUSTRY_LEVELS: [&str; 3] = ["sector", "division", "group"];

const PASSWORD_RULE: &str = "密码包含大写字母、小写字母、数字、标点符号中的三种以上，长度8-20";

/// What the cascading selects stand at.
pub struct Chosen {
    region: [String; 4],
    industry: [String; 3],
}

impl Chosen {
    /// As stored; a new enterprise starts in its city.
    pub fn stored(uses: &Profiles, facts: &OpenedFacts, city: &City) -> Self {
        let mut region: [String; 4] = std::array::from_fn(|_| String::new());
        for step in uses.regions.of(city.id).path(&facts.region_code) {
            if let Some(slot) = region.get_mut(usize::from(step.level.saturating_sub(1))) {
                *slot = step.code;
            }
        }
        if region[0].is_empty() {
            region[0].clone_from(&city.default_province);
            region[1].clone_from(&city.default_city);
        }
        let mut industry: [String; 3] = std::array::from_fn(|_| String::new());
        for (slot, step) in industry
            .iter_mut()
            .zip(uses.industries.path(&facts.industry_code))
        {
            *slot = step.code;
        }
        Self { region, industry }
    }

    /// As kept in a draft.
    pub fn drafted(draft: &ProfileDraft) -> Self {
        Self {
            region: REGION_LEVELS.map(|l| draft.get(l).to_owned()),
            industry: INDUSTRY_LEVELS.map(|l| draft.get(l).to_owned()),
        }
    }

    pub fn posted(posted: &Posted) -> Self {
        Self {
            region: REGION_LEVELS.map(|l| posted.get(l).to_owned()),
            industry: INDUSTRY_LEVELS.map(|l| posted.get(l).to_owned()),
        }
    }
}

/// The form up to the captcha, and what follows it.
pub struct Building {
    form: FormView,
    captcha: Option<Field>,
}

impl Building {
    pub fn push_captcha(&mut self, field: Field) {
        self.captcha = Some(field);
    }

    pub fn finish(self, page: &ProfilePage, sent: Option<&CodeSent>) -> FormView {
        let mut form = self.form;
        let in_words = self.captcha.as_ref().is_some_and(|c| c.captcha.is_none());
        let kind = if in_words { "text" } else { "image" };
        form.push(Field::hidden("captcha_kind", kind));
        if let Some(captcha) = self.captcha {
            form.push(captcha);
        }
        form.push(
            Field::sms(
                "sms_code",
                "手机验证码",
                SmsPart {
                    url: format!("{}/sms-code", super::PATH),
                    with: "captcha,captcha_kind".to_owned(),
                    purpose: "profile".to_owned(),
                    wait: sent.map_or(0, |s| s.wait),
                    sent: sent.map(sent_words).unwrap_or_default(),
                    code: String::new(),
                },
            )
            .required()
            .hint(format!("验证码将发送至注册手机 {}", page.phone.masked()))
            .placeholder("请输入手机验证码")
            .width("m"),
        );
        form
    }
}

pub fn sent_words(sent: &CodeSent) -> String {
    format!("验证码已发送至 {}，5 分钟内有效。", sent.phone_masked)
}

pub fn stored_words(at: OffsetDateTime) -> String {
    format!("已上传 {}", crate::show::minute(at))
}

/// Every field but the captcha and the code, filled with what is stored.
pub fn form(
    uses: &Profiles,
    regions: &dyn RegionDirectory,
    page: &ProfilePage,
    chosen: &Chosen,
    next: &str,
    reader: Option<&Reader>,
) -> Building {
    let facts = &page.facts;
    // What stays on the platform is read as soon as it is there; a third party is asked by a button.
    let by_itself = reader.is_some_and(|r| r.third_party.is_none());
    let mut form = FormView::new(super::PATH)
        .star_first()
        .with(Field::hidden("version", facts.version.to_string()))
        .with(Field::hidden("next", next))
        .with(Field::hidden(MARKS, ""));
    for file in ProfileFile::ALL {
        form.push(upload(*file, &page.files, by_itself && READ.contains(file)));
    }
    let capital = facts
        .registered_capital_cents
        .and_then(|c| Cents::new(c).ok())
        .map(Cents::format_wan_short)
        .unwrap_or_default();
    let kept = |masked: Option<String>| match masked {
        Some(masked) => format!("已保存 {masked}，不修改可留空"),
        None => String::new(),
    };
    let id_hint = kept(facts.legal_id.as_ref().map(ResidentId::masked));
    let phone_hint = kept(facts.contact_phone.as_ref().map(PhoneNumber::masked));
    let form = form
        .with(
            Field::text("name", "企业名称")
                .required()
                .value(&facts.name)
                .maxlength(100)
                .autocomplete("organization"),
        )
        .with(
            Field::text("unified_social_credit_code", "统一社会信用代码")
                .required()
                .value(&facts.credit_code)
                .hint("18 位，见营业执照，不含字母 I、O、S、V、Z")
                .maxlength(30)
                .autocomplete("off"),
        )
        .with(
            Field::number("registered_capital", "注册资本", "万元")
                .value(capital.replace(',', ""))
                .maxlength(20),
        )
        .with(
            Field::text("legal_representative", "法定代表人姓名")
                .required()
                .value(&facts.legal_representative)
                .maxlength(30)
                .width("m"),
        )
        .with(
            Field::text("legal_id", "法定代表人身份证号")
                .required()
                .hint(id_hint)
                .maxlength(24)
                .autocomplete("off"),
        )
        .with(
            Field::phone("contact_phone", "法定代表人联系电话")
                .required()
                .hint(phone_hint),
        )
        .with(region_field(regions, &chosen.region))
        .with(industry_field(&*uses.industries, &chosen.industry))
        .with(
            Field::text("address", "详细地址")
                .required()
                .value(&facts.address)
                .maxlength(200)
                .autocomplete("street-address"),
        )
        .with(
            Field::select("recommender", "推荐机构", "请选择推荐机构")
                .hint("仅用于登记推荐来源，不影响您选择金融机构")
                .options(
                    page.recommenders
                        .iter()
                        .map(|r| (r.id.to_string(), r.name.clone())),
                )
                .value(facts.recommender.map(|r| r.to_string()).unwrap_or_default()),
        )
        .with(
            Field::text("email", "邮箱号")
                .value(facts.email.as_ref().map_or("", |e| e.as_str()))
                .maxlength(100)
                .autocomplete("email")
                .inputmode("email"),
        )
        .with(
            Field::password("password", "密码", "new-password")
                .required()
                .hint(format!("{PASSWORD_RULE}。保存后作为登录密码")),
        )
        .with(Field::password("password_again", "确认密码", "new-password").required());
    Building {
        form,
        captcha: None,
    }
}

fn upload(file: ProfileFile, files: &[KeptFile], reads: bool) -> Field {
    let kept = files.iter().rev().find(|f| f.kind == file.code());
    let sample = match file {
        ProfileFile::Licence => "licence",
        ProfileFile::IdFront => "id-front",
        ProfileFile::IdBack => "id-back",
    };
    let (accept, hint) = if file == ProfileFile::Licence {
        (
            "image/jpeg,image/png,application/pdf,.jpg,.jpeg,.png,.pdf",
            "JPG、PNG 或 PDF 格式，不超过 10 MB",
        )
    } else {
        (
            "image/jpeg,image/png,.jpg,.jpeg,.png",
            "JPG 或 PNG 格式，不超过 10 MB",
        )
    };
    Field::upload(
        file.code(),
        file.zh(),
        accept,
        UploadPart {
            url: format!("{}/files", super::PATH),
            preview: kept.map(preview).unwrap_or_default(),
            stored: kept.map(|f| stored_words(f.at)).unwrap_or_default(),
            delete_url: format!("{}/files/delete", super::PATH),
            read_url: if reads {
                format!("{}/files/read", super::PATH)
            } else {
                String::new()
            },
            max_bytes: MAX_UPLOAD_BYTES as u64,
            sample: sample.to_owned(),
        },
    )
    .required()
    .hint(hint)
}

/// Only pictures are shown; a PDF is only ever a download (S-23).
pub fn preview(file: &KeptFile) -> String {
    if file.media_type == "image/jpeg" {
        format!("/enterprise/files/{}", file.id)
    } else {
        String::new()
    }
}

/// 注册区县 (M-414): four selects; places without a level skip it.
fn region_field(regions: &dyn RegionDirectory, chosen: &[String; 4]) -> Field {
    const WORDS: [(&str, &str); 4] = [
        ("省份", "请选择省份"),
        ("城市", "请选择城市"),
        ("县区", "请选择县区"),
        ("乡镇", "请选择乡镇"),
    ];
    let mut parent: Option<String> = None;
    let mut open = true;
    let mut levels = Vec::with_capacity(4);
    for (level, ((name, (label, placeholder)), value)) in
        (1u8..).zip(REGION_LEVELS.iter().zip(WORDS).zip(chosen))
    {
        let below = if open {
            regions.children(parent.as_deref())
        } else {
            Vec::new()
        };
        let options: Vec<_> = below.into_iter().filter(|r| r.level == level).collect();
        let fits = options.iter().any(|r| r.code == *value);
        let skipped = options.is_empty();
        levels.push(
            Field::select(*name, label, placeholder)
                .options(options.into_iter().map(|r| (r.code, r.name)))
                .value(if fits { value.as_str() } else { "" }),
        );
        if fits {
            parent = Some(value.clone());
        } else if !skipped {
            open = false;
        }
    }
    let ended = ended_words(regions, &chosen[3]);
    Field::cascade("region", "注册区县", "/options/regions", levels)
        .required()
        .hint(ended.unwrap_or_default())
}

/// 所属行业 (M-415, A-20): the three levels of the national classification.
fn industry_field(industries: &dyn IndustryDirectory, chosen: &[String; 3]) -> Field {
    const WORDS: [(&str, &str); 3] = [
        ("第一产业", "请选择第一产业"),
        ("第二产业", "请选择第二产业"),
        ("第三产业", "请选择第三产业"),
    ];
    let mut parent: Option<String> = None;
    let mut open = true;
    let mut levels = Vec::with_capacity(3);
    for ((name, (label, placeholder)), value) in INDUSTRY_LEVELS.iter().zip(WORDS).zip(chosen) {
        let options = if open {
            industries.children(parent.as_deref())
        } else {
            Vec::new()
        };
        open = options.iter().any(|i| i.code == *value);
        levels.push(
            Field::select(*name, label, placeholder)
                .options(options.into_iter().map(|i| (i.code, i.name)))
                .value(if open { value.as_str() } else { "" }),
        );
        parent = open.then(|| value.clone());
    }
    Field::cascade("industry", "所属行业", "/options/industries", levels)
        .required()
        .hint("依次选择产业、行业大类、行业中类")
}
