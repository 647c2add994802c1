//! The sheet: pieces of print in rows, labels among them, and what stands beside each label.

use super::words::{Area, Sign};

/// A piece of print: signs of one line with no wide gap between them.
#[derive(Clone, Debug)]
pub struct Piece {
    pub signs: Vec<Sign>,
    pub area: Area,
}

/// A gap of so many heights parts two pieces.
const GAP: f32 = 1.2;

/// Signs put together to pieces, from top to bottom.
pub fn pieces(signs: &[Sign]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for sign in signs {
        if let Some(piece) = pieces.last_mut() {
            let last = piece.signs[piece.signs.len() - 1];
            let height = piece.area.height().max(sign.area.height());
            let gap = sign.area.left - last.area.right;
            if last.line == sign.line && gap < height * GAP {
                piece.signs.push(*sign);
                piece.area = piece.area.with(sign.area);
                continue;
            }
        }
        pieces.push(Piece {
            signs: vec![*sign],
            area: sign.area,
        });
    }
    pieces.retain(|piece| piece.area.height() > 4.0 && piece.area.width() > 3.0);
    pieces.sort_by(|a, b| a.area.top.total_cmp(&b.area.top));
    pieces
}

/// How much of the lower one of two pieces lies beside the other, 0 to 1.
fn beside(a: Area, b: Area) -> f32 {
    let both = a.bottom.min(b.bottom) - a.top.max(b.top);
    both / a.height().min(b.height()).max(1.0)
}

/// Rows: each piece, then its neighbours to the right as far as there are any.
pub fn rows(pieces: &[Piece]) -> Vec<Vec<&Piece>> {
    let next = |at: usize| {
        let from = pieces[at].area;
        (0..pieces.len())
            .filter(|&other| {
                other != at && pieces[other].area.left >= from.right - from.height() * 0.3
            })
            .filter(|&other| beside(from, pieces[other].area) > 0.4)
            .min_by(|&a, &b| pieces[a].area.left.total_cmp(&pieces[b].area.left))
    };
    let after: Vec<Option<usize>> = (0..pieces.len()).map(next).collect();
    let mut has_before = vec![false; pieces.len()];
    for at in after.iter().flatten() {
        has_before[*at] = true;
    }
    let mut rows = Vec::new();
    for start in (0..pieces.len()).filter(|&at| !has_before[at]) {
        let mut row = Vec::new();
        let mut at = Some(start);
        while let Some(here) = at {
            if row.len() > pieces.len() {
                break;
            }
            row.push(&pieces[here]);
            at = after[here];
        }
        rows.push(row);
    }
    rows
}

/// A label that was found, of whichever kind the caller counts in.
#[derive(Clone, Copy, Debug)]
pub struct Found<S> {
    pub slot: S,
    pub area: Area,
    /// Signs of the label that were misread.
    pub misses: usize,
}

/// Finds labels at the beginning of pieces, spread over several of them where they are printed so.
pub fn labels<S: Copy + PartialEq>(rows: &[Vec<&Piece>], known: &[(S, &str)]) -> Vec<Found<S>> {
    let mut found: Vec<Found<S>> = Vec::new();
    for row in rows {
        let signs: Vec<(Sign, bool)> = row
            .iter()
            .flat_map(|piece| {
                piece
                    .signs
                    .iter()
                    .enumerate()
                    .map(|(at, sign)| (*sign, at == 0))
            })
            .collect();
        let mut from = 0;
        while from < signs.len() {
            let best = signs[from]
                .1
                .then(|| best_label(&signs[from..], known))
                .flatten();
            let Some((label, used)) = best else {
                from += 1;
                continue;
            };
            from += used;
            found.push(label);
        }
    }
    best_of_each(found)
}

/// The label that begins here, and how many signs it takes; the longest of the best.
fn best_label<S: Copy>(signs: &[(Sign, bool)], known: &[(S, &str)]) -> Option<(Found<S>, usize)> {
    let mut best: Option<(Found<S>, usize, usize)> = None;
    for (slot, label) in known {
        let wanted: Vec<char> = label.chars().collect();
        let allowed = match wanted.len() {
            0..=3 => 0,
            4..=6 => 1,
            _ => 2,
        };
        for used in [wanted.len(), wanted.len() - 1, wanted.len() + 1] {
            if used == 0 || used > signs.len() || (used != wanted.len() && allowed == 0) {
                continue;
            }
            let taken = &signs[..used];
            let read: Vec<char> = taken.iter().map(|(s, _)| s.what).collect();
            let misses = distance(&wanted, &read);
            if misses > allowed || !together(taken) {
                continue;
            }
            let better = best.as_ref().is_none_or(|(found, length, _)| {
                (misses, usize::MAX - wanted.len()) < (found.misses, usize::MAX - *length)
            });
            if better {
                let area = taken
                    .iter()
                    .skip(1)
                    .fold(taken[0].0.area, |area, (s, _)| area.with(s.area));
                let found = Found {
                    slot: *slot,
                    area,
                    misses,
                };
                best = Some((found, wanted.len(), used));
            }
        }
    }
    best.map(|(found, _, used)| (found, used))
}

/// Whether the signs of a label stand as close together as labels do.
fn together(taken: &[(Sign, bool)]) -> bool {
    taken.windows(2).all(|pair| {
        let (a, b) = (pair[0].0.area, pair[1].0.area);
        let height = a.height().max(b.height());
        b.left - a.right < height * 7.0 && height < a.height().min(b.height()) * 2.5
    })
}

/// A label of two signs, one of which was misread: known by the other, and by standing in line with a label that was read.
pub fn half_labels<S: Copy + PartialEq>(
    pieces: &[Piece],
    found: &[Found<S>],
    known: &[(S, char, char)],
) -> Vec<Found<S>> {
    let mut halves = Vec::new();
    for (slot, first, second) in known {
        if found.iter().any(|f| f.slot == *slot) {
            continue;
        }
        let half = pieces
            .iter()
            .filter(|p| p.signs.len() == 1)
            .find_map(|piece| {
                let (sign, area) = (piece.signs[0].what, piece.area);
                let near = |a: f32, b: f32| (a - b).abs() < area.height() * 1.5;
                let line = found.iter().find(|f| {
                    (sign == *first && near(f.area.left, area.left))
                        || (sign == *second && near(f.area.right, area.right))
                })?;
                Some(Area {
                    left: line.area.left.min(area.left),
                    right: line.area.right.max(area.right),
                    ..area
                })
            });
        halves.extend(half.map(|area| Found {
            slot: *slot,
            area,
            misses: 1,
        }));
    }
    halves
}

fn best_of_each<S: Copy + PartialEq>(mut found: Vec<Found<S>>) -> Vec<Found<S>> {
    found.sort_by(|a, b| {
        a.misses
            .cmp(&b.misses)
            .then(a.area.top.total_cmp(&b.area.top))
    });
    let mut kept: Vec<Found<S>> = Vec::new();
    for label in found {
        if !kept.iter().any(|k| k.slot == label.slot) {
            kept.push(label);
        }
    }
    kept
}

/// Edit distance.
pub fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (corner + usize::from(x != y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            corner = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

/// Where the value of a label may stand: right of it, up to the next label to the right and the next one below.
pub fn room<S: Copy + PartialEq>(label: &Found<S>, labels: &[Found<S>], sheet: (f32, f32)) -> Area {
    let here = label.area;
    let height = here.height();
    let others = || {
        labels
            .iter()
            .filter(|other| other.slot != label.slot)
            .map(|other| other.area)
    };
    let below = |right: f32| {
        others()
            .filter(|a| a.top > here.bottom - height * 0.3)
            .filter(|a| a.left < right && a.right > here.left - height)
            .map(|a| a.top - height * 0.15)
            .fold(sheet.1, f32::min)
    };
    // A label of the next column, on this row or near it, or one on this very row.
    let right = others()
        .filter(|a| {
            let near = a.top < here.bottom + height * 3.0 && a.bottom > here.top - height * 14.0;
            (a.left > here.right + height * 6.0 && near)
                || (a.left > here.right && beside(*a, here) > 0.4)
        })
        .map(|a| a.left - height * 0.4)
        .fold(sheet.0, f32::min);
    Area {
        left: here.right + height * 0.1,
        top: here.top - height * 0.6,
        right,
        bottom: below(right.min(here.right + height * 12.0)),
    }
}

/// The lines in a room, the first beside the label and each of the others close below the one before.
pub fn lines_in(pieces: &[Piece], room: Area, label: Area, most: usize) -> Vec<Vec<&Sign>> {
    let mut inside: Vec<Vec<&Sign>> = pieces
        .iter()
        .map(|piece| {
            piece
                .signs
                .iter()
                .filter(|s| room.holds(s.area.middle()))
                .collect()
        })
        .filter(|signs: &Vec<&Sign>| !signs.is_empty())
        .collect();
    inside.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    let mut lines: Vec<Vec<&Sign>> = Vec::new();
    for signs in inside {
        let here = area_of(&signs);
        let Some(line) = lines.last_mut() else {
            if beside(here, label) > 0.3 {
                lines.push(signs);
            }
            continue;
        };
        let before = area_of(line);
        if beside(here, before) > 0.4 {
            // The engine's order of signs is better than its boxes: whole pieces are put in order, never signs.
            if here.left < before.left {
                line.splice(0..0, signs);
            } else {
                line.extend(signs);
            }
        } else if lines.len() < most && here.top - before.bottom < before.height() * 1.0 {
            lines.push(signs);
        } else if here.top > before.bottom {
            break;
        }
    }
    lines
}

fn middle(signs: &[&Sign]) -> f32 {
    area_of(signs).middle().1
}

pub fn area_of(signs: &[&Sign]) -> Area {
    signs.iter().skip(1).fold(
        signs.first().map(|s| s.area).unwrap_or_default(),
        |area, s| area.with(s.area),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs of 30 pixels, each text a line of its own.
    fn signs(lines: &[(&str, f32, f32)]) -> Vec<Sign> {
        let mut signs = Vec::new();
        for (line, (text, x, y)) in (0..).zip(lines) {
            for (at, what) in text.chars().enumerate() {
                let left = x + 30.0 * f32::from(u8::try_from(at).expect("short"));
                let area = Area {
                    left,
                    top: *y,
                    right: left + 30.0,
                    bottom: y + 30.0,
                };
                signs.push(Sign {
                    what,
                    line,
                    area,
                    confidence: 90.0,
                });
            }
        }
        signs
    }

    const KNOWN: [(char, &str); 4] = [
        ('n', "名称"),
        ('t', "类型"),
        ('c', "注册资本"),
        ('a', "住所"),
    ];

    fn text(pieces: &[Piece], labels: &[Found<char>], slot: char) -> String {
        let label = labels.iter().find(|l| l.slot == slot).expect("a label");
        let room = room(label, labels, (2_000.0, 1_000.0));
        let lines = lines_in(pieces, room, label.area, 3);
        lines.iter().flatten().map(|s| s.what).collect()
    }

    #[test]
    fn values_stand_beside_their_labels_in_two_columns() {
        let signs = signs(&[
            ("名", 100.0, 100.0),
            ("称", 220.0, 101.0),
            ("沧州市某某有限公司", 300.0, 102.0),
            ("注册货本", 1_000.0, 104.0),
            ("伍佰万元整", 1_200.0, 106.0),
            ("类型", 100.0, 170.0),
            ("有限责任公司", 300.0, 171.0),
            ("住所", 1_000.0, 172.0),
            ("沧州市运河区", 1_200.0, 173.0),
            ("解放西路", 1_200.0, 214.0),
        ]);
        let pieces = pieces(&signs);
        let labels = labels(&rows(&pieces), &KNOWN);
        assert_eq!(text(&pieces, &labels, 'n'), "沧州市某某有限公司");
        assert_eq!(
            text(&pieces, &labels, 'c'),
            "伍佰万元整",
            "one sign of the label was misread"
        );
        assert_eq!(text(&pieces, &labels, 't'), "有限责任公司");
        assert_eq!(
            text(&pieces, &labels, 'a'),
            "沧州市运河区解放西路",
            "over two lines"
        );
    }

    #[test]
    fn half_a_label_is_enough_in_line_with_a_whole_one() {
        let signs = signs(&[
            ("名称", 100.0, 100.0),
            ("六", 100.0, 170.0),
            ("型", 130.0, 171.0),
            ("型", 900.0, 400.0),
        ]);
        let mut signs = signs;
        // What stands before it was taken for a line of its own.
        signs.retain(|s| s.what != '六');
        let pieces = pieces(&signs);
        let found = labels(&rows(&pieces), &KNOWN);
        let halves = half_labels(&pieces, &found, &[('t', '类', '型')]);
        assert_eq!(halves.len(), 1);
        assert!((halves[0].area.top - 171.0).abs() < 0.1);
    }

    #[test]
    fn distance_counts_changes() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&chars("注册资本"), &chars("注册货本")), 1);
        assert_eq!(distance(&chars("住所"), &chars("所")), 1);
    }
}
