//! An HTTP client that behaves like a browser without script: cookies, forms, redirects followed on demand.

use std::{net::SocketAddr, sync::Arc};

use reqwest::{
    StatusCode, header,
    multipart::{Form as Multipart, Part},
};

/// One browser: its cookies, the host name it believes to visit.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    address: SocketAddr,
    host: String,
    jar: Arc<reqwest::cookie::Jar>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }

    /// The value of the first input of that name (hidden fields: `_csrf`, `_key`).
    pub fn input(&self, name: &str) -> Option<String> {
        let text = self.text();
        let at = text.find(&format!("name=\"{name}\""))?;
        let tag_start = text[..at].rfind('<')?;
        let tag_end = at + text[at..].find('>')?;
        let tag = &text[tag_start..tag_end];
        let value = tag.split("value=\"").nth(1)?;
        Some(value.split('"').next()?.replace("&amp;", "&"))
    }

    pub fn csrf(&self) -> String {
        self.input("_csrf")
            .or_else(|| {
                let text = self.text();
                let rest = text.split("name=\"csrf-token\" content=\"").nth(1)?;
                Some(rest.split('"').next()?.to_owned())
            })
            .unwrap_or_default()
    }

    #[expect(clippy::return_self_not_must_use, reason = "the check is the use")]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{} {}",
            self.location(),
            self.text()
        );
        self
    }

    #[expect(clippy::return_self_not_must_use, reason = "the check is the use")]
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let text = self.text();
        assert!(text.contains(words), "{words} is not on the page:\n{text}");
        self
    }
}

impl Browser {
    pub fn new(address: SocketAddr, host: &str) -> Self {
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let jar = Arc::new(reqwest::cookie::Jar::default());
        let client = reqwest::Client::builder()
            .cookie_provider(jar.clone())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // It speaks to this machine alone, in clear: whom the system trusts need not be read for each of them.
            .tls_certs_only([])
            .resolve(host, address)
            .build()
            .expect("a client can be built");
        Self {
            client,
            address,
            host: host.to_owned(),
            jar,
        }
    }

    /// The same browser with one more cookie.
    #[must_use]
    pub fn with_cookie(self, name: &str, value: &str) -> Self {
        let url = self.url("/").parse().expect("an address of ours");
        self.jar
            .add_cookie_str(&format!("{name}={value}; Path=/"), &url);
        self
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}:{}{path}", self.host, self.address.port())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("the body arrives").to_vec();
        Answer {
            status,
            headers,
            body,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(self.url(path))).await
    }

    /// Follows redirects of our own, at most five.
    pub async fn follow(&self, mut answer: Answer) -> Answer {
        for _ in 0..5 {
            if !answer.status.is_redirection() {
                break;
            }
            let to = answer.location().to_owned();
            answer = self.get(&to).await;
        }
        answer
    }

    /// Posts fields as they are; the caller gives `_csrf`.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.client.post(self.url(path)).form(fields))
            .await
    }

    /// Opens `page`, takes its hidden `_csrf` and `_key`, and posts the fields to `path`.
    pub async fn submit(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = self.get(page).await;
        self.submit_from(&form, path, fields).await
    }

    /// The same from a page that was opened before (back button, double click).
    pub async fn submit_from(&self, form: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = form.csrf();
        let key = form.input("_key");
        let mut all: Vec<(&str, &str)> = vec![("_csrf", csrf.as_str())];
        if let Some(key) = &key
            && !fields.iter().any(|(name, _)| *name == "_key")
        {
            all.push(("_key", key));
        }
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }

    /// A member of staff proves with the password, as the demonstration lets them (S-41).
    pub async fn prove(&self) {
        let page = "/staff/prove";
        self.submit(page, page, &[("current_password", crate::PASSWORD)])
            .await
            .expect(303);
    }

    /// Posts a multipart form with files `(field, file name, bytes)`.
    pub async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, Vec<u8>)],
    ) -> Answer {
        let mut form = Multipart::new();
        for (name, value) in fields {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        for (name, file_name, bytes) in files {
            form = form.part(
                (*name).to_owned(),
                Part::bytes(bytes.clone()).file_name((*file_name).to_owned()),
            );
        }
        self.send(self.client.post(self.url(path)).multipart(form))
            .await
    }

    /// A request of the test's own making.
    pub fn raw(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub async fn answer(&self, request: reqwest::RequestBuilder) -> Answer {
        self.send(request).await
    }
}
