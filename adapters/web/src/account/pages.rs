//! What the account templates are given, and samples of each.

use serde::Serialize;

use crate::{
    forms::FormView,
    parts::{Described, Table},
};

/// `account/login.html`.
#[derive(Serialize)]
pub struct LoginPage {
    pub form: FormView,
    pub staff: bool,
    pub sms: bool,
    pub in_words: bool,
    pub picture_href: String,
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
    pub picture_href: String,
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
    pub picture_href: String,
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
    pub picture_href: String,
    pub account_href: String,
}
