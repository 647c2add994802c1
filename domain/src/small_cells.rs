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

/// Parts and their total, by how many enterprises stand behind each part.
pub fn line_back(parts: &[i64]) -> LineBack {
    let mut grid = Grid::default();
    let mut line: Vec<usize> = parts.iter().map(|firms| grid.add(*firms)).collect();
    line.push(grid.add(parts.iter().sum()));
    grid.settle(&[line]);
    let total = grid.back.pop().unwrap_or_default();
    LineBack {
        parts: grid.back,
        total,
    }
}

/// Rows of a table, by how many enterprises stand behind each cell. `totals` are the enterprises of each row as a whole, and `settled` is
/// what [`line_back`] keeps back of them: it stands on other pages too, so nothing is added to it here.
pub fn table_back(rows: &[Vec<i64>], totals: &[i64], settled: &LineBack) -> TableBack {
    let width = rows.first().map_or(0, Vec::len);
    let mut grid = Grid::default();
    let mut lines: Vec<Vec<usize>> = Vec::with_capacity(rows.len() + 1 + width);
    let rows_with_totals = rows.iter().zip(totals).zip(&settled.parts);
    for ((row, total), back) in rows_with_totals {
        let mut line: Vec<usize> = row.iter().map(|firms| grid.add(*firms)).collect();
        line.push(grid.add_settled(*total, *back));
        lines.push(line);
    }
    let below: Vec<i64> = (0..width)
        .map(|column| rows.iter().map(|row| row[column]).sum())
        .collect();
    let mut last: Vec<usize> = below.iter().map(|firms| grid.add(*firms)).collect();
    last.push(grid.add_settled(totals.iter().sum(), settled.total));
    lines.push(last);
    let columns: Vec<Vec<usize>> = (0..width)
        .map(|column| lines.iter().map(|line| line[column]).collect())
        .collect();
    let mut all = lines.clone();
    all.extend(columns);
    grid.settle(&all);
    let told = |line: &Vec<usize>| line[..width].iter().map(|at| grid.back[*at]).collect();
    let mut cells: Vec<Vec<bool>> = lines.iter().map(told).collect();
    let columns = cells.pop().unwrap_or_default();
    TableBack { cells, columns }
}

/// Cells and what is kept back of them so far; a line names its cells, the total last.
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

    /// One cell more at a time, until no line gives anything away.
    fn settle(&mut self, lines: &[Vec<usize>]) {
        while lines.iter().any(|line| self.keeps_one_more(line)) {}
    }

    fn keeps_one_more(&mut self, line: &[usize]) -> bool {
        let Some((&total, parts)) = line.split_last() else {
            return false;
        };
        let hidden = parts.iter().filter(|at| self.back[**at]);
        let together: i64 = hidden.clone().map(|at| self.firms[*at]).sum();
        let count = hidden.count() + usize::from(self.back[total]);
        // One unknown is reckoned from the others. Several are known together, unless the total is unknown as well.
        let given_away =
            count == 1 || (count > 1 && !self.back[total] && together < FEWEST_ENTERPRISES);
        if !given_away {
            return false;
        }
        let open = |at: &&usize| !self.back[**at] && !self.fixed[**at] && self.firms[**at] > 0;
        let next = parts
            .iter()
            .filter(open)
            .min_by_key(|at| self.firms[**at])
            .or_else(|| Some(&total).filter(open));
        let next = next.copied();
        if let Some(at) = next {
            self.back[at] = true;
        }
        next.is_some()
    }
}

#[cfg(test)]
mod tests {
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
}
