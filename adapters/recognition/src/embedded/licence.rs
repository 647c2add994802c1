//! The licence 营业执照: its labels, and the texts beside them.

use super::{
    sheet::{self, Found, Piece},
    words::{Area, Sign},
};
use crate::texts::{LicenceTexts, Text};

/// A field of the licence, or a label after which none follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Code,
    Name,
    Kind,
    Person,
    Capital,
    Established,
    Term,
    Address,
    Scope,
    Form,
    Authority,
}

/// Labels as the forms of 2015 and 2019 print them, by kind of entity.
const LABELS: [(Slot, &str); 21] = [
    (Slot::Code, "统一社会信用代码"),
    (Slot::Name, "名称"),
    (Slot::Kind, "类型"),
    (Slot::Kind, "主体类型"),
    (Slot::Person, "法定代表人"),
    (Slot::Person, "负责人"),
    (Slot::Person, "经营者"),
    (Slot::Person, "执行事务合伙人"),
    (Slot::Person, "投资人"),
    (Slot::Capital, "注册资本"),
    (Slot::Capital, "成员出资总额"),
    (Slot::Capital, "出资额"),
    (Slot::Established, "成立日期"),
    (Slot::Established, "注册日期"),
    (Slot::Term, "营业期限"),
    (Slot::Address, "住所"),
    (Slot::Address, "主要经营场所"),
    (Slot::Address, "经营场所"),
    (Slot::Scope, "经营范围"),
    (Slot::Form, "组成形式"),
    (Slot::Authority, "登记机关"),
];

/// Labels of two signs, spread wide: one of them is enough in its place.
const HALVES: [(Slot, char, char); 3] = [
    (Slot::Name, '名', '称'),
    (Slot::Kind, '类', '型'),
    (Slot::Address, '住', '所'),
];
/// How names end, for a name whose label was not read.
pub const ENDINGS: [&str; 10] = [
    "公司",
    "厂",
    "店",
    "合作社",
    "中心",
    "商行",
    "经营部",
    "事务所",
    "养殖场",
    "企业",
];
/// How types begin.
const KINDS: [&str; 8] = [
    "有限责任公司",
    "股份有限公司",
    "其他有限责任公司",
    "其他股份有限公司",
    "个人独资企业",
    "个体工商户",
    "农民专业合作社",
    "有限合伙",
];
/// So many signs tell a type from a name.
const KIND_BEGINS: usize = 4;
/// A field whose label was not read is at best to be looked at.
const WITHOUT_LABEL: u8 = 60;

/// A value: what was read, and where.
#[derive(Clone, Debug)]
pub struct Value {
    pub slot: Slot,
    pub text: Text,
    pub lines: Vec<Area>,
    /// However sure a later reading is.
    pub at_best: u8,
}

/// What a first look at a sheet gave.
pub struct Seen {
    pub labels: Vec<Found<Slot>>,
    pub values: Vec<Value>,
    /// Where a credit code may stand, the likeliest first.
    pub codes: Vec<(String, Area)>,
}

/// Values and a code that a licence has at least: 名称, 类型, 法定代表人, 注册资本, 成立日期, 住所, 经营范围.
const WHOLE: usize = 8;
/// Of what two looks at a sheet read differently, and of what only the second one read, nothing is sure.
const SECOND_LOOK: u8 = 65;

impl Seen {
    /// Whether values are missing on what is a licence: without any label it lies wrongly, or is another document.
    pub fn lacks_something(&self) -> bool {
        let found = self.values.len() + usize::from(!self.codes.is_empty());
        !self.labels.is_empty() && found < WHOLE
    }

    /// With what a second look found in addition. What both found stays as the first read it, unless the second is better.
    pub fn completed(mut self, second: Self, better: impl Fn(&Value, &Value) -> bool) -> Self {
        for mut value in second.values {
            value.at_best = value.at_best.min(SECOND_LOOK);
            match self.values.iter_mut().find(|v| v.slot == value.slot) {
                Some(first) if first.text.text == value.text.text => {}
                Some(first) if better(&value, first) => *first = value,
                Some(first) => first.at_best = first.at_best.min(SECOND_LOOK),
                None => self.values.push(value),
            }
        }
        if second.labels.len() > self.labels.len() {
            self.labels = second.labels;
        }
        self.codes.extend(second.codes);
        self
    }
}

pub fn seen(signs: &[Sign], sheet: (f32, f32)) -> Seen {
    let pieces = parted(sheet::pieces(signs));
    let rows = sheet::rows(&pieces);
    let mut labels = sheet::labels(&rows, &LABELS);
    labels.extend(sheet::half_labels(&pieces, &labels, &HALVES));
    let mut values: Vec<Value> = labels
        .iter()
        .filter(|l| !matches!(l.slot, Slot::Code | Slot::Form | Slot::Authority))
        .filter_map(|label| value(label, &labels, &pieces, sheet))
        .collect();
    if labels.len() > 2 {
        without_label(&pieces, &mut values);
    }
    Seen {
        codes: codes(&pieces),
        labels,
        values,
    }
}

fn value(
    label: &Found<Slot>,
    labels: &[Found<Slot>],
    pieces: &[Piece],
    sheet: (f32, f32),
) -> Option<Value> {
    let most = match label.slot {
        Slot::Scope => 20,
        Slot::Name | Slot::Address | Slot::Kind => 3,
        Slot::Term => 2,
        _ => 1,
    };
    let room = sheet::room(label, labels, sheet);
    let mut lines = sheet::lines_in(pieces, room, label.area, most);
    if label.slot == Slot::Name {
        lines.truncate(lines_of_name(&lines));
    }
    let signs: Vec<&Sign> = lines.iter().flatten().copied().collect();
    if signs.is_empty() {
        return None;
    }
    Some(Value {
        slot: label.slot,
        text: text_of(&signs),
        lines: lines.iter().map(|line| sheet::area_of(line)).collect(),
        at_best: 100,
    })
}

/// A name that is whole does not go on with a type: then the label between them was not read.
fn lines_of_name(lines: &[Vec<&Sign>]) -> usize {
    let mut read = String::new();
    for (at, line) in lines.iter().enumerate() {
        let text = text_of(line).text;
        if ENDINGS.iter().any(|ending| read.ends_with(ending)) && begins_a_kind(&text) {
            return at;
        }
        read.push_str(&text);
    }
    lines.len()
}

/// Whether a text begins as types do, but for a sign.
fn begins_a_kind(text: &str) -> bool {
    let begun: Vec<char> = text.chars().take(KIND_BEGINS).collect();
    KINDS.iter().any(|kind| {
        let kind: Vec<char> = kind.chars().take(KIND_BEGINS).collect();
        sheet::distance(&kind, &begun) < 2
    })
}

/// Pieces of print that run into a label of the next column are two.
fn parted(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut parts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let Some(at) = label_inside(&piece) else {
            parts.push(piece);
            continue;
        };
        for signs in [&piece.signs[..at], &piece.signs[at..]] {
            let of: Vec<&Sign> = signs.iter().collect();
            parts.push(Piece {
                area: sheet::area_of(&of),
                signs: signs.to_vec(),
            });
        }
    }
    parts
}

/// Where a long label stands after a name that ends as names do: no text that merely speaks of 注册资本 is torn.
fn label_inside(piece: &Piece) -> Option<usize> {
    let read: Vec<char> = piece.signs.iter().map(|s| s.what).collect();
    let ended = |at: usize| {
        let before: String = read[..at].iter().collect();
        ENDINGS.iter().any(|ending| tidy(&before).ends_with(ending))
    };
    LABELS
        .iter()
        .map(|(_, label)| label.chars().collect::<Vec<char>>())
        .filter(|label| label.len() > 3)
        .find_map(|label| (1..read.len()).find(|at| read[*at..].starts_with(&label) && ended(*at)))
}

/// Names and types that give themselves away.
fn without_label(pieces: &[Piece], values: &mut Vec<Value>) {
    let missing = |values: &[Value], slot| !values.iter().any(|v| v.slot == slot);
    for piece in pieces.iter().filter(|p| p.signs.len() > 3) {
        let signs: Vec<&Sign> = piece.signs.iter().collect();
        let text = text_of(&signs);
        let is_kind = KINDS.iter().any(|kind| text.text.starts_with(kind));
        let is_name = !is_kind && ENDINGS.iter().any(|ending| text.text.ends_with(ending));
        let slot = match (is_kind, is_name) {
            (true, _) => Slot::Kind,
            (_, true) if piece.signs.len() > 5 => Slot::Name,
            _ => continue,
        };
        let taken = values
            .iter()
            .flat_map(|v| &v.lines)
            .any(|line| line.holds(piece.area.middle()));
        if missing(values, slot) && !taken {
            values.push(Value {
                slot,
                text,
                lines: vec![piece.area],
                at_best: WITHOUT_LABEL,
            });
        }
    }
}

/// The text, as sure as its signs are on average.
pub fn text_of(signs: &[&Sign]) -> Text {
    let text: String = signs.iter().map(|s| s.what).collect();
    let sum: f32 = signs.iter().map(|s| s.confidence).sum();
    let mean = sum / signs.len().max(1) as f32;
    Text::new(tidy(&text), mean.clamp(0.0, 100.0) as u8)
}

/// Without the marks that specks leave at either end.
pub fn tidy(text: &str) -> String {
    let specks: &[char] = &[
        '|', '"', '\'', '“', '”', '‘', '’', '.', ',', '，', '。', '、', ':', '：', ';', '-', '_',
        '一', '`', '~', '丨', '*',
    ];
    let start = text.trim().trim_start_matches(specks);
    start
        .trim_end_matches(
            &[
                '|', '"', '\'', '“', '”', '‘', '’', ':', '：', '-', '_', '`', '~', '丨', '*',
            ][..],
        )
        .to_owned()
}

/// Runs of Latin signs and digits about as long as a code.
fn codes(pieces: &[Piece]) -> Vec<(String, Area)> {
    let mut found = Vec::new();
    for piece in pieces {
        let mut run: Vec<&Sign> = Vec::new();
        for sign in piece.signs.iter().chain([&END]) {
            if sign.what.is_ascii_alphanumeric() {
                run.push(sign);
                continue;
            }
            if (14..=22).contains(&run.len()) {
                found.push((run.iter().map(|s| s.what).collect(), sheet::area_of(&run)));
            }
            run.clear();
        }
    }
    found
}

const END: Sign = Sign {
    what: ' ',
    line: 0,
    area: Area {
        left: 0.0,
        top: 0.0,
        right: 0.0,
        bottom: 0.0,
    },
    confidence: 0.0,
};

/// Values by slot.
pub fn texts(values: Vec<Value>, code: Option<Text>) -> LicenceTexts {
    let mut texts = LicenceTexts {
        credit_code: code,
        ..LicenceTexts::default()
    };
    for value in values {
        let slot = match value.slot {
            Slot::Name => &mut texts.name,
            Slot::Kind => &mut texts.kind,
            Slot::Person => &mut texts.legal_representative,
            Slot::Capital => &mut texts.registered_capital,
            Slot::Established => &mut texts.established,
            Slot::Term => &mut texts.term,
            Slot::Address => &mut texts.address,
            Slot::Scope => &mut texts.scope,
            Slot::Code | Slot::Form | Slot::Authority => continue,
        };
        *slot = Some(value.text);
    }
    texts
}

#[cfg(test)]
mod tests;
