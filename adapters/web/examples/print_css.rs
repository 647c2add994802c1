//! Prints the style sheet, or with `js` the one script, for the gates of `tests/browser`.

use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let text = if wanted == "js" {
        web::assets::script()
    } else {
        web::theme::sheet(&web::theme::Brand::default())?.into_bytes()
    };
    std::io::stdout().write_all(&text)?;
    Ok(())
}
