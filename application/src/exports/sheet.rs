//! What stands in the columns of an export.

use domain::{calendar::SHANGHAI, export::ExportKind, financing::columns, values::TermUnit};
use time::{OffsetDateTime, macros::format_description};

use crate::ports::{
    dossiers::{DossierFacts, ShownFacts},
    exports::{ApplicationLine, LoanLine, StoredExport},
    workbooks::{SheetCell, SheetColumn, SheetPlan},
};

/// 仅限内部使用.
const INTERNAL: &str = "仅限内部使用，请勿外传";

fn minute(at: OffsetDateTime) -> String {
    at.to_offset(SHANGHAI)
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]"))
        .unwrap_or_default()
}

/// Name, mark, first rows and columns.
pub fn plan(export: &StoredExport, at: OffsetDateTime, rows: i64) -> SheetPlan {
    let order = &export.order;
    let who = format!(
        "{} {} {} 导出编号 {} {INTERNAL}",
        export.node_name,
        export.asked_name,
        minute(at),
        export.number
    );
    let mut about = format!("{}，范围：{}，共 {rows} 行", order.kind().zh(), export.told);
    if order.kind().has_personal_data() {
        about.push_str(&privacy(export));
    }
    SheetPlan {
        name: order.kind().zh().to_owned(),
        lead: vec![who.clone(), about],
        mark: who,
        columns: columns_of(order.kind()),
    }
}

fn privacy(export: &StoredExport) -> String {
    if export.order.masked() {
        return "，个人信息已脱敏".to_owned();
    }
    format!(
        "，个人信息未脱敏，用途：{}，复核人：{}",
        export.order.reason(),
        export.checked_name
    )
}

fn columns_of(kind: ExportKind) -> Vec<SheetColumn> {
    let column = SheetColumn::new;
    match kind {
        ExportKind::Applications => vec![
            column("申请编号", 18),
            column("企业名称", 32),
            column("统一社会信用代码", 22),
            column("法定代表人", 12),
            column("法定代表人身份证号", 22),
            column("联系电话", 16),
            column("所在地", 24),
            column("金融产品", 22),
            column("融资金额（万元）", 16),
            column("期限", 10),
            column("参考利率（%）", 12),
            column("办理阶段", 12),
            column("接单状态", 12),
            column("审核状态", 12),
            column("受理支行", 26),
            column("客户经理", 12),
            column("提交时间", 18),
            column("接单时间", 18),
            column("审核时间", 18),
            column("批准金额（万元）", 16),
            column("批准利率（%）", 12),
            column("已放款（元）", 16),
        ],
        ExportKind::Draws => vec![
            column("申请编号", 18),
            column("企业名称", 32),
            column("金融产品", 22),
            column("受理支行", 26),
            column("合同编号", 24),
            column("放款日期", 12),
            column("放款金额（元）", 16),
            column("执行年利率（%）", 14),
            column("到期日期", 12),
            column("企业确认时间", 18),
            column("登记方式", 12),
            column("登记人", 12),
            column("登记时间", 18),
        ],
        ExportKind::Repayments => vec![
            column("申请编号", 18),
            column("企业名称", 32),
            column("金融产品", 22),
            column("受理支行", 26),
            column("还款日期", 12),
            column("归还本金（元）", 16),
            column("待还本金（元）", 16),
            column("登记方式", 12),
            column("登记人", 12),
            column("登记时间", 18),
        ],
    }
}

/// Personal facts of a row: masked as the pages mask them, or full.
pub enum Facts {
    /// Only the minimal record is left with the bank.
    None,
    Shown(Box<ShownFacts>),
    Full(Box<DossierFacts>),
}

impl Facts {
    fn cells(&self) -> [SheetCell; 5] {
        let texts = match self {
            Self::None => [""; 5],
            Self::Shown(f) => [
                &f.unified_social_credit_code,
                &f.legal_representative,
                &f.legal_id,
                &f.contact_phone,
                &f.county,
            ]
            .map(String::as_str),
            Self::Full(f) => [
                &f.unified_social_credit_code,
                &f.legal_representative,
                &f.legal_id,
                &f.contact_phone,
                &f.region,
            ]
            .map(String::as_str),
        };
        texts.map(SheetCell::text)
    }
}

pub fn application(line: &ApplicationLine, facts: &Facts) -> Vec<SheetCell> {
    let unit = match TermUnit::parse(&line.term_unit) {
        Ok(TermUnit::Month) => "个月",
        _ => "年",
    };
    let (intake, review) = columns(line.stage, line.ever_accepted)
        .map_or(("", ""), |(intake, review)| (intake.zh(), review.zh()));
    let mut cells = vec![
        SheetCell::text(&line.number),
        SheetCell::text(&line.enterprise_name),
    ];
    cells.extend(facts.cells());
    cells.extend([
        SheetCell::text(&line.product_name),
        SheetCell::Wan(line.amount_cents),
        SheetCell::text(format!("{} {unit}", line.term)),
        SheetCell::Rate(line.rate),
        SheetCell::text(line.stage.zh()),
        SheetCell::text(intake),
        SheetCell::text(review),
        SheetCell::text(&line.handler_name),
        SheetCell::text(&line.holder_name),
        SheetCell::Minute(line.submitted_at),
        SheetCell::minute(line.accepted_at),
        SheetCell::minute(line.decided_at),
        line.approved_cents.map_or(SheetCell::Empty, SheetCell::Wan),
        line.approved_rate.map_or(SheetCell::Empty, SheetCell::Rate),
        if line.drawn_cents > 0 {
            SheetCell::Yuan(line.drawn_cents)
        } else {
            SheetCell::Empty
        },
    ]);
    cells
}

fn source(code: &str) -> &'static str {
    match code {
        "import" => "批量导入",
        "api" => "系统对接",
        _ => "逐笔登记",
    }
}

pub fn loan(kind: ExportKind, line: &LoanLine) -> Vec<SheetCell> {
    let mut cells = vec![
        SheetCell::text(&line.number),
        SheetCell::text(&line.enterprise_name),
        SheetCell::text(&line.product_name),
        SheetCell::text(&line.handler_name),
    ];
    if kind == ExportKind::Draws {
        cells.extend([
            SheetCell::text(&line.contract_no),
            SheetCell::Day(line.on),
            SheetCell::Yuan(line.amount_cents),
            SheetCell::Rate(line.rate),
            line.due_on.map_or(SheetCell::Empty, SheetCell::Day),
            SheetCell::minute(line.confirmed_at),
        ]);
    } else {
        cells.extend([
            SheetCell::Day(line.on),
            SheetCell::Yuan(line.amount_cents),
            SheetCell::Yuan(line.balance_cents),
        ]);
    }
    cells.extend([
        SheetCell::text(source(&line.source)),
        SheetCell::text(&line.recorded_name),
        SheetCell::Minute(line.cursor.at),
    ]);
    cells
}
