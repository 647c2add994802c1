//! Templates 模板: every `templates/**/*.html`, embedded and compiled once into one [`Tera`].

use std::sync::LazyLock;

use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use crate::assets;

#[derive(RustEmbed)]
#[folder = "templates/"]
#[include = "*.html"]
struct Files;

/// The templates of this program; compiled at the first use.
pub fn shared() -> Result<&'static Tera, &'static tera::Error> {
    static SHARED: LazyLock<Result<Tera, tera::Error>> = LazyLock::new(load);
    SHARED.as_ref()
}

/// Compiles all templates; anything wrong in any of them stops the start, not a customer.
pub fn load() -> Result<Tera, tera::Error> {
    let mut tera = Tera::new();
    tera.autoescape_on(vec![".html"]);
    tera.register_filter("paragraphs", paragraphs);
    tera.register_filter("href", href);
    tera.register_filter("param", param);
    tera.register_function("asset", asset);
    let texts: Vec<(String, String)> = Files::iter()
        .filter_map(|name| {
            let file = Files::get(&name)?;
            let text = String::from_utf8_lossy(&file.data).into_owned();
            Some((name.into_owned(), text))
        })
        .collect();
    tera.add_raw_templates(
        texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )?;
    Ok(tera)
}

/// What a template reads.
pub fn context(content: &(impl Serialize + ?Sized)) -> TeraResult<Context> {
    filled(Value::try_from_serializable(content)?)
}

/// Apart from the above, so that it is compiled once and not for every page.
fn filled(content: Value) -> TeraResult<Context> {
    let Some(map) = content.into_map() else {
        return Err(tera::Error::message("a page is a map"));
    };
    let mut context = Context::new();
    for (key, value) in map {
        let key = key.as_str().unwrap_or_default().to_owned();
        context.insert_value(key, value);
    }
    Ok(context)
}

/// Names of all template files, for the tests that look into each.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = Files::iter().map(std::borrow::Cow::into_owned).collect();
    names.sort();
    names
}

/// Splits running text at its line ends, leaving out empty lines: one `<p>` each.
fn paragraphs(text: &str, _: Kwargs, _: &State) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Lets through only links the portal may offer (rule S-18); anything else leads to the page itself.
fn href(link: &str, _: Kwargs, _: &State) -> String {
    let own = crate::visit::own_path(link).is_some();
    let known = link.starts_with("https://")
        || link.starts_with("tel:")
        || link.starts_with('#')
        || link.starts_with('?');
    if own || (known && !link.contains(char::is_control)) {
        link.to_owned()
    } else {
        "#".to_owned()
    }
}

/// Percent-encodes a value that stands in a query.
fn param(text: &str, _: Kwargs, _: &State) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Address of an embedded static file, with its content hash: `{{ asset(name="img/emblem.svg") }}`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the template engine's signature"
)]
fn asset(kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let name = kwargs.must_get::<&str>("name")?;
    assets::shared()
        .url(name)
        .map(str::to_owned)
        .ok_or_else(|| tera::Error::message(format!("no such asset: {name}")))
}
