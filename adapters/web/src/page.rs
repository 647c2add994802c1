//! The frame of every page 页面框架: city, navigation, who is signed in; lent to the template, copied once.

use application::city::City;
use serde::Serialize;

use crate::{
    assets,
    kit::Kit,
    parts::SideLink,
    theme::{self, Brand},
};

const SECTIONS: [(&str, &str); 7] = [
    ("首页", "/"),
    ("金融超市", "/market"),
    ("金融机构", "/institutions"),
    ("金控产品", "/holdings"),
    ("惠企政策", "/policies"),
    ("新闻资讯", "/news"),
    ("关于我们", "/about"),
];

/// What the layouts read as `page`.
#[derive(Serialize)]
pub(crate) struct Page<'a> {
    title: &'a str,
    tenant: Tenant<'a>,
    pub user: Option<User<'a>>,
    pub unread: i64,
    pub csrf: String,
    demo: bool,
    large_type: bool,
    css_url: String,
    js_url: &'a str,
    path: &'a str,
    /// The address with its query, to come back to.
    pub here: &'a str,
    pub notice: Option<Notice>,
    /// Empty on the site of a province, which shows nothing to everybody.
    nav: Vec<Section>,
    /// The site of a province: no registration, no portal.
    province: bool,
    pub side: &'a [SideLink],
    foot: Vec<FootLink<'a>>,
    pub session_seconds: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<&'static str>,
}

#[derive(Serialize)]
struct Tenant<'a> {
    name: &'a str,
    short_name: &'a str,
    mini_program_name: &'a str,
    brand_line: &'a str,
    hotline: &'a str,
    hotline_hours: &'a str,
    icp: &'a str,
    public_security_record: &'a str,
    operator_name: &'a str,
    address: &'a str,
    /// The address of its own sign; none: the common emblem.
    logo: Option<String>,
    year: i32,
}

/// Who is signed in, and where they are at home.
#[derive(Serialize)]
pub(crate) struct User<'a> {
    pub name: &'a str,
    pub kind: &'static str,
    pub href: &'static str,
}

/// A line that says what was just done; `kind` is `success`, `info`, `warning` or `danger`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Notice {
    pub kind: &'static str,
    pub text: String,
}

#[derive(Serialize)]
struct Section {
    label: &'static str,
    href: &'static str,
    current: bool,
}

#[derive(Serialize)]
struct FootLink<'a> {
    label: &'a str,
    href: String,
}

fn sections(path: &str) -> Vec<Section> {
    let section = |(label, href): (&'static str, &'static str)| Section {
        label,
        href,
        current: if href == "/" {
            path == "/"
        } else {
            path.starts_with(href)
        },
    };
    SECTIONS.into_iter().map(section).collect()
}

impl<'a> Page<'a> {
    /// The page of somebody of whom nothing is known.
    pub fn of(kit: &Kit, city: &'a City, title: &'a str, path: &'a str, large_type: bool) -> Self {
        let brand = Brand {
            brand: city.brand.clone(),
            accent: city.accent.clone(),
        };
        let today = kit.clock().now().to_offset(domain::calendar::SHANGHAI);
        Self {
            title,
            tenant: Tenant {
                name: &city.name,
                short_name: &city.second_name,
                mini_program_name: &city.mini_program_name,
                brand_line: &city.tagline,
                hotline: &city.hotline,
                hotline_hours: &city.hotline_hours,
                icp: &city.icp,
                public_security_record: &city.public_security_record,
                operator_name: &city.operator_name,
                address: &city.operator_address,
                logo: city.logo.as_ref().map(theme::logo_url),
                year: today.year(),
            },
            user: None,
            unread: 0,
            csrf: String::new(),
            demo: kit.mode().demo,
            large_type,
            css_url: theme::css_url(&brand).unwrap_or_default(),
            js_url: assets::shared().js_url(),
            path,
            here: path,
            notice: None,
            nav: if city.is_province() {
                Vec::new()
            } else {
                sections(path)
            },
            province: city.is_province(),
            side: &[],
            foot: city
                .agreements
                .iter()
                .filter(|a| a.shown.iter().any(|s| s == "foot"))
                .map(|a| FootLink {
                    label: &a.short_title,
                    href: format!("/agreements/{}", a.code),
                })
                .collect(),
            session_seconds: 0,
            area: None,
        }
    }
}
