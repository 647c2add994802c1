//! 演示账号: what the terminal prints, so that a newcomer can sign in at once.

use std::path::Path;

use application::city::City;
use serde::Deserialize;

use super::people::{DEMO_PASSWORD, parsed};

#[derive(Deserialize)]
struct Enterprises {
    enterprises: Vec<Enterprise>,
}

#[derive(Deserialize)]
struct Enterprise {
    name: String,
    phone: String,
    profile_complete: bool,
    face_verified: bool,
}

#[derive(Deserialize)]
struct Staff {
    staff: Vec<Officer>,
}

#[derive(Deserialize)]
struct Officer {
    key: String,
    name: String,
    /// `None`: of the city.
    institution: Option<String>,
    role: String,
    title: String,
}

/// Which enterprise is meant.
type Test = fn(&Enterprise) -> bool;

/// The same for a province, whose people are all of one kind.
pub fn of_province(province: &City, folder: &Path) -> anyhow::Result<Vec<String>> {
    let staff: Staff = parsed(&folder.join("staff.toml"))?;
    let mut lines = vec![format!(
        "演示账号：{}，{}（密码均为 {DEMO_PASSWORD}）",
        province.name,
        province.hosts.first().map_or("", String::as_str)
    )];
    lines.extend(staff.staff.iter().map(|found| {
        format!(
            "  /staff/login  {}  {}：{}",
            found.key, found.title, found.name
        )
    }));
    Ok(lines)
}

/// One line a person: where, account, who.
pub fn of(city: &City, folder: &Path) -> anyhow::Result<Vec<String>> {
    let enterprises: Enterprises = parsed(&folder.join("enterprises.toml"))?;
    let staff: Staff = parsed(&folder.join("staff.toml"))?;
    let mut lines = vec![format!(
        "演示账号：{}，{}（密码均为 {DEMO_PASSWORD}）",
        city.name,
        city.hosts.first().map_or("", String::as_str)
    )];
    let states: [(&str, Test); 3] = [
        ("企业，已完善并已核验", |e| {
            e.profile_complete && e.face_verified
        }),
        ("企业，已完善未核验", |e| {
            e.profile_complete && !e.face_verified
        }),
        ("企业，未完善", |e| !e.profile_complete),
    ];
    for (words, fits) in states {
        if let Some(found) = enterprises.enterprises.iter().find(|e| fits(e)) {
            lines.push(format!(
                "  /login        {}  {words}：{}",
                found.phone, found.name
            ));
        }
    }
    // What one operator of the city asks for, the other one confirms: both are named.
    for (role, most) in [
        ("BM", 1),
        ("BA", 1),
        ("BH", 1),
        ("HA", 1),
        ("HP", 1),
        ("OP", 2),
        ("OS", 1),
        ("RG", 1),
    ] {
        for found in staff.staff.iter().filter(|o| o.role == role).take(most) {
            lines.push(format!(
                "  /staff/login  {}  {}：{}",
                found.key, found.title, found.name
            ));
        }
    }
    // What one institution may not see of another is tried with somebody of a second one.
    let of = |role: &'static str| staff.staff.iter().filter(move |o| o.role == role);
    let first = of("BM").next().map(|o| &o.institution);
    for role in ["BM", "HA"] {
        if let Some(found) = of(role).find(|o| Some(&o.institution) != first) {
            lines.push(format!(
                "  /staff/login  {}  另一家机构的{}：{}",
                found.key, found.title, found.name
            ));
        }
    }
    lines.push("短信验证码在 /demo/inbox".to_owned());
    Ok(lines)
}
