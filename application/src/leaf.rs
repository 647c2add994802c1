//! A leaf of a long list is read with one row more than it shows: whether another leaf follows is whether that row was there.

/// Leaves `most` rows; true when there were more.
pub(crate) fn cut<T>(rows: &mut Vec<T>, most: i64) -> bool {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_beyond_the_leaf_says_that_another_follows() {
        let mut rows = vec![1, 2, 3];
        assert!(cut(&mut rows, 2));
        assert_eq!(rows, [1, 2]);
        assert!(!cut(&mut rows, 2), "exactly full is the last");
    }
}
