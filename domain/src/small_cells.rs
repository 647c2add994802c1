//! 小数保护 Small cells: which figures of a table rest on so few enterprises that they would tell of one, and which others have to be
//! kept back with them, so that nobody reckons them from a total.

/// Fewest enterprises behind a figure that is told.
pub const FEWEST_ENTERPRISES: i64 = 3;

/// What is kept back of parts and of their total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineBack {
    pub parts: Vec<bool>,
    pub total: bool,
}

/// What is kept back inside of a table whose row totals are a line of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableBack {
    /// Row by row.
    pub cells: Vec<Vec<bool>>,
    /// Of the totals below the columns.
    pub columns: Vec<bool>,
}

/// Parts and their total, by how many enterprises stand behind each part; those of two parts are different ones.
pub fn line_back(parts: &[i64]) -> LineBack {
    let mut grid = Grid::default();
    let line = Line {
        parts: parts.iter().map(|firms| grid.add(*firms)).collect(),
        total: grid.add(parts.iter().sum()),
        apart: true,
    };
    while grid.keeps_one_more(&line, &[]) {}
    let total = grid.back.pop().unwrap_or_default();
    LineBack {
        parts: grid.back,
        total,
    }
}

/// Rows of a table, by how many enterprises stand behind each cell. `totals` are the enterprises of each row as a whole, and `settled` is
/// what [`line_back`] keeps back of them: it stands on other pages too, so nothing is added to it here. One enterprise may stand behind
/// several cells of its row, and behind one row only.
pub fn table_back(rows: &[Vec<i64>], totals: &[i64], settled: &LineBack) -> TableBack {
    let values = rows.first().map_or(0, Vec::len);
    let mut grid = Grid::default();
    let rows_with_totals = rows.iter().zip(totals).zip(&settled.parts);
    for ((row, total), back) in rows_with_totals {
        for firms in row {
            grid.add(*firms);
        }
        grid.add_settled(*total, *back);
    }
    for column in 0..values {
        grid.add(rows.iter().map(|row| row[column]).sum());
    }
    grid.add_settled(totals.iter().sum(), settled.total);
    let mut table = Table {
        grid,
        height: rows.len() + 1,
        width: values + 1,
    };
    while table.keeps_one_more() {}
    let mut cells: Vec<Vec<bool>> = table
        .grid
        .back
        .chunks(table.width)
        .map(|line| line[..values].to_vec())
        .collect();
    let columns = cells.pop().unwrap_or_default();
    TableBack { cells, columns }
}

/// Some cells of a grid with their total.
struct Line {
    parts: Vec<usize>,
    total: usize,
    /// No enterprise stands behind two of the parts.
    apart: bool,
}

/// Cells and what is kept back of them so far.
#[derive(Default)]
struct Grid {
    firms: Vec<i64>,
    back: Vec<bool>,
    /// Settled elsewhere.
    fixed: Vec<bool>,
}

impl Grid {
    /// Nothing stands behind a zero: it is told.
    fn add(&mut self, firms: i64) -> usize {
        self.firms.push(firms);
        self.back.push(firms > 0 && firms < FEWEST_ENTERPRISES);
        self.fixed.push(false);
        self.firms.len() - 1
    }

    fn add_settled(&mut self, firms: i64, back: bool) -> usize {
        self.firms.push(firms);
        self.back.push(back);
        self.fixed.push(true);
        self.firms.len() - 1
    }

    /// Told so far, and could be kept.
    fn is_open(&self, at: usize) -> bool {
        !self.back[at] && !self.fixed[at] && self.firms[at] > 0
    }

    /// Keeps the smallest other cell of a line that gives something away. `known`: kept, and reckoned from other lines all the same.
    fn keeps_one_more(&mut self, line: &Line, known: &[usize]) -> bool {
        let is_unknown = |at: &usize| self.back[*at] && !known.contains(at);
        let hidden = line.parts.iter().copied().filter(is_unknown);
        let count = hidden.clone().count() + usize::from(is_unknown(&line.total));
        let firms = hidden.map(|at| self.firms[at]);
        // Two cells of the same enterprises are one cell of them.
        let together: i64 = if line.apart {
            firms.sum()
        } else {
            firms.max().unwrap_or(0)
        };
        // One unknown is reckoned from the others. Several are known together, unless the total is unknown as well.
        let given_away =
            count == 1 || (count > 1 && !is_unknown(&line.total) && together < FEWEST_ENTERPRISES);
        if !given_away {
            return false;
        }
        let open = line.parts.iter().copied().filter(|at| self.is_open(*at));
        let next = open
            .min_by_key(|at| self.firms[*at])
            .or_else(|| Some(line.total).filter(|at| self.is_open(*at)));
        if let Some(at) = next {
            self.back[at] = true;
        }
        next.is_some()
    }
}

/// A grid row by row, the total of each row last, the totals of the columns below.
///
/// Its lines and columns are told as sums, so what is kept of it is a graph: each cell ties its row to its column, and it is reckoned from
/// what is told exactly when no other kept cells lead from the one to the other.
struct Table {
    grid: Grid,
    height: usize,
    width: usize,
}

impl Table {
    fn keeps_one_more(&mut self) -> bool {
        let mut known = Vec::new();
        for cell in 0..self.grid.back.len() {
            if !self.grid.back[cell] {
                continue;
            }
            match self.around(cell) {
                Some(way) if way.is_empty() => {}
                Some(way) => {
                    for at in way {
                        self.grid.back[at] = true;
                    }
                    return true;
                }
                // The only cell of a row whose total is told: its star keeps nothing.
                None => known.push(cell),
            }
        }
        let lines = self.lines();
        let mut lines = lines.iter();
        lines.any(|line| self.grid.keeps_one_more(line, &known))
    }

    /// Every line but the totals of the rows, which are settled.
    fn lines(&self) -> Vec<Line> {
        let (height, width) = (self.height, self.width);
        let row = |row: usize| Line {
            parts: (0..width - 1).map(|at| row * width + at).collect(),
            total: row * width + width - 1,
            apart: false,
        };
        let column = |column: usize| Line {
            parts: (0..height - 1).map(|at| at * width + column).collect(),
            total: (height - 1) * width + column,
            apart: true,
        };
        let rows = (0..height).map(row);
        rows.chain((0..width - 1).map(column)).collect()
    }

    /// The row and the column of a cell, as points of the graph.
    fn ends(&self, cell: usize) -> (usize, usize) {
        (cell / self.width, self.height + cell % self.width)
    }

    /// Cells of a row or column, each with the point at its other end.
    fn ties(&self, point: usize) -> Vec<(usize, usize)> {
        let (height, width) = (self.height, self.width);
        if point < height {
            let tie = |at| (point * width + at, height + at);
            (0..width).map(tie).collect()
        } else {
            let tie = |at| (at * width + point - height, at);
            (0..height).map(tie).collect()
        }
    }

    /// What it takes to go along a cell; `None`: it is told, and stays so.
    fn price(&self, cell: usize) -> Option<i64> {
        if self.grid.back[cell] {
            Some(0)
        } else {
            Some(self.grid.firms[cell]).filter(|_| self.grid.is_open(cell))
        }
    }

    /// The cells to be kept with this one so that it is not reckoned, those of the fewest enterprises; none when it is not. `None`: nothing
    /// leads around it.
    fn around(&self, cell: usize) -> Option<Vec<usize>> {
        let (from, to) = self.ends(cell);
        let points = self.height + self.width;
        let mut price: Vec<Option<i64>> = vec![None; points];
        let mut over = vec![cell; points];
        let mut done = vec![false; points];
        price[from] = Some(0);
        while !done[to] {
            let reached = (0..points).filter(|at| !done[*at]);
            let reached = reached.filter_map(|at| price[at].map(|price| (price, at)));
            let (so_far, here) = reached.min()?;
            done[here] = true;
            for (tie, there) in self.ties(here) {
                let Some(more) = self.price(tie).filter(|_| tie != cell) else {
                    continue;
                };
                if price[there].is_none_or(|known| so_far + more < known) {
                    price[there] = Some(so_far + more);
                    over[there] = tie;
                }
            }
        }
        let (mut way, mut at) = (Vec::new(), to);
        while at != from {
            let tie = over[at];
            if !self.grid.back[tie] {
                way.push(tie);
            }
            let (row, column) = self.ends(tie);
            at = if at == row { column } else { row };
        }
        Some(way)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn line(parts: &[i64]) -> (Vec<bool>, bool) {
        let back = line_back(parts);
        (back.parts, back.total)
    }

    #[test]
    fn a_figure_of_fewer_than_three_takes_the_next_smallest_along() {
        assert_eq!(line(&[5, 9, 4]), (vec![false; 3], false));
        // 2 would be the total less 9 and 4.
        assert_eq!(line(&[2, 9, 4]), (vec![true, false, true], false));
        // 1 and 1 are known together: two enterprises.
        assert_eq!(line(&[1, 9, 1, 4]), (vec![true, false, true, true], false));
        assert_eq!(line(&[1, 2, 9]), (vec![true, true, false], false));
    }

    #[test]
    fn zero_is_told_and_a_total_of_few_is_not() {
        assert_eq!(line(&[0, 7, 0]), (vec![false; 3], false));
        assert_eq!(line(&[0, 2, 0]), (vec![false, true, false], true));
        assert_eq!(line(&[1, 1]), (vec![true, true], true));
        assert_eq!(line(&[]), (vec![], false));
    }

    #[test]
    fn in_a_table_neither_a_row_nor_a_column_gives_a_cell_away() {
        let rows = [vec![2, 8, 5], vec![6, 7, 9], vec![4, 0, 6]];
        let totals = [15, 22, 10];
        let settled = line_back(&totals);
        assert_eq!(settled.parts, [false; 3]);
        let back = table_back(&rows, &totals, &settled);
        assert!(back.cells[0][0], "it rests on two");
        let unknown = |cells: &[bool]| cells.iter().filter(|back| **back).count();
        for row in &back.cells {
            assert_ne!(unknown(row), 1, "{back:?}");
        }
        for column in 0..3 {
            let mut cells: Vec<bool> = back.cells.iter().map(|row| row[column]).collect();
            cells.push(back.columns[column]);
            assert_ne!(unknown(&cells), 1, "{back:?}");
        }
        assert_ne!(unknown(&back.columns), 1, "{back:?}");
    }

    #[test]
    fn a_row_whose_total_is_kept_back_on_another_page_does_not_give_it_away_here() {
        let rows = [vec![2, 0], vec![3, 4], vec![9, 9]];
        let totals = [2, 7, 18];
        let settled = line_back(&totals);
        assert_eq!(settled.parts, [true, true, false]);
        let back = table_back(&rows, &totals, &settled);
        assert!(back.cells[1].iter().any(|back| *back), "{back:?}");
    }

    /// What is found by filling in, again and again, whatever is the only unknown of its row or column.
    fn reckoned(rows: &[Vec<i64>], totals: &[i64], settled: &LineBack) -> Vec<Vec<bool>> {
        let back = table_back(rows, totals, settled);
        let mut unknown: Vec<Vec<bool>> = back.cells.clone();
        unknown.push(back.columns.clone());
        let ends = settled.parts.iter().chain([&settled.total]);
        for (line, end) in unknown.iter_mut().zip(ends) {
            line.push(*end);
        }
        let (height, width) = (unknown.len(), unknown[0].len());
        let mut lines: Vec<Vec<(usize, usize)>> = Vec::new();
        for row in 0..height {
            lines.push((0..width).map(|at| (row, at)).collect());
        }
        for at in 0..width {
            lines.push((0..height).map(|row| (row, at)).collect());
        }
        loop {
            let only = lines.iter().find_map(|line| {
                let mut of_line = line.iter().filter(|(row, at)| unknown[*row][*at]);
                of_line.next().filter(|_| of_line.next().is_none()).copied()
            });
            let Some((row, at)) = only else { break };
            unknown[row][at] = false;
        }
        unknown.pop();
        for line in &mut unknown {
            line.pop();
        }
        unknown
    }

    #[test]
    fn a_star_that_keeps_nothing_protects_nothing() {
        // The second and the third row have one value each, which is their total: keeping it is no help to the first.
        let rows = [vec![2, 8], vec![9, 0], vec![0, 5], vec![50, 60]];
        let totals = [10, 9, 5, 110];
        let settled = line_back(&totals);
        assert_eq!(settled.parts, [false; 4]);
        let unknown = reckoned(&rows, &totals, &settled);
        assert!(unknown[0][0], "{unknown:?}");
    }

    #[test]
    fn a_cell_between_two_rings_is_not_reckoned_by_adding_rows_and_taking_columns_away() {
        // Rows 0 and 1 with columns 0 and 1, rows 2 and 3 with columns 2 and 3: what goes over from the first two rows to the last two
        // columns is the sum of those rows less that of the first two columns.
        let rows = [
            vec![2, 2, 30, 0],
            vec![2, 2, 2, 0],
            vec![0, 40, 2, 2],
            vec![0, 0, 2, 2],
        ];
        let totals = [34, 6, 44, 4];
        let back = table_back(&rows, &totals, &line_back(&totals));
        let over = (0..2).flat_map(|row| (2..4).map(move |column| (row, column)));
        let there = (2..4).flat_map(|row| (0..2).map(move |column| (row, column)));
        let kept = over.chain(there).filter(|(row, at)| back.cells[*row][*at]);
        assert!(kept.count() > 1 || back.columns.contains(&true), "{back:?}");
    }

    /// Up to four rows of up to four values, few or none in most cells, with totals for any number of enterprises in common.
    fn tables() -> impl Strategy<Value = (Vec<Vec<i64>>, Vec<i64>)> {
        let cell = prop_oneof![Just(0_i64), 1_i64..4, 1_i64..30];
        let rows = (1_usize..5, 1_usize..5).prop_flat_map(move |(height, width)| {
            let row = prop::collection::vec(cell.clone(), width);
            prop::collection::vec((row, 0_i64..100), height)
        });
        rows.prop_map(|rows| {
            let total = |(row, share): &(Vec<i64>, i64)| {
                let least = row.iter().copied().max().unwrap_or(0);
                let most: i64 = row.iter().sum();
                least + (most - least) * *share / 99
            };
            let totals: Vec<i64> = rows.iter().map(total).collect();
            let rows: Vec<Vec<i64>> = rows.into_iter().map(|(row, _)| row).collect();
            (rows, totals)
        })
    }

    /// Of kept cells whose rows and columns are told as sums, one may be anything when others lead from its row to its column.
    fn may_be_anything(kept: &[(usize, usize)], cell: (usize, usize)) -> bool {
        let (mut rows, mut columns) = (BTreeSet::from([cell.0]), BTreeSet::new());
        loop {
            let before = rows.len() + columns.len();
            for (row, column) in kept.iter().filter(|other| **other != cell) {
                if rows.contains(row) || columns.contains(column) {
                    rows.insert(*row);
                    columns.insert(*column);
                }
            }
            if rows.len() + columns.len() == before {
                return columns.contains(&cell.1);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn no_sums_of_a_table_give_away_a_figure_of_fewer_than_three((rows, totals) in tables()) {
            let settled = line_back(&totals);
            let back = table_back(&rows, &totals, &settled);
            let mut kept = Vec::new();
            for row in 0..=rows.len() {
                let line = back.cells.get(row).unwrap_or(&back.columns);
                let end = settled.parts.get(row).copied().unwrap_or(settled.total);
                let line = line.iter().copied().chain([end]).enumerate();
                kept.extend(line.filter(|(_, back)| *back).map(|(column, _)| (row, column)));
            }
            for (row, (cells, total)) in rows.iter().zip(&totals).enumerate() {
                for (column, firms) in cells.iter().chain([total]).enumerate() {
                    let few = *firms > 0 && *firms < FEWEST_ENTERPRISES;
                    let at = (row, column);
                    prop_assert!(!few || kept.contains(&at), "{at:?} is told");
                    prop_assert!(!few || may_be_anything(&kept, at), "{at:?} is reckoned: {back:?}");
                }
            }
        }
    }

    #[test]
    fn two_small_cells_of_a_row_may_be_the_same_enterprises() {
        let rows = [vec![2, 1, 10], vec![20, 30, 40]];
        let totals = [11, 60];
        let back = table_back(&rows, &totals, &line_back(&totals));
        assert_eq!(back.cells[0], [true; 3], "2 and 1 may be two");
        // Those of two rows are not.
        let rows = [vec![2, 30], vec![1, 30], vec![30, 30]];
        let totals = [31, 30, 50];
        let back = table_back(&rows, &totals, &line_back(&totals));
        assert!(!back.cells[2][0], "{back:?}");
    }
}
