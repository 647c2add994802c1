//! Sample pages: every part at least once, with invented Chinese data.

use serde_json::{Value, json};
use tera::{Context, Tera};
use web::forms::{AgreementPart, Field, FormView, SmsPart, StoredFile, UploadPart, UploadsPart};

/// Sample pages by file name: template text, layout kind and data.
const PAGES: [(&str, &str); 12] = [
    ("withdraw", include_str!("withdraw.html")),
    ("agreement", include_str!("agreement.html")),
    ("login", include_str!("login.html")),
    ("home", include_str!("home.html")),
    ("market", include_str!("market.html")),
    ("product", include_str!("product.html")),
    ("form", include_str!("form.html")),
    ("form-errors", include_str!("form.html")),
    ("complete", include_str!("complete.html")),
    ("overview", include_str!("overview.html")),
    ("detail", include_str!("detail.html")),
    ("plain", include_str!("plain.html")),
];

/// Renders all sample pages.
pub fn render_all(css: &str) -> Result<Vec<(String, String)>, tera::Error> {
    let mut tera = web::templates::load()?;
    tera.add_raw_templates(
        PAGES
            .iter()
            .map(|(name, text)| (format!("gallery/{name}.html"), *text)),
    )?;
    PAGES
        .iter()
        .map(|(name, _)| Ok(((*name).to_owned(), render(&tera, name, css)?)))
        .collect()
}

fn render(tera: &Tera, name: &str, css: &str) -> Result<String, tera::Error> {
    let mut context = Context::new();
    context.insert("page", &page(name, css));
    context.insert("data", &data());
    if let Some(form) = form(name) {
        context.insert("form", &form);
    }
    tera.render(&format!("gallery/{name}.html"), &context)
}

fn nav(current: &str) -> Value {
    let item = |label: &str, href: &str| json!({"label": label, "href": href, "current": label == current});
    json!([
        item("首页", "/home.html"),
        item("金融超市", "/market.html"),
        item("金融机构", "/institutions"),
        item("金控产品", "/holding"),
        item("惠企政策", "/policies"),
        item("新闻资讯", "/news"),
        item("关于我们", "/about"),
    ])
}

fn page(name: &str, css: &str) -> Value {
    let console = matches!(name, "overview" | "detail" | "complete" | "withdraw");
    let (title, current) = match name {
        "home" => ("首页", "首页"),
        "market" => ("金融超市", "金融超市"),
        "product" => ("厂房抵押贷", "金融超市"),
        "overview" => ("概览", ""),
        "detail" => ("融资需求管理", ""),
        "complete" => ("完善信息", ""),
        "plain" => ("人脸核验", ""),
        "agreement" => ("注册服务协议", ""),
        "login" => ("登录", ""),
        "withdraw" => ("撤回申请", ""),
        _ => ("用户注册", ""),
    };
    let side = |label: &str, href: &str, count: u32| json!({"label": label, "href": href, "current": label == title, "count": count});
    json!({
        "title": title,
        "tenant": {
            "name": "沧州市中小企业智慧金融服务平台",
            "short_name": "沧州智慧金融",
            "brand_line": "一键融 · 服务中小企业融资",
            "hotline": "0317-5669898",
            "icp": "冀ICP备20016432",
            "operator_name": "示例金融控股有限公司",
            "address": "河北省沧州市运河区示例路 1 号",
            "public_security_record": "",
            "mini_program_name": "一键融服务",
            "year": "2026",
        },
        "user": if console { json!({"name": "沧州示例机械有限公司", "kind": "enterprise", "href": "/enterprise"}) } else { Value::Null },
        "unread": if console { 3 } else { 0 },
        "csrf": "sample-token",
        "demo": true,
        "large_type": false,
        "css_url": css,
        "js_url": web::assets::shared().js_url(),
        "path": "/",
        "notice": if name == "overview" { json!({"kind": "success", "text": "企业信息已保存。下一步请完成人脸核验。"}) } else { Value::Null },
        "nav": nav(current),
        "side": [
            side("概览", "/overview.html", 0),
            side("完善信息", "/complete.html", 0),
            side("人脸核验", "/face", 0),
            side("融资需求管理", "/detail.html", 2),
            side("授权记录", "/consents", 0),
            side("消息", "/messages", 3),
            side("账号安全", "/security", 0),
        ],
    })
}

fn product(name: &str, owner: &str, rate: &str, amount: &str, tags: &[&str]) -> Value {
    json!({
        "href": "/product.html", "name": name, "institution": owner, "seal": owner.chars().next().map(String::from),
        "rate": rate, "rate_label": "参考利率", "amount": amount, "term": "1–10 年", "tags": tags,
    })
}

fn row(
    no: &str,
    name: &str,
    amount: &str,
    intake: (&str, &str),
    review: (&str, &str),
    note: &str,
) -> Value {
    let text = |text: &str| json!({"text": text});
    let tag = |(label, kind): (&str, &str)| json!({"tag": {"label": label, "kind": kind}});
    json!({"cells": [
        {"text": no, "href": "/detail.html"}, text("示例银行运河支行"), text(name), text("沧州示例机械有限公司"),
        text(amount), text("3.75"), text("12"), text("月"), text("2026-03-05 09:30:14"), tag(intake), tag(review), text(note),
    ]})
}

fn data() -> Value {
    json!({
        "counts": [
            {"value": "1,286", "unit": "家", "label": "入驻企业"}, {"value": "16", "unit": "家", "label": "入驻金融机构"},
            {"value": "72", "unit": "款", "label": "在售金融产品"}, {"value": "38.62", "unit": "亿元", "label": "累计授信金额"},
        ],
        "products": [
            product("厂房抵押贷", "示例银行沧州分行", "3.75%/年", "1–500 万元", &["抵押", "续贷"]),
            product("税信快融", "示范农商银行", "4.20%/年", "5–200 万元", &["信用", "首贷"]),
            product("科创成长贷", "样板城市商业银行", "3.95%/年", "50–1,000 万元", &["保证"]),
            product("应收账款质押融资", "示例银行沧州分行", "4.05%/年", "20–800 万元", &["质押"]),
            product("管道装备产业链贷", "示范农商银行", "3.85%/年", "10–300 万元", &["信用", "产业链"]),
            product("绿色改造专项贷", "样板城市商业银行", "3.60%/年", "30–600 万元", &["抵押", "保证"]),
        ],
        "news": [
            {"href": "/n", "title": "全市中小企业融资对接会在运河区举行，十二家企业现场提出融资需求", "date": "2026-03-04", "summary": "", "source": ""},
            {"href": "/n", "title": "平台新增质押类产品八款", "date": "2026-03-02", "summary": "", "source": ""},
            {"href": "/n", "title": "关于开展首贷企业服务月活动的通知", "date": "2026-02-26", "summary": "", "source": ""},
            {"href": "/n", "title": "管道装备企业融资服务座谈会召开", "date": "2026-02-20", "summary": "", "source": ""},
            {"href": "/n", "title": "企业如何准备贷款材料：常见问题解答", "date": "2026-02-12", "summary": "", "source": ""},
        ],
        "crumbs": [{"label": "首页", "href": "/"}, {"label": "金融超市", "href": "/market.html"}, {"label": "厂房抵押贷", "href": ""}],
        "filters": [
            {"label": "担保方式", "options": [{"label": "不限", "href": "?", "current": true}, {"label": "抵押", "href": "?g=1", "current": false}, {"label": "质押", "href": "?g=2", "current": false}, {"label": "保证", "href": "?g=3", "current": false}, {"label": "信用", "href": "?g=4", "current": false}]},
            {"label": "额度", "options": [{"label": "不限", "href": "?", "current": false}, {"label": "100 万元以内", "href": "?a=1", "current": true}, {"label": "100–500 万元", "href": "?a=2", "current": false}, {"label": "500 万元以上", "href": "?a=3", "current": false}]},
            {"label": "期限", "options": [{"label": "不限", "href": "?", "current": true}, {"label": "1 年以内", "href": "?t=1", "current": false}, {"label": "1–3 年", "href": "?t=2", "current": false}, {"label": "3 年以上", "href": "?t=3", "current": false}]},
        ],
        "active": [{"label": "额度：100 万元以内", "href": "?"}],
        "sort": [{"label": "综合", "href": "?", "current": true}, {"label": "利率从低到高", "href": "?s=rate", "current": false}, {"label": "额度从高到低", "href": "?s=amount", "current": false}],
        "pager": {"total": 128, "page": 3, "pages": 13, "prev": "?page=2", "next": "?page=4", "links": [
            {"label": "1", "href": "?page=1", "current": false}, {"label": "2", "href": "?page=2", "current": false}, {"label": "3", "href": "?page=3", "current": true},
            {"label": "4", "href": "?page=4", "current": false}, {"label": "…", "href": "", "current": false}, {"label": "13", "href": "?page=13", "current": false}]},
        "tags": [{"label": "已接单", "kind": "info"}, {"label": "待审核", "kind": "warning"}],
        "steps": ["注册", "完善信息", "人脸核验", "提交融资需求"],
        "tasks": [
            {"title": "注册账号", "note": "2026-03-01 10:12 完成", "done": true, "next": false, "href": "", "label": "", "tag": {"label": "已完成", "kind": "success"}},
            {"title": "完善信息", "note": "上传营业执照和法人身份证，核对企业资料", "done": true, "next": false, "href": "/complete.html", "label": "查看", "tag": {"label": "已完善", "kind": "success"}},
            {"title": "人脸核验", "note": "由法定代表人本人用带摄像头的设备完成，约 1 分钟", "done": false, "next": true, "href": "/face", "label": "去核验", "tag": {"label": "待核验", "kind": "warning"}},
            {"title": "提交融资需求", "note": "选择产品和受理支行，由受理银行审核", "done": false, "next": false, "href": "", "label": "", "tag": {"label": "未开始", "kind": "neutral"}},
        ],
        "stats": [
            {"label": "待接单", "value": "8", "unit": "笔", "note": "最早一笔已等待 6 小时", "href": "/q", "kind": "warning"}, {"label": "待审核", "value": "14", "unit": "笔", "note": "", "href": "/q", "kind": ""},
            {"label": "本月通过", "value": "23", "unit": "笔", "note": "合计 4,180.00 万元", "href": "", "kind": ""}, {"label": "超时", "value": "1", "unit": "笔", "note": "请今日处理", "href": "/q", "kind": "danger"},
        ],
        "table": {"caption": "融资需求列表", "columns": [
            {"label": "申请编号", "align": ""}, {"label": "机构", "align": ""}, {"label": "金融产品名称", "align": ""}, {"label": "企业名称", "align": ""}, {"label": "融资金额 (万)", "align": "num"},
            {"label": "利率 (%)", "align": "num"}, {"label": "期限", "align": "num"}, {"label": "期限单位", "align": "narrow"}, {"label": "申请时间", "align": "nowrap"}, {"label": "接单状态", "align": ""}, {"label": "审核状态", "align": ""}, {"label": "审核意见", "align": "wrap"}],
            "rows": [
                row("PO20260305003", "厂房抵押贷", "300", ("待接单", "warning"), ("待审核", "warning"), "-"),
                row("PO20260304011", "税信快融", "80", ("已接单", "info"), ("待审核", "warning"), "-"),
                row("PO20260218001", "科创成长贷", "1,000", ("已接单", "info"), ("通过", "success"), "同意授信，按约定用途使用"),
                row("PO20260210006", "绿色改造专项贷", "60", ("已接单", "info"), ("不通过", "danger"), "抵押物权属不清"),
                row("PO20260108002", "税信快融", "50", ("已接单", "info"), ("已撤回", "neutral"), "-"),
            ]},
        "dlist": [
            cell("金融产品", "厂房抵押贷", ""), cell("受理支行", "示例银行运河支行", "/x"), cell("期望融资金额", "300.00 万元（叁佰万元整）", "/x"),
            cell("期望融资期限", "3 年", "/x"), cell("期望融资利率", "3.75%/年", "/x"), cell("联系电话", "138****1234", ""),
        ],
        "timeline": [
            {"event": "提交申请", "time": "2026-03-05 09:30", "actor": "沧州示例机械有限公司", "note": "", "pending": false, "kind": ""},
            {"event": "已接单", "time": "2026-03-05 14:02", "actor": "示例银行运河支行 张**", "note": "", "pending": false, "kind": ""},
            {"event": "退回补充", "time": "2026-03-06 10:18", "actor": "示例银行运河支行 张**", "note": "请补充近 6 个月的银行流水和厂房不动产权证。", "pending": false, "kind": "warning"},
            {"event": "审核", "time": "预计 2026-03-12 前", "actor": "示例银行运河支行", "note": "", "pending": true, "kind": ""},
        ],
        "camera": {"url": "/face/photo", "next": "/face/done", "file_action": "/face/photo", "key": "k"},
        "handoff": {"qr": "/assets/sample-qr.svg", "poll_url": "", "next": "/face/done", "state": "等待手机扫码", "expires": "2026-03-05 09:40", "refresh_href": "/face/qr"},
        "blocks": [{"kind": "h2", "text": "申请条件"}, {"kind": "p", "text": "在沧州市注册登记、持续经营满一年的中小企业，信用记录良好，有稳定的经营收入。"}, {"kind": "li", "text": "有权属清楚的厂房或土地可作抵押。"}, {"kind": "li", "text": "近一年无重大行政处罚。"}, {"kind": "h2", "text": "所需材料"}, {"kind": "p", "text": "营业执照、法定代表人身份证、近两年财务报表、不动产权证。"}],
    })
}

fn cell(label: &str, text: &str, change: &str) -> Value {
    json!({"label": label, "text": text, "change_href": change})
}

fn agreement(name: &str, title: &str, read: bool) -> Field {
    Field::agreement(
        name,
        AgreementPart {
            code: name.to_owned(),
            lead: "请仔细阅读并同意".to_owned(),
            title: format!("《沧州市中小企业智慧金融服务平台{title}》"),
            href: format!("/agreement.html?code={name}"),
            read,
        },
    )
}

fn levels(names: &[(&str, &str, &str)]) -> Vec<Field> {
    let mut levels: Vec<Field> = names
        .iter()
        .map(|(name, label, placeholder)| Field::select(*name, *label, *placeholder))
        .collect();
    levels[0].options = vec![("13", "河北省").into(), ("11", "北京市").into()];
    levels
}

fn form(name: &str) -> Option<FormView> {
    match name {
        "form" => Some(register()),
        "form-errors" => Some(register_with_errors()),
        "complete" => Some(complete()),
        "login" => Some(login()),
        _ => None,
    }
}

fn register() -> FormView {
    let address = [
        ("province", "省份", "请选择省份"),
        ("city", "城市", "请选择城市"),
        ("county", "县区", "请选择县区"),
        ("town", "乡镇", "请选择乡镇"),
    ];
    FormView::new("/register")
        .key("sample-key")
        .with(
            Field::text("company_name", "企业全称")
                .required()
                .placeholder("请输入公司全称")
                .autocomplete("organization")
                .maxlength(100),
        )
        .with(
            Field::text("legal_name", "法人姓名")
                .required()
                .placeholder("请输入法人姓名")
                .width("m"),
        )
        .with(
            Field::cascade("address", "注册地址", "/api-lite/regions", levels(&address)).required(),
        )
        .with(
            Field::captcha("captcha", "图形验证码", "/assets/sample-qr.svg")
                .required()
                .other_way("看不清图片？改用文字问答"),
        )
        .with(
            Field::phone("phone", "手机号")
                .required()
                .placeholder("请输入手机号")
                .sends(SmsPart {
                    url: "/api-lite/sms".into(),
                    with: "phone,captcha".into(),
                    purpose: "register".into(),
                    wait: 0,
                    sent: String::new(),
                    code: "sms_code".into(),
                }),
        )
        .with(
            Field::code("sms_code", "短信验证码")
                .required()
                .placeholder("请输入短信验证码"),
        )
        .with(
            Field::password("password", "密码", "new-password")
                .required()
                .hint("密码包含大写字母、小写字母、数字、标点符号中的三种以上，长度8-20"),
        )
        .with(
            Field::password("password_again", "确认密码", "new-password")
                .required()
                .placeholder("请确认密码"),
        )
        .with(agreement("service", "注册服务协议", true))
        .with(agreement(
            "enterprise-credit",
            "企业社会信用信息查询授权书",
            false,
        ))
        .with(agreement(
            "personal-credit",
            "个人社会信用信息查询授权书",
            false,
        ))
}

fn register_with_errors() -> FormView {
    let mut form = register();
    form.fail("company_name", "请输入企业全称");
    form.fail("address", "请选择注册地址的全部四级");
    form.fail("phone", "手机号应为 11 位数字");
    form.fail("sms_code", "验证码已过期，请重新获取。");
    form.fail("service", "请阅读并勾选《注册服务协议》");
    form
}

fn login() -> FormView {
    let mut form = FormView::new("/login")
        .with(
            Field::text("account", "账号")
                .required()
                .hint("注册时的手机号或统一社会信用代码")
                .autocomplete("username"),
        )
        .with(Field::password("password", "密码", "current-password").required())
        .with(
            Field::captcha("captcha", "验证码", "/assets/sample-qr.svg")
                .required()
                .other_way("看不清图片？改用文字问答"),
        );
    form.problem("账号或密码不正确，请重新输入。");
    form
}

fn complete() -> FormView {
    let industry = [
        ("industry_1", "第一级行业", "请选择第一产业"),
        ("industry_2", "第二级行业", "请选择第二产业"),
        ("industry_3", "第三级行业", "请选择第三产业"),
    ];
    let upload = |sample: &str, stored: &str, preview: &str| UploadPart {
        url: "/enterprise/profile/upload".into(),
        preview: preview.into(),
        stored: stored.into(),
        delete_url: "/enterprise/profile/remove".into(),
        read_url: String::new(),
        max_bytes: 10 * 1024 * 1024,
        sample: sample.into(),
    };
    let photo = "image/jpeg,image/png";
    let hint = "JPG 或 PNG 格式，不超过 10 MB";
    FormView::new("/enterprise/profile")
        .key("sample-key")
        .with(
            Field::upload("licence", "营业执照照片", photo, upload("licence", "", ""))
                .required()
                .hint(hint),
        )
        .with(
            Field::upload(
                "id_front",
                "法人身份证正面照片",
                photo,
                upload("", "已上传 2026-03-05 09:12", "/assets/sample-qr.svg"),
            )
            .required()
            .hint(hint),
        )
        .with(
            Field::text("name", "企业名称")
                .required()
                .value("沧州示例机械有限公司"),
        )
        .with(
            Field::text("code", "统一社会信用代码")
                .required()
                .hint("18 位，由数字和大写字母组成")
                .maxlength(18),
        )
        .with(Field::number("capital", "注册资本", "万元"))
        .with(
            Field::cascade(
                "industry",
                "所属行业",
                "/api-lite/industries",
                levels(&industry),
            )
            .required(),
        )
        .with(
            Field::textarea("address", "详细地址")
                .required()
                .rows(3)
                .maxlength(200),
        )
        .with(
            Field::select("referrer", "推荐机构", "请选择推荐机构")
                .options([("1", "示例银行沧州分行"), ("2", "示范农商银行")]),
        )
        .with(
            Field::radio("kind", "企业规模")
                .required()
                .options([("1", "小型企业"), ("2", "微型企业")])
                .value("1"),
        )
        .with(
            Field::checks("items", "需要补充的材料")
                .options([("flow", "近 6 个月银行流水"), ("deed", "不动产权证")])
                .values(["deed"]),
        )
        .with(Field::fixed("account", "登录账号", "138****1234"))
        .with(Field::file("contract", "购销合同", "application/pdf").hint("PDF 格式，不超过 10 MB"))
        .with(Field::uploads("statement", "银行流水", photo, statement()).hint(hint))
        .with(Field::checkbox("same", "通讯地址与注册地址相同").checked(true))
}

/// Two pages that are stored.
fn statement() -> UploadsPart {
    let page = |id: &str, name: &str, href: &str, picture| StoredFile {
        id: id.into(),
        name: name.into(),
        href: href.into(),
        picture,
    };
    UploadsPart {
        url: "/enterprise/profile/upload-page".into(),
        delete_url: "/enterprise/profile/remove".into(),
        max_bytes: 10 * 1024 * 1024,
        most: 4,
        files: vec![
            page("1", "图片，312 KB", "/assets/sample-qr.svg", true),
            page("2", "PDF，1204 KB", "/assets/sample-qr.svg", false),
        ],
    }
}
