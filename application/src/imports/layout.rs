//! The columns of each kind of file, and what a row says.

use domain::{
    financing::Draw,
    values::{
        Cents, CompanyName, FreeText, PersonName, PhoneNumber, Rate, UnifiedSocialCreditCode,
    },
};
use time::Date;

use super::cells;
use crate::{
    error::{Checks, FieldError, UseError},
    ports::{
        imports::ImportKind,
        workbooks::{ReadCell, ReadRow, ReadSheet, SheetColumn},
    },
    referrals::ReferralLine,
};

/// 放款.
const DRAWS: &[&str] = &[
    "申请编号",
    "合同编号",
    "放款日期",
    "放款金额（元）",
    "执行年利率（%）",
];
/// 还款.
const REPAYMENTS: &[&str] = &["申请编号", "还款日期", "归还本金（元）"];
/// 推荐清单.
const REFERRALS: &[&str] = &["统一社会信用代码", "企业名称"];

/// Columns that must stand in the file.
pub fn needed(kind: ImportKind) -> &'static [&'static str] {
    match kind {
        ImportKind::Draws => DRAWS,
        ImportKind::Repayments => REPAYMENTS,
        ImportKind::Referrals => REFERRALS,
    }
}

/// Every column of the template, those that may be left out last, each with its field.
pub fn columns(kind: ImportKind) -> &'static [(&'static str, SheetColumn)] {
    const fn column(label: &'static str, width: u16) -> SheetColumn {
        SheetColumn::new(label, width)
    }
    match kind {
        ImportKind::Draws => {
            const ALL: &[(&str, SheetColumn)] = &[
                ("number", column("申请编号", 18)),
                ("contract_no", column("合同编号", 24)),
                ("drawn_on", column("放款日期", 14)),
                ("loan_amount", column("放款金额（元）", 18)),
                ("draw_rate", column("执行年利率（%）", 16)),
                ("due_on", column("到期日期", 14)),
                ("last", column("是否末笔", 12)),
            ];
            ALL
        }
        ImportKind::Repayments => {
            const ALL: &[(&str, SheetColumn)] = &[
                ("number", column("申请编号", 18)),
                ("paid_on", column("还款日期", 14)),
                ("principal", column("归还本金（元）", 18)),
            ];
            ALL
        }
        ImportKind::Referrals => {
            const ALL: &[(&str, SheetColumn)] = &[
                ("referral_code", column("统一社会信用代码", 24)),
                ("company_name", column("企业名称", 36)),
                ("contact_name", column("联系人", 12)),
                ("referral_phone", column("联系电话", 16)),
                ("referral_source", column("推荐来源", 20)),
                ("referral_note", column("备注", 36)),
            ];
            ALL
        }
    }
}

/// The head of a field's column.
pub fn label_of(kind: ImportKind, field: &str) -> &'static str {
    columns(kind)
        .iter()
        .find(|(name, _)| *name == field)
        .map_or("", |(_, column)| column.label)
}

/// Heads are compared without spaces, stars and the width of their brackets.
fn head_word(text: &str) -> String {
    cells::narrow(text)
        .chars()
        .filter(|sign| !sign.is_whitespace() && *sign != '*')
        .collect()
}

/// Where each column of the template stands in a file.
pub struct Places(Vec<Option<usize>>);

impl Places {
    pub fn of(kind: ImportKind, sheet: &ReadSheet) -> Self {
        let place = |column: &SheetColumn| {
            let wanted = head_word(column.label);
            sheet.head.iter().position(|head| head_word(head) == wanted)
        };
        Self(columns(kind).iter().map(|(_, c)| place(c)).collect())
    }

    /// The cells of a row in the order of the template.
    pub fn cells(&self, row: &ReadRow) -> Vec<ReadCell> {
        self.0
            .iter()
            .map(|place| {
                place
                    .and_then(|at| row.cells.get(at))
                    .cloned()
                    .unwrap_or_default()
            })
            .collect()
    }
}

/// What a row of 放款 says.
#[derive(Clone, Debug)]
pub struct DrawLine {
    pub number: String,
    pub draw: Draw,
    pub due_on: Option<Date>,
}

/// What a row of 还款 says.
#[derive(Clone, Debug)]
pub struct RepaymentLine {
    pub number: String,
    pub principal: Cents,
    pub on: Date,
}

/// What one row says.
#[derive(Clone, Debug)]
pub enum ImportLine {
    Draw(DrawLine),
    Repayment(RepaymentLine),
    Referral(ReferralLine),
}

impl ImportLine {
    pub fn read(kind: ImportKind, cells: &[ReadCell]) -> Result<Self, UseError> {
        match kind {
            ImportKind::Draws => draw(cells).map(Self::Draw),
            ImportKind::Repayments => repayment(cells).map(Self::Repayment),
            ImportKind::Referrals => referral(cells).map(Self::Referral),
        }
    }

    /// The number of the application that it is about.
    pub fn number(&self) -> Option<&str> {
        match self {
            Self::Draw(line) => Some(&line.number),
            Self::Repayment(line) => Some(&line.number),
            Self::Referral(_) => None,
        }
    }
}

struct Line<'a> {
    kind: ImportKind,
    cells: &'a [ReadCell],
    checks: Checks,
}

impl Line<'_> {
    fn at(&self, field: &str) -> &ReadCell {
        let place = columns(self.kind).iter().position(|(f, _)| *f == field);
        place
            .and_then(|at| self.cells.get(at))
            .unwrap_or(&ReadCell::Empty)
    }

    fn note<T>(&mut self, read: Result<T, FieldError>) -> Option<T> {
        read.map_err(|error| self.checks.push(error)).ok()
    }

    fn word(&mut self, field: &'static str) -> Option<String> {
        let read = cells::word(self.at(field), field);
        self.note(read)
    }

    fn number(&mut self, field: &'static str) -> Option<String> {
        let read = cells::number(self.at(field), field);
        self.note(read)
    }

    /// `None` where the cell is empty, or wrong and noted.
    fn day(&mut self, field: &'static str) -> Option<Date> {
        let read = cells::day(self.at(field), field);
        self.note(read).flatten()
    }

    fn needed_day(&mut self, field: &'static str) -> Option<Date> {
        if self.at(field).is_empty() {
            self.checks.push(FieldError::new(field, "date.empty"));
        }
        self.day(field)
    }

    fn application(&mut self) -> Option<String> {
        let number = self.word("number")?.to_uppercase();
        if number.is_empty() {
            self.checks
                .push(FieldError::new("number", "imports.number_missing"));
            return None;
        }
        Some(number)
    }
}

fn draw(cells: &[ReadCell]) -> Result<DrawLine, UseError> {
    let mut line = Line {
        kind: ImportKind::Draws,
        cells,
        checks: Checks::default(),
    };
    let number = line.application();
    let contract = line.word("contract_no");
    let contract = contract.and_then(|typed| {
        line.checks
            .take("contract_no", FreeText::<60>::parse(&typed))
    });
    let on = line.needed_day("drawn_on");
    let amount = line.number("loan_amount");
    let amount = amount.and_then(|t| line.checks.take("loan_amount", Cents::parse_yuan(&t)));
    let rate = line.number("draw_rate");
    let rate = rate.and_then(|t| line.checks.take("draw_rate", Rate::parse(&t)));
    let due_on = line.day("due_on");
    let last = cells::yes(line.at("last"));
    match (number, contract, on, amount, rate) {
        (Some(number), Some(contract), Some(on), Some(amount), Some(rate))
            if line.checks.is_empty() =>
        {
            Ok(DrawLine {
                number,
                draw: Draw {
                    amount,
                    rate,
                    on,
                    contract_no: contract.as_str().to_owned(),
                    last,
                },
                due_on,
            })
        }
        _ => Err(line.checks.into_error()),
    }
}

fn repayment(cells: &[ReadCell]) -> Result<RepaymentLine, UseError> {
    let mut line = Line {
        kind: ImportKind::Repayments,
        cells,
        checks: Checks::default(),
    };
    let number = line.application();
    let on = line.needed_day("paid_on");
    let principal = line.number("principal");
    let principal = principal.and_then(|t| line.checks.take("principal", Cents::parse_yuan(&t)));
    match (number, on, principal) {
        (Some(number), Some(on), Some(principal)) if line.checks.is_empty() => Ok(RepaymentLine {
            number,
            principal,
            on,
        }),
        _ => Err(line.checks.into_error()),
    }
}

fn referral(cells: &[ReadCell]) -> Result<ReferralLine, UseError> {
    let mut line = Line {
        kind: ImportKind::Referrals,
        cells,
        checks: Checks::default(),
    };
    let code = line.word("referral_code");
    let code = code.and_then(|typed| {
        line.checks
            .take("referral_code", UnifiedSocialCreditCode::parse(&typed))
    });
    let company = line.word("company_name");
    let company =
        company.and_then(|typed| line.checks.take("company_name", CompanyName::parse(&typed)));
    let contact = line.word("contact_name").unwrap_or_default();
    let contact = if contact.is_empty() {
        None
    } else {
        line.checks
            .take("contact_name", PersonName::parse(&contact))
    };
    let phone = line.number("referral_phone").unwrap_or_default();
    let phone = if phone.is_empty() {
        None
    } else {
        line.checks
            .take("referral_phone", PhoneNumber::parse(&phone))
    };
    let source = line.word("referral_source").unwrap_or_default();
    let source = line
        .checks
        .take("referral_source", FreeText::<60>::parse_optional(&source));
    let note = line.word("referral_note").unwrap_or_default();
    let note = line
        .checks
        .take("referral_note", FreeText::<300>::parse_optional(&note));
    let text = |found: Option<&str>| found.unwrap_or_default().to_owned();
    match (code, company, source, note) {
        (Some(code), Some(company), Some(source), Some(note)) if line.checks.is_empty() => {
            Ok(ReferralLine {
                code,
                company,
                contact,
                phone,
                source: text(source.as_ref().map(FreeText::as_str)),
                note: text(note.as_ref().map(FreeText::as_str)),
            })
        }
        _ => Err(line.checks.into_error()),
    }
}
