use crate::{Reference, rows};
use application::ports::reference::{Vocabulary, VocabularyEntry};
use std::collections::HashMap;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../data/vocabulary.csv");

/// Code and Chinese word, by domain, in the order of the list.
static WORDS: LazyLock<HashMap<String, Vec<(String, String)>>> = LazyLock::new(load);

pub(crate) fn warm() {
    LazyLock::force(&WORDS);
}

pub(crate) fn rows_held() -> usize {
    WORDS.values().map(Vec::len).sum()
}

fn load() -> HashMap<String, Vec<(String, String)>> {
    let mut words: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for row in rows(TEXT, &["domain", "code", "zh", "en"]) {
        let domain = words.entry(row[0].to_owned()).or_default();
        assert!(
            domain.iter().all(|(code, _)| code != &row[1]),
            "a vocabulary repeats a code"
        );
        domain.push((row[1].to_owned(), row[2].to_owned()));
    }
    words
}

impl Vocabulary for Reference {
    fn label(&self, domain: &str, code: &str) -> Option<&str> {
        let (_, label) = WORDS.get(domain)?.iter().find(|(known, _)| known == code)?;
        Some(label)
    }

    fn entries(&self, domain: &str) -> Vec<VocabularyEntry<'_>> {
        let words = WORDS.get(domain).map(Vec::as_slice).unwrap_or_default();
        words
            .iter()
            .map(|(code, label)| VocabularyEntry { code, label })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::WORDS;
    use crate::Reference;
    use application::ports::reference::Vocabulary;
    use domain::size_class::SizeClass;

    #[test]
    fn thirty_vocabularies_hold_two_hundred_ninety_five_words() {
        assert_eq!(WORDS.len(), 30);
        assert_eq!(WORDS.values().map(Vec::len).sum::<usize>(), 295);
    }

    #[test]
    fn a_code_has_its_word_and_a_stranger_has_none() {
        assert_eq!(
            Reference.label("guarantee_method", "mortgage"),
            Some("抵押")
        );
        assert_eq!(
            Reference.label("repayment_method", "monthly_interest_bullet"),
            Some("按月付息，到期还本")
        );
        assert_eq!(Reference.label("guarantee_method", "nonsense"), None);
        assert_eq!(Reference.label("nonsense", "mortgage"), None);
    }

    #[test]
    fn entries_keep_the_order_of_the_list() {
        let codes: Vec<_> = Reference
            .entries("guarantee_method")
            .iter()
            .map(|entry| entry.code)
            .collect();
        assert_eq!(
            codes,
            ["credit", "guarantee", "mortgage", "pledge", "combined"]
        );
        assert!(Reference.entries("nonsense").is_empty());
    }

    #[test]
    fn the_words_of_size_are_those_of_the_domain() {
        for size in [
            SizeClass::Large,
            SizeClass::Medium,
            SizeClass::Small,
            SizeClass::Micro,
        ] {
            assert_eq!(
                Reference.label("enterprise_size", size.as_str()),
                Some(size.label())
            );
        }
    }
}
