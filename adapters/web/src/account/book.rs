//! 数据册: the readable page of an export. It opens from a folder without a network: no script, its style beside it.

use std::io::{Cursor, Write as _};

use application::{
    city::City,
    ports::{
        data_book::{Archive, ArchiveFile, DataBook, Paper, PaperChapter},
        own_data::Chapter,
        subsidy_claims::ClaimOrigin,
    },
};
use domain::{
    complaint::{ComplaintKind, ComplaintStatus},
    deferral::DeferralStatus,
    financing::{Stage, Verb},
    size_class::SizeClass,
    subsidy::ClaimStatus,
    values::Cents,
};
use serde::Serialize;
use serde_json::Value;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{kit::Kit, show, templates, words};

const TEMPLATE: &str = "account/book.html";

/// Columns of each chapter: the key in `data.json` and its word.
#[expect(clippy::too_many_lines, reason = "a table, one line per column")]
const fn columns(chapter: Chapter) -> &'static [(&'static str, &'static str)] {
    match chapter {
        Chapter::Enterprise => &[
            ("name", "企业全称"),
            ("credit_code", "统一社会信用代码"),
            ("legal_representative", "法定代表人"),
            ("legal_id", "法定代表人身份证号"),
            ("registered_capital_cents", "注册资本"),
            ("account_phone", "账号手机号"),
            ("contact_phone", "联系电话"),
            ("region", "所在地区"),
            ("address", "详细地址"),
            ("industry_code", "行业代码"),
            ("email", "邮箱"),
            ("first_loan", "首贷户"),
            ("channel", "注册渠道"),
            ("created_at", "注册时间"),
            ("profile_completed_at", "完善信息时间"),
        ],
        Chapter::ProfileDraft => &[
            ("saved_at", "保存时间"),
            ("name", "企业全称"),
            ("unified_social_credit_code", "统一社会信用代码"),
            ("registered_capital", "注册资本（万元）"),
            ("legal_representative", "法定代表人"),
            ("legal_id", "法定代表人身份证号"),
            ("contact_phone", "联系电话"),
            ("region", "所在地区"),
            ("address", "详细地址"),
            ("industry_code", "行业代码"),
            ("recommender_name", "推荐机构"),
            ("email", "邮箱"),
        ],
        Chapter::People => &[
            ("name", "姓名"),
            ("account_status", "状态"),
            ("face_verified_at", "身份核验时间"),
            ("face_method", "核验方式"),
            ("created_at", "开通时间"),
        ],
        Chapter::Applications => &[
            ("application_no", "申请编号"),
            ("renews_no", "续贷的原申请编号"),
            ("product_name", "融资产品"),
            ("branch", "受理支行"),
            ("amount_cents", "融资金额"),
            ("rate_percent", "期望年利率（%）"),
            ("term", "期限"),
            ("term_unit", "期限单位"),
            ("stage", "阶段"),
            ("approved_amount_cents", "批准金额"),
            ("approved_rate_percent", "批准年利率（%）"),
            ("approved_term", "批准期限"),
            ("approval_valid_until", "额度有效期至"),
            ("review_opinion", "审核意见"),
            ("supplement_rounds", "退回补充次数"),
            ("channel", "提交渠道"),
            ("created_at", "填写时间"),
            ("submitted_at", "提交时间"),
            ("accepted_at", "接单时间"),
            ("decided_at", "审核时间"),
        ],
        Chapter::Events => &[
            ("application_no", "申请编号"),
            ("at", "时间"),
            ("verb", "事项"),
            ("stage", "之后的阶段"),
            ("actor_name", "办理人"),
            ("note", "说明"),
        ],
        Chapter::Draws => &[
            ("application_no", "申请编号"),
            ("number", "笔次"),
            ("amount_cents", "放款金额"),
            ("rate_percent", "年利率（%）"),
            ("drawn_on", "放款日"),
            ("due_on", "到期日"),
            ("contract_no", "合同编号"),
            ("confirmed_at", "确认时间"),
            ("disputed_at", "异议时间"),
            ("dispute", "异议内容"),
        ],
        Chapter::Repayments => &[
            ("application_no", "申请编号"),
            ("paid_on", "还款日"),
            ("principal_cents", "归还本金"),
            ("balance_cents", "剩余本金"),
            ("at", "登记时间"),
        ],
        Chapter::Deferrals => &[
            ("application_no", "申请编号"),
            ("number", "第几笔放款"),
            ("old_due_on", "原到期日期"),
            ("wanted_on", "申请延期到"),
            ("deferral_reason", "延期原因"),
            ("person", "申请人"),
            ("asked_at", "申请时间"),
            ("deferral_status", "办理情况"),
            ("new_due_on", "新的到期日期"),
            ("deferral_answer", "答复说明"),
            ("settled_at", "办结时间"),
        ],
        Chapter::Subsidies => &[
            ("policy", "政策"),
            ("claim_origin", "来源"),
            ("application_no", "申请编号"),
            ("number", "第几笔放款"),
            ("sum_cents", "补贴金额"),
            ("claim_status", "状态"),
            ("filed_at", "提交时间"),
            ("approved_at", "通过时间"),
            ("refused_at", "未通过时间"),
            ("refusal", "未通过的原因"),
            ("paid_on", "拨付日期"),
            ("paid_cents", "拨付金额"),
        ],
        Chapter::Letters => &[
            ("application_no", "申请编号"),
            ("at", "时间"),
            ("side", "发送方"),
            ("author_name", "发送人"),
            ("letter_kind", "类型"),
            ("body", "内容"),
        ],
        Chapter::Complaints => &[
            ("complaint_no", "投诉编号"),
            ("filed_at", "提出时间"),
            ("about", "投诉对象"),
            ("application_no", "申请编号"),
            ("complaint_kind", "类型"),
            ("body", "内容"),
            ("complaint_status", "状态"),
            ("answer", "平台答复"),
            ("answered_at", "答复时间"),
            ("closed_at", "办结时间"),
        ],
        Chapter::Ratings => &[
            ("application_no", "申请编号"),
            ("rated_at", "评价时间"),
            ("branch", "受理支行"),
            ("speed", "办理效率（星）"),
            ("service", "服务态度（星）"),
            ("openness", "费用与条件透明（星）"),
            ("words", "内容"),
            ("reply", "机构回复"),
            ("hidden_reason", "平台隐藏的原因"),
        ],
        Chapter::Sizes => &[
            ("year", "年度"),
            ("declared_times", "第几次填报"),
            ("industry_code", "所属行业"),
            ("employees", "从业人员（人）"),
            ("revenue_cents", "上一年度营业收入"),
            ("assets_cents", "资产总额"),
            ("size_class", "企业规模"),
            ("person", "填报人"),
            ("declared_at", "填报时间"),
        ],
        Chapter::Estimates => &[
            ("made_at", "试算时间"),
            ("product_name", "融资产品"),
            ("institution", "机构"),
            ("product_version", "产品版本"),
            ("amount_cents", "期望融资金额"),
            ("term", "期望融资期限"),
            ("term_unit", "期限单位"),
            ("revenue_cents", "上一年度营业收入"),
            ("tax_cents", "上一年度纳税额"),
            ("years", "成立年限（年）"),
            ("registered_capital_cents", "注册资本"),
            ("section", "行业门类"),
            ("region_code", "所在区域代码"),
            ("first_loan", "尚无贷款记录"),
            ("low_cents", "参考额度下限"),
            ("high_cents", "参考额度上限"),
            ("rules", "准入条件核对"),
            ("person", "试算人"),
        ],
        Chapter::Files => &[
            ("file", "压缩包中的文件"),
            ("file_kind", "材料"),
            ("media_type", "格式"),
            ("byte_size", "大小（字节）"),
            ("at", "上传时间"),
        ],
        Chapter::BankFiles => &[
            ("application_no", "申请编号"),
            ("at", "发送时间"),
            ("author_name", "发送人"),
            ("file", "压缩包中的文件"),
            ("left_out", "未放入压缩包的原因"),
            ("media_type", "格式"),
            ("byte_size", "大小（字节）"),
        ],
        Chapter::Consents => &[
            ("agreement_title", "协议"),
            ("agreement_version", "版本"),
            ("purpose", "用途"),
            ("recipient", "授权给"),
            ("application_no", "申请编号"),
            ("person", "授权人"),
            ("channel", "渠道"),
            ("ip", "IP 地址"),
            ("granted_at", "授权时间"),
            ("withdrawn_at", "撤回或结束时间"),
        ],
        Chapter::FaceChecks => &[
            ("provider", "核验方式"),
            ("check_status", "结果"),
            ("reference", "核验编号"),
            ("created_at", "开始时间"),
            ("settled_at", "完成时间"),
        ],
        Chapter::Looks => &[
            ("at", "查看时间"),
            ("viewer_name", "查看人"),
            ("viewer_node", "所在机构"),
            ("fields", "查看内容"),
            ("reason", "原因"),
            ("application_no", "申请编号"),
        ],
        Chapter::Messages => &[
            ("at", "时间"),
            ("title", "标题"),
            ("body", "内容"),
            ("read_at", "已读时间"),
        ],
        Chapter::SignIns => &[
            ("at", "时间"),
            ("outcome", "结果"),
            ("ip", "IP 地址"),
            ("agent", "浏览器"),
        ],
        Chapter::Sessions => &[
            ("created_at", "登录时间"),
            ("seen_at", "最近操作"),
            ("ip", "IP 地址"),
            ("agent", "浏览器"),
        ],
    }
}

/// Draws the page with the templates of the house.
pub struct Book {
    kit: Kit,
}

impl Book {
    /// Draws with the templates that the pages use.
    pub fn new(kit: Kit) -> Self {
        Self { kit }
    }
}

#[derive(Serialize)]
struct BookPage {
    platform: String,
    operator: String,
    hotline: String,
    made_for: String,
    made_at: String,
    chapters: Vec<ChapterView>,
}

#[derive(Serialize)]
struct ChapterView {
    title: &'static str,
    /// One record reads better downwards.
    facts: Vec<(String, String)>,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

fn chapter_view(chapter: Chapter, data: &Value) -> ChapterView {
    let columns = columns(chapter);
    let rows = data["chapters"][chapter.code()]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let line = |row: &Value| -> Vec<String> {
        columns
            .iter()
            .map(|(key, _)| said(key, &row[*key]))
            .collect()
    };
    let labels: Vec<&'static str> = columns.iter().map(|(_, label)| *label).collect();
    let alone = matches!(chapter, Chapter::Enterprise | Chapter::ProfileDraft);
    if alone && !rows.is_empty() {
        let facts = rows.first().map(line).unwrap_or_default();
        return ChapterView {
            title: chapter.zh(),
            facts: labels
                .iter()
                .map(|label| (*label).to_owned())
                .zip(facts)
                .collect(),
            columns: Vec::new(),
            rows: Vec::new(),
        };
    }
    ChapterView {
        title: chapter.zh(),
        facts: Vec::new(),
        columns: labels,
        rows: rows.iter().map(line).collect(),
    }
}

/// The same records downwards, without what is not filled in.
fn paper_chapter(view: ChapterView) -> PaperChapter {
    let records = if view.facts.is_empty() {
        view.rows
            .into_iter()
            .map(|row| {
                let labels = view.columns.iter().map(|label| (*label).to_owned());
                labels.zip(row).filter(|(_, value)| value != "-").collect()
            })
            .collect()
    } else {
        vec![view.facts]
    };
    PaperChapter {
        title: view.title.to_owned(),
        records,
    }
}

/// A value in words.
fn said(key: &str, value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::Number(number) if key.ends_with("_cents") => {
            number.as_i64().map_or_else(String::new, |cents| {
                Cents::new(cents).map_or_else(|_| cents.to_string(), show::money)
            })
        }
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => word(key, text).unwrap_or_else(|| text.clone()),
        other => other.to_string(),
    }
}

fn word(key: &str, code: &str) -> Option<String> {
    let zh = match (key, code) {
        ("stage", _) => Stage::from_code(code)?.zh(),
        ("verb", _) => Verb::from_code(code)?.zh(),
        ("purpose", _) => {
            let key = format!("consent.purpose.{code}");
            return words::has(&key).then(|| words::text(&key, &[]));
        }
        ("channel", "phone") => "手机",
        ("channel", "mini_program") => "小程序",
        ("channel", _) => "网站",
        ("term_unit", "year") => "年",
        ("term_unit", _) => "月",
        ("account_status", "active") => "使用中",
        ("account_status", _) => "已停用",
        ("face_method", "face") => "人脸核验",
        ("face_method", _) => "柜面核验",
        ("side", "bank") => "受理支行",
        ("side", _) => "本企业",
        ("complaint_kind", _) => ComplaintKind::from_code(code)?.zh(),
        ("complaint_status", _) => ComplaintStatus::from_code(code)?.zh(),
        ("deferral_status", _) => DeferralStatus::from_code(code)?.zh(),
        ("claim_origin", _) => ClaimOrigin::from_code(code)?.zh(),
        ("claim_status", _) => ClaimStatus::from_code(code)?.own_zh(),
        ("size_class", _) => SizeClass::from_code(code)?.label(),
        ("letter_kind", "call_request") => "请求回电",
        ("letter_kind", "file") => "文件",
        ("letter_kind", _) => "文字",
        ("file_kind", "licence") => "营业执照",
        ("file_kind", "id_front") => "身份证人像面",
        ("file_kind", "id_back") => "身份证国徽面",
        ("file_kind", _) => "补充材料",
        ("left_out", "unknown") => "正在安全检查，请稍后在沟通记录中查看",
        ("left_out", "infected") => "含有病毒，不能打开",
        ("left_out", _) => "文件较多，请在沟通记录中打开",
        ("check_status", "passed" | "manual_passed") => "通过",
        ("check_status", "failed" | "manual_refused") => "未通过",
        ("check_status", "manual_requested") => "等待柜面核验",
        ("check_status", _) => "未完成",
        ("provider", "counter") => "柜面核验",
        ("outcome", "ok") => "登录成功",
        ("outcome", "wrong_password") => "密码不正确",
        ("outcome", "wrong_code") => "动态验证码不正确",
        ("outcome", _) => "已拦截",
        _ => return None,
    };
    Some(zh.to_owned())
}

fn page_of(city: &City, data: &Value) -> BookPage {
    let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
    BookPage {
        platform: city.name.clone(),
        operator: city.operator_name.clone(),
        hotline: city.hotline.clone(),
        made_for: text("made_for"),
        made_at: text("made_at"),
        chapters: Chapter::ALL
            .iter()
            .map(|chapter| chapter_view(*chapter, data))
            .collect(),
    }
}

impl DataBook for Book {
    fn page(&self, city: &City, data: &Value) -> Result<String, String> {
        let context =
            templates::context(&page_of(city, data)).map_err(|error| error.to_string())?;
        self.kit
            .tera()
            .render(TEMPLATE, &context)
            .map_err(|error| error.to_string())
    }

    fn paper(&self, city: &City, data: &Value) -> Paper {
        let page = page_of(city, data);
        Paper {
            title: "本企业数据".to_owned(),
            lead: vec![
                format!(
                    "{}，由{}于 {} 导出。时间均为北京时间。请妥善保管，不要转发给他人。",
                    page.platform, page.made_for, page.made_at
                ),
                format!(
                    "同一份数据另存为 data.json，可供其他系统读取；您上传的材料在 files 文件夹中，受理支行发来的文件在 bank-files 文件夹中。如有疑问，请拨打客服电话 {}（{}）。",
                    page.hotline, page.operator
                ),
            ],
            chapters: page.chapters.into_iter().map(paper_chapter).collect(),
            nothing: "没有记录。".to_owned(),
            foot: "第 {page} 页，共 {pages} 页".to_owned(),
        }
    }

    fn style(&self) -> &'static str {
        include_str!("book.css")
    }

    fn archive(&self, bytes: usize) -> Box<dyn Archive> {
        // Growing, it would lie in memory twice.
        let room = Cursor::new(Vec::with_capacity(bytes));
        Box::new(Zip(ZipWriter::new(room)))
    }
}

struct Zip(ZipWriter<Cursor<Vec<u8>>>);

impl Archive for Zip {
    fn add(&mut self, file: &ArchiveFile) -> Result<(), String> {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.0
            .start_file(&file.name, stored)
            .map_err(|e| e.to_string())?;
        self.0.write_all(&file.bytes).map_err(|e| e.to_string())
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, String> {
        let packed = self.0.finish().map_err(|e| e.to_string())?;
        Ok(packed.into_inner())
    }
}

/// The page with text that must be escaped.
pub(super) fn sample(nasty: &str) -> (&'static str, Value) {
    let page = BookPage {
        platform: nasty.to_owned(),
        operator: nasty.to_owned(),
        hotline: nasty.to_owned(),
        made_for: nasty.to_owned(),
        made_at: nasty.to_owned(),
        chapters: vec![
            ChapterView {
                title: "企业信息",
                facts: vec![(nasty.to_owned(), nasty.to_owned())],
                columns: Vec::new(),
                rows: Vec::new(),
            },
            ChapterView {
                title: "消息",
                facts: Vec::new(),
                columns: vec!["内容"],
                rows: vec![vec![nasty.to_owned()]],
            },
            ChapterView {
                title: "放款",
                facts: Vec::new(),
                columns: vec!["放款金额"],
                rows: Vec::new(),
            },
        ],
    };
    (TEMPLATE, serde_json::to_value(page).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_said_in_words_and_money_in_ten_thousands() {
        assert_eq!(said("stage", &json!("due_diligence")), "尽调中");
        assert_eq!(said("verb", &json!("accept")), "接单");
        assert_eq!(said("amount_cents", &json!(300_000_000)), "300.00 万元");
        assert_eq!(said("first_loan", &json!(true)), "是");
        assert_eq!(said("note", &json!("")), "-");
        assert_eq!(said("rate_percent", &json!(3.75)), "3.75");
    }
}
