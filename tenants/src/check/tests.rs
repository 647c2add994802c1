use std::{fs, path::PathBuf};

use super::*;
use crate::catalog;

fn catalogue() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog")
}

/// A copy of the catalogue that a test may spoil.
struct Copy(PathBuf);

impl Copy {
    fn new(name: &str) -> Self {
        let to = std::env::temp_dir().join(format!("yjr-check-{name}-{}", std::process::id()));
        fs::remove_dir_all(&to).ok();
        copy(&catalogue(), &to);
        Self(to)
    }

    fn file(&self) -> PathBuf {
        self.0.join("yunlan.toml")
    }

    /// Replaces the first occurrence, which must be there; answers the faults and the line of the change.
    fn with(&self, from: &str, to: &str) -> (Vec<Fault>, usize) {
        let text = fs::read_to_string(catalogue().join("yunlan.toml")).expect("it reads");
        let at = text
            .find(from)
            .unwrap_or_else(|| panic!("{from} is not there"));
        let line = text[..at].matches('\n').count() + 1;
        fs::write(self.file(), text.replacen(from, to, 1)).expect("it is written");
        (read(&self.0, &self.file()).faults, line)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[test]
fn the_shipped_cities_have_no_fault() {
    for city in ["cangzhou", "yunlan"] {
        let reading = read(&catalogue(), &catalogue().join(format!("{city}.toml")));
        assert_eq!(reading.faults, [], "{city}");
        let others = catalog::read(&catalogue()).expect("it reads");
        let region = |code: &str| Some(if code == "130900" { "沧州" } else { "丽水" }.to_owned());
        assert_eq!(
            strangers(&catalogue(), &reading, &others, region),
            [],
            "{city}"
        );
        assert_eq!(shared_hosts(&reading, &others), [], "{city}");
    }
}

#[test]
fn cities_with_the_same_mistake_in_files_that_say_the_same_hear_of_their_own() {
    let copy = Copy::new("common");
    let reasons = fs::read_to_string(copy.0.join("yunlan/reasons.toml")).expect("it reads");
    let wrong = reasons.replacen("\nrepairable =", "\nrepairabel =", 1);
    for city in ["cangzhou", "yunlan"] {
        fs::write(copy.0.join(format!("{city}/reasons.toml")), &wrong).expect("it is written");
    }
    let common = Common::default();
    for city in ["cangzhou", "yunlan"] {
        let file = copy.0.join(format!("{city}.toml"));
        let faults = read_beside(&copy.0, &file, &common).faults;
        let own = copy.0.join(format!("{city}/reasons.toml"));
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults.iter().all(|fault| fault.file == own), "{faults:?}");
    }
}

#[test]
fn cities_that_name_one_file_hear_each_of_what_is_wrong_in_it() {
    let copy = Copy::new("one-file");
    let yunlan = copy.0.join("yunlan.toml");
    let text = fs::read_to_string(&yunlan).expect("it reads");
    let shared = text.replace("yunlan/reasons.toml", "cangzhou/reasons.toml");
    fs::write(&yunlan, shared).expect("it is written");
    let reasons = copy.0.join("cangzhou/reasons.toml");
    for broken in [&b"[[rejections]]\nlabel = 1\n"[..], &[0xff, 0xfe]] {
        fs::write(&reasons, broken).expect("it is written");
        let common = Common::default();
        let told = ["cangzhou", "yunlan"].map(|city| {
            let file = copy.0.join(format!("{city}.toml"));
            read_beside(&copy.0, &file, &common).faults
        });
        assert!(!told[0].is_empty());
        assert_eq!(told[0], told[1]);
    }
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "a list of mistakes, each with its line"
)]
fn every_wrong_thing_is_told_with_its_line() {
    let copy = Copy::new("lines");
    for (from, to, what) in [
        (
            "hotline_hours =",
            "hotline_hour =",
            "did you mean hotline_hours?",
        ),
        (
            "hotline = \"0578-1200800\"",
            "hotline = 12",
            "hotline is text",
        ),
        (
            "hotline = \"0578-1200800\"",
            "hotline = \"call us\"",
            "hotline is digits",
        ),
        ("slug = \"yunlan\"", "slug = \"Yun Lan\"", "slug is 2 to 31"),
        (
            "slug = \"yunlan\"",
            "slug = \"yunlen\"",
            "the file is named otherwise",
        ),
        (
            "\"yunlan.localhost\"",
            "\"http://yunlan:80\"",
            "is no host name",
        ),
        (
            "brand = \"#0B5F4A\"",
            "brand = \"green\"",
            "theme.brand is a colour",
        ),
        (
            "logo_char = \"澜\"",
            "logo_char = \"<script>\"",
            "one letter or character",
        ),
        (
            "city = \"331100\"",
            "city = \"丽水\"",
            "a code of six digits",
        ),
        (
            "accept_working_days = 2",
            "accept_working_days = 0",
            "from 1 to 365",
        ),
        (
            "accept_working_days = 2",
            "accept_working_day = 2",
            "did you mean accept_working_days?",
        ),
        (
            "supplement_warning_days = 7",
            "supplement_warning_days = 10",
            "comes before",
        ),
        ("sms_quiet_from = 21", "sms_quiet_from = 30", "from 0 to 23"),
        (
            "draft_retention_days = 120",
            "draft_retention_days = 10",
            "at least 90 days",
        ),
        (
            "version = \"2026.1\"",
            "version = \"new\"",
            "a year and a number",
        ),
        (
            "effective = \"2026-09-01\"",
            "effective = \"2026-02-30\"",
            "is no day",
        ),
        (
            "shown = [\"register\", ",
            "shown = [\"registration\", ",
            "there is no screen registration",
        ),
        (
            "yunlan/agreements/register.md",
            "yunlan/agreements/none.md",
            "there is no file",
        ),
        (
            "yunlan/agreements/register.md",
            "../../Cargo.toml",
            "there is no file",
        ),
        (
            "yunlan/about.toml",
            "yunlan/abouts.toml",
            "there is no file",
        ),
        (
            "fixed = false",
            "fixed = \"no\"",
            "region.fixed is true or false",
        ),
        (
            "face_failures_per_day = 5",
            "face_failures_per_day = 5\nface_failures_per_dya = 3",
            "did you mean face_failures_per_day?",
        ),
        (
            "face_failures_per_day = 5",
            "face_failures_per_day = 21",
            "from 1 to 20",
        ),
        (
            "uploads_per_hour = 60",
            "uploads_per_hour = 1001",
            "from 1 to 1000",
        ),
        (
            "megabytes_per_enterprise = 100",
            "megabytes_per_enterprise = 101",
            "from 1 to 100",
        ),
        (
            "second_name = \"云澜企融\"",
            "second_name = \"云澜<企融\"",
            "only words are shown",
        ),
        (
            "name = \"云澜市澜桥金融服务有限公司\"",
            "name = \"云澜市\\u0007公司\"",
            "operator.name holds one of",
        ),
        (
            "code = \"privacy\"",
            "code = \"privasy\"",
            "did you mean privacy?",
        ),
        ("tagline = ", "tagline = 【", "is not TOML"),
    ] {
        let (faults, line) = copy.with(from, to);
        let told = faults.iter().find(|f| f.what.contains(what));
        let fault = told.unwrap_or_else(|| panic!("{to}: {what} is not told: {faults:?}"));
        let added = usize::from(to.contains('\n'));
        assert_eq!(fault.line, line + added, "{to}: {fault}");
        assert_eq!(fault.file, copy.file(), "{to}");
    }
}

#[test]
fn a_limit_that_changes_nothing_is_told_and_is_no_fault() {
    let copy = Copy::new("idle");
    let reading = read(&catalogue(), &catalogue().join("yunlan.toml"));
    assert_eq!(without_effect(&reading), []);
    let (faults, line) = copy.with("uploads_per_hour = 60", "page_size = 10");
    assert_eq!(faults, []);
    let told = without_effect(&read(&copy.0, &copy.file()));
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].line, line);
    assert!(told[0].what.contains("limits.page_size"), "{told:?}");
}

#[test]
fn every_limit_that_is_known_is_held_to_a_range_or_has_no_effect() {
    let text = fs::read_to_string(catalogue().join("yunlan.toml")).expect("it reads");
    let head = "[limits]\n";
    let at = text.find(head).expect("the section") + head.len();
    for (key, ..) in keys::LIMITS {
        let copy = Copy::new(&format!("limit-{key}"));
        let mut odd = text.clone();
        let line = format!("{key} = -1\n");
        odd.insert_str(at, &line);
        // The same key further down would be a second one.
        let rest = at + line.len() - 1;
        if let Some(again) = odd[rest..].find(&format!("\n{key} = ")) {
            let from = rest + again;
            let end = from + 1 + odd[from + 1..].find('\n').expect("its end");
            odd.replace_range(from..end, "");
        }
        fs::write(copy.file(), odd).expect("it is written");
        let reading = read(&copy.0, &copy.file());
        let told = !reading.faults.is_empty() || !without_effect(&reading).is_empty();
        assert!(told, "{key} may be anything");
    }
}

#[test]
fn what_is_missing_is_told_at_the_section_that_lacks_it() {
    let copy = Copy::new("missing");
    let text = fs::read_to_string(catalogue().join("yunlan.toml")).expect("it reads");
    for (from, what) in [
        ("icp = \"浙ICP备00000000号\"\n", "icp is missing"),
        ("version = \"2026.1\"\n", "agreements.version is missing"),
        (
            "file = \"yunlan/agreements/register.md\"\n",
            "agreements.file is missing",
        ),
        ("accent = \"#8A3B12\"\n", "theme.accent is missing"),
        ("[sms]\nkind = \"demo\"\n", "sms is missing"),
    ] {
        let (faults, _) = copy.with(from, "");
        let told = faults.iter().find(|f| f.what == what);
        let fault = told.unwrap_or_else(|| panic!("{what} is not told: {faults:?}"));
        // What a section lacks stands at its heading; what the file lacks, at its first line.
        let before = text.split(from).next().expect("what stands before it");
        let heading = match what.split_once('.') {
            Some((section, _)) => before.rfind(&format!("[{section}]")).expect("its heading"),
            None => 0,
        };
        let line = before[..heading].matches('\n').count() + 1;
        assert_eq!((&fault.file, fault.line), (&copy.file(), line), "{what}");
    }
}

#[test]
fn an_agreement_without_its_text_or_under_another_title_is_told() {
    let copy = Copy::new("agreement");
    let file = copy.0.join("yunlan/agreements/face.md");
    for (text, what) in [
        ("# 人脸核验\n\n正文。\n", "the first line is not"),
        ("# 人脸核验单独同意书\n", "a title and no text"),
        (
            "# 人脸核验单独同意书\n\n【待填写：正文】\n",
            "still to be written",
        ),
        ("# 人脸核验单独同意书\n\n<b>正文</b>\n", "plain paragraphs"),
    ] {
        fs::write(&file, text).expect("it is written");
        let faults = read(&copy.0, &copy.file()).faults;
        let told = faults
            .iter()
            .any(|f| f.file == file && f.what.contains(what));
        assert!(told, "{what}: {faults:?}");
    }
}

#[test]
fn a_logo_that_is_a_script_is_refused_and_one_that_draws_is_not() {
    let copy = Copy::new("logo");
    let logo = copy.0.join("yunlan/other.svg");
    fs::write(
        &logo,
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>",
    )
    .expect("written");
    let (faults, line) = copy.with("yunlan/logo.svg", "yunlan/other.svg");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].line, line);
    assert!(faults[0].what.contains("<script>"), "{faults:?}");
    fs::write(
        &logo,
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0h9v9z\"/></svg>",
    )
    .expect("written");
    let (faults, _) = copy.with("yunlan/logo.svg", "yunlan/other.svg");
    assert_eq!(faults, []);
}

#[test]
fn a_host_of_another_city_and_words_that_were_left_from_it_are_told() {
    let copy = Copy::new("strangers");
    let others = catalog::read(&catalogue()).expect("it reads");
    let (faults, line) = copy.with("\"www.yunlan.example\"", "\"WWW.CZJRKG.CN\"");
    assert!(!faults.is_empty(), "capitals are no host name");
    copy.with("\"www.yunlan.example\"", "\"www.czjrkg.cn\"");
    let reading = read(&copy.0, &copy.file());
    let told = shared_hosts(&reading, &others);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].line, line);
    assert!(told[0].what.contains("cangzhou"), "{told:?}");

    let about = copy.0.join("yunlan/about.toml");
    let text = fs::read_to_string(&about).expect("it reads");
    fs::write(&about, format!("{text}# 沧州市中小企业智慧金融服务平台\n")).expect("written");
    let told = strangers(&copy.0, &reading, &others, |_| None);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0].file, told[0].line),
        (&about, text.lines().count() + 1)
    );
}

#[test]
fn what_two_cities_say_of_themselves_is_no_stranger_to_either() {
    let copy = Copy::new("shared");
    let others = catalog::read(&catalogue()).expect("it reads");
    let region = |code: &str| (code == "130900").then(|| "沧州".to_owned());
    // A city in the prefecture of 沧州 may say where it is.
    copy.with("city = \"331100\"", "city = \"130900\"");
    let about = copy.0.join("yunlan/about.toml");
    let text = fs::read_to_string(&about).expect("it reads");
    fs::write(&about, format!("{text}# 面向沧州市的企业\n")).expect("written");
    let reading = read(&copy.0, &copy.file());
    assert_eq!(strangers(&copy.0, &reading, &others, region), []);
    // And 沧州 stays 沧州, whoever else lies there.
    let mut cities = others.clone();
    for city in &mut cities {
        city.default_city = "130900".to_owned();
    }
    let cangzhou = read(&catalogue(), &catalogue().join("cangzhou.toml"));
    assert_eq!(strangers(&catalogue(), &cangzhou, &cities, region), []);
    // Elsewhere it is a word that was left.
    copy.with("city = \"331100\"", "city = \"331100\"");
    let reading = read(&copy.0, &copy.file());
    let told = strangers(&copy.0, &reading, &others, region);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].what, "沧州 is of the city cangzhou");
}

#[test]
fn the_place_of_an_invented_city_is_found_though_no_region_has_its_name() {
    let copy = Copy::new("place");
    let mut others = catalog::read(&catalogue()).expect("it reads");
    others.retain(|city| city.slug == "cangzhou");
    others[0].name = "北禾市企业融资服务平台".to_owned();
    let register = copy.0.join("yunlan/agreements/register.md");
    let text = fs::read_to_string(&register).expect("it reads");
    fs::write(&register, format!("{text}\n平台为北禾市的中小企业服务。\n")).expect("written");
    let reading = read(&copy.0, &copy.file());
    let told = strangers(&copy.0, &reading, &others, |_| None);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].file, register);
    assert_eq!(told[0].what, "北禾 is of the city cangzhou");
}
