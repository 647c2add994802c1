//! A city's sign 标志: a small PNG, or an SVG that draws and does nothing else.

/// A checked sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Png,
    Svg,
}

const MOST_BYTES: usize = 64 * 1024;
const MOST_PIXELS: u32 = 1_024;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Elements that draw; whatever is not among them is refused.
const ELEMENTS: [&str; 20] = [
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "defs",
    "title",
    "desc",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "symbol",
];

/// By its content, not by its name; the words say what is wrong.
pub fn format_of(bytes: &[u8]) -> Result<Format, String> {
    if bytes.len() > MOST_BYTES {
        return Err(format!("is larger than {} KB", MOST_BYTES / 1024));
    }
    if bytes.starts_with(PNG) {
        return png(bytes).map(|()| Format::Png);
    }
    match std::str::from_utf8(bytes) {
        Ok(text)
            if text
                .trim_start_matches('\u{feff}')
                .trim_start()
                .starts_with('<') =>
        {
            svg(text).map(|()| Format::Svg)
        }
        _ => Err("is neither a PNG nor an SVG picture".to_owned()),
    }
}

/// Width and height stand in the first chunk.
fn png(bytes: &[u8]) -> Result<(), String> {
    let side = |at: usize| {
        let four = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(four))
    };
    match (bytes.get(12..16), side(16), side(20)) {
        (Some(b"IHDR"), Some(wide), Some(high))
            if (16..=MOST_PIXELS).contains(&wide) && (16..=MOST_PIXELS).contains(&high) =>
        {
            Ok(())
        }
        (Some(b"IHDR"), ..) => Err(format!("is not between 16 and {MOST_PIXELS} pixels a side")),
        _ => Err("is a broken PNG".to_owned()),
    }
}

fn svg(text: &str) -> Result<(), String> {
    let document = roxmltree::Document::parse(text).map_err(|error| {
        if text.contains("<!DOCTYPE") || text.contains("<!ENTITY") {
            "declares a document type or entities".to_owned()
        } else {
            format!("is no SVG: {error}")
        }
    })?;
    if document.root_element().tag_name().name() != "svg" {
        return Err("is no SVG: its root is something else".to_owned());
    }
    for node in document.descendants() {
        if node.is_pi() {
            return Err("holds processing instructions".to_owned());
        }
        if !node.is_element() {
            continue;
        }
        let name = node.tag_name().name();
        if !ELEMENTS.contains(&name) {
            return Err(format!("holds <{name}>, which does more than draw"));
        }
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            let lower = value.to_ascii_lowercase();
            let mut references = lower.split("url(").skip(1);
            let points_away = references.any(|target| !target.starts_with('#'));
            if key.to_ascii_lowercase().starts_with("on")
                || key == "style"
                || key == "href"
                || points_away
                || lower.contains("javascript:")
            {
                return Err(format!(
                    "holds {key}=\"…\" on <{name}>: scripts, styles and links are refused"
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(inside: &str) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 40\">{inside}</svg>")
    }

    #[test]
    fn a_drawing_is_taken() {
        let drawn = around("<g fill=\"url(#a)\"><path d=\"M0 0h40v40z\"/></g>");
        assert_eq!(format_of(drawn.as_bytes()), Ok(Format::Svg));
    }

    #[test]
    fn a_script_in_any_dress_is_refused() {
        for inside in [
            "<script>alert(1)</script>",
            "<g onclick=\"alert(1)\"/>",
            "<g OnLoad=\"alert(1)\"/>",
            "<foreignObject/>",
            "<a href=\"javascript:alert(1)\"/>",
            "<use href=\"https://example.org/x.svg\"/>",
            "<image href=\"https://example.org/x.png\"/>",
            "<style>*{}</style>",
            "<g style=\"background:url(https://example.org)\"/>",
            "<rect fill=\"url(https://example.org)\"/>",
            "<rect fill=\"url(#a) url(https://example.org)\"/>",
            "<animate attributeName=\"x\"/>",
        ] {
            assert!(format_of(around(inside).as_bytes()).is_err(), "{inside}");
        }
        for whole in [
            "alert(1)",
            "#!/bin/sh\nrm -rf /",
            "<html><body/></html>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg>&a;</svg>",
            "<svg",
            "",
        ] {
            assert!(format_of(whole.as_bytes()).is_err(), "{whole}");
        }
    }

    #[test]
    fn a_png_is_known_by_its_content_and_size() {
        let png = |wide: u32, high: u32| {
            let mut bytes = PNG.to_vec();
            bytes.extend(13_u32.to_be_bytes());
            bytes.extend(b"IHDR");
            bytes.extend(wide.to_be_bytes());
            bytes.extend(high.to_be_bytes());
            bytes
        };
        assert_eq!(format_of(&png(96, 96)), Ok(Format::Png));
        assert!(format_of(&png(20_000, 96)).is_err());
        assert!(format_of(PNG).is_err());
        assert!(format_of(&vec![b'<'; MOST_BYTES + 1]).is_err());
    }
}
