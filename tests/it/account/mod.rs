//! 注册, 登录, 找回密码, 账号安全: the journeys of M-101 to M-116 and M-201 to M-216, and what goes wrong on them.

mod own;
mod own_data;
mod own_files;
mod recover;
mod register;
mod sign_in;

use application::ports::demo_inbox::DemoInbox as _;
use journeys::{Answer, Browser, World};

/// A password that keeps the rule.
const GOOD: &str = "Kuaile#2037x";
const PHONE: &str = "13900001234";

/// The answer to a question such as 三十二加五等于几.
pub(crate) fn solve(question: &str) -> String {
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

/// The answer to the captcha that a page asks in words.
fn captcha_of(page: &Answer) -> String {
    let text = page.text();
    let question = text
        .split("请回答：")
        .nth(1)
        .expect("the page asks in words")
        .split('<')
        .next()
        .expect("a question")
        .to_owned();
    solve(&question)
}

/// The code of the newest message of the demo inbox. Where nobody may see whether a phone is known, the message leaves after
/// the answer: this waits for the first one.
async fn newest_code(world: &World) -> String {
    let arrived = async {
        loop {
            let inbox = world
                .parts
                .door
                .latest(world.cangzhou.id, 1)
                .await
                .expect("the inbox opens");
            match inbox.into_iter().next() {
                Some(sms) => return sms.text,
                None => tokio::task::yield_now().await,
            }
        }
    };
    let text = tokio::time::timeout(std::time::Duration::from_secs(10), arrived)
        .await
        .expect("a message");
    text.chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect()
}

async fn messages(world: &World) -> usize {
    world
        .parts
        .door
        .latest(world.cangzhou.id, 100)
        .await
        .expect("the inbox opens")
        .len()
}

/// Asks for a code on a page without script, in words; the page that answers.
pub(crate) async fn ask_code(browser: &Browser, page: &str, fields: &[(&str, &str)]) -> Answer {
    let shown = browser.get(&in_words(page)).await.expect(200);
    let captcha = captcha_of(&shown);
    let mut all = vec![
        ("_action", "send_code"),
        ("captcha", captcha.as_str()),
        ("captcha_kind", "text"),
    ];
    all.extend_from_slice(fields);
    let path = page.split('?').next().expect("a path");
    browser.submit_from(&shown, path, &all).await
}

fn in_words(page: &str) -> String {
    let sign = if page.contains('?') { '&' } else { '?' };
    format!("{page}{sign}captcha=text")
}

/// Opens the three texts, as a reader does.
pub(crate) async fn open_agreements(browser: &Browser) {
    for code in ["register", "enterprise_credit", "personal_credit"] {
        browser
            .get(&format!("/agreements/{code}?from=register"))
            .await
            .expect(200);
    }
}

/// Everything that the registration form wants.
pub(crate) fn registration<'a>(phone: &'a str, code: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("company_name", "沧州市岚峰机械有限公司"),
        ("legal_representative", "张三丰"),
        ("province", "130000"),
        ("city", "130900"),
        ("county", "130903"),
        ("township", "130903001"),
        ("phone", phone),
        ("sms_code", code),
        ("password", GOOD),
        ("password_again", GOOD),
        ("agree_register", "1"),
        ("agree_enterprise_credit", "1"),
        ("agree_personal_credit", "1"),
    ]
}

/// The same with one field changed.
fn with<'a>(
    mut fields: Vec<(&'static str, &'a str)>,
    name: &str,
    value: &'a str,
) -> Vec<(&'static str, &'a str)> {
    for field in &mut fields {
        if field.0 == name {
            field.1 = value;
        }
    }
    fields
}

/// Without one field.
fn without<'a>(
    mut fields: Vec<(&'static str, &'a str)>,
    name: &str,
) -> Vec<(&'static str, &'a str)> {
    fields.retain(|f| f.0 != name);
    fields
}

/// Signs in with account and password; the answer. A refusal shows a picture again, so that it costs no second question in words.
pub(crate) async fn sign_in(
    browser: &Browser,
    page: &str,
    account: &str,
    password: &str,
) -> Answer {
    let shown = browser.get(&in_words(page)).await.expect(200);
    let captcha = captcha_of(&shown);
    let next = shown.input("next").unwrap_or_default();
    let fields = [
        ("account", account),
        ("password", password),
        ("captcha", captcha.as_str()),
        ("next", next.as_str()),
    ];
    let path = page.split('?').next().expect("a path");
    browser.submit_from(&shown, path, &fields).await
}
