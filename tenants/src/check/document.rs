//! A TOML text with the line of everything in it.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A value and where it stands.
#[derive(Debug)]
pub struct Node {
    pub line: usize,
    pub value: Value,
}

#[derive(Debug)]
pub enum Value {
    Text(String),
    Whole(i64),
    Flag(bool),
    List(Vec<Node>),
    Table(Vec<Entry>),
    /// A fraction or a day; `None`: a number that is too large.
    Other(Option<toml::Value>),
}

#[derive(Debug)]
pub struct Entry {
    pub key: String,
    pub line: usize,
    pub node: Node,
}

/// Line and words of what is no TOML.
pub type Broken = Vec<(usize, String)>;

/// Reads as much as can be read, and tells of the rest.
pub fn parse(text: &str) -> (Node, Broken) {
    let lines = Lines::of(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    let broken = errors
        .iter()
        .map(|error| {
            let line = error.span().map_or(1, |span| lines.at(span.start));
            (line, error.message().to_owned())
        })
        .collect();
    let entries = entries(root.into_inner(), &lines);
    (
        Node {
            line: 1,
            value: Value::Table(entries),
        },
        broken,
    )
}

/// Where each line begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(ends).collect())
    }

    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|begin| *begin <= offset)
    }
}

fn entries(table: DeTable<'_>, lines: &Lines) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry {
            line: lines.at(key.span().start),
            key: key.into_inner().into_owned(),
            node: node(value, lines),
        })
        .collect();
    entries.sort_by_key(|entry| entry.line);
    entries
}

fn node(value: Spanned<DeValue<'_>>, lines: &Lines) -> Node {
    let line = lines.at(value.span().start);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix())
            .map_or(Value::Other(None), Value::Whole),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Array(list) => Value::List(list.into_iter().map(|v| node(v, lines)).collect()),
        DeValue::Table(table) => Value::Table(entries(table, lines)),
        DeValue::Float(number) => {
            Value::Other(number.as_str().parse().ok().map(toml::Value::Float))
        }
        DeValue::Datetime(day) => Value::Other(Some(toml::Value::Datetime(day))),
    };
    Node { line, value }
}

impl Node {
    /// What stands under a key of a table.
    pub fn get(&self, key: &str) -> Option<&Node> {
        Some(&self.entry(key)?.node)
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn whole(&self) -> Option<i64> {
        match self.value {
            Value::Whole(whole) => Some(whole),
            _ => None,
        }
    }

    /// The text under a key; empty when there is none.
    pub fn text_of(&self, key: &str) -> &str {
        self.get(key).and_then(Node::text).unwrap_or_default()
    }

    /// The line of a dotted path, or of the nearest table on the way there.
    pub fn line_of(&self, path: &str) -> usize {
        let mut here = (self, self.line);
        for part in path.split('.') {
            let Some(entry) = here.0.entry(part) else {
                break;
            };
            here = (&entry.node, entry.line);
        }
        here.1
    }

    /// Every text below, with its line.
    pub fn texts(&self) -> Vec<(usize, &str)> {
        match &self.value {
            Value::Text(text) => vec![(self.line, text)],
            Value::List(items) => items.iter().flat_map(Node::texts).collect(),
            Value::Table(entries) => entries.iter().flat_map(|e| e.node.texts()).collect(),
            Value::Whole(_) | Value::Flag(_) | Value::Other(_) => Vec::new(),
        }
    }

    /// The same without its lines, to be read into a type: no text is parsed twice.
    pub fn plain(&self) -> toml::Value {
        match &self.value {
            Value::Text(text) => toml::Value::String(text.clone()),
            Value::Whole(whole) => toml::Value::Integer(*whole),
            Value::Flag(flag) => toml::Value::Boolean(*flag),
            Value::List(items) => toml::Value::Array(items.iter().map(Node::plain).collect()),
            Value::Table(entries) => toml::Value::Table(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.plain()))
                    .collect(),
            ),
            Value::Other(other) => other.clone().unwrap_or(toml::Value::Boolean(false)),
        }
    }
}
