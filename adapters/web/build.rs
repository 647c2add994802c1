//! Compiles the style sheet `assets/scss` once, with a word in the place of each city's colours and of each picture's address
//! (`src/theme.rs` puts them in); and has new templates and static files embedded again.

use std::{error::Error, fmt::Write as _, fs, path::Path};

/// The colours that a city's two are worked out to.
const COLOURS: [&str; 7] = [
    "brand",
    "brand-deep",
    "brand-soft",
    "brand-tint",
    "brand-line",
    "accent",
    "accent-deep",
];

fn names(folder: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=assets");
    let mut source = String::new();
    for name in COLOURS {
        writeln!(source, "${name}: unquote(\"__{name}__\");")?;
    }
    for name in names("assets/img")? {
        let variable = name.replace('.', "-");
        writeln!(source, "$img-{variable}: \"__img/{name}__\";")?;
    }
    for name in names("assets/scss")? {
        source.push_str(&fs::read_to_string(Path::new("assets/scss").join(name))?);
    }
    let options = grass::Options::default().style(grass::OutputStyle::Compressed);
    let css = grass::from_string(source, &options)?;
    let to = Path::new(&std::env::var("OUT_DIR")?).join("theme.css");
    fs::write(to, css.trim_start_matches('\u{feff}'))?;
    Ok(())
}
