//! The readable page 接口文档 at `/api/docs`: the document as plain HTML, from this host alone.

use std::sync::LazyLock;

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse as _, Response},
    routing::get,
};
use serde_json::Value;

use crate::{Api, openapi::document};

const STYLE: &str = include_str!("docs.css");

struct Printed {
    json: String,
    html: String,
}

static PRINTED: LazyLock<Printed> = LazyLock::new(|| {
    let document = document();
    Printed {
        html: page(&document),
        json: serde_json::to_string_pretty(&document).unwrap_or_default(),
    }
});

/// Document, page and its style; the same for every city and everybody.
pub(crate) fn routes() -> Router<Api> {
    let plain = |kind: &'static str, text: &'static str| -> Response {
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        (headers, text).into_response()
    };
    Router::new()
        .route(
            "/api/v1/openapi.json",
            get(move || async move { plain("application/json", &PRINTED.json) }),
        )
        .route(
            "/api/docs.css",
            get(move || async move { plain("text/css; charset=utf-8", STYLE) }),
        )
        .route("/api/docs", get(|| async { Html(PRINTED.html.as_str()) }))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Text with its code in backticks, as the document's CommonMark has it.
fn with_code(text: &str) -> String {
    let mut whole = String::new();
    for (at, part) in text.split('`').enumerate() {
        let part = escape(part);
        if at % 2 == 1 {
            whole.push_str(&format!("<code>{part}</code>"));
        } else {
            whole.push_str(&part);
        }
    }
    whole
}

fn said<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// `string`, `integer?`, `[Word]`, `ProductCard`: a form in a few signs, linked where it has a table of its own.
fn form(schema: &Value) -> String {
    if let Some(name) = said(schema, "$ref")
        .rsplit('/')
        .next()
        .filter(|n| !n.is_empty())
    {
        let name = escape(name);
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    for (key, sign) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " + ")] {
        if let Some(parts) = schema[key].as_array() {
            let parts: Vec<String> = parts.iter().map(form).collect();
            return parts.join(sign);
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["any"],
    };
    let shown: Vec<String> = kinds
        .into_iter()
        .map(|kind| match kind {
            "array" => format!("[{}]", form(&schema["items"])),
            other => escape(other),
        })
        .collect();
    let mut text = shown.join(" | ");
    for key in ["format", "pattern"] {
        let value = said(schema, key);
        if !value.is_empty() {
            text.push_str(&format!(" <code>{}</code>", escape(value)));
        }
    }
    text
}

fn fields(schema: &Value) -> String {
    let mut rows = String::new();
    let parts = schema["allOf"].as_array();
    for part in parts.map_or_else(|| vec![schema], |parts| parts.iter().collect()) {
        if !said(part, "$ref").is_empty() {
            rows.push_str(&format!("<tr><td colspan=\"3\">{}</td></tr>", form(part)));
        }
        let required: Vec<&str> = (part["required"].as_array().into_iter().flatten())
            .filter_map(Value::as_str)
            .collect();
        for (name, field) in part["properties"].as_object().into_iter().flatten() {
            let star = if required.contains(&name.as_str()) {
                " *"
            } else {
                ""
            };
            rows.push_str(&format!(
                "<tr><td><code>{}</code>{star}</td><td>{}</td><td>{}</td></tr>",
                escape(name),
                form(field),
                escape(said(field, "description"))
            ));
        }
    }
    format!("<table><tr><th>字段</th><th>类型</th><th>说明</th></tr>{rows}</table>")
}

fn operation(method: &str, path: &str, told: &Value) -> String {
    let mut text = format!(
        "<section id=\"{}\"><h3><b class=\"m {method}\">{}</b> <code>{}</code> {}</h3>",
        escape(said(told, "operationId")),
        method.to_uppercase(),
        escape(path),
        escape(said(told, "summary"))
    );
    if told["security"].is_array() {
        text.push_str("<p>需要 <code>Authorization: Bearer</code>。</p>");
    }
    let parameters = told["parameters"].as_array();
    if let Some(parameters) = parameters.filter(|all| !all.is_empty()) {
        text.push_str("<table><tr><th>参数</th><th>位置</th><th>类型</th><th>说明</th></tr>");
        for one in parameters {
            let star = if one["required"] == true { " *" } else { "" };
            text.push_str(&format!(
                "<tr><td><code>{}</code>{star}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(said(one, "name")),
                escape(said(one, "in")),
                form(&one["schema"]),
                escape(said(one, "description"))
            ));
        }
        text.push_str("</table>");
    }
    for (kind, content) in told["requestBody"]["content"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let shown = form(&content["schema"]);
        text.push_str(&format!(
            "<p>内容：<code>{}</code> {shown}</p>",
            escape(kind)
        ));
    }
    text.push_str("<ul class=\"answers\">");
    for (status, answer) in told["responses"].as_object().into_iter().flatten() {
        let content = answer["content"].as_object();
        let shown = content
            .and_then(|all| all.values().next())
            .map(|content| form(&content["schema"]))
            .unwrap_or_default();
        text.push_str(&format!(
            "<li><b>{}</b> {} {shown}</li>",
            escape(status),
            escape(said(answer, "description"))
        ));
    }
    text.push_str("</ul></section>");
    text
}

/// Operations by subject, each with its method and path.
fn by_subject<'a>(document: &'a Value, subject: &str) -> Vec<(&'a str, &'a str, &'a Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, told) in item.as_object().into_iter().flatten() {
            if told["tags"][0] == subject {
                all.push((method.as_str(), path.as_str(), told));
            }
        }
    }
    all
}

fn page(document: &Value) -> String {
    let title = escape(said(&document["info"], "title"));
    let paragraphs: Vec<String> = said(&document["info"], "description")
        .split("\n\n")
        .map(with_code)
        .collect();
    let introduction = format!("<p>{}</p>", paragraphs.join("</p><p>"));
    let mut contents = String::new();
    let mut body = String::new();
    for tag in document["tags"].as_array().into_iter().flatten() {
        let subject = said(tag, "name");
        contents.push_str(&format!("<li>{}<ul>", escape(subject)));
        body.push_str(&format!("<h2>{}</h2>", escape(subject)));
        for (method, path, told) in by_subject(document, subject) {
            contents.push_str(&format!(
                "<li><a href=\"#{}\">{}</a></li>",
                escape(said(told, "operationId")),
                escape(said(told, "summary"))
            ));
            body.push_str(&operation(method, path, told));
        }
        contents.push_str("</ul></li>");
    }
    body.push_str("<h2>结构</h2>");
    let schemas = document["components"]["schemas"].as_object();
    for (name, schema) in schemas.into_iter().flatten() {
        let (name, meaning) = (escape(name), escape(said(schema, "description")));
        let table = fields(schema);
        body.push_str(&format!(
            "<section id=\"{name}\"><h3>{name}</h3><p>{meaning}</p>{table}</section>"
        ));
    }
    format!(
        "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"stylesheet\" href=\"/api/docs.css\">\
         </head><body><header><h1>{title}</h1>{introduction}\
         <p><a href=\"/api/v1/openapi.json\">OpenAPI 3.1</a>。带 * 的必填。</p></header>\
         <nav aria-label=\"目录\"><ul>{contents}</ul></nav><main>{body}</main></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doors;

    #[test]
    fn the_page_tells_every_door_and_fetches_nothing_from_elsewhere() {
        let html = &PRINTED.html;
        for door in doors() {
            assert!(html.contains(door.path), "{}", door.path);
        }
        for foreign in ["http://", "https://", "//cdn", "<script"] {
            assert!(!html.contains(foreign), "{foreign}");
        }
    }
}
