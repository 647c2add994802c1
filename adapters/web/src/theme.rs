//! Theme 主题: the style sheet of one tenant, compiled from `assets/scss` and two colours.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, RwLock};

use application::city::Logo;
use bytes::Bytes;

use crate::assets::{self, Files};

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
        ratio: f64,
    },
    #[error("the style sheet does not compile")]
    Compile(#[source] Box<grass::Error>),
}

const LEAST: f64 = 4.5;
/// White cards and the page ground: the two grounds that brand and accent text stands on.
const GROUNDS: [&str; 2] = ["#FFFFFF", "#F4F6F9"];

/// Address of the tenant's style sheet; compiled once per pair of colours, then kept. Call it for
/// every tenant at the start, so that bad colours stop the start.
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
    let css = compile(brand)?;
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

/// Compiles the style sheet of one tenant.
pub fn compile(brand: &Brand) -> Result<String, ThemeError> {
    check("brand", &brand.brand)?;
    check("accent", &brand.accent)?;
    let mut source = format!("$brand: {};\n$accent: {};\n", brand.brand, brand.accent);
    for (name, url) in assets::shared().pictures() {
        let name = name.replace(['/', '.'], "-");
        let _ = writeln!(source, "${name}: \"{url}\";");
    }
    let mut names: Vec<_> = Files::iter()
        .filter(|name| name.starts_with("scss/"))
        .collect();
    names.sort_unstable();
    for file in names.iter().filter_map(|name| Files::get(name)) {
        source.push_str(&String::from_utf8_lossy(&file.data));
    }
    let options = grass::Options::default()
        .fs(&NoFiles)
        .style(grass::OutputStyle::Compressed);
    let css = grass::from_string(source, &options).map_err(ThemeError::Compile)?;
    Ok(css.trim_start_matches('\u{feff}').to_owned())
}

/// The sheet imports nothing: nobody reaches the disk through a theme.
#[derive(Debug)]
struct NoFiles;

impl grass::Fs for NoFiles {
    fn is_dir(&self, _: &std::path::Path) -> bool {
        false
    }
    fn is_file(&self, _: &std::path::Path) -> bool {
        false
    }
    fn read(&self, _: &std::path::Path) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

fn check(name: &'static str, value: &str) -> Result<(), ThemeError> {
    let wrong = || ThemeError::NotAColour {
        name,
        value: value.to_owned(),
    };
    let colour = luminance(value).ok_or_else(wrong)?;
    for ground in GROUNDS {
        let ratio = contrast(colour, luminance(ground).unwrap_or(1.0));
        if ratio < LEAST {
            return Err(ThemeError::TooFaint {
                name,
                value: value.to_owned(),
                ground,
                ratio,
            });
        }
    }
    Ok(())
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance as WCAG defines it; `None` when the text is not `#rrggbb`.
fn luminance(colour: &str) -> Option<f64> {
    let digits = colour.strip_prefix('#').filter(|rest| rest.len() == 6)?;
    let mut parts = [0_u8; 3];
    hex::decode_to_slice(digits, &mut parts).ok()?;
    let linear = parts.map(|part| {
        let share = f64::from(part) / 255.0;
        if share <= 0.040_45 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    });
    Some(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
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
    fn the_colours_of_the_first_tenant_compile() {
        let css = compile(&Brand::default()).unwrap();
        assert!(css.to_lowercase().contains("#14478f"));
    }

    #[test]
    fn a_faint_brand_is_refused_with_its_contrast() {
        let error = compile(&brand("#7FB2FF", "#B4460F")).unwrap_err();
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
        let error = compile(&brand("#14478F", "#FFAA00")).unwrap_err();
        assert!(matches!(error, ThemeError::TooFaint { name: "accent", .. }));
    }

    #[test]
    fn a_colour_that_is_not_a_colour_never_reaches_the_compiler() {
        for value in ["red", "#123", "#14478F; } body { display: none", ""] {
            let error = compile(&brand(value, "#B4460F")).unwrap_err();
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
        let ratio = contrast(luminance("#14478F").unwrap(), 1.0);
        assert!((ratio - 9.02).abs() < 0.01, "{ratio}");
    }
}
