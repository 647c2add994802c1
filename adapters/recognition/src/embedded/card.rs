//! The identity card 居民身份证: its labels, and the texts beside them.

use super::{
    licence::text_of,
    sheet::{self, Found, Piece},
    words::{Area, Sign},
};
use crate::texts::{IdBackTexts, IdFrontTexts, Text};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Name,
    Sex,
    Nation,
    Birth,
    Address,
    Number,
    Authority,
    Term,
}

const FRONT: [(Slot, &str); 6] = [
    (Slot::Name, "姓名"),
    (Slot::Sex, "性别"),
    (Slot::Nation, "民族"),
    (Slot::Birth, "出生"),
    (Slot::Address, "住址"),
    (Slot::Number, "公民身份号码"),
];
const BACK: [(Slot, &str); 2] = [(Slot::Authority, "签发机关"), (Slot::Term, "有效期限")];
/// The portrait begins at about this part of the print's width.
const PORTRAIT: f32 = 0.68;

/// What a first look at the front gave.
pub struct Front {
    pub labels: usize,
    pub texts: IdFrontTexts,
    /// To be read once more.
    pub name: Option<(Text, Area)>,
    pub numbers: Vec<(String, Area)>,
}

pub fn front(signs: &[Sign], size: (f32, f32)) -> Front {
    let pieces = sheet::pieces(signs);
    let labels = sheet::labels(&sheet::rows(&pieces), &FRONT);
    let numbers = numbers(&pieces);
    let left = labels.iter().map(|l| l.area.left).fold(size.0, f32::min);
    let right = numbers
        .iter()
        .map(|(_, area)| area.right)
        .fold(0.0, f32::max);
    let portrait = if right > left {
        left + (right - left) * PORTRAIT
    } else {
        size.0
    };
    let value = |slot, most| value(slot, most, &labels, &pieces, (portrait, size.1));
    let plain = |slot, most| value(slot, most).map(|(text, _)| text);
    Front {
        labels: labels.len(),
        name: value(Slot::Name, 1),
        texts: IdFrontTexts {
            name: None,
            sex: plain(Slot::Sex, 1),
            nation: plain(Slot::Nation, 1),
            birth: plain(Slot::Birth, 1),
            address: plain(Slot::Address, 3),
            number: None,
        },
        numbers,
    }
}

/// Nothing if no label of the back is there.
pub fn back(signs: &[Sign], size: (f32, f32)) -> Option<IdBackTexts> {
    let pieces = sheet::pieces(signs);
    let labels = sheet::labels(&sheet::rows(&pieces), &BACK);
    let value = |slot, most| value(slot, most, &labels, &pieces, size).map(|(text, _)| text);
    (!labels.is_empty()).then(|| IdBackTexts {
        authority: value(Slot::Authority, 2),
        term: value(Slot::Term, 1),
    })
}

fn value(
    slot: Slot,
    most: usize,
    labels: &[Found<Slot>],
    pieces: &[Piece],
    size: (f32, f32),
) -> Option<(Text, Area)> {
    let label = labels.iter().find(|l| l.slot == slot)?;
    let room = sheet::room(label, labels, size);
    let lines = sheet::lines_in(pieces, room, label.area, most);
    let signs: Vec<&Sign> = lines.into_iter().flatten().collect();
    (!signs.is_empty()).then(|| (text_of(&signs), sheet::area_of(&signs)))
}

/// Runs of digits about as long as a resident number, whatever gaps are between them.
fn numbers(pieces: &[Piece]) -> Vec<(String, Area)> {
    pieces
        .iter()
        .filter_map(|piece| {
            let run: Vec<&Sign> = piece
                .signs
                .iter()
                .filter(|s| s.what.is_ascii_alphanumeric())
                .collect();
            (16..=21)
                .contains(&run.len())
                .then(|| (run.iter().map(|s| s.what).collect(), sheet::area_of(&run)))
        })
        .collect()
}
