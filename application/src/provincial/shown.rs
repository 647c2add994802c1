//! What may be told of a month: cells of cities and values put together, and kept back figure by figure.

use domain::{
    ids::TenantId,
    small_cells::{LineBack, line_back, table_back},
    vocabulary,
};
use time::Date;

use crate::ports::provincial::{Carried, Firms, ToldCell};

vocabulary! {
    /// 指标, in the order in which it is printed.
    Figure {
        Asked = "asked" / "需求笔数",
        AskedCents = "asked_cents" / "申请金额",
        Accepted = "accepted" / "接单",
        Approved = "approved" / "通过",
        Rejected = "rejected" / "不通过",
        ApprovedCents = "approved_cents" / "批准金额",
        Draws = "draws" / "放款笔数",
        DrawnCents = "drawn_cents" / "放款金额",
        Rate = "rate" / "年利率",
        Homes = "homes" / "放款户数",
    }
}

/// Enterprises of a kind: those who ask, are accepted, approved, rejected, draw, and draw for the first time.
const KINDS: usize = 6;

impl Figure {
    /// Which enterprises it rests on.
    const fn kind(self) -> usize {
        match self {
            Self::Asked | Self::AskedCents => 0,
            Self::Accepted => 1,
            Self::Approved | Self::ApprovedCents => 2,
            Self::Rejected => 3,
            Self::Draws | Self::DrawnCents | Self::Rate => 4,
            Self::Homes => 5,
        }
    }
}

/// A figure as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// It rests on too few enterprises, or others would be reckoned from it.
    Kept,
    /// There is nothing to be told, such as a rate without a disbursement.
    Nothing,
    Count(i64),
    Cents(i64),
    /// Hundredths of a per cent a year.
    Rate(i64),
}

/// The figures of a line. What is kept back is not in it at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    sums: Carried,
    back: [bool; KINDS],
}

impl Shown {
    /// `back`: what is kept back of each kind.
    pub fn new(sums: Carried, back: [bool; KINDS]) -> Self {
        let keep = |figure: Figure, number: i64| if back[figure.kind()] { 0 } else { number };
        let sums = Carried {
            asked: keep(Figure::Asked, sums.asked),
            asked_cents: keep(Figure::AskedCents, sums.asked_cents),
            accepted: keep(Figure::Accepted, sums.accepted),
            approved: keep(Figure::Approved, sums.approved),
            approved_cents: keep(Figure::ApprovedCents, sums.approved_cents),
            rejected: keep(Figure::Rejected, sums.rejected),
            draws: keep(Figure::Draws, sums.draws),
            drawn_cents: keep(Figure::DrawnCents, sums.drawn_cents),
            rate_weight: keep(Figure::Rate, sums.rate_weight),
            homes: keep(Figure::Homes, sums.homes),
        };
        Self { sums, back }
    }

    pub fn told(&self, figure: Figure) -> Amount {
        if self.back[figure.kind()] {
            return Amount::Kept;
        }
        let sums = &self.sums;
        match figure {
            Figure::Asked => Amount::Count(sums.asked),
            Figure::AskedCents => Amount::Cents(sums.asked_cents),
            Figure::Accepted => Amount::Count(sums.accepted),
            Figure::Approved => Amount::Count(sums.approved),
            Figure::Rejected => Amount::Count(sums.rejected),
            Figure::ApprovedCents => Amount::Cents(sums.approved_cents),
            Figure::Draws => Amount::Count(sums.draws),
            Figure::DrawnCents => Amount::Cents(sums.drawn_cents),
            Figure::Homes => Amount::Count(sums.homes),
            Figure::Rate => match sums.drawn_cents / 100 {
                0 => Amount::Nothing,
                yuan => Amount::Rate((sums.rate_weight + yuan / 2) / yuan),
            },
        }
    }

    /// Whether any figure of the line is kept back.
    pub fn keeps(&self) -> bool {
        self.back.contains(&true)
    }
}

/// Sums and who stands behind them.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    sums: Carried,
    firms: Firms,
}

impl Cell {
    fn of(told: &ToldCell) -> Self {
        Self {
            sums: told.sums,
            firms: told.firms,
        }
    }

    fn and(self, other: &Self) -> Self {
        Self {
            sums: self.sums.and(&other.sums),
            firms: self.firms.and(&other.firms),
        }
    }

    /// Enterprises of each kind; where there is a figure there is at least one.
    fn behind(&self) -> [i64; KINDS] {
        let (sums, firms) = (&self.sums, &self.firms);
        let at_least = |firms: i64, figure: i64| if figure == 0 { 0 } else { firms.max(1) };
        [
            at_least(firms.asking, sums.asked),
            at_least(firms.accepted, sums.accepted),
            at_least(firms.approved, sums.approved),
            at_least(firms.rejected, sums.rejected),
            at_least(firms.drawing, sums.draws),
            sums.homes.max(0),
        ]
    }
}

/// The cities of a month, with what is kept back of each kind, and what they are broken down into.
pub(super) struct Month {
    cities: Vec<Cell>,
    back: [LineBack; KINDS],
    values: Vec<String>,
    /// City by city, value by value.
    cells: Vec<Vec<Cell>>,
    cell_back: Vec<Vec<[bool; KINDS]>>,
    value_back: Vec<[bool; KINDS]>,
}

impl Month {
    /// The month as a whole.
    pub fn of(ids: &[TenantId], month: Date, wholes: &[(TenantId, ToldCell)]) -> Self {
        let cell = |id: &TenantId| {
            let mut of_month = wholes.iter().filter(|(_, told)| told.at.month == month);
            let found = of_month.find(|(city, _)| city == id);
            found.map_or_else(Cell::default, |(_, told)| Cell::of(told))
        };
        let cities: Vec<Cell> = ids.iter().map(cell).collect();
        let back = std::array::from_fn(|kind| {
            let firms: Vec<i64> = cities.iter().map(|city| city.behind()[kind]).collect();
            line_back(&firms)
        });
        Self {
            cities,
            back,
            values: Vec::new(),
            cells: Vec::new(),
            cell_back: Vec::new(),
            value_back: Vec::new(),
        }
    }

    /// Adds the same by a dimension whose values stand in the order of their places.
    pub fn break_down(
        &mut self,
        ids: &[TenantId],
        told: &[(TenantId, ToldCell)],
        place: impl Fn(&str) -> usize,
    ) {
        let mut values: Vec<String> = told.iter().map(|(_, cell)| cell.at.value.clone()).collect();
        values.sort_by(|a, b| (place(a), a).cmp(&(place(b), b)));
        values.dedup();
        let cell = |id: &TenantId, value: &String| {
            let found = told
                .iter()
                .find(|(city, cell)| city == id && cell.at.value == *value);
            found.map_or_else(Cell::default, |(_, cell)| Cell::of(cell))
        };
        let row = |id: &TenantId| values.iter().map(|value| cell(id, value)).collect();
        let cells: Vec<Vec<Cell>> = ids.iter().map(row).collect();
        self.cell_back = vec![vec![[false; KINDS]; values.len()]; ids.len()];
        self.value_back = vec![[false; KINDS]; values.len()];
        for kind in 0..KINDS {
            let firms = |row: &Vec<Cell>| row.iter().map(|cell| cell.behind()[kind]).collect();
            let rows: Vec<Vec<i64>> = cells.iter().map(firms).collect();
            let totals: Vec<i64> = self.cities.iter().map(|c| c.behind()[kind]).collect();
            let back = table_back(&rows, &totals, &self.back[kind]);
            for (line, told) in self.cell_back.iter_mut().zip(&back.cells) {
                for (cell, told) in line.iter_mut().zip(told) {
                    cell[kind] = *told;
                }
            }
            for (value, told) in self.value_back.iter_mut().zip(&back.columns) {
                value[kind] = *told;
            }
        }
        (self.values, self.cells) = (values, cells);
    }

    pub fn total(&self) -> Shown {
        let back = std::array::from_fn(|kind| self.back[kind].total);
        Shown::new(sum(self.cities.iter()).sums, back)
    }

    pub fn city(&self, at: usize) -> Shown {
        let back = std::array::from_fn(|kind| self.back[kind].parts[at]);
        Shown::new(self.cities[at].sums, back)
    }

    /// The values of one city, or of the province.
    pub fn parts(&self, city: Option<usize>) -> Vec<(String, Shown)> {
        let values = self.values.iter().enumerate();
        let part = |(column, value): (usize, &String)| {
            let (cell, back) = if let Some(at) = city {
                (self.cells[at][column], self.cell_back[at][column])
            } else {
                let below = self.cells.iter().map(|row| &row[column]);
                (sum(below), self.value_back[column])
            };
            (value.clone(), Shown::new(cell.sums, back))
        };
        let shown = values.map(part);
        shown
            .filter(|(_, shown)| *shown != Shown::default())
            .collect()
    }
}

fn sum<'c>(cells: impl Iterator<Item = &'c Cell>) -> Cell {
    cells.fold(Cell::default(), Cell::and)
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use uuid::Uuid;

    use super::*;
    use crate::ports::provincial::CellAt;

    const MONTH: Date = date!(2026 - 10 - 01);

    fn told(city: u128, value: &str, asked: i64, firms: i64) -> (TenantId, ToldCell) {
        let at = CellAt {
            month: MONTH,
            dimension: "industry".to_owned(),
            value: value.to_owned(),
        };
        let sums = Carried {
            asked,
            asked_cents: asked * 100,
            ..Carried::default()
        };
        let firms = Firms {
            asking: firms,
            ..Firms::default()
        };
        (
            TenantId(Uuid::from_u128(city)),
            ToldCell { at, sums, firms },
        )
    }

    fn ids() -> [TenantId; 2] {
        [1, 2].map(|n| TenantId(Uuid::from_u128(n)))
    }

    #[test]
    fn many_requests_of_two_enterprises_are_kept_back_with_their_amount() {
        let month = Month::of(&ids(), MONTH, &[told(1, "", 40, 2), told(2, "", 9, 7)]);
        let (few, many) = (month.city(0), month.city(1));
        for shown in [few, many] {
            assert_eq!(shown.told(Figure::Asked), Amount::Kept);
            assert_eq!(shown.told(Figure::AskedCents), Amount::Kept);
            assert_eq!(shown.sums.asked, 0, "it is not even carried along");
        }
        let total = month.total();
        assert_eq!(total.told(Figure::Asked), Amount::Count(49));
        // Nobody was rejected: that tells of nobody.
        assert_eq!(few.told(Figure::Rejected), Amount::Count(0));
        assert_eq!(few.told(Figure::Rate), Amount::Nothing);
        assert!(few.keeps() && !total.keeps());
    }

    #[test]
    fn every_kind_of_enterprise_keeps_its_own_figures_and_no_others() {
        let kept_with = [
            vec![Figure::Asked, Figure::AskedCents],
            vec![Figure::Accepted],
            vec![Figure::Approved, Figure::ApprovedCents],
            vec![Figure::Rejected],
            vec![Figure::Draws, Figure::DrawnCents, Figure::Rate],
            vec![Figure::Homes],
        ];
        for (kind, expected) in kept_with.into_iter().enumerate() {
            let mut back = [false; KINDS];
            back[kind] = true;
            let shown = Shown::new(Carried::default(), back);
            let kept = |figure: &Figure| shown.told(*figure) == Amount::Kept;
            let kept: Vec<Figure> = Figure::ALL.iter().copied().filter(kept).collect();
            assert_eq!(kept, expected, "{kind}");
        }
    }

    #[test]
    fn behind_each_figure_stand_its_own_enterprises_and_at_least_one() {
        let sums = Carried {
            asked: 10,
            accepted: 10,
            approved: 10,
            rejected: 10,
            draws: 10,
            homes: 8,
            ..Carried::default()
        };
        let firms = Firms {
            asking: 3,
            accepted: 4,
            approved: 5,
            rejected: 6,
            drawing: 7,
        };
        assert_eq!(Cell { sums, firms }.behind(), [3, 4, 5, 6, 7, 8]);
        let uncounted = Cell {
            sums,
            firms: Firms::default(),
        };
        assert_eq!(uncounted.behind(), [1, 1, 1, 1, 1, 8]);
        let nothing = Cell {
            sums: Carried::default(),
            firms,
        };
        assert_eq!(nothing.behind(), [0; KINDS]);
    }

    #[test]
    fn the_groups_of_a_city_do_not_give_away_what_those_of_the_province_keep() {
        let wholes = [told(1, "", 12, 10), told(2, "", 20, 18)];
        let mut month = Month::of(&ids(), MONTH, &wholes);
        let cells = [
            told(1, "C", 2, 2),
            told(1, "F", 10, 8),
            told(2, "C", 9, 9),
            told(2, "F", 11, 9),
        ];
        month.break_down(&ids(), &cells, |_| 0);
        let kept = |city| {
            let parts = month.parts(city).into_iter();
            let kept = parts.map(|(_, shown)| shown.told(Figure::Asked) == Amount::Kept);
            kept.collect::<Vec<_>>()
        };
        assert_eq!(kept(Some(0)), [true, true]);
        // Else 2 would be the province's 11 less these 9.
        assert_eq!(kept(Some(1)), [true, true]);
        assert_eq!(kept(None), [false, false]);
    }
}
