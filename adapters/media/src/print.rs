//! 印刷件: a paper as PDF. Laid out by hand (headings, and records as label and value), written by krilla with the bundled font.

use application::ports::data_book::{Paper, PaperPrinter};
use async_trait::async_trait;
use krilla::{
    Document,
    color::rgb,
    geom::Point,
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule},
    text::{Font, TextDirection},
};

use crate::font;

/// A4 in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 56.0;
/// Where the values begin.
const VALUES: f32 = MARGIN + 120.0;
const BODY: f32 = 10.0;

/// A line of text in its place; `y` is the base line.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    x: f32,
    y: f32,
    size: f32,
    grey: bool,
    text: String,
}

/// Fills pages from the top.
struct Layout {
    pages: Vec<Vec<Line>>,
    y: f32,
}

impl Layout {
    fn new() -> Self {
        Self {
            pages: vec![Vec::new()],
            y: MARGIN,
        }
    }

    /// Goes on with a new page unless `height` fits.
    fn room(&mut self, height: f32) {
        if self.y + height > PAGE.1 - MARGIN {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn line(&mut self, x: f32, size: f32, grey: bool, text: String) {
        let y = self.y + size;
        if let Some(page) = self.pages.last_mut() {
            page.push(Line {
                x,
                y,
                size,
                grey,
                text,
            });
        }
    }

    fn paragraph(&mut self, size: f32, grey: bool, text: &str) {
        for part in wrapped(text, size, PAGE.0 - 2.0 * MARGIN) {
            self.room(size * 1.6);
            self.line(MARGIN, size, grey, part);
            self.y += size * 1.6;
        }
    }

    fn heading(&mut self, text: &str) {
        // A heading never stands alone at the foot of a page.
        self.room(80.0);
        self.y += 14.0;
        self.paragraph(14.0, false, text);
        self.y += 2.0;
    }

    fn fact(&mut self, label: &str, value: &str) {
        let values = wrapped(value, BODY, PAGE.0 - MARGIN - VALUES);
        let labels = wrapped(label, BODY, VALUES - MARGIN - 12.0);
        for n in 0..values.len().max(labels.len()) {
            self.room(BODY * 1.6);
            if let Some(part) = labels.get(n) {
                self.line(MARGIN, BODY, true, part.clone());
            }
            if let Some(part) = values.get(n) {
                self.line(VALUES, BODY, false, part.clone());
            }
            self.y += BODY * 1.6;
        }
    }
}

/// Lines of at most this width; anything that is no text is a space.
fn wrapped(text: &str, size: f32, most: f32) -> Vec<String> {
    let (mut lines, mut line, mut width) = (Vec::new(), String::new(), 0.0);
    for sign in text.chars() {
        if sign == '\n' {
            lines.push(std::mem::take(&mut line));
            width = 0.0;
            continue;
        }
        let sign = if sign.is_control() { ' ' } else { sign };
        let wide = font::width(sign, size);
        if width + wide > most && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            width = 0.0;
        }
        line.push(sign);
        width += wide;
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

fn laid_out(paper: &Paper) -> Vec<Vec<Line>> {
    let mut layout = Layout::new();
    layout.paragraph(20.0, false, &paper.title);
    layout.y += 4.0;
    for text in &paper.lead {
        layout.paragraph(BODY, true, text);
    }
    for chapter in &paper.chapters {
        layout.heading(&chapter.title);
        if chapter.records.is_empty() {
            layout.paragraph(BODY, true, &paper.nothing);
        }
        for record in &chapter.records {
            layout.room(BODY * 1.6 * 3.0);
            for (label, value) in record {
                layout.fact(label, value);
            }
            layout.y += 8.0;
        }
    }
    layout.pages
}

fn colour(grey: bool) -> Fill {
    let paint = if grey {
        rgb::Color::new(0x59, 0x5f, 0x69)
    } else {
        rgb::Color::new(0x1a, 0x1d, 0x23)
    };
    Fill {
        paint: paint.into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

fn drawn(paper: &Paper) -> Result<Vec<u8>, String> {
    let font = Font::new(font::BYTES.to_vec().into(), 0).ok_or("the bundled font is not whole")?;
    let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or("a page has no size")?;
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(paper.title.clone())
            .language("zh-CN".to_owned()),
    );
    let pages = laid_out(paper);
    let total = pages.len();
    for (n, lines) in pages.into_iter().enumerate() {
        let foot = Line {
            x: MARGIN,
            y: PAGE.1 - MARGIN / 2.0,
            size: 8.0,
            grey: true,
            text: paper
                .foot
                .replace("{page}", &(n + 1).to_string())
                .replace("{pages}", &total.to_string()),
        };
        let mut page = document.start_page_with(size.clone());
        let mut surface = page.surface();
        for line in lines.iter().chain([&foot]).filter(|l| !l.text.is_empty()) {
            surface.set_fill(Some(colour(line.grey)));
            surface.draw_text(
                Point::from_xy(line.x, line.y),
                font.clone(),
                line.size,
                &line.text,
                false,
                TextDirection::Auto,
            );
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| format!("{error:?}"))
}

/// Prints on a thread of its own kind: a large paper takes a while.
#[derive(Clone, Copy, Debug, Default)]
pub struct PdfPrinter;

#[async_trait]
impl PaperPrinter for PdfPrinter {
    async fn print(&self, paper: Paper) -> Result<Vec<u8>, String> {
        tokio::task::spawn_blocking(move || drawn(&paper))
            .await
            .map_err(|error| error.to_string())?
    }
}

#[cfg(test)]
mod tests {
    use application::ports::data_book::PaperChapter;

    use super::*;

    fn paper(records: usize) -> Paper {
        let record = vec![
            ("企业全称".to_owned(), "沧州市岚峰机械有限公司".to_owned()),
            ("浏览器".to_owned(), "Mozilla/5.0 ".repeat(30)),
            (
                "备注".to_owned(),
                "第一行\n\u{0007}第二行 🙂 <b>".to_owned(),
            ),
        ];
        Paper {
            title: "本企业数据".to_owned(),
            lead: vec!["时间均为北京时间。".to_owned()],
            nothing: "没有记录。".to_owned(),
            foot: "第 {page} 页，共 {pages} 页".to_owned(),
            chapters: vec![
                PaperChapter {
                    title: "企业信息".to_owned(),
                    records: vec![record; records],
                },
                PaperChapter {
                    title: "消息".to_owned(),
                    records: Vec::new(),
                },
            ],
        }
    }

    #[test]
    fn nothing_leaves_the_page_and_everything_is_on_it() {
        let pages = laid_out(&paper(40));
        assert!(pages.len() > 3, "{}", pages.len());
        for line in pages.iter().flatten() {
            let width: f32 = line.text.chars().map(|s| font::width(s, line.size)).sum();
            assert!(line.x + width <= PAGE.0 - MARGIN + 0.1, "{line:?}");
            assert!(line.y <= PAGE.1 - MARGIN + 0.1, "{line:?}");
        }
        let names = pages.iter().flatten();
        assert_eq!(
            names.filter(|l| l.text == "沧州市岚峰机械有限公司").count(),
            40
        );
    }

    #[tokio::test]
    async fn a_paper_is_a_pdf_that_opens_with_a_small_font_inside() {
        let pdf = PdfPrinter.print(paper(40)).await.expect("it prints");
        let opened = lopdf::Document::load_mem(&pdf).expect("it opens");
        assert_eq!(opened.get_pages().len(), laid_out(&paper(40)).len());
        assert!(pdf.len() < 200_000, "{} bytes", pdf.len());
    }
}
