//! Theme 主题: the style sheet of one tenant. It is compiled when the program is (`build.rs`); here a tenant's two colours, and those that
//! are worked out of them, take the places of their names.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use application::city::Logo;
use bytes::Bytes;
use csscolorparser::Color;

use crate::assets;

/// `__brand__` stands for a colour, `__img/hero.svg__` for the address of a picture.
const SHEET: &str = include_str!(concat!(env!("OUT_DIR"), "/theme.css"));

/// Colours a tenant 租户 may choose; everything else is derived from them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Brand {
    /// Main colour 主色, `#rrggbb`.
    pub brand: String,
    /// Accent 强调色 for rates and the one call to action, `#rrggbb`.
    pub accent: String,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            brand: "#14478F".to_owned(),
            accent: "#B4460F".to_owned(),
        }
    }
}

/// Why a tenant's colours give no theme.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    #[error("colour {name} is {value:?}, expected #rrggbb")]
    NotAColour { name: &'static str, value: String },
    #[error("colour {name} {value} has contrast {ratio:.2} on {ground}, at least 4.50 is needed")]
    TooFaint {
        name: &'static str,
        value: String,
        ground: &'static str,
        ratio: f32,
    },
}

const LEAST: f32 = 4.5;
/// White cards and the page ground: the two grounds that brand and accent text stands on.
const GROUNDS: [&str; 2] = ["#FFFFFF", "#F4F6F9"];

/// Address of the tenant's style sheet, made once per pair of colours. Call it for every tenant at the start, so that bad colours stop the
/// start.
pub fn css_url(brand: &Brand) -> Result<String, ThemeError> {
    static KNOWN: LazyLock<RwLock<HashMap<Brand, String>>> = LazyLock::new(RwLock::default);
    let known = KNOWN
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .get(brand)
        .cloned();
    if let Some(url) = known {
        return Ok(url);
    }
    let css = sheet(brand)?;
    let url = assets::shared().publish("theme.css", Bytes::from(css));
    KNOWN
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .insert(brand.clone(), url.clone());
    Ok(url)
}

/// Address of a tenant's own sign; published once.
pub fn logo_url(logo: &Logo) -> String {
    static KNOWN: LazyLock<RwLock<HashMap<Arc<[u8]>, String>>> = LazyLock::new(RwLock::default);
    let known = KNOWN
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .get(&logo.bytes)
        .cloned();
    known.unwrap_or_else(|| {
        let url = assets::shared().publish(logo.name, Bytes::copy_from_slice(&logo.bytes));
        KNOWN
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(logo.bytes.clone(), url.clone());
        url
    })
}

/// What is wrong with a pair of colours, each named by its key.
pub fn faults(brand: &Brand) -> Vec<(&'static str, ThemeError)> {
    [("brand", &brand.brand), ("accent", &brand.accent)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, check(name, value).err()?)))
        .collect()
}

/// The style sheet of one tenant.
pub fn sheet(brand: &Brand) -> Result<String, ThemeError> {
    let [brand, accent] = [
        check("brand", &brand.brand)?,
        check("accent", &brand.accent)?,
    ];
    let mut css = SHEET.to_owned();
    for (name, colour) in colours(&brand, &accent) {
        css = css.replace(&format!("__{name}__"), &colour.to_css_hex().to_string());
    }
    for (name, url) in assets::shared().pictures() {
        css = css.replace(&format!("__{name}__"), url);
    }
    Ok(css)
}

/// A city's two colours and those that are derived from them, as `assets/scss/10-tokens.scss` derives them.
fn colours(brand: &Color, accent: &Color) -> [(&'static str, Color); 7] {
    let [hue, saturation, lightness, _] = brand.to_hsla();
    let of_brand =
        |most: f32, lightness| Color::from_hsla(hue, saturation.min(most), lightness, 1.0);
    let [accent_hue, accent_saturation, accent_lightness, _] = accent.to_hsla();
    let accent_deep = Color::from_hsla(accent_hue, accent_saturation, accent_lightness * 0.84, 1.0);
    [
        ("brand", *brand),
        ("brand-deep", of_brand(1.0, lightness * 0.8)),
        ("brand-soft", of_brand(1.0, lightness * 1.18)),
        ("brand-tint", of_brand(0.58, 0.96)),
        ("brand-line", of_brand(0.62, 0.908)),
        ("accent", *accent),
        ("accent-deep", accent_deep),
    ]
}

fn check(name: &'static str, value: &str) -> Result<Color, ThemeError> {
    let wrong = || ThemeError::NotAColour {
        name,
        value: value.to_owned(),
    };
    let colour = parsed(value).ok_or_else(wrong)?;
    for ground in GROUNDS {
        let light = parsed(ground).map_or(1.0, |ground| luminance(&ground));
        let ratio = contrast(luminance(&colour), light);
        if ratio < LEAST {
            return Err(ThemeError::TooFaint {
                name,
                value: value.to_owned(),
                ground,
                ratio,
            });
        }
    }
    Ok(colour)
}

/// `None` when the text is not `#rrggbb`: other ways to write a colour are not offered.
fn parsed(colour: &str) -> Option<Color> {
    (colour.len() == 7 && colour.starts_with('#'))
        .then(|| Color::from_html(colour).ok())
        .flatten()
}

fn contrast(one: f32, other: f32) -> f32 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance as WCAG defines it.
fn luminance(colour: &Color) -> f32 {
    let [red, green, blue, _] = colour.to_linear_rgba();
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand(brand: &str, accent: &str) -> Brand {
        Brand {
            brand: brand.to_owned(),
            accent: accent.to_owned(),
        }
    }

    #[test]
    fn every_colour_and_picture_of_the_sheet_takes_its_place() {
        let css = sheet(&Brand::default()).unwrap();
        // The main colour, darker and as the ground of cards.
        for colour in ["#14478f", "#103972", "#eff4fb"] {
            assert!(css.contains(colour), "{colour}");
        }
        assert!(css.contains("/assets/img/hero."));
        assert!(!css.contains("__"), "a place that nobody takes");
    }

    #[test]
    fn colours_are_derived_as_the_tokens_derive_them() {
        for brand in [Brand::default(), brand("#0B5F4A", "#8A3B12")] {
            let tokens = include_str!("../assets/scss/10-tokens.scss");
            let mut source = format!(
                "$brand: {}; $accent: {};{tokens}",
                brand.brand, brand.accent
            );
            let [main, accent] =
                [&brand.brand, &brand.accent].map(|value| Color::from_html(value).unwrap());
            let own = colours(&main, &accent);
            for (name, _) in &own {
                source.push_str(&format!(".{name} {{ color: ${name}; }}"));
            }
            let css = grass::from_string(source, &grass::Options::default()).unwrap();
            for (name, colour) in own {
                let (_, rest) = css.split_once(&format!(".{name} {{")).unwrap();
                let value = rest.split([':', ';']).nth(1).unwrap().trim();
                let [one, other] = [colour, Color::from_html(value).unwrap()].map(|c| c.to_rgba8());
                let apart = one.iter().zip(other).map(|(a, b)| a.abs_diff(b)).max();
                assert!(apart <= Some(1), "{name}: {one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn a_faint_brand_is_refused_with_its_contrast() {
        let error = sheet(&brand("#7FB2FF", "#B4460F")).unwrap_err();
        assert!(matches!(error, ThemeError::TooFaint { name: "brand", ratio, .. } if ratio < 4.5));
    }

    #[test]
    fn both_colours_are_told_at_once() {
        let told = faults(&brand("#7FB2FF", "red"));
        assert_eq!(
            told.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            ["brand", "accent"]
        );
        assert!(faults(&Brand::default()).is_empty());
    }

    #[test]
    fn a_sign_is_published_under_one_address_and_another_one_under_another() {
        let logo = |text: &str| Logo {
            name: "logo.svg",
            bytes: text.as_bytes().into(),
        };
        let url = logo_url(&logo("<svg/>"));
        assert_eq!(url, logo_url(&logo("<svg/>")));
        assert_ne!(url, logo_url(&logo("<svg></svg>")));
        assert!(assets::shared().get(&url).is_some());
    }

    #[test]
    fn a_faint_accent_is_refused() {
        let error = sheet(&brand("#14478F", "#FFAA00")).unwrap_err();
        assert!(matches!(error, ThemeError::TooFaint { name: "accent", .. }));
    }

    #[test]
    fn a_colour_that_is_not_a_colour_never_reaches_the_sheet() {
        for value in ["red", "#123", "#14478F; } body { display: none", ""] {
            let error = sheet(&brand(value, "#B4460F")).unwrap_err();
            assert!(matches!(error, ThemeError::NotAColour { .. }), "{value}");
        }
    }

    #[test]
    fn another_tenant_has_another_address() {
        let one = css_url(&Brand::default()).unwrap();
        let other = css_url(&brand("#0B5F4A", "#B4460F")).unwrap();
        assert_ne!(one, other);
        assert_eq!(one, css_url(&Brand::default()).unwrap());
    }

    #[test]
    fn contrast_is_measured_as_the_guide_measured_it() {
        let ratio = contrast(luminance(&parsed("#14478F").unwrap()), 1.0);
        assert!((ratio - 9.02).abs() < 0.01, "{ratio}");
    }
}
