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
    urls.extend(assets.pictures().into_iter().map(|(_, url)| url.to_owned()));
    for url in urls {
        let path = folder.join(url.trim_start_matches('/'));
        if let (Some(parent), Some(asset)) = (path.parent(), assets.get(&url)) {
            fs::create_dir_all(parent)?;
            fs::write(&path, &asset.body)?;
        }
    }
    let qr = folder.join("assets/sample-qr.svg");
    fs::write(qr, include_bytes!("sample-qr.svg"))?;
    for (name, html) in samples::render_all(&css)? {
        fs::write(folder.join(format!("{name}.html")), html)?;
    }
    Ok(())
}
