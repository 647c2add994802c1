//! 所需材料: which of them the platform has already. Lines are the institution's own words, so only what is beyond doubt is marked.

/// Whose paper it is, when it is not the enterprise's own.
const OTHERS: [&str; 8] = [
    "保证人",
    "担保",
    "抵押",
    "出质",
    "股东",
    "关联",
    "上下游",
    "配偶",
];

/// Whether files of these kinds are what a line asks for.
pub(super) fn is_given(line: &str, kinds: &[&str]) -> bool {
    if OTHERS.iter().any(|other| line.contains(other)) {
        return false;
    }
    let has = |kind: &str| kinds.contains(&kind);
    let licence = line.contains("营业执照");
    let card = line.contains("身份证")
        && ["法定代表人", "法人", "经营者"]
            .iter()
            .any(|w| line.contains(w));
    match (licence, card) {
        (false, false) => false,
        (licence, card) => {
            (!licence || has("licence")) && (!card || (has("id_front") && has("id_back")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 3] = ["licence", "id_front", "id_back"];

    #[test]
    fn only_the_own_licence_and_the_own_card_are_known_to_be_there() {
        for (line, given) in [
            ("营业执照", true),
            ("法定代表人居民身份证", true),
            ("营业执照、法定代表人身份证", true),
            ("近 12 个月银行流水", false),
            ("保证人身份证", false),
            ("抵押人营业执照", false),
            ("身份证", false),
            ("公司章程", false),
        ] {
            assert_eq!(is_given(line, &ALL), given, "{line}");
        }
    }

    #[test]
    fn a_card_has_two_sides_and_a_line_with_two_papers_needs_both() {
        assert!(!is_given("法定代表人居民身份证", &["id_front"]));
        assert!(!is_given("营业执照、法定代表人身份证", &["licence"]));
        assert!(!is_given("营业执照", &[]));
    }
}
