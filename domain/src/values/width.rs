//! Full-width and half-width 全角与半角.

/// Half-width form 半角: what Chinese input methods type as １２３ＡＢＣ， and what the ideographic space hides.
pub fn half_width(text: &str) -> String {
    text.chars()
        .filter(|c| !is_harmless(*c))
        .map(|c| match c {
            '\u{3000}' => ' ',
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .collect()
}

/// Signs without a width that come along when text is copied and say nothing: they are left out before anything is checked.
/// What turns the direction of reading is not among them, nor U+200D, which joins pictures.
pub(super) fn is_harmless(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}'
    )
}

/// A letter or a sign to a machine, a blank to a person.
pub(super) fn looks_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{115F}'
                | '\u{1160}'
                | '\u{17B4}'
                | '\u{17B5}'
                | '\u{180E}'
                | '\u{200D}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{FE0F}'
                | '\u{FFA0}'
        )
}

/// Invisible signs that a one-line value may never hold: controls, direction marks, zero-width signs, line separators.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Chinese characters 汉字, extensions and 〇 included: names use rare ones.
pub(super) fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::half_width;

    #[test]
    fn full_width_digits_letters_signs_and_spaces_become_half_width() {
        assert_eq!(half_width("１３８　ＡＢｚ（！～"), "138 ABz(!~");
    }

    #[test]
    fn what_has_no_width_and_says_nothing_is_left_out() {
        assert_eq!(half_width("\u{FEFF}138\u{200B}0\u{200E}1"), "13801");
    }

    #[test]
    fn chinese_text_stays_as_it_is() {
        assert_eq!(half_width("沧州市、运河区。"), "沧州市、运河区。");
    }
}
