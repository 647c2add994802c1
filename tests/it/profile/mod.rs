//! 完善信息, 企业材料, 人脸核验, 手机接力 and 柜面核验: M-401 to M-425, and what goes wrong on them.

mod bad_day;
mod counter;
mod face;
mod facts;
mod hosted;
mod mini;
pub(crate) mod photos;
mod refused;
mod review;
mod scans;
mod uploads;

pub(crate) use scans::Told;
pub(crate) use uploads::pdf;

use std::{io::Cursor, sync::LazyLock};

use application::ports::demo_inbox::DemoInbox as _;
use image::{DynamicImage, ImageFormat, RgbImage};
use journeys::{Answer, Browser, EnterpriseFixture, World};

const GOOD: &str = "Kuaile#2037x";
const CREDIT_CODE: &str = "91130900PDY00001XR";
const LEGAL_ID: &str = "110105188001010009";
const FILES: &str = "/enterprise/profile/files";

/// A world with an enterprise of the first city that has just registered.
async fn newcomer() -> (World, EnterpriseFixture) {
    let world = World::new().await;
    let city = world.cangzhou.id;
    let owner = world
        .new_enterprise(city, "沧州市示例商贸有限公司", "13900001001")
        .await;
    (world, owner)
}

/// A real photo, small.
fn photo(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(320, 240, |x, y| {
        image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture)
        .write_to(&mut bytes, format)
        .expect("it encodes");
    bytes.into_inner()
}

pub(crate) fn jpeg() -> Vec<u8> {
    static DRAWN: LazyLock<Vec<u8>> = LazyLock::new(|| photo(ImageFormat::Jpeg));
    DRAWN.clone()
}

/// The answer to a question such as 三十二加五等于几.
fn solve(question: &str) -> String {
    let number = |words: &str| -> i64 {
        let digit = |c: char| "零一二三四五六七八九".chars().position(|d| d == c);
        let (mut total, mut last) = (0, None);
        for sign in words.chars() {
            if sign == '十' {
                total += last.take().unwrap_or(1) * 10;
            } else {
                last = digit(sign).map(|d| i64::try_from(d).expect("a digit"));
            }
        }
        total + last.unwrap_or(0)
    };
    let asked = question.trim_end_matches("等于几");
    for (word, work) in [
        ("加", (|a, b| a + b) as fn(i64, i64) -> i64),
        ("减", |a, b| a - b),
        ("乘", |a, b| a * b),
    ] {
        if let Some((left, right)) = asked.split_once(word) {
            return work(number(left), number(right)).to_string();
        }
    }
    panic!("no sum: {question}")
}

async fn newest_code(world: &World) -> String {
    let inbox = world
        .parts
        .door
        .latest(world.cangzhou.id, 1)
        .await
        .expect("the inbox opens");
    let text = &inbox.first().expect("a message").text;
    text.chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect()
}

/// Asks for the code on the page itself, as a browser without script does.
async fn ask_code(world: &World, browser: &Browser) -> String {
    let page = browser
        .get("/enterprise/profile?edit=1&captcha=text")
        .await
        .expect(200);
    let text = page.text();
    let question = text
        .split("请回答：")
        .nth(1)
        .expect("the page asks in words")
        .split('<')
        .next()
        .expect("a question");
    let answer = solve(question);
    browser
        .submit_from(
            &page,
            "/enterprise/profile",
            &[
                ("_action", "send_code"),
                ("captcha", &answer),
                ("captcha_kind", "text"),
            ],
        )
        .await
        .expect(200)
        .says("验证码已发送至");
    newest_code(world).await
}

/// Puts one photo up, as the script does.
async fn put(browser: &Browser, name: &str, file: &str, bytes: Vec<u8>) -> Answer {
    let csrf = browser.get("/enterprise/profile?edit=1").await.csrf();
    browser
        .upload(
            FILES,
            &[("_csrf", &csrf), ("name", name)],
            &[("file", file, bytes)],
        )
        .await
}

async fn put_all(browser: &Browser) {
    for name in ["licence", "id_front", "id_back"] {
        put(browser, name, "a.jpg", jpeg()).await.expect(200);
    }
}

/// Everything that the form wants but version and code.
fn filled<'a>() -> Vec<(&'a str, &'a str)> {
    vec![
        ("_action", "save"),
        ("name", "沧州市瀚岳澜管道装备有限公司"),
        ("unified_social_credit_code", CREDIT_CODE),
        ("registered_capital", "5000"),
        ("legal_representative", "顾屹舟"),
        ("legal_id", LEGAL_ID),
        ("contact_phone", "13800002037"),
        ("province", "130000"),
        ("city", "130900"),
        ("county", "130925"),
        ("township", "130925102"),
        ("sector", "2"),
        ("division", "31"),
        ("group", "313"),
        ("address", "庆云镇装备大街 108 号"),
        ("email", "finance@hanyuelan.example"),
        ("password", GOOD),
        ("password_again", GOOD),
    ]
}

/// Posts the form with some fields changed, and a fresh code unless the changes name one.
async fn save(world: &World, browser: &Browser, changes: &[(&str, &str)]) -> Answer {
    let own = changes.iter().any(|(name, _)| *name == "sms_code");
    let code = if own {
        String::new()
    } else {
        ask_code(world, browser).await
    };
    let page = browser.get("/enterprise/profile?edit=1").await.expect(200);
    let version = page.input("version").expect("a version");
    let mut fields = filled();
    fields.push(("version", &version));
    fields.push(("sms_code", &code));
    fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    fields.extend_from_slice(changes);
    browser
        .submit_from(&page, "/enterprise/profile", &fields)
        .await
}

/// An enterprise that has done everything but the face check.
async fn complete(world: &World, phone: &str) -> EnterpriseFixture {
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市瀚岳澜管道装备有限公司", phone)
        .await;
    put_all(&enterprise.browser).await;
    save(world, &enterprise.browser, &[]).await.expect(303);
    enterprise
}
