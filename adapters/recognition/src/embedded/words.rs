//! What the engine says, as signs with their places.

use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Area {
    pub fn width(self) -> f32 {
        self.right - self.left
    }

    pub fn height(self) -> f32 {
        self.bottom - self.top
    }

    pub fn middle(self) -> (f32, f32) {
        (
            f32::midpoint(self.left, self.right),
            f32::midpoint(self.top, self.bottom),
        )
    }

    /// The smallest that holds both.
    pub fn with(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub fn holds(self, (x, y): (f32, f32)) -> bool {
        x >= self.left && x < self.right && y >= self.top && y < self.bottom
    }
}

/// A word as the engine tells it: often one Chinese character.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// Words of one line carry the same number.
    pub line: u32,
    pub area: Area,
    /// 0 to 100.
    pub confidence: f32,
    pub text: String,
}

/// Reads the engine's table; lines that have another form are left out.
pub fn parse(table: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let (mut line, mut name) = (0, String::new());
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [
            level,
            page,
            block,
            paragraph,
            of,
            _,
            left,
            top,
            width,
            height,
            confidence,
            text,
        ] = cells.as_slice()
        else {
            continue;
        };
        if *level != "5" || text.trim().is_empty() {
            continue;
        }
        let number = |cell: &str| cell.parse::<f32>().ok().filter(|n| n.is_finite());
        let (Some(left), Some(top), Some(width), Some(height), Some(confidence)) = (
            number(left),
            number(top),
            number(width),
            number(height),
            number(confidence),
        ) else {
            continue;
        };
        let of = format!("{page}.{block}.{paragraph}.{of}");
        if of != name {
            line += 1;
            name = of;
        }
        words.push(Word {
            line,
            area: Area {
                left,
                top,
                right: left + width,
                bottom: top + height,
            },
            confidence: confidence.clamp(0.0, 100.0),
            text: text.trim().to_owned(),
        });
    }
    words
}

/// Reads the engine's pages of marked-up text (hOCR): the signs of each page, and how sure each is, 0 to 100.
pub fn signs_by_page(text: &str) -> Vec<Vec<(char, f32)>> {
    let mut reader = Reader::from_str(text);
    let mut pages: Vec<Vec<(char, f32)>> = Vec::new();
    let mut sure = None;
    // Text that is not well-formed is read as far as it is.
    while let Ok(event) = reader.read_event() {
        let sign = match event {
            Event::Start(element) => {
                match attribute(&element, "class").as_deref() {
                    Some("ocr_page") => pages.push(Vec::new()),
                    Some("ocrx_cinfo") => {
                        sure = attribute(&element, "title").as_deref().and_then(sureness);
                    }
                    _ => {}
                }
                continue;
            }
            Event::Text(text) => text.chars().next(),
            Event::GeneralRef(name) => referred(&name),
            Event::End(_) => {
                // One that holds no sign lends its sureness to nobody.
                sure = None;
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        if let (Some(page), Some(sign), Some(sure)) = (pages.last_mut(), sign, sure.take()) {
            page.push((sign, sure));
        }
    }
    pages
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok().flatten()?;
    Some(found.value.into_owned())
}

/// `x_bboxes 35 33 73 73; x_conf 99.03`
fn sureness(title: &str) -> Option<f32> {
    let (_, sure) = title.rsplit_once("x_conf ")?;
    let sure: f32 = sure.parse().ok()?;
    sure.is_finite().then(|| sure.clamp(0.0, 100.0))
}

/// `&amp;`, `&#39;`
fn referred(name: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(sign)) = name.resolve_char_ref() {
        return Some(sign);
    }
    resolve_predefined_entity(name)?.chars().next()
}

/// One sign with its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sign {
    pub what: char,
    pub line: u32,
    pub area: Area,
    pub confidence: f32,
}

/// Words cut into signs, each with its share of the width and the height that is usual in its line: the engine gives some
/// words the height of their neighbours as well.
pub fn signs(words: &[Word]) -> Vec<Sign> {
    let mut signs = Vec::new();
    for line in words.chunk_by(|a, b| a.line == b.line) {
        let top = median(line.iter().map(|w| w.area.top));
        let bottom = median(line.iter().map(|w| w.area.bottom)).max(top + 1.0);
        signs_of(line, top, bottom, &mut signs);
    }
    signs
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn signs_of(line: &[Word], top: f32, bottom: f32, signs: &mut Vec<Sign>) {
    for word in line {
        let many = word.text.chars().count() as f32;
        let share = word.area.width() / many;
        for (at, sign) in word.text.chars().enumerate() {
            let left = word.area.left + share * at as f32;
            signs.push(Sign {
                what: sign,
                line: word.line,
                area: Area {
                    left,
                    top,
                    right: left + share,
                    bottom,
                },
                confidence: word.confidence,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
        1\t1\t0\t0\t0\t0\t0\t0\t2600\t1800\t-1\t\n\
        5\t1\t1\t1\t1\t1\t100\t200\t60\t30\t96.5\t名称\n\
        5\t1\t1\t1\t1\t2\t180\t200\t30\t30\t91\t \n\
        5\t1\t2\t1\t1\t1\t300\t200\t30\t30\tnan\t沧\n\
        5\t1\t2\t1\t1\t1\t300\t200\t30\t30\t50\t沧\n\
        torn\n";

    #[test]
    fn words_are_read_and_everything_else_is_left_out() {
        let words = parse(TABLE);
        assert_eq!(words.len(), 2);
        assert_eq!((words[0].text.as_str(), words[0].line), ("名称", 1));
        assert!((words[0].area.right - 160.0).abs() < 0.1);
        assert_eq!(words[1].line, 2);
        assert_eq!(parse(""), []);
    }

    #[test]
    fn each_page_has_its_signs() {
        let sign = |sign: &str, sure: &str| {
            format!(
                "<span class='ocrx_cinfo' title='x_bboxes 35 33 73 73; x_conf {sure}'>{sign}</span>"
            )
        };
        let page = |signs: &[String]| {
            let signs = signs.concat();
            format!(
                "<div class='ocr_page' title='bbox 0 0 836 108'><span class='ocrx_word'>{signs}\n</span></div>"
            )
        };
        let text = page(&[
            sign("沧", "99.5"),
            sign("&amp;", "50"),
            sign("州", "nan"),
            sign("", "90"),
        ]) + &page(&[])
            + &page(&[sign("县", "120")]);
        assert_eq!(
            signs_by_page(&text),
            [vec![('沧', 99.5), ('&', 50.0)], vec![], vec![('县', 100.0)]]
        );
        assert!(signs_by_page("").is_empty());
    }

    #[test]
    fn a_word_is_cut_into_signs_of_equal_width() {
        let signs = signs(&parse(TABLE));
        assert_eq!(signs[1].what, '称');
        assert!((signs[1].area.left - 130.0).abs() < 0.1);
        assert!((signs[1].area.right - 160.0).abs() < 0.1);
    }
}
