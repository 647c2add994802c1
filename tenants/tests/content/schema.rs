//! The files of `demo/`, field by field, as their head comments tell.

use serde::Deserialize;

use super::{City, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institutions {
    pub institutions: Vec<Institution>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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
    pub sort: u32,
    pub intro: Vec<String>,
    pub branches: Vec<Branch>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
pub struct Products {
    pub products: Vec<Product>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // the file's own words
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
    pub response_days: u32,
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
#[serde(deny_unknown_fields)]
pub struct ProductRule {
    pub subject: String,
    pub operator: String,
    pub values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    pub name: String,
    pub rule: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enterprises {
    pub enterprises: Vec<Enterprise>,
}

#[derive(Deserialize)]
pub struct Enterprise {
    pub key: String,
    pub name: String,
    pub owner_name: String,
    pub phone: String,
    pub legal_representative: String,
    pub region_code: String,
    pub profile_complete: bool,
    pub face_verified: bool,
    #[serde(flatten)]
    pub profile: Option<Profile>,
}

#[derive(Deserialize)]
pub struct Profile {
    pub credit_code: String,
    pub id_number: String,
    pub legal_phone: String,
    pub registered_capital: u32,
    pub enterprise_type: String,
    pub industry_code: String,
    pub address: String,
    pub email: String,
    pub recommended_institution: Option<String>,
    pub established: String,
    pub employees: u32,
    pub has_loan_history: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffFile {
    pub staff: Vec<Staff>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    pub key: String,
    pub name: String,
    /// Neither: of the city itself; no branch: of its headquarters.
    pub institution: Option<String>,
    pub branch: Option<String>,
    pub role: String,
    pub title: String,
    pub phone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    pub policies: Vec<Policy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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
    pub subsidy: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewsFile {
    pub news: Vec<News>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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

impl City {
    fn demo<T: for<'de> Deserialize<'de>>(&self, file: &str) -> T {
        read(&format!("demo/{}/{file}", self.slug))
    }

    pub fn institutions(&self) -> Vec<Institution> {
        self.demo::<Institutions>("institutions.toml").institutions
    }

    pub fn products(&self) -> Vec<Product> {
        self.demo::<Products>("products.toml").products
    }

    pub fn enterprises(&self) -> Vec<Enterprise> {
        self.demo::<Enterprises>("enterprises.toml").enterprises
    }

    pub fn staff(&self) -> Vec<Staff> {
        self.demo::<StaffFile>("staff.toml").staff
    }

    pub fn policies(&self) -> Vec<Policy> {
        self.demo::<Policies>("policies.toml").policies
    }

    pub fn news(&self) -> Vec<News> {
        self.demo::<NewsFile>("news.toml").news
    }
}
