//! Draws every part with invented data into a folder of HTML files, to be looked at:
//! `cargo run -p web --example gallery -- <folder>`, then serve the folder.

mod samples;

use std::fs;
use std::path::PathBuf;

fn main() -> std::process::ExitCode {
    match draw() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn draw() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or("gallery".to_owned()));
    let css = web::theme::css_url(&web::theme::Brand::default())?;
    let assets = web::assets::shared();
    let mut urls = vec![css.clone(), assets.js_url().to_owned()];
    for name in [
        "img/emblem.svg",
        "img/favicon.png",
        "img/hero.svg",
        "img/sample-qr.svg",
    ] {
        urls.extend(assets.url(name).map(str::to_owned));
    }
    for url in urls {
        let path = folder.join(url.trim_start_matches('/'));
        if let (Some(parent), Some(asset)) = (path.parent(), assets.get(&url)) {
            fs::create_dir_all(parent)?;
            fs::write(&path, &asset.body)?;
        }
    }
    fs::create_dir_all(&folder)?;
    for (name, html) in samples::render_all(&css)? {
        fs::write(folder.join(format!("{name}.html")), html)?;
    }
    Ok(())
}
