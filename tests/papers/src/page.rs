//! The sheets: the landscape form of 2019, its duplicate, the portrait form before it, and the electronic licence.

use image::{Rgb, RgbImage};

use super::{
    company::{Company, printed},
    pen::{self, Ink, Style, face},
};

/// How a licence is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layout {
    /// 正本, landscape.
    Original,
    /// 副本, landscape.
    Duplicate,
    /// The portrait form of 2015.
    Portrait,
    /// 电子营业执照 on a screen.
    Electronic,
}

impl Layout {
    pub const ALL: [Self; 4] = [
        Self::Original,
        Self::Duplicate,
        Self::Portrait,
        Self::Electronic,
    ];
}

const BLACK: Ink = [30, 28, 30];
const GREY: Ink = [70, 66, 66];
const GOLD: Ink = [176, 140, 74];
const RED: Ink = [206, 40, 44];

pub fn draw(company: &Company, layout: Layout, serif: bool) -> RgbImage {
    match layout {
        Layout::Original => landscape(company, serif, false),
        Layout::Duplicate => landscape(company, serif, true),
        Layout::Portrait => portrait(company, serif),
        Layout::Electronic => electronic(company),
    }
}

/// Paper with fine waves, as on the form.
fn paper(width: u32, height: u32, tint: [f32; 3]) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32, y as f32);
        let wave = ((x / 9.0 + (y / 23.0).sin() * 2.0).sin()
            + (y / 7.0 + (x / 31.0).cos() * 2.0).sin())
            * 3.0;
        Rgb(tint.map(|base| (base + wave).clamp(0.0, 255.0) as u8))
    })
}

fn style(serif: bool, bold: bool, size: f32, ink: Ink) -> Style {
    Style {
        font: face(serif, bold),
        size,
        ink,
    }
}

fn emblem(page: &mut RgbImage, centre: (f32, f32), size: f32) {
    pen::ring(page, centre, size, 0.0, RED, 0.9);
    pen::ring(page, centre, size, size * 0.85, GOLD, 0.9);
    pen::ring(page, centre, size * 0.3, 0.0, GOLD, 0.9);
}

/// Squares in disorder, as a QR code looks to whoever reads letters.
fn squares(page: &mut RgbImage, left: f32, top: f32, size: f32) {
    let cell = size / 29.0;
    for row in 0..29_u32 {
        for column in 0..29_u32 {
            let corner = |r: u32, c: u32| {
                let middle = (7..=21).contains(&r) || (7..=21).contains(&c);
                !(middle || r > 21 && c > 21)
            };
            let dark = if corner(row, column) {
                let (r, c) = (row % 22, column % 22);
                r == 0 || c == 0 || r == 6 || c == 6 || (2..5).contains(&r) && (2..5).contains(&c)
            } else {
                (row * 7 + column * 13 + row * column * 5) % 3 == 0
            };
            if dark {
                let at = (
                    (left + column as f32 * cell) as i64,
                    (top + row as f32 * cell) as i64,
                );
                pen::rectangle(
                    page,
                    (at.0, at.1, cell.ceil() as i64, cell.ceil() as i64),
                    BLACK,
                    1.0,
                );
            }
        }
    }
}

/// The round seal of the registrar.
fn seal(page: &mut RgbImage, centre: (f32, f32), size: f32, words: &str) {
    pen::ring(page, centre, size, size * 0.94, RED, 0.75);
    pen::ring(page, centre, size * 0.25, 0.0, RED, 0.7);
    let style = style(true, true, size * 0.2, RED);
    let many = words.chars().count() as f32;
    for (at, sign) in words.chars().enumerate() {
        let angle = std::f32::consts::PI * (0.85 + 1.3 * (at as f32 + 0.5) / many);
        let (x, y) = (
            centre.0 + angle.cos() * size * 0.75,
            centre.1 + angle.sin() * size * 0.75,
        );
        pen::write(
            page,
            &sign.to_string(),
            x - size * 0.1,
            y - size * 0.1,
            style,
        );
    }
}

fn landscape(company: &Company, serif: bool, duplicate: bool) -> RgbImage {
    let mut page = paper(2_100, 1_485, [247.0, 243.0, 232.0]);
    pen::frame(&mut page, 60, 26, GOLD);
    pen::frame(&mut page, 96, 5, GOLD);
    emblem(&mut page, (1_050.0, 210.0), 84.0);
    pen::spread(
        &mut page,
        "营业执照",
        750.0,
        310.0,
        600.0,
        style(true, true, 120.0, BLACK),
    );
    if duplicate {
        pen::write(
            &mut page,
            "（副  本）",
            960.0,
            446.0,
            style(true, false, 40.0, BLACK),
        );
    }
    pen::write(
        &mut page,
        "统一社会信用代码",
        170.0,
        330.0,
        style(serif, false, 30.0, BLACK),
    );
    pen::write(
        &mut page,
        &company.code,
        170.0,
        376.0,
        style(false, !serif, 38.0, BLACK),
    );
    squares(&mut page, 1_720.0, 290.0, 150.0);
    let note = style(false, false, 15.0, GREY);
    for (row, text) in [
        "扫描二维码登录",
        "“国家企业信用",
        "信息公示系统”",
        "了解更多登记、",
        "备案、许可、监",
        "管信息。",
    ]
    .iter()
    .enumerate()
    {
        pen::write(&mut page, text, 1_880.0, 292.0 + 24.0 * row as f32, note);
    }
    let (label, value) = (
        style(serif, false, 34.0, BLACK),
        style(serif, false, 32.0, BLACK),
    );
    let mut left = |y: f32, name: &str, text: &str| {
        pen::spread(&mut page, name, 180.0, y, 190.0, label);
        pen::paragraph(&mut page, text, 410.0, y, 700.0, value)
    };
    let y = left(540.0, "名称", &company.name) + 30.0;
    let y = left(y, "类型", company.kind) + 30.0;
    let y = left(y, company.person_label, &company.person) + 30.0;
    left(y, "经营范围", &company.scope);
    let mut right = |y: f32, name: &str, text: &str| {
        pen::spread(&mut page, name, 1_180.0, y, 150.0, label);
        pen::paragraph(&mut page, text, 1_370.0, y, 560.0, value)
    };
    let y = right(540.0, "注册资本", &company.capital.0) + 30.0;
    let y = right(y, "成立日期", &printed(company.established)) + 30.0;
    let y = if duplicate {
        right(y, "营业期限", &company.term) + 30.0
    } else {
        y
    };
    if company.address_label == "住所" {
        right(y, "住所", &company.address);
    } else {
        pen::write(&mut page, company.address_label, 1_180.0, y, label);
        pen::paragraph(&mut page, &company.address, 1_400.0, y, 530.0, value);
    }
    pen::spread(
        &mut page,
        "登记机关",
        1_300.0,
        1_150.0,
        220.0,
        style(true, false, 38.0, BLACK),
    );
    pen::write(
        &mut page,
        &printed(company.established),
        1_480.0,
        1_250.0,
        style(serif, false, 32.0, BLACK),
    );
    seal(&mut page, (1_640.0, 1_190.0), 130.0, &company.authority);
    foot(&mut page, 1_400.0, 18.0);
    page
}

fn foot(page: &mut RgbImage, y: f32, size: f32) {
    let note = style(true, false, size, GREY);
    let width = page.width() as f32;
    pen::write(
        page,
        "国家企业信用信息公示系统网址：http://www.gsxt.gov.cn",
        width * 0.07,
        y - size * 0.4,
        note,
    );
    pen::write(
        page,
        "国家市场监督管理总局监制",
        width * 0.78,
        y - size * 0.4,
        note,
    );
}

fn portrait(company: &Company, serif: bool) -> RgbImage {
    let mut page = paper(1_485, 2_100, [246.0, 240.0, 230.0]);
    pen::frame(&mut page, 56, 24, GOLD);
    emblem(&mut page, (742.0, 230.0), 90.0);
    pen::spread(
        &mut page,
        "营业执照",
        420.0,
        350.0,
        645.0,
        style(true, true, 118.0, BLACK),
    );
    pen::write(
        &mut page,
        "（副  本）",
        650.0,
        500.0,
        style(true, false, 40.0, BLACK),
    );
    let at = pen::write(
        &mut page,
        "统一社会信用代码 ",
        400.0,
        570.0,
        style(serif, false, 34.0, BLACK),
    );
    pen::write(
        &mut page,
        &company.code,
        at + 12.0,
        570.0,
        style(false, false, 36.0, BLACK),
    );
    let (label, value) = (
        style(serif, false, 38.0, BLACK),
        style(serif, false, 36.0, BLACK),
    );
    let address_label = if company.address_label == "住所" {
        "住所"
    } else {
        "经营场所"
    };
    let established = printed(company.established);
    let rows = [
        ("名称", &company.name),
        ("类型", &company.kind.to_owned()),
        (address_label, &company.address),
        (company.person_label, &company.person),
        ("注册资本", &company.capital.0),
        ("成立日期", &established),
        ("营业期限", &company.term),
        ("经营范围", &company.scope),
    ];
    let mut y = 680.0;
    for (name, text) in rows {
        pen::spread(&mut page, name, 190.0, y, 200.0, label);
        y = pen::paragraph(&mut page, text, 440.0, y, 850.0, value) + 26.0;
    }
    pen::spread(
        &mut page,
        "登记机关",
        830.0,
        1_720.0,
        240.0,
        style(true, false, 40.0, BLACK),
    );
    pen::write(
        &mut page,
        &established,
        960.0,
        1_850.0,
        style(serif, false, 36.0, BLACK),
    );
    seal(&mut page, (1_120.0, 1_780.0), 140.0, &company.authority);
    squares(&mut page, 220.0, 1_740.0, 170.0);
    foot(&mut page, 1_990.0, 18.0);
    page
}

fn electronic(company: &Company) -> RgbImage {
    let mut page = paper(2_000, 1_414, [250.0, 250.0, 252.0]);
    pen::frame(&mut page, 40, 10, GOLD);
    emblem(&mut page, (1_000.0, 170.0), 70.0);
    pen::spread(
        &mut page,
        "营业执照",
        720.0,
        260.0,
        560.0,
        style(true, true, 104.0, BLACK),
    );
    pen::write(
        &mut page,
        "（电子版）",
        910.0,
        378.0,
        style(false, false, 34.0, BLACK),
    );
    let at = pen::write(
        &mut page,
        "统一社会信用代码：",
        150.0,
        440.0,
        style(false, false, 32.0, BLACK),
    );
    pen::write(
        &mut page,
        &company.code,
        at,
        440.0,
        style(false, true, 34.0, BLACK),
    );
    squares(&mut page, 1_650.0, 200.0, 190.0);
    let (label, value) = (
        style(false, true, 32.0, BLACK),
        style(false, false, 31.0, BLACK),
    );
    let established = printed(company.established);
    let person_label = format!("{}：", company.person_label);
    let address_label = format!("{}：", company.address_label);
    let left = [
        ("名称：", &company.name),
        ("类型：", &company.kind.to_owned()),
        (&person_label, &company.person),
        ("经营范围：", &company.scope),
    ];
    let mut y = 540.0;
    for (name, text) in left {
        pen::write(&mut page, name, 150.0, y, label);
        y = pen::paragraph(&mut page, text, 350.0, y, 700.0, value) + 28.0;
    }
    let right = [
        ("注册资本：", &company.capital.0),
        ("成立日期：", &established),
        ("营业期限：", &company.term),
        (&address_label, &company.address),
    ];
    let mut y = 540.0;
    for (name, text) in right {
        let end = pen::write(&mut page, name, 1_110.0, y, label);
        let from = end.max(1_280.0);
        y = pen::paragraph(&mut page, text, from, y, 1_880.0 - from, value) + 28.0;
    }
    pen::write(
        &mut page,
        "登记机关",
        1_250.0,
        1_080.0,
        style(false, false, 36.0, BLACK),
    );
    pen::write(
        &mut page,
        &established,
        1_420.0,
        1_180.0,
        style(false, false, 32.0, BLACK),
    );
    seal(&mut page, (1_580.0, 1_120.0), 120.0, &company.authority);
    foot(&mut page, 1_340.0, 18.0);
    page
}

/// An invented person.
pub struct Person {
    pub name: &'static str,
    pub sex: &'static str,
    pub nation: &'static str,
    pub birth: (i32, u8, u8),
    pub address: &'static str,
    pub number: &'static str,
    pub office: &'static str,
    pub term: &'static str,
}

const BLUE: Ink = [60, 110, 160];

/// The side with the portrait; a number of 1949 that the standard itself prints, so it is nobody's.
pub fn card_front(person: &Person) -> RgbImage {
    let mut page = paper(1_284, 810, [236.0, 242.0, 248.0]);
    let (label, value) = (
        style(false, false, 34.0, BLUE),
        style(false, false, 40.0, BLACK),
    );
    pen::rectangle(&mut page, (860, 120, 310, 400), [150, 160, 170], 1.0);
    pen::ring(&mut page, (1_015.0, 280.0), 90.0, 0.0, [205, 180, 160], 1.0);
    let mut row = |x: f32, y: f32, name: &str, text: &str| {
        pen::spread(&mut page, name, x, y + 4.0, 78.0, label);
        pen::paragraph(&mut page, text, x + 110.0, y, 560.0, value);
    };
    row(90.0, 110.0, "姓名", person.name);
    row(90.0, 200.0, "性别", person.sex);
    row(370.0, 200.0, "民族", person.nation);
    let (year, month, day) = person.birth;
    row(
        90.0,
        290.0,
        "出生",
        &format!("{year} 年 {month} 月 {day} 日"),
    );
    row(90.0, 380.0, "住址", person.address);
    pen::write(&mut page, "公民身份号码", 90.0, 664.0, label);
    pen::write(
        &mut page,
        person.number,
        400.0,
        656.0,
        style(false, true, 48.0, BLACK),
    );
    page
}

/// The side with the emblem.
pub fn card_back(person: &Person) -> RgbImage {
    let mut page = paper(1_284, 810, [240.0, 240.0, 244.0]);
    emblem(&mut page, (200.0, 190.0), 110.0);
    pen::spread(
        &mut page,
        "中华人民共和国",
        420.0,
        110.0,
        620.0,
        style(true, true, 58.0, BLACK),
    );
    pen::spread(
        &mut page,
        "居民身份证",
        400.0,
        230.0,
        660.0,
        style(true, true, 84.0, BLACK),
    );
    let (label, value) = (
        style(false, true, 36.0, BLACK),
        style(false, false, 38.0, BLACK),
    );
    pen::write(&mut page, "签发机关", 350.0, 580.0, label);
    pen::write(&mut page, person.office, 540.0, 580.0, value);
    pen::write(&mut page, "有效期限", 350.0, 670.0, label);
    pen::write(&mut page, person.term, 540.0, 670.0, value);
    page
}
