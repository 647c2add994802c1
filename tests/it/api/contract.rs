//! The contract 接口契约: what is asked must be in the document, what is answered must be as the document says.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use jsonschema::Validator;
use serde_json::{Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(api::document);
static VALIDATORS: LazyLock<Mutex<HashMap<String, std::sync::Arc<Validator>>>> =
    LazyLock::new(Mutex::default);

/// The path of the document that a request's path is of.
fn template(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('/').collect();
    let paths = DOCUMENT["paths"].as_object()?;
    let mut fitting: Vec<&str> = paths
        .keys()
        .filter(|told| {
            let told: Vec<&str> = told.split('/').collect();
            told.len() == parts.len()
                && told
                    .iter()
                    .zip(&parts)
                    .all(|(told, part)| told == part || told.starts_with('{'))
        })
        .map(String::as_str)
        .collect();
    // A word of its own goes before a parameter.
    fitting.sort_by_key(|told| told.matches('{').count());
    fitting.first().copied()
}

fn validator(pointer: &str, schema: &Value) -> std::sync::Arc<Validator> {
    let mut known = VALIDATORS.lock().expect("nobody panicked with it");
    known
        .entry(pointer.to_owned())
        .or_insert_with(|| {
            let mut whole = schema.clone();
            whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
            whole["components"] = DOCUMENT["components"].clone();
            std::sync::Arc::new(jsonschema::validator_for(&whole).expect("a schema"))
        })
        .clone()
}

/// Holds an answer against the document.
pub(crate) fn check(method: &str, path: &str, status: u16, kind: &str, body: &[u8]) {
    let path = path.split('?').next().unwrap_or_default();
    let told = template(path).unwrap_or_else(|| panic!("{path} is not in the document"));
    let method = method.to_ascii_lowercase();
    let operation = &DOCUMENT["paths"][told][&method];
    assert!(operation.is_object(), "{method} {told} is not documented");
    let answer = &operation["responses"][status.to_string()];
    assert!(
        answer.is_object(),
        "{method} {told} answered {status}, which is not documented: {}",
        String::from_utf8_lossy(body)
    );
    let Some(contents) = answer["content"].as_object() else {
        assert!(body.is_empty(), "{method} {told} {status} has no body");
        return;
    };
    let schema = &contents
        .get(kind)
        .unwrap_or_else(|| panic!("{method} {told} {status} answered {kind:?}"))["schema"];
    if !kind.ends_with("json") {
        return;
    }
    let value: Value = serde_json::from_slice(body).expect("JSON");
    let validator = validator(&format!("{method} {told} {status}"), schema);
    let wrong: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        wrong.is_empty(),
        "{method} {told} {status}: {wrong:?}\n{value}"
    );
}

#[test]
fn an_answer_that_the_document_does_not_tell_is_noticed() {
    let good = json!({ "items": [] }).to_string();
    let at = |path: &'static str, status: u16, body: String| {
        std::panic::catch_unwind(move || {
            check("GET", path, status, "application/json", body.as_bytes());
        })
        .is_ok()
    };
    assert!(at("/api/v1/regions", 200, good.clone()));
    assert!(!at("/api/v1/regions", 202, good.clone()), "another status");
    assert!(!at("/api/v1/nowhere", 200, good), "another path");
    assert!(!at("/api/v1/regions", 200, "{}".to_owned()), "another form");
}
