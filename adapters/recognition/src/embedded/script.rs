//! Simplified for traditional signs 繁简: licences are printed in the simplified ones, and one of the models answers in the others.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

const TEXT: &str = include_str!("../../data/simplified.txt");
const TRADITIONAL_ONLY: &str = include_str!("../../data/traditional-only.txt");

static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let pair = |line: &str| {
        let mut signs = line.chars();
        Some((signs.next()?, signs.next()?))
    };
    TEXT.lines().filter_map(pair).collect()
});

/// The simplified form of a sign; one that has no other is itself.
pub fn simplified(sign: char) -> char {
    SIMPLIFIED.get(&sign).copied().unwrap_or(sign)
}

static ONLY: LazyLock<HashSet<char>> = LazyLock::new(|| {
    let signs = TRADITIONAL_ONLY.chars();
    signs.filter(|sign| !sign.is_whitespace()).collect()
});

/// Whether of all the models only the traditional one knows this sign, in the one form or the other.
pub fn is_known_to_the_traditional_model_only(sign: char) -> bool {
    ONLY.contains(&sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_signs_have_simplified_forms_and_common_ones_are_themselves() {
        let text: String = "滄縣聯潤閥門有限公司翊玥璟"
            .chars()
            .map(simplified)
            .collect();
        assert_eq!(text, "沧县联润阀门有限公司翊玥璟");
    }

    #[test]
    fn the_tables_are_whole() {
        assert_eq!(TEXT.lines().count(), 2_966);
        assert_eq!(ONLY.len(), 547);
        assert!(is_known_to_the_traditional_model_only('翊'));
        assert!(!is_known_to_the_traditional_model_only('沧'));
        assert!(TEXT.lines().all(|line| line.chars().count() == 2));
    }
}
