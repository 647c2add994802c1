//! `city new`: the files of another city with its words exchanged; what is not given is marked, and `city check` names each mark.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use application::ports::{clock::Clock as _, reference::RegionDirectory};
use reference::Reference;
use sha2::{Digest as _, Sha256};
use tenants::check::TO_FILL;

use crate::{clock::SystemClock, config::Settings};

/// What is known of the new city.
#[derive(Debug, clap::Args)]
pub struct Draft {
    /// Its short name in files and addresses: small letters, digits, hyphens.
    pub slug: String,
    /// The city whose files are the pattern.
    #[arg(long, default_value = "cangzhou")]
    pub from: String,
    /// 平台名称.
    #[arg(long)]
    pub name: Option<String>,
    /// 平台简称.
    #[arg(long)]
    pub short_name: Option<String>,
    /// 小程序名称.
    #[arg(long)]
    pub mini_program: Option<String>,
    /// 标语 beside the name.
    #[arg(long)]
    pub tagline: Option<String>,
    /// The place, such as 云澜市; by default the name of the region.
    #[arg(long)]
    pub place: Option<String>,
    /// Host names; by default <slug>.localhost.
    #[arg(long, value_delimiter = ',')]
    pub host: Vec<String>,
    /// https:// and the public host name.
    #[arg(long)]
    pub site: Option<String>,
    #[arg(long)]
    pub hotline: Option<String>,
    #[arg(long)]
    pub hours: Option<String>,
    #[arg(long)]
    pub icp: Option<String>,
    /// 运营单位.
    #[arg(long)]
    pub operator: Option<String>,
    /// Its address.
    #[arg(long)]
    pub address: Option<String>,
    /// Six digits of the prefecture where people register.
    #[arg(long)]
    pub region: Option<String>,
    /// Main colour, #RRGGBB.
    #[arg(long)]
    pub brand: Option<String>,
    /// Colour of rates and of the one call to action.
    #[arg(long)]
    pub accent: Option<String>,
    /// One character.
    #[arg(long)]
    pub sign: Option<String>,
}

fn mark(what: &str) -> String {
    format!("{TO_FILL}：{what}】")
}

fn or_mark(given: Option<&String>, what: &str) -> String {
    given.cloned().unwrap_or_else(|| mark(what))
}

/// Writes `<slug>.toml` and its folder; refuses where something stands already.
pub fn write(draft: &Draft, settings: &Settings) -> anyhow::Result<Vec<String>> {
    let folder = &settings.catalog;
    let (file, beside) = (
        folder.join(format!("{}.toml", draft.slug)),
        folder.join(&draft.slug),
    );
    anyhow::ensure!(
        !file.exists() && !beside.exists(),
        "{} is there already: nothing was written",
        if file.exists() {
            file.display()
        } else {
            beside.display()
        }
    );
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    anyhow::ensure!(
        draft.slug.starts_with(|c: char| c.is_ascii_lowercase())
            && (2..=31).contains(&draft.slug.len())
            && draft.slug.chars().all(fits),
        "a city's short name is 2 to 31 small letters, digits and hyphens"
    );
    let model_file = folder.join(format!("{}.toml", draft.from));
    let model = fs::read_to_string(&model_file)
        .with_context(|| format!("the pattern {}", model_file.display()))?;
    let table: toml::Table = toml::from_str(&model)?;
    let words = exchanged(&table, draft);
    let mut written = Vec::new();
    for from in texts(&folder.join(&draft.from))? {
        let to = beside.join(from.strip_prefix(folder.join(&draft.from))?);
        let text = fs::read_to_string(&from).with_context(|| from.display().to_string())?;
        let parent = to.parent().context("a file of a folder")?;
        fs::create_dir_all(parent)?;
        fs::write(&to, exchange(&text, &words))?;
        written.push(to);
    }
    fs::write(&file, city_file(&model, &words, draft))?;
    written.push(file.clone());
    let mut lines: Vec<String> = written.iter().map(|f| f.display().to_string()).collect();
    lines.push(format!("next: yijianrong city check {}", file.display()));
    Ok(lines)
}

/// TOML and Markdown of a folder; pictures are the other city's own.
fn texts(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(texts(&path)?);
        } else if path.extension().is_some_and(|e| e == "toml" || e == "md") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Words of the pattern and what stands in their place, the longest first.
fn exchanged(model: &toml::Table, draft: &Draft) -> Vec<(String, String)> {
    let text = |path: &[&str]| {
        let mut here = model.get(path[0]);
        for key in &path[1..] {
            here = here.and_then(|value| value.get(key));
        }
        here.and_then(toml::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let place = |code: &str| Reference.find(code).map(|region| region.name);
    let their_place = place(&text(&["region", "city"])).unwrap_or_default();
    let own_place = draft
        .place
        .clone()
        .or_else(|| place(draft.region.as_deref()?));
    let hours = or_mark(draft.hours.as_ref(), "服务时间");
    let their_hours = text(&["hotline_hours"]);
    let mut words = vec![
        (text(&["name"]), or_mark(draft.name.as_ref(), "平台名称")),
        (
            text(&["second_name"]),
            or_mark(draft.short_name.as_ref(), "平台简称"),
        ),
        (
            text(&["mini_program_name"]),
            or_mark(draft.mini_program.as_ref(), "小程序名称"),
        ),
        (text(&["tagline"]), or_mark(draft.tagline.as_ref(), "标语")),
        (text(&["public_site"]), or_mark(draft.site.as_ref(), "网址")),
        (
            text(&["hotline"]),
            or_mark(draft.hotline.as_ref(), "客服电话"),
        ),
        (their_hours.replace('，', "、"), hours.clone()),
        (their_hours, hours),
        (text(&["icp"]), or_mark(draft.icp.as_ref(), "备案号")),
        (
            text(&["operator", "name"]),
            or_mark(draft.operator.as_ref(), "运营单位"),
        ),
        (
            text(&["operator", "address"]),
            or_mark(draft.address.as_ref(), "运营单位地址"),
        ),
        (
            text(&["operator", "short_name"]),
            or_mark(draft.operator.as_ref(), "运营单位简称"),
        ),
        (text(&["operator", "postcode"]), mark("邮政编码")),
        (text(&["operator", "email"]), mark("邮箱")),
        (their_place, own_place.unwrap_or_else(|| mark("城市名称"))),
    ];
    words.retain(|(theirs, _)| !theirs.is_empty());
    words.sort_by_key(|(theirs, _)| std::cmp::Reverse(theirs.len()));
    words
}

/// One pass: what was put in is not looked at again.
fn exchange(text: &str, words: &[(String, String)]) -> String {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some((theirs, ours)) = words
            .iter()
            .find(|(theirs, _)| rest.starts_with(theirs.as_str()))
        {
            done.push_str(ours);
            rest = &rest[theirs.len()..];
        } else {
            done.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    done
}

/// The city's own file, line by line, so that comments and order stay.
fn city_file(model: &str, words: &[(String, String)], draft: &Draft) -> String {
    let today = domain::calendar::local_date(SystemClock.now());
    let hosts = if draft.host.is_empty() {
        vec![format!("{}.localhost", draft.slug)]
    } else {
        draft.host.clone()
    };
    let region = draft.region.clone().unwrap_or_else(|| mark("六位区划代码"));
    let province = draft.region.as_ref().and_then(|code| code.get(..2));
    let set: Vec<(&str, &str, String)> = vec![
        ("", "slug", quoted(&draft.slug)),
        (
            "",
            "hosts",
            format!(
                "[{}]",
                hosts
                    .iter()
                    .map(|h| quoted(h))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        ),
        ("region", "city", quoted(&region)),
        (
            "region",
            "province",
            quoted(&province.map_or_else(|| mark("六位区划代码"), |two| format!("{two}0000"))),
        ),
        (
            "theme",
            "brand",
            quoted(&or_mark(draft.brand.as_ref(), "主色")),
        ),
        (
            "theme",
            "accent",
            quoted(&or_mark(draft.accent.as_ref(), "强调色")),
        ),
        (
            "theme",
            "logo_char",
            quoted(&or_mark(draft.sign.as_ref(), "一个字")),
        ),
        ("wechat", "app_id", quoted(&app_id(&draft.slug))),
        (
            "agreements",
            "version",
            quoted(&format!("{}.1", today.year())),
        ),
        ("agreements", "effective", quoted(&today.to_string())),
    ];
    let own_folder = format!("\"{}/", draft.from);
    let mut section = String::new();
    let mut done = String::new();
    for line in model.lines() {
        if let Some(name) = line
            .trim()
            .strip_prefix('[')
            .map(|rest| rest.trim_matches(['[', ']']))
        {
            name.clone_into(&mut section);
        }
        let key = line.split('=').next().unwrap_or_default().trim();
        // A picture is the other city's own.
        if key == "logo_file" {
            continue;
        }
        let given = set
            .iter()
            .find(|(at, name, _)| *at == section && *name == key);
        let new = match given {
            Some((.., value)) => format!("{key} = {value}"),
            None if line.starts_with('#') => line.to_owned(),
            None => contract(
                &exchange(
                    &line.replace(&own_folder, &format!("\"{}/", draft.slug)),
                    words,
                ),
                draft,
            ),
        };
        done.push_str(&new);
        done.push('\n');
    }
    done
}

/// Nobody works under another city's contract by mistake: each reference leads to a place of the new city's own.
fn contract(line: &str, draft: &Draft) -> String {
    let key = line.split('=').next().unwrap_or_default().trim();
    if line.contains("\"env:") || line.contains("\"file:") {
        return format!("{key} = \"file:/etc/yijianrong/{}/{key}\"", draft.slug);
    }
    line.to_owned()
}

/// An app id that no other city of a demonstration has.
fn app_id(slug: &str) -> String {
    format!("wx{}", &hex::encode(Sha256::digest(slug))[..16])
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_goes_first_and_nothing_is_exchanged_twice() {
        let words = vec![
            ("沧州市平台".to_owned(), "云澜市平台".to_owned()),
            ("沧州市".to_owned(), "沧州市外".to_owned()),
        ];
        assert_eq!(
            exchange("沧州市平台在沧州市。", &words),
            "云澜市平台在沧州市外。"
        );
    }
}
