//! Charts 图表: bars drawn by the server as SVG, with every value printed; the page puts the table beside them.

use serde::Serialize;

/// Pixels of a row: words and value above, the bar below. Lengths are shares of whatever width there is, so that a phone sees
/// every value without scrolling.
const ROW: u32 = 48;
/// Signs of a label that fit into the column of words.
const LABEL_SIGNS: usize = 13;

/// Bar chart 条形图 for the part `ui.bars`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bars {
    /// Unique on the page: the ids of title and description follow from it.
    pub id: String,
    pub title: String,
    pub desc: String,
    pub height: u32,
    pub bars: Vec<Bar>,
}

/// One bar, placed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bar {
    pub label: String,
    pub value: String,
    pub y: u32,
    pub text_y: u32,
    /// Per cent of the width.
    pub width: u64,
    /// Empty, `warning` or `danger`.
    pub kind: String,
}

impl Bars {
    /// `rows`: label, size, the size in words, kind; a bar's length is its share of the largest.
    pub fn new(id: &str, title: &str, desc: &str, rows: Vec<(String, u64, String, &str)>) -> Self {
        let most = rows
            .iter()
            .map(|(_, size, _, _)| *size)
            .max()
            .unwrap_or(0)
            .max(1);
        let bars: Vec<Bar> = rows
            .into_iter()
            .zip(0u32..)
            .map(|((label, size, value, kind), i)| {
                let width = 100 * size / most;
                Bar {
                    label: shortened(&label),
                    value,
                    y: i * ROW + 20,
                    text_y: i * ROW + 14,
                    // Something is seen as soon as there is something.
                    width: if size > 0 { width.max(1) } else { 0 },
                    kind: kind.to_owned(),
                }
            })
            .collect();
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            desc: desc.to_owned(),
            height: u32::try_from(bars.len()).unwrap_or(0) * ROW,
            bars,
        }
    }
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL_SIGNS {
        return label.to_owned();
    }
    // Branches of one institution differ at the end of their names.
    let tail: Vec<char> = label.chars().rev().take(LABEL_SIGNS - 1).collect();
    format!("…{}", tail.into_iter().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_drawing_and_something_is_never_nothing() {
        let rows = vec![
            ("甲支行".to_owned(), 1_000, "1000 笔".to_owned(), ""),
            ("乙支行".to_owned(), 1, "1 笔".to_owned(), "danger"),
            ("丙支行".to_owned(), 0, "0 笔".to_owned(), ""),
        ];
        let chart = Bars::new("x", "标题", "说明", rows);
        let widths: Vec<u64> = chart.bars.iter().map(|b| b.width).collect();
        assert_eq!(widths, [100, 1, 0]);
        assert_eq!(chart.height, 3 * ROW);
    }

    #[test]
    fn a_long_name_keeps_its_telling_end() {
        let label = shortened("沧州沧海惠民商业银行股份有限公司运河支行");
        assert_eq!(label.chars().count(), LABEL_SIGNS);
        assert!(label.starts_with('…') && label.ends_with("运河支行"));
    }
}
