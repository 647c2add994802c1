//! A node as docs/province-report.md describes one: it verifies what comes, takes a report once by its id, and signs what it says.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// How it answers.
#[derive(Clone)]
pub enum Mood {
    Takes,
    /// With these words.
    Refuses(&'static str),
    /// Takes, and signs its receipt with another key.
    SignsWrongly,
    /// Something that is not documented.
    Says(ResponseTemplate),
}

struct Book {
    mood: Mood,
    key: String,
    delay: Duration,
    /// Receipts by report.
    taken: BTreeMap<String, String>,
    /// Every request whose signature fits: id and body.
    asked: Vec<(String, String)>,
}

/// The node, and where the city finds it.
#[derive(Clone)]
pub struct Node {
    book: Arc<Mutex<Book>>,
    server: Arc<MockServer>,
    secret: PathBuf,
}

fn sign(key: &str, who: &str, at: &str, id: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(format!("{who}\n{at}\n{id}\n{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

impl Node {
    pub async fn open() -> Self {
        let node = Self {
            book: Arc::new(Mutex::new(Book {
                mood: Mood::Takes,
                key: "shared with the node".to_owned(),
                delay: Duration::ZERO,
                taken: BTreeMap::new(),
                asked: Vec::new(),
            })),
            server: Arc::new(MockServer::start().await),
            secret: std::env::temp_dir().join(format!("yjr-it-province-{}", Uuid::new_v4())),
        };
        node.city_knows("shared with the node");
        Mock::given(any())
            .respond_with(Answers(node.book.clone()))
            .mount(&node.server)
            .await;
        node
    }

    /// The section of a city's file.
    pub fn section(&self, sender: &str) -> Value {
        json!({
            "kind": "node", "host": "node.province.example", "path": "/v1/reports", "sender": sender,
            "secret": format!("file:{}", self.secret.display()), "base_url": self.server.uri(),
        })
    }

    /// What the city believes the shared secret to be.
    pub fn city_knows(&self, key: &str) {
        std::fs::write(&self.secret, key).expect("written");
    }

    pub fn mood(&self, mood: Mood) {
        self.book.lock().expect("whole").mood = mood;
    }

    pub fn delay(&self, delay: Duration) {
        self.book.lock().expect("whole").delay = delay;
    }

    pub fn asked(&self) -> Vec<(String, String)> {
        self.book.lock().expect("whole").asked.clone()
    }

    pub fn taken(&self) -> BTreeMap<String, String> {
        self.book.lock().expect("whole").taken.clone()
    }
}

/// What the server answers from.
struct Answers(Arc<Mutex<Book>>);

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut book = self.0.lock().expect("whole");
        let header = |name: &str| {
            let value = request.headers.get(name);
            value.and_then(|v| v.to_str().ok()).unwrap_or_default()
        };
        let (at, id) = (header("x-report-timestamp"), header("x-report-id"));
        let body = String::from_utf8(request.body.clone()).unwrap_or_default();
        let ours = request.method.as_str() == "POST"
            && request.url.path() == "/v1/reports"
            && header("x-report-signature") == sign(&book.key, "report", at, id, &body);
        if !ours {
            return ResponseTemplate::new(401);
        }
        book.asked.push((id.to_owned(), body));
        let (status, said, key) = match &book.mood {
            Mood::Says(answer) => return answer.clone(),
            Mood::Refuses(words) => (422, json!({ "id": id, "reason": words }), book.key.clone()),
            Mood::Takes | Mood::SignsWrongly => {
                let wrongly = matches!(book.mood, Mood::SignsWrongly);
                let key = if wrongly { "another" } else { &book.key }.to_owned();
                let next = format!("HB-{}", book.taken.len() + 1);
                let receipt = book.taken.entry(id.to_owned()).or_insert(next);
                (200, json!({ "id": id, "receipt": receipt }), key)
            }
        };
        let said = said.to_string();
        ResponseTemplate::new(status)
            .insert_header(
                "x-report-signature",
                sign(&key, "answer", at, id, &said).as_str(),
            )
            .set_body_raw(said, "application/json")
            .set_delay(book.delay)
    }
}
