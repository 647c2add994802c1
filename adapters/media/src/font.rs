//! The bundled font: Noto Sans SC, GB 2312 and rarer signs of names (SIL Open Font License, `font/OFL.txt`).

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

/// The font file itself.
pub(crate) const BYTES: &[u8] = include_bytes!("../font/NotoSansSC-subset.otf");

static FONT: LazyLock<FontRef<'static>> =
    LazyLock::new(|| FontRef::try_from_slice(BYTES).expect("the bundled font is whole"));

/// How wide a sign is.
pub(crate) fn width(sign: char, size: f32) -> f32 {
    let em = FONT.units_per_em().unwrap_or(1000.0);
    FONT.h_advance_unscaled(FONT.glyph_id(sign)) * size / em
}

/// Grey picture: how much of each pixel is covered, 0 to 255.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mask {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Row by row.
    pub cover: Vec<u8>,
}

impl Mask {
    /// An empty mask.
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            cover: vec![0; width * height],
        }
    }

    /// Cover at a pixel; nothing outside.
    pub fn at(&self, x: i32, y: i32) -> u8 {
        match (usize::try_from(x), usize::try_from(y)) {
            (Ok(x), Ok(y)) if x < self.width && y < self.height => self.cover[y * self.width + x],
            _ => 0,
        }
    }

    /// Cover between pixels.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "floored and inside a picture"
    )]
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (right_part, bottom_part) = (x - left, y - top);
        let (left, top) = (left as i32, top as i32);
        let at = |dx, dy| f32::from(self.at(left + dx, top + dy));
        let upper = at(0, 0) * (1.0 - right_part) + at(1, 0) * right_part;
        let lower = at(0, 1) * (1.0 - right_part) + at(1, 1) * right_part;
        upper * (1.0 - bottom_part) + lower * bottom_part
    }

    /// Every pixel takes the largest cover within `reach` in its row and column: an outline around letters.
    pub fn widened(&self, reach: usize) -> Self {
        let rows = self.spread(reach, 1, 0);
        rows.spread(reach, 0, 1)
    }

    fn spread(&self, reach: usize, dx: i32, dy: i32) -> Self {
        let mut wide = Self::new(self.width, self.height);
        let reach = i32::try_from(reach).unwrap_or(0);
        for (index, cover) in wide.cover.iter_mut().enumerate() {
            let x = i32::try_from(index % self.width).unwrap_or(0);
            let y = i32::try_from(index / self.width).unwrap_or(0);
            *cover = (-reach..=reach)
                .map(|step| self.at(x + step * dx, y + step * dy))
                .max()
                .unwrap_or(0);
        }
        wide
    }
}

/// One line of text, drawn at this height in pixels, with `margin` pixels of air on every side.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "sizes of a picture, rounded up"
)]
pub(crate) fn line(text: &str, size: f32, margin: usize) -> Mask {
    let font = FONT.as_scaled(PxScale::from(size));
    let air = margin as f32;
    let mut x = air;
    let mut glyphs = Vec::new();
    for sign in text.chars() {
        let id = font.glyph_id(sign);
        glyphs.push(id.with_scale_and_position(font.scale(), point(x, air + font.ascent())));
        x += font.h_advance(id);
    }
    let mut mask = Mask::new(
        (x + air).ceil().max(1.0) as usize,
        font.height().ceil().max(1.0) as usize + 2 * margin,
    );
    for glyph in glyphs {
        let Some(outline) = FONT.outline_glyph(glyph) else {
            continue;
        };
        let corner = outline.px_bounds().min;
        outline.draw(|dx, dy, cover| {
            let at = (corner.x + dx as f32, corner.y + dy as f32);
            if at.0 >= 0.0
                && at.1 >= 0.0
                && (at.0 as usize) < mask.width
                && (at.1 as usize) < mask.height
            {
                let pixel = &mut mask.cover[at.1 as usize * mask.width + at.0 as usize];
                *pixel = (*pixel).max((cover.clamp(0.0, 1.0) * 255.0) as u8);
            }
        });
    }
    mask
}

#[cfg(test)]
mod tests {
    use ab_glyph::GlyphId;

    use super::*;

    fn knows(sign: char) -> bool {
        FONT.glyph_id(sign) != GlyphId(0)
    }

    #[test]
    fn the_font_knows_what_watermarks_say() {
        for sign in
            "仅供××银行沧州运河支行办理融资业务使用张喆堃 2026-11-25 09:30 ABCabc（）·".chars()
        {
            assert!(knows(sign), "{sign}");
        }
        assert!(!knows('😀'));
    }

    #[test]
    fn a_line_is_drawn_as_wide_as_its_signs() {
        let (short, long) = (line("融资", 20.0, 0), line("融资业务", 20.0, 0));
        assert!(long.width.abs_diff(short.width * 2) <= 2);
        assert!(short.cover.iter().any(|cover| *cover > 200));
        assert!(line("  ", 20.0, 0).cover.iter().all(|cover| *cover == 0));
    }
}
