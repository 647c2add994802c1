//! `city new`: the files of another city with its words exchanged; what is not given is marked, and `city check` names each mark.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use application::ports::{clock::Clock as _, reference::RegionDirectory};
use reference::Reference;
use sha2::{Digest as _, Sha256};
use tenants::check::{self, TO_FILL};

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

/// What is wrong with what was given, each with its flag: before anything stands in a file.
fn faults(draft: &Draft) -> Vec<String> {
    let mut faults = Vec::new();
    let mut wrong = |flag: &str, what: String| faults.push(format!("{flag}: {what}"));
    if !check::is_slug(&draft.slug) {
        wrong(
            "the short name",
            format!(
                "{} is not 2 to 31 small letters, digits and hyphens",
                draft.slug
            ),
        );
    }
    for (flag, text) in [
        ("--name", &draft.name),
        ("--short-name", &draft.short_name),
        ("--mini-program", &draft.mini_program),
        ("--tagline", &draft.tagline),
        ("--place", &draft.place),
        ("--site", &draft.site),
        ("--hotline", &draft.hotline),
        ("--hours", &draft.hours),
        ("--icp", &draft.icp),
        ("--operator", &draft.operator),
        ("--address", &draft.address),
        ("--sign", &draft.sign),
    ] {
        let Some(text) = text else { continue };
        if text.trim() != text || text.is_empty() || text.contains('\\') || !check::is_plain(text) {
            wrong(flag, format!("{text:?} is not words alone"));
        }
    }
    for host in draft.host.iter().filter(|host| !check::is_host(host)) {
        let what = "is no host name: small letters, digits, hyphens and dots, no port";
        wrong("--host", format!("{host} {what}"));
    }
    for (flag, colour) in [("--brand", &draft.brand), ("--accent", &draft.accent)] {
        if let Some(colour) = colour.as_ref().filter(|colour| !check::is_colour(colour)) {
            wrong(flag, format!("{colour} is no colour: \"#RRGGBB\""));
        }
    }
    if let Some(code) = &draft.region {
        let form = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
        if !form {
            wrong("--region", format!("{code} is not a code of six digits"));
        } else if Reference.find(code).is_none() {
            wrong("--region", format!("there is no region {code}"));
        } else if code.ends_with("0000") {
            let what = format!("{code} is a province: a city stands in a prefecture");
            wrong("--region", what);
        }
    }
    faults
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
    let faults = faults(draft);
    anyhow::ensure!(
        faults.is_empty(),
        "nothing was written:\n  - {}",
        faults.join("\n  - ")
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
    let region = |code: &str| Reference.find(code).map(|region| region.name);
    let own_place = draft
        .place
        .clone()
        .or_else(|| region(draft.region.as_deref()?));
    let own_province = draft.region.as_deref().and_then(province_of);
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
    ];
    // An invented city, or one of a county, is called otherwise than its region.
    let mut places = check::places(&[
        text(&["name"]),
        text(&["operator", "name"]),
        text(&["operator", "address"]),
    ]);
    places.extend(region(&text(&["region", "city"])).map(|name| stem(&name, '市').to_owned()));
    for theirs in &places {
        words.extend(called(theirs, '市', own_place.as_deref(), "城市名称"));
    }
    if let Some(theirs) = region(&text(&["region", "province"])) {
        let theirs = stem(&theirs, '省');
        words.extend(called(theirs, '省', own_province.as_deref(), "省份名称"));
    }
    words.retain(|(theirs, _)| !theirs.is_empty());
    words.sort_by_key(|(theirs, _)| std::cmp::Reverse(theirs.len()));
    words
}

/// 云澜 of 云澜市.
fn stem(name: &str, end: char) -> &str {
    name.strip_suffix(end).unwrap_or(name)
}

/// A place with its ending and without it, and what stands in the place of both.
fn called(theirs: &str, end: char, own: Option<&str>, what: &str) -> [(String, String); 2] {
    let own = own.map_or_else(|| mark(what), str::to_owned);
    [
        (format!("{theirs}{end}"), own.clone()),
        (theirs.to_owned(), stem(&own, end).to_owned()),
    ]
}

/// 河北省 of 130900.
fn province_of(code: &str) -> Option<String> {
    let code = format!("{}0000", code.get(..2)?);
    Reference.find(&code).map(|region| region.name)
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
    let mut done: Vec<String> = Vec::new();
    for line in without_province(model) {
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
        done.push(new);
    }
    done.join("\n") + "\n"
}

/// Whom a city reports to is agreed on with its own province: the section of the pattern is left out with its comment.
fn without_province(model: &str) -> Vec<&str> {
    let mut kept: Vec<&str> = Vec::new();
    // Comments inside of the section may be those of the next one.
    let mut held: Option<Vec<&str>> = None;
    for line in model.lines() {
        let heading = line.trim_start().starts_with('[');
        if heading && line.trim().starts_with("[province") {
            if held.is_none() {
                let comment = kept.iter().rev().take_while(|line| line.starts_with('#'));
                let comment = comment.count();
                kept.truncate(kept.len() - comment);
            }
            held = Some(Vec::new());
            continue;
        }
        match &mut held {
            Some(comments) if heading => {
                kept.append(comments);
                held = None;
                kept.push(line);
            }
            Some(comments) if line.starts_with('#') => comments.push(line),
            Some(comments) => comments.clear(),
            None => kept.push(line),
        }
    }
    kept
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
    use clap::Parser as _;

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

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        draft: Draft,
        #[command(flatten)]
        settings: Settings,
    }

    fn shipped() -> PathBuf {
        Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tenants/catalog"
        ))
        .to_owned()
    }

    /// A catalogue of its own with one city as the pattern.
    struct Folder(PathBuf);

    impl Folder {
        fn of(pattern: &str) -> Self {
            let name = format!("yjr-draft-{:032x}", rand::random::<u128>());
            let folder = Self(std::env::temp_dir().join(name));
            for from in texts(&shipped().join(pattern)).expect("texts") {
                let to = folder.0.join(from.strip_prefix(shipped()).expect("inside"));
                fs::create_dir_all(to.parent().expect("a folder")).expect("made");
                fs::copy(&from, to).expect("a copy");
            }
            let file = format!("{pattern}.toml");
            fs::copy(shipped().join(&file), folder.0.join(&file)).expect("a copy");
            folder
        }

        fn write(&self, given: &[&str]) -> Result<String, String> {
            let catalog = format!("--catalog={}", self.0.display());
            let program = ["yijianrong", &catalog];
            let cli = Cli::parse_from(program.iter().chain(given));
            write(&cli.draft, &cli.settings)
                .map(|lines| lines.join("\n"))
                .map_err(|error| format!("{error:#}"))
        }

        fn everything(&self, slug: &str) -> String {
            let mut files = texts(&self.0.join(slug)).expect("texts");
            files.push(self.0.join(format!("{slug}.toml")));
            let read = |file: &PathBuf| fs::read_to_string(file).expect("it reads");
            files.iter().map(read).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn nothing_of_the_place_of_the_pattern_is_left() {
        let folder = Folder::of("yunlan");
        let given = ["beihe", "--from=yunlan", "--place=北禾市"];
        folder.write(&given).expect("written");
        let all = folder.everything("beihe");
        assert!(all.contains("平台为北禾市的中小企业"), "{all}");
        for word in ["云澜", "丽水", "浙江"] {
            assert!(!all.contains(word), "{word}");
        }
        // Who says no place is asked for it.
        folder.write(&["nanhe", "--from=yunlan"]).expect("written");
        let all = folder.everything("nanhe");
        assert!(!all.contains("云澜"));
        assert!(
            all.contains("平台为【待填写：城市名称】的中小企业"),
            "{all}"
        );
    }

    #[test]
    fn the_demonstrations_reports_to_a_province_are_not_copied() {
        let folder = Folder::of("cangzhou");
        folder
            .write(&["qinghe", "--region=130800"])
            .expect("written");
        let text = fs::read_to_string(folder.0.join("qinghe.toml")).expect("it reads");
        for word in ["\n[province]", "refuse", "reports from June"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
        assert!(text.contains("[wechat]") && text.contains("[recognition]"));
        assert!(!folder.everything("qinghe").contains("沧州"));
        let table: toml::Table = toml::from_str(&text).expect("it is TOML");
        assert_eq!(table["region"]["city"].as_str(), Some("130800"));
    }

    #[test]
    fn everything_that_was_given_wrongly_is_told_with_its_flag_and_nothing_is_written() {
        let folder = Folder::of("yunlan");
        let told = folder
            .write(&[
                "Bei He",
                "--from=yunlan",
                "--region=999999",
                "--brand=green",
                "--accent=#12345",
                "--host=http://beihe",
                "--name=<北禾>",
            ])
            .expect_err("refused");
        for flag in [
            "the short name: ",
            "--region: there is no region",
            "--brand: ",
            "--accent: ",
            "--host: ",
            "--name: ",
        ] {
            assert!(told.contains(flag), "{flag}: {told}");
        }
        let province = folder.write(&["beihe", "--from=yunlan", "--region=330000"]);
        assert!(province.expect_err("refused").contains("is a province"));
        assert!(!folder.0.join("beihe").exists());
    }
}
