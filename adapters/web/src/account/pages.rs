//! What the account templates are given, and samples of each.

use serde::Serialize;

use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described, Table},
};

/// `account/login.html`.
#[derive(Serialize)]
pub struct LoginPage {
    pub form: FormView,
    pub staff: bool,
    pub sms: bool,
    pub in_words: bool,
    pub password_href: String,
    pub sms_href: String,
    pub register_href: String,
    pub forgot_href: String,
}

/// `account/forgot.html`.
#[derive(Serialize)]
pub struct ForgotPage {
    pub form: FormView,
    pub login_href: String,
    pub in_words: bool,
}

/// `account/register.html`.
#[derive(Serialize)]
pub struct RegisterPage {
    pub form: FormView,
    /// Names of the fields of the agreements, in printed order.
    pub agreements: Vec<String>,
    pub phone: bool,
    pub login_href: String,
    pub in_words: bool,
}

/// `account/done.html`.
#[derive(Serialize)]
pub struct DonePage {
    pub phone_masked: String,
    /// Where the visitor came from, such as a product; empty when from nowhere.
    pub next_href: String,
}

/// `account/inbox.html`.
#[derive(Serialize)]
pub struct InboxPage {
    pub table: Table,
}

/// `account/own.html`.
#[derive(Serialize)]
pub struct OwnPage {
    pub facts: Vec<Described>,
    pub sessions: Vec<SessionLine>,
    /// True when there are sessions besides this one.
    pub others: bool,
    pub end_others_action: String,
    pub sign_ins: Table,
    /// Whether 导出 and 注销 are offered.
    pub own_data: bool,
    /// When the account will be closed; empty when that was not asked for.
    pub closing_until: String,
}

/// A session in the list.
#[derive(Serialize)]
pub struct SessionLine {
    pub device: String,
    pub ip: String,
    pub since: String,
    pub seen: String,
    pub current: bool,
    pub end_action: String,
}

/// `account/step.html`: one form of 账号安全.
#[derive(Serialize)]
pub struct StepPage {
    pub form: FormView,
    pub heading: String,
    pub lead: String,
    pub button: String,
    pub back_href: String,
    pub in_words: bool,
    pub account_href: String,
}

/// `account/second.html`.
#[derive(Serialize)]
pub struct SecondPage {
    pub form: FormView,
    pub lead: String,
}

impl SecondPage {
    pub const TEMPLATE: &'static str = "account/second.html";
}

/// `account/enrol.html`, and `account/enrol_own.html` for somebody signed in.
#[derive(Serialize)]
pub struct EnrolPage {
    pub form: FormView,
    pub lead: String,
    pub letters: String,
    pub qr: String,
    pub back: String,
}

impl EnrolPage {
    pub const TEMPLATE: &'static str = "account/enrol.html";
    pub const OWN: &'static str = "account/enrol_own.html";
}

/// `account/codes.html`: recovery codes, shown once.
#[derive(Serialize)]
pub struct CodesPage {
    pub codes: Vec<String>,
    pub next: String,
}

impl CodesPage {
    pub const TEMPLATE: &'static str = "account/codes.html";
}

/// `account/link.html`: a one-time link.
#[derive(Serialize)]
pub struct LinkPage {
    pub heading: String,
    pub lead: String,
    pub rows: Vec<Described>,
    pub form: FormView,
    pub button: String,
}

impl LinkPage {
    pub const TEMPLATE: &'static str = "account/link.html";
}

/// `account/prove.html`.
#[derive(Serialize)]
pub struct ProvePage {
    pub form: FormView,
    pub lead: String,
    pub back: String,
}

impl ProvePage {
    pub const TEMPLATE: &'static str = "account/prove.html";
}

/// `account/proved.html`: the form that came along, offered for sending again.
#[derive(Serialize)]
pub struct ProvedPage {
    pub action: String,
    pub hidden: Vec<Carried>,
    pub back: String,
}

impl ProvedPage {
    pub const TEMPLATE: &'static str = "account/proved.html";
}

/// A field of a form that came along.
#[derive(Serialize)]
pub struct Carried {
    pub name: String,
    pub value: String,
}

/// Every shape of every page, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    let nasty = "<b>\"'\\&</b>".repeat(8);
    let form = || {
        let mut form = FormView::new("/login")
            .with(Field::text("account", "账号").value(&nasty).hint(&nasty))
            .with(Field::captcha("captcha", "验证码", "/captcha.png"))
            .with(Field::password("password", "密码", "current-password"));
        form.fail("account", nasty.as_str());
        form.problem(nasty.as_str());
        form
    };
    let mut all = second_samples(&nasty, &form);
    all.extend(super::own_data::samples(&nasty));
    all.push(super::book::sample(&nasty));
    for (staff, sms, in_words) in [(false, false, false), (true, true, true)] {
        all.push(sample(
            "account/login.html",
            &LoginPage {
                form: form(),
                staff,
                sms,
                in_words,
                password_href: nasty.clone(),
                sms_href: nasty.clone(),
                register_href: nasty.clone(),
                forgot_href: nasty.clone(),
            },
        ));
        all.push(sample(
            "account/forgot.html",
            &ForgotPage {
                form: form(),
                login_href: nasty.clone(),
                in_words,
            },
        ));
        all.push(sample(
            "account/step.html",
            &StepPage {
                form: form(),
                heading: nasty.clone(),
                lead: nasty.clone(),
                button: nasty.clone(),
                back_href: nasty.clone(),
                in_words,
                account_href: nasty.clone(),
            },
        ));
        all.push(sample(
            "account/register.html",
            &sample_register(&nasty, staff),
        ));
        all.push(sample(
            "account/done.html",
            &DonePage {
                phone_masked: nasty.clone(),
                next_href: if staff { nasty.clone() } else { String::new() },
            },
        ));
        let mut table = Table::new("演示短信").column("短信内容", "wrap");
        if staff {
            table.push(vec![Cell::text(&nasty)]);
        }
        all.push(sample(
            "account/inbox.html",
            &InboxPage {
                table: table.clone(),
            },
        ));
        all.push(sample(
            "account/own.html",
            &OwnPage {
                facts: vec![Described::new("姓名", &nasty).change("/enterprise/account/phone")],
                sessions: vec![SessionLine {
                    device: nasty.clone(),
                    ip: nasty.clone(),
                    since: nasty.clone(),
                    seen: nasty.clone(),
                    current: staff,
                    end_action: "/enterprise/account/sessions/1/end".to_owned(),
                }],
                others: staff,
                end_others_action: "/enterprise/account/sessions/end-others".to_owned(),
                sign_ins: table,
                own_data: true,
                closing_until: if staff { nasty.clone() } else { String::new() },
            },
        ));
    }
    all
}

fn second_samples(
    nasty: &str,
    form: &dyn Fn() -> FormView,
) -> Vec<(&'static str, serde_json::Value)> {
    let text = || nasty.to_owned();
    let enrol = |back: String| EnrolPage {
        form: form(),
        lead: text(),
        letters: text(),
        qr: "/staff/enrol/qr.svg".to_owned(),
        back,
    };
    vec![
        sample(
            SecondPage::TEMPLATE,
            &SecondPage {
                form: form(),
                lead: text(),
            },
        ),
        sample(
            LinkPage::TEMPLATE,
            &LinkPage {
                heading: text(),
                lead: text(),
                rows: vec![Described::new("姓名", nasty)],
                form: form(),
                button: text(),
            },
        ),
        sample(EnrolPage::TEMPLATE, &enrol(String::new())),
        sample(EnrolPage::OWN, &enrol("/branch/account".to_owned())),
        sample(
            CodesPage::TEMPLATE,
            &CodesPage {
                codes: vec![text()],
                next: "/staff".to_owned(),
            },
        ),
        sample(
            ProvePage::TEMPLATE,
            &ProvePage {
                form: form(),
                lead: text(),
                back: text(),
            },
        ),
        sample(
            ProvedPage::TEMPLATE,
            &ProvedPage {
                action: "/staff".to_owned(),
                hidden: vec![Carried {
                    name: text(),
                    value: text(),
                }],
                back: text(),
            },
        ),
    ]
}

fn sample_register(nasty: &str, phone: bool) -> RegisterPage {
    let mut form = FormView::new("/register");
    for name in [
        "company_name",
        "legal_representative",
        "region",
        "phone",
        "captcha",
        "sms_code",
        "password",
        "password_again",
        "agree_register",
        "from",
        "next",
        "captcha_kind",
    ] {
        form.push(Field::text(name, nasty).value(nasty));
    }
    form.fail("phone", nasty);
    RegisterPage {
        form,
        agreements: vec!["agree_register".to_owned()],
        phone,
        login_href: nasty.to_owned(),
        in_words: phone,
    }
}

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, serde_json::Value) {
    (
        template,
        serde_json::to_value(page).unwrap_or(serde_json::Value::Null),
    )
}
