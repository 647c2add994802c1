//! Views 视图数据: what the parts for lists, tables and tags expect, ready to be put into a page.

use serde::{Serialize, Serializer, ser::SerializeSeq as _};

/// Kind of a status tag 标签颜色; the words come from the domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TagKind {
    Success,
    Warning,
    Danger,
    Info,
    #[default]
    Neutral,
}

/// Status tag 状态标签: word and colour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tag {
    pub label: String,
    pub kind: TagKind,
}

impl Tag {
    pub fn new(label: impl Into<String>, kind: TagKind) -> Self {
        Self {
            label: label.into(),
            kind,
        }
    }
}

/// A link 链接 with its words; `current` marks where the reader is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Link {
    pub label: String,
    pub href: String,
    pub current: bool,
}

impl Link {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
            current: false,
        }
    }

    #[must_use]
    pub fn current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }

    /// Breadcrumbs 面包屑 from a room down to here: the last of them is where the reader is.
    pub fn trail(room: [Self; 2], here: &[Self]) -> Vec<Self> {
        let mut links: Vec<Self> = room.into();
        links.extend_from_slice(here);
        if let Some(last) = links.last_mut() {
            last.current = true;
        }
        links
    }
}

/// A deed 办理 that is offered as a button; `kind` is the button's, such as `primary` or `danger`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deed {
    pub label: &'static str,
    pub href: String,
    pub kind: &'static str,
}

/// Side navigation entry 侧栏菜单项; `count` is what waits there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SideLink {
    /// Stands above it, where a part of the menu begins.
    pub part: String,
    pub label: String,
    pub href: String,
    pub current: bool,
    pub count: u64,
}

/// One cell 单元格: text, link or tag, a small second line, and row actions or the files of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    pub text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub href: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<Tag>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sub: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
            ..Self::default()
        }
    }

    pub fn tag(label: impl Into<String>, kind: TagKind) -> Self {
        Self {
            tag: Some(Tag::new(label, kind)),
            ..Self::default()
        }
    }

    /// A number 笔数, and the way to its rows for whoever may see them; nothing has no rows.
    pub fn count(number: i64, href: Option<String>) -> Self {
        match href.filter(|_| number != 0) {
            Some(href) => Self::link(number.to_string(), href),
            None => Self::text(number.to_string()),
        }
    }

    /// Row actions 行内操作.
    pub fn links(links: Vec<Link>) -> Self {
        Self {
            links,
            ..Self::default()
        }
    }

    /// Several files in order, each with its number; a single one is the cell's own link.
    pub fn files(word: &str, hrefs: Vec<String>) -> Self {
        if let [href] = hrefs.as_slice() {
            return Self::link(word, href);
        }
        let mut cell = Self::text(format!("{word}，共 {} 个", hrefs.len()));
        cell.links = hrefs
            .into_iter()
            .zip(1..)
            .map(|(href, number)| Link::new(format!("第 {number} 个"), href))
            .collect();
        cell
    }

    /// Small second line under the text.
    #[must_use]
    pub fn second(mut self, sub: impl Into<String>) -> Self {
        self.sub = sub.into();
        self
    }
}

/// Column 列; `align` is empty, `num` (right), `narrow` (two signs), `nowrap` (dates), `wrap` (opinions) or `name` (of a company).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Column {
    pub label: String,
    pub align: String,
}

/// Row 行 of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    #[serde(serialize_with = "plainly")]
    pub cells: Vec<Cell>,
}

/// A cell of nothing but text goes to the template as that text: most cells are, and a queue has two hundred.
fn plainly<S: Serializer>(cells: &[Cell], to: S) -> Result<S::Ok, S::Error> {
    let mut all = to.serialize_seq(Some(cells.len()))?;
    for cell in cells {
        let Cell {
            text,
            href,
            tag,
            sub,
            links,
        } = cell;
        if href.is_empty() && tag.is_none() && sub.is_empty() && links.is_empty() {
            all.serialize_element(text)?;
        } else {
            all.serialize_element(cell)?;
        }
    }
    all.end()
}

/// Table 表格: on phones every row becomes a card of label and value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

impl Table {
    pub fn new(caption: impl Into<String>) -> Self {
        Self {
            caption: caption.into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn column(mut self, label: impl Into<String>, align: impl Into<String>) -> Self {
        self.columns.push(Column {
            label: label.into(),
            align: align.into(),
        });
        self
    }

    /// Adds a row; it must have as many cells as there are columns.
    pub fn push(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "one cell per column");
        self.rows.push(Row { cells });
    }
}

/// Row of a description list 描述列表.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Described {
    pub label: String,
    #[serde(flatten)]
    pub cell: Cell,
    /// Where the row is changed; empty: no 修改 link.
    pub change_href: String,
}

impl Described {
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            cell: Cell::text(text),
            change_href: String::new(),
        }
    }

    pub fn cell(label: impl Into<String>, cell: Cell) -> Self {
        Self {
            label: label.into(),
            cell,
            change_href: String::new(),
        }
    }

    #[must_use]
    pub fn change(mut self, href: impl Into<String>) -> Self {
        self.change_href = href.into();
        self
    }
}

/// One event 事件 of a timeline 办理进度, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Event {
    pub event: String,
    pub time: String,
    pub actor: String,
    pub note: String,
    /// Not yet happened: an open dot.
    pub pending: bool,
    /// Empty, `success`, `warning` or `danger`.
    pub kind: String,
}

/// Pagination 分页: addresses of the pages around the present one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pager {
    pub total: u64,
    pub page: u64,
    pub pages: u64,
    pub prev: String,
    pub next: String,
    /// A link with an empty address is a gap.
    pub links: Vec<Link>,
}

impl Pager {
    /// `page` counts from 1; `href` gives the address of a page, with all filters kept.
    pub fn new(total: u64, page: u64, per_page: u64, href: impl Fn(u64) -> String) -> Self {
        let pages = total.div_ceil(per_page.max(1)).max(1);
        let page = page.clamp(1, pages);
        let mut links: Vec<Link> = Vec::new();
        let mut last = 0;
        for number in 1..=pages {
            let near = number + 2 >= page && number <= page + 2;
            if !(near || number == 1 || number == pages) {
                continue;
            }
            if number > last + 1 {
                links.push(Link::new("…", ""));
            }
            links.push(Link::new(number.to_string(), href(number)).current(number == page));
            last = number;
        }
        let other = |number: u64, there: bool| if there { href(number) } else { String::new() };
        Self {
            total,
            page,
            pages,
            prev: other(page.saturating_sub(1), page > 1),
            next: other(page + 1, page < pages),
            links,
        }
    }
}

/// Product 金融产品 on a card or in the list of 金融超市, everything formatted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProductCard {
    pub href: String,
    pub name: String,
    pub institution: String,
    /// One sign in the round mark, usually the first of the institution's name.
    pub seal: String,
    pub rate_label: String,
    pub rate: String,
    pub amount: String,
    pub term: String,
    pub tags: Vec<String>,
    /// How the signed-in enterprise stands to its 准入条件; nothing for everybody else.
    pub fit: Option<Tag>,
    /// 额度试算; empty: not offered here.
    pub estimate_href: String,
}

/// Figure 数字 of the count strip or of a console's tiles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figure {
    pub value: String,
    pub unit: String,
    pub label: String,
    pub note: String,
    pub href: String,
    /// Empty, `warning` or `danger`.
    pub kind: String,
}

/// Line of a list of policies 政策 or news 新闻.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewsLine {
    pub href: String,
    pub title: String,
    pub date: String,
    pub summary: String,
    pub source: String,
    /// A word beside the title, such as 与本企业相符; empty: none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mark: String,
}

/// Task 待办 of the overview; `next` is the one with the primary button.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Task {
    pub title: String,
    pub note: String,
    pub done: bool,
    pub next: bool,
    pub tag: Tag,
    pub href: String,
    pub label: String,
}

/// Filter 筛选: one row of choices as links, the first usually 不限.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    pub label: String,
    pub options: Vec<Link>,
}

/// Paragraph 段落 of a stored text; `kind` is `p`, `h2`, `h3` or `li`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Block {
    pub kind: String,
    pub text: String,
}

impl Block {
    /// Reads stored text: `## ` and `### ` start headings, `- ` an item, other lines are paragraphs.
    pub fn parse(text: &str) -> Vec<Self> {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| {
                let marks = [("### ", "h3"), ("## ", "h2"), ("# ", "h2"), ("- ", "li")];
                let (kind, text) = marks
                    .iter()
                    .find_map(|(mark, kind)| Some((*kind, line.strip_prefix(mark)?)))
                    .unwrap_or(("p", line));
                Self {
                    kind: kind.to_owned(),
                    text: text.to_owned(),
                }
            })
            .collect()
    }
}

/// Progress 进度 of what is done in the background, drawn 320 units wide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Meter {
    pub width: i64,
    pub label: String,
}

impl Meter {
    /// `verb` is the word before the count, such as 已写入.
    pub fn new(done: i64, total: i64, verb: &str) -> Self {
        let whole = total.max(1);
        let done = done.clamp(0, whole);
        Self {
            width: done * 320 / whole,
            label: format!(
                "{verb} {done} 行，共 {total} 行（{}%）。页面每 5 秒自动更新，也可以离开后再回来查看。",
                done * 100 / whole
            ),
        }
    }
}

/// Camera step 人脸拍摄: where the photo goes and the file way beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Camera {
    /// JSON door that takes the photo as multipart `photo`.
    pub url: String,
    /// Page after success.
    pub next: String,
    /// Form action of the plain file way; empty: not offered.
    pub file_action: String,
    /// Idempotency key of the file way.
    pub key: String,
}

/// Phone hand-over 手机接力: QR picture and the state that is polled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Handoff {
    pub qr: String,
    pub poll_url: String,
    pub next: String,
    pub state: String,
    pub expires: String,
    pub refresh_href: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pager: &Pager) -> String {
        let labels: Vec<&str> = pager.links.iter().map(|link| link.label.as_str()).collect();
        labels.join(" ")
    }

    #[test]
    fn the_pager_shows_both_ends_and_what_is_near() {
        let pager = Pager::new(128, 6, 10, |page| format!("?page={page}"));
        assert_eq!(labels(&pager), "1 … 4 5 6 7 8 … 13");
        assert_eq!(
            (pager.prev.as_str(), pager.next.as_str()),
            ("?page=5", "?page=7")
        );
    }

    #[test]
    fn a_page_beyond_the_end_shows_the_last_one() {
        let pager = Pager::new(11, 9, 10, |page| page.to_string());
        assert_eq!((pager.page, pager.next.as_str()), (2, ""));
    }

    #[test]
    fn nothing_found_is_one_page_without_links() {
        let pager = Pager::new(0, 1, 10, |page| page.to_string());
        assert_eq!((pager.pages, pager.prev.as_str()), (1, ""));
    }

    #[test]
    fn stored_text_becomes_headings_items_and_paragraphs() {
        let kinds: Vec<String> = Block::parse("## 条件\n\n- 一\n正文")
            .into_iter()
            .map(|block| block.kind)
            .collect();
        assert_eq!(kinds, ["h2", "li", "p"]);
    }
}
