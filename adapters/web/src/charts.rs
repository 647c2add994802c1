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

/// Columns 柱形图 for the part `ui.columns`: a short row of times, the same size on every screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Columns {
    pub id: String,
    pub title: String,
    pub desc: String,
    pub columns: Vec<Column>,
}

/// One column, placed on a ground of 720 by 200.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Empty where there is no room for it.
    pub label: String,
    pub value: String,
    pub x: u64,
    pub middle: u64,
    pub y: u64,
    pub width: u64,
    pub height: u64,
    pub text_y: u64,
}

const GROUND: u64 = 720;
const TALLEST: u64 = 140;
const FOOT: u64 = 170;
/// Width of a sign, of one on a wall that is read from afar, and between two words that stand beside each other without touching.
const SIGN: usize = 8;
const WALL_SIGN: usize = 14;
const GAP: usize = 4;

impl Columns {
    pub fn new(id: &str, title: &str, desc: &str, rows: Vec<(String, u64)>) -> Self {
        Self::drawn(id, title, desc, rows, SIGN)
    }

    /// The same with larger and fewer words, for 数据大屏.
    pub fn on_a_wall(id: &str, title: &str, desc: &str, rows: Vec<(String, u64)>) -> Self {
        Self::drawn(id, title, desc, rows, WALL_SIGN)
    }

    fn drawn(id: &str, title: &str, desc: &str, rows: Vec<(String, u64)>, sign: usize) -> Self {
        let most = rows.iter().map(|(_, size)| *size).max().unwrap_or(0).max(1);
        let each = GROUND / u64::try_from(rows.len().max(1)).unwrap_or(1);
        let (many, ground) = (rows.len(), usize::try_from(GROUND).unwrap_or(1));
        // Which columns have room for their word: all of them, every second one, …
        let every = |signs: usize| (many * (sign * signs + GAP)).div_ceil(ground).max(1);
        let labelled = rows.iter().map(|(label, _)| label.chars().count()).max();
        let labelled = every(labelled.unwrap_or(0));
        let counted = every(most.to_string().len());
        let columns = rows
            .into_iter()
            .enumerate()
            .map(|(i, (label, size))| {
                let at = u64::try_from(i).unwrap_or(0) * each;
                let height = match TALLEST * size / most {
                    0 if size > 0 => 1,
                    height => height,
                };
                Column {
                    label: if i % labelled == 0 {
                        label
                    } else {
                        String::new()
                    },
                    value: if i % counted == 0 {
                        size.to_string()
                    } else {
                        String::new()
                    },
                    x: 0,
                    middle: at + each / 2,
                    y: FOOT - height,
                    width: (each * 3 / 4).min(48),
                    height,
                    text_y: FOOT - height - 6,
                }
            })
            .map(|mut column| {
                column.x = column.middle - column.width / 2;
                column
            })
            .collect();
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            desc: desc.to_owned(),
            columns,
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
    fn columns_stay_on_their_ground_and_do_not_write_over_each_other() {
        let many = (0..60).map(|n| (format!("2026-{n}"), n)).collect();
        let chart = Columns::new("x", "标题", "说明", many);
        assert!(
            chart
                .columns
                .iter()
                .all(|c| c.x + c.width <= GROUND && c.y + c.height == FOOT)
        );
        let labels = |chart: &Columns| chart.columns.iter().filter(|c| !c.label.is_empty()).count();
        let values = |chart: &Columns| chart.columns.iter().filter(|c| !c.value.is_empty()).count();
        assert_eq!((labels(&chart), values(&chart)), (12, 30));
        assert_eq!(chart.columns.iter().map(|c| c.height).max(), Some(TALLEST));
        let fortnight = (1..15).map(|n| (format!("11/{n}"), 1_234)).collect();
        let chart = Columns::new("x", "标题", "说明", fortnight);
        assert_eq!((labels(&chart), values(&chart)), (14, 14));
        let fortnight = (1..15).map(|n| (format!("11/{n:02}"), 12)).collect();
        let chart = Columns::on_a_wall("x", "标题", "说明", fortnight);
        assert_eq!((labels(&chart), values(&chart)), (7, 14));
        let none = Columns::new("x", "标题", "说明", vec![("一".to_owned(), 0)]);
        assert_eq!(none.columns[0].height, 0);
    }

    #[test]
    fn a_long_name_keeps_its_telling_end() {
        let label = shortened("沧州沧海惠民商业银行股份有限公司运河支行");
        assert_eq!(label.chars().count(), LABEL_SIGNS);
        assert!(label.starts_with('…') && label.ends_with("运河支行"));
    }
}
