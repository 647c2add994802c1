//! Full-width and half-width 全角与半角.

/// Half-width form 半角: what Chinese input methods type as １２３ＡＢＣ， and what the ideographic space hides.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{3000}' => ' ',
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .collect()
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
    fn chinese_text_stays_as_it_is() {
        assert_eq!(half_width("沧州市、运河区。"), "沧州市、运河区。");
    }
}
