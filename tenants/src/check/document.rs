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
    /// A day or a broken number: nothing that our files hold.
    Other,
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
        DeValue::Integer(whole) => {
            i64::from_str_radix(whole.as_str(), whole.radix()).map_or(Value::Other, Value::Whole)
        }
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Array(list) => Value::List(list.into_iter().map(|v| node(v, lines)).collect()),
        DeValue::Table(table) => Value::Table(entries(table, lines)),
        DeValue::Float(_) | DeValue::Datetime(_) => Value::Other,
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
            Value::Whole(_) | Value::Flag(_) | Value::Other => Vec::new(),
        }
    }
}
