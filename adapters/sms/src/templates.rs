//! Registered templates 报备模板: which id a message has with a provider, and which of its blanks in which order.

use std::collections::BTreeMap;

use application::ports::sms::Sms;
use serde::Deserialize;

use crate::texts;

/// A template as it was registered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub id: String,
    /// Names of [`texts`] blanks in the order of the registered text; `link_tail` is the last part of `link`, for
    /// providers that take no addresses in a blank.
    #[serde(default)]
    pub params: Vec<String>,
}

/// Every template of a city by our code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Templates(BTreeMap<String, Template>);

impl Templates {
    /// What is missing or wrong, before a customer meets it.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for code in texts::codes() {
            if !self.0.contains_key(code) {
                faults.push(format!("templates.{code} is missing"));
            }
        }
        for (code, template) in &self.0 {
            let blanks = texts::blanks(code);
            if blanks.is_none() {
                faults.push(format!("templates.{code} is none of our messages"));
            }
            if template.id.trim().is_empty() {
                faults.push(format!("templates.{code}.id is empty"));
            }
            for name in &template.params {
                let known = |blanks: &Vec<&str>| {
                    blanks.contains(&name.as_str())
                        || (name == "link_tail" && blanks.contains(&"link"))
                };
                if !blanks.as_ref().is_none_or(known) {
                    faults.push(format!("templates.{code}.params: there is no {name}"));
                }
            }
        }
        faults
    }

    /// Id and filled blanks, in order; `None` when it was never registered.
    pub fn fill<'a>(&'a self, sms: &'a Sms) -> Option<(&'a str, Vec<(&'a str, &'a str)>)> {
        let template = self.0.get(sms.template)?;
        let filled: Option<Vec<_>> = template
            .params
            .iter()
            .map(|name| Some((name.as_str(), value(sms, name)?)))
            .collect();
        Some((&template.id, filled?))
    }
}

fn value<'a>(sms: &'a Sms, name: &str) -> Option<&'a str> {
    let of = |wanted: &str| {
        sms.params
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value.as_str())
    };
    if name == "link_tail" {
        return of("link").and_then(|link| link.rsplit('/').next());
    }
    of(name)
}
