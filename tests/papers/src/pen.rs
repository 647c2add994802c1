//! Writing and shapes on a page.

use std::{fs, sync::LazyLock};

use ab_glyph::{Font as _, FontVec, PxScale, ScaleFont as _, point};
use image::{Rgb, RgbImage};

pub type Ink = [u8; 3];

fn font(name: &str) -> FontVec {
    let path = format!("/usr/share/fonts/opentype/noto/NotoS{name}.ttc");
    let bytes =
        fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}: run .ci/install test"));
    // The third of the collection is the Simplified Chinese one.
    FontVec::try_from_vec_and_index(bytes, 2).expect("a font")
}

static SERIF: LazyLock<FontVec> = LazyLock::new(|| font("erifCJK-Regular"));
static SERIF_BOLD: LazyLock<FontVec> = LazyLock::new(|| font("erifCJK-Bold"));
static SANS: LazyLock<FontVec> = LazyLock::new(|| font("ansCJK-Regular"));
static SANS_BOLD: LazyLock<FontVec> = LazyLock::new(|| font("ansCJK-Bold"));

/// The font of a text.
pub fn face(serif: bool, bold: bool) -> &'static FontVec {
    match (serif, bold) {
        (true, false) => &SERIF,
        (true, true) => &SERIF_BOLD,
        (false, false) => &SANS,
        (false, true) => &SANS_BOLD,
    }
}

/// Where and how a text is written: `size` is the height of a Chinese character.
#[derive(Clone, Copy)]
pub struct Style {
    pub font: &'static FontVec,
    pub size: f32,
    pub ink: Ink,
}

impl Style {
    /// Height that ab_glyph wants for characters of this size.
    fn scale(self) -> PxScale {
        let units = self.font.units_per_em().unwrap_or(1_000.0);
        PxScale::from(self.size * self.font.height_unscaled() / units)
    }

    pub fn width(self, text: &str) -> f32 {
        let font = self.font.as_scaled(self.scale());
        text.chars().map(|c| font.h_advance(font.glyph_id(c))).sum()
    }
}

pub fn mix(under: u8, over: u8, part: f32) -> u8 {
    (f32::from(under) * (1.0 - part) + f32::from(over) * part)
        .round()
        .clamp(0.0, 255.0) as u8
}

pub fn blend(page: &mut RgbImage, x: i64, y: i64, ink: Ink, part: f32) {
    if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
        && let Some(Rgb(pixel)) = page.get_pixel_mut_checked(x, y)
    {
        for (under, over) in pixel.iter_mut().zip(ink) {
            *under = mix(*under, over, part);
        }
    }
}

/// Writes one line with its top left corner there; answers where it ends.
pub fn write(page: &mut RgbImage, text: &str, x: f32, y: f32, style: Style) -> f32 {
    let font = style.font.as_scaled(style.scale());
    let mut at = x;
    for sign in text.chars() {
        let id = font.glyph_id(sign);
        let baseline = y + style.size * 0.88;
        let glyph = id.with_scale_and_position(style.scale(), point(at, baseline));
        at += font.h_advance(id);
        let Some(outline) = style.font.outline_glyph(glyph) else {
            continue;
        };
        let corner = outline.px_bounds().min;
        outline.draw(|dx, dy, cover| {
            let (x, y) = (
                corner.x as i64 + i64::from(dx),
                corner.y as i64 + i64::from(dy),
            );
            blend(page, x, y, style.ink, cover.min(1.0));
        });
    }
    at
}

/// Writes with the signs spread over a width, as labels are.
pub fn spread(page: &mut RgbImage, text: &str, x: f32, y: f32, width: f32, style: Style) {
    let many = text.chars().count();
    let gap = if many > 1 {
        (width - style.size * many as f32).max(0.0) / (many - 1) as f32
    } else {
        0.0
    };
    for (at, sign) in text.chars().enumerate() {
        write(
            page,
            &sign.to_string(),
            x + at as f32 * (style.size + gap),
            y,
            style,
        );
    }
}

/// Writes within a width, in as many lines as needed; answers the top of the line after.
pub fn paragraph(page: &mut RgbImage, text: &str, x: f32, y: f32, width: f32, style: Style) -> f32 {
    let (mut line, mut top) = (String::new(), y);
    for sign in text.chars() {
        line.push(sign);
        if style.width(&line) > width {
            line.pop();
            write(page, &line, x, top, style);
            line = sign.to_string();
            top += style.size * 1.45;
        }
    }
    write(page, &line, x, top, style);
    top + style.size * 1.45
}

pub fn rectangle(page: &mut RgbImage, (x, y, w, h): (i64, i64, i64, i64), ink: Ink, part: f32) {
    for row in y..y + h {
        for column in x..x + w {
            blend(page, column, row, ink, part);
        }
    }
}

pub fn frame(page: &mut RgbImage, inset: i64, thick: i64, ink: Ink) {
    let (w, h) = (i64::from(page.width()), i64::from(page.height()));
    rectangle(page, (inset, inset, w - 2 * inset, thick), ink, 1.0);
    rectangle(
        page,
        (inset, h - inset - thick, w - 2 * inset, thick),
        ink,
        1.0,
    );
    rectangle(page, (inset, inset, thick, h - 2 * inset), ink, 1.0);
    rectangle(
        page,
        (w - inset - thick, inset, thick, h - 2 * inset),
        ink,
        1.0,
    );
}

/// A ring between two radii.
pub fn ring(page: &mut RgbImage, centre: (f32, f32), outer: f32, inner: f32, ink: Ink, part: f32) {
    let reach = outer as i64 + 1;
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let distance = ((dx * dx + dy * dy) as f32).sqrt();
            if distance <= outer && distance >= inner {
                blend(page, centre.0 as i64 + dx, centre.1 as i64 + dy, ink, part);
            }
        }
    }
}
