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
    visits::VisitLine,
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
/// 走访清单.
const VISITS: &[&str] = REFERRALS;

/// Columns that must stand in the file.
pub fn needed(kind: ImportKind) -> &'static [&'static str] {
    match kind {
        ImportKind::Draws => DRAWS,
        ImportKind::Repayments => REPAYMENTS,
        ImportKind::Referrals => REFERRALS,
        ImportKind::Visits => VISITS,
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
        ImportKind::Visits => {
            const ALL: &[(&str, SheetColumn)] = &[
                ("referral_code", column("统一社会信用代码", 24)),
                ("company_name", column("企业名称", 36)),
                ("visit_district", column("所属区县", 14)),
                ("contact_name", column("联系人", 12)),
                ("referral_phone", column("联系电话", 16)),
                ("visit_bank", column("推荐机构", 28)),
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
    Visit(VisitLine),
}

impl ImportLine {
    pub fn read(kind: ImportKind, cells: &[ReadCell]) -> Result<Self, UseError> {
        match kind {
            ImportKind::Draws => draw(cells).map(Self::Draw),
            ImportKind::Repayments => repayment(cells).map(Self::Repayment),
            ImportKind::Referrals => referral(cells).map(Self::Referral),
            ImportKind::Visits => visit(cells).map(Self::Visit),
        }
    }

    /// The number of the application that it is about.
    pub fn number(&self) -> Option<&str> {
        match self {
            Self::Draw(line) => Some(&line.number),
            Self::Repayment(line) => Some(&line.number),
            Self::Referral(_) | Self::Visit(_) => None,
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

impl Line<'_> {
    /// Both may be left out; what is wrong is noted.
    fn contact(&mut self) -> (Option<PersonName>, Option<PhoneNumber>) {
        let name = self.word("contact_name").unwrap_or_default();
        let name = if name.is_empty() {
            None
        } else {
            self.checks.take("contact_name", PersonName::parse(&name))
        };
        let phone = self.number("referral_phone").unwrap_or_default();
        let phone = if phone.is_empty() {
            None
        } else {
            self.checks
                .take("referral_phone", PhoneNumber::parse(&phone))
        };
        (name, phone)
    }

    /// Empty where nothing was said; `None` where it is wrong and noted.
    fn remark<const MOST: usize>(&mut self, field: &'static str) -> Option<String> {
        let typed = self.word(field).unwrap_or_default();
        let read = FreeText::<MOST>::parse_optional(&typed);
        let read = self.checks.take(field, read)?;
        Some(read.map_or_else(String::new, |text| text.as_str().to_owned()))
    }

    fn enterprise(&mut self) -> (Option<UnifiedSocialCreditCode>, Option<CompanyName>) {
        let code = self.word("referral_code");
        let code = code.and_then(|typed| {
            self.checks
                .take("referral_code", UnifiedSocialCreditCode::parse(&typed))
        });
        let company = self.word("company_name");
        let company =
            company.and_then(|typed| self.checks.take("company_name", CompanyName::parse(&typed)));
        (code, company)
    }
}

fn referral(cells: &[ReadCell]) -> Result<ReferralLine, UseError> {
    let mut line = Line {
        kind: ImportKind::Referrals,
        cells,
        checks: Checks::default(),
    };
    let (code, company) = line.enterprise();
    let (contact, phone) = line.contact();
    let source = line.remark::<60>("referral_source");
    let note = line.remark::<300>("referral_note");
    match (code, company, source, note) {
        (Some(code), Some(company), Some(source), Some(note)) if line.checks.is_empty() => {
            Ok(ReferralLine {
                code,
                company,
                contact,
                phone,
                source,
                note,
            })
        }
        _ => Err(line.checks.into_error()),
    }
}

fn visit(cells: &[ReadCell]) -> Result<VisitLine, UseError> {
    let mut line = Line {
        kind: ImportKind::Visits,
        cells,
        checks: Checks::default(),
    };
    let (code, company) = line.enterprise();
    let district = line.remark::<60>("visit_district");
    let (contact, phone) = line.contact();
    let bank = line.remark::<60>("visit_bank");
    let note = line.remark::<300>("referral_note");
    match (code, company, district, bank, note) {
        (Some(code), Some(company), Some(district), Some(bank), Some(note))
            if line.checks.is_empty() =>
        {
            Ok(VisitLine {
                code,
                company,
                contact,
                phone,
                district,
                bank,
                note,
            })
        }
        _ => Err(line.checks.into_error()),
    }
}
