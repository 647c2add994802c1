//! The files of `tenants/demo/<city>` and `about.toml`, field by field, as their head comments tell.

use application::content::SubsidyForm;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Institutions {
    pub institutions: Vec<Institution>,
}

#[derive(Deserialize)]
pub struct Institution {
    pub key: String,
    pub name: String,
    pub short_name: String,
    pub r#type: String,
    pub type_label: String,
    pub platform_owned: bool,
    pub logo_char: String,
    pub hotline: String,
    pub address: String,
    pub sort: i32,
    pub intro: Vec<String>,
    pub branches: Vec<Branch>,
}

#[derive(Deserialize)]
pub struct Branch {
    pub key: String,
    pub name: String,
    pub region_code: String,
    pub address: String,
    pub phone: String,
    pub hours: String,
    pub serves: Vec<String>,
}

#[derive(Deserialize)]
pub struct Products {
    pub products: Vec<Product>,
}

#[derive(Deserialize)]
pub struct Product {
    pub key: String,
    pub institution: String,
    pub name: String,
    pub financing_type: String,
    pub guarantee: String,
    pub collateral: Vec<String>,
    pub amount_min: u32,
    pub amount_max: u32,
    pub rate_term: String,
    pub rate_type: String,
    pub rate_min: String,
    pub rate_max: String,
    pub term_min: u16,
    pub term_max: u16,
    pub term_unit: String,
    pub repayment: Vec<String>,
    pub purposes: Vec<String>,
    pub first_loan: bool,
    pub renewal: bool,
    pub response_days: i32,
    pub featured: bool,
    pub published: String,
    pub intro: Vec<String>,
    pub highlights: Vec<String>,
    pub eligibility: String,
    pub conditions: Vec<String>,
    pub documents: Vec<String>,
    pub fees: Vec<Fee>,
    pub branches: Vec<String>,
    #[serde(default)]
    pub industries: Vec<String>,
    #[serde(default)]
    pub rules: Vec<ProductRule>,
    pub revenue_percent: Option<String>,
    pub tax_times: Option<String>,
}

#[derive(Deserialize)]
pub struct ProductRule {
    pub subject: String,
    pub operator: String,
    pub values: Vec<String>,
}

#[derive(Deserialize)]
pub struct Fee {
    pub name: String,
    pub rule: String,
}

#[derive(Deserialize)]
pub struct Policies {
    pub policies: Vec<Policy>,
}

#[derive(Deserialize)]
pub struct Policy {
    pub key: String,
    pub title: String,
    pub doc_no: String,
    pub issuer: String,
    pub category: String,
    pub delivery: String,
    pub published: String,
    pub deadline: Option<String>,
    pub tags: Vec<String>,
    pub audience: String,
    pub summary: String,
    pub body: Vec<String>,
    pub related_products: Vec<String>,
    #[serde(default)]
    pub industries: Vec<String>,
    #[serde(default)]
    pub regions: Vec<String>,
    #[serde(default)]
    pub first_loan: bool,
    #[serde(default)]
    pub subsidy: SubsidyForm,
}

#[derive(Deserialize)]
pub struct NewsFile {
    pub news: Vec<News>,
}

#[derive(Deserialize)]
pub struct News {
    pub key: String,
    pub title: String,
    pub source: String,
    pub category: String,
    pub published: String,
    pub pinned: bool,
    pub summary: String,
    pub body: Vec<String>,
}

#[derive(Deserialize)]
pub struct AboutFile {
    pub title: String,
    pub lead: String,
    pub sections: Vec<AboutSection>,
    pub steps: Vec<AboutStep>,
    pub questions: Vec<AboutQuestion>,
    pub contact: AboutContact,
}

#[derive(Deserialize)]
pub struct AboutSection {
    pub heading: String,
    pub paragraphs: Vec<String>,
}

#[derive(Deserialize)]
pub struct AboutStep {
    pub title: String,
    pub text: String,
}

#[derive(Deserialize)]
pub struct AboutQuestion {
    pub ask: String,
    pub answer: String,
}

#[derive(Deserialize)]
pub struct AboutContact {
    pub lines: Vec<AboutLine>,
}

#[derive(Deserialize)]
pub struct AboutLine {
    pub label: String,
    pub value: String,
}

#[derive(Deserialize)]
pub struct Attachments {
    pub attachments: Vec<AttachmentSeed>,
}

#[derive(Deserialize)]
pub struct AttachmentSeed {
    pub policy: String,
    pub title: String,
    pub kind: String,
    pub lines: Vec<String>,
}

#[derive(Deserialize)]
pub struct Banners {
    pub banners: Vec<BannerSeed>,
}

#[derive(Deserialize)]
pub struct BannerSeed {
    pub key: String,
    pub title: String,
    pub link: String,
    pub from: String,
    pub to: String,
}
