//! Drawings kept 已绘内容: a page of a console that says the same as a moment ago is put together, not drawn again.
//!
//! The key is a SHA-256 of everything that the page is made of: a kept drawing is byte for byte the one that would be drawn, and
//! nobody finds it who does not have its data already. Content and frame are kept apart, so colleagues share the content.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tera::{Context, Tera};

use crate::templates;

/// All kept drawings together.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// Drawings name enterprises: none is kept for longer.
const KEPT_FOR: Duration = Duration::from_mins(10);
/// The frame of all consoles; the content stands before its one end of `main`.
const FRAME: &str = "layout_console.html";
const END: &str = "</main>";

type Key = [u8; 32];
type Drawn = Result<Arc<str>, Box<dyn std::error::Error + Send + Sync>>;

pub(crate) struct Drawings(Cache<Key, Arc<str>>);

impl Default for Drawings {
    fn default() -> Self {
        let kept = Cache::builder()
            .max_capacity(MOST_BYTES)
            .weigher(|_: &Key, html: &Arc<str>| u32::try_from(html.len() + 128).unwrap_or(u32::MAX))
            .time_to_live(KEPT_FOR)
            .build();
        Self(kept)
    }
}

impl Drawings {
    /// A page in the frame of the consoles; its template is the content alone and reads nothing of the frame. `content` is made of
    /// `from` and of nothing else.
    pub fn page<C: Serialize>(
        &self,
        tera: &Tera,
        template: &str,
        page: &impl Serialize,
        from: &impl Serialize,
        content: impl FnOnce() -> C,
    ) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let content = self.kept(template, from, || {
            let context = templates::context(&content())?;
            tera.render(template, &context)
        })?;
        let frame = self.kept(FRAME, page, || {
            let mut context = Context::new();
            context.insert("page", page);
            tera.render(FRAME, &context)
        })?;
        let (before, after) = frame
            .rsplit_once(END)
            .ok_or("the frame of the consoles has no end of its content")?;
        Ok([before, &content, END, after].concat())
    }

    fn kept(
        &self,
        template: &str,
        read: &impl Serialize,
        draw: impl FnOnce() -> tera::TeraResult<String>,
    ) -> Drawn {
        let key = key(template, read)?;
        if let Some(html) = self.0.get(&key) {
            return Ok(html);
        }
        let html: Arc<str> = draw()?.into();
        self.0.insert(key, html.clone());
        Ok(html)
    }
}

/// Names of templates hold no NUL: no name and data make the same key as another two.
fn key(template: &str, read: &impl Serialize) -> serde_json::Result<Key> {
    let mut said = Vec::with_capacity(8 * 1024);
    said.extend_from_slice(template.as_bytes());
    said.push(0);
    serde_json::to_writer(&mut said, read)?;
    Ok(Sha256::digest(&said).into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn frame(csrf: &str) -> Value {
        json!({
            "title": "页</main>", "tenant": {
                "name": "平台", "short_name": "台", "brand_line": "", "hotline": "0317-1100100", "hotline_hours": "", "icp": "",
                "operator_name": "", "address": "", "year": 2026, "public_security_record": "", "mini_program_name": "",
            },
            "user": { "name": "</main>", "kind": "staff", "href": "/branch" }, "unread": 0, "csrf": csrf, "demo": true,
            "large_type": false, "css_url": "/a.css", "js_url": "/a.js", "path": "/", "here": "/", "nav": [], "side": [],
            "foot": [], "session_seconds": 60, "area": "支行工作台", "notice": { "kind": "success", "text": "</main>" },
        })
    }

    #[test]
    fn a_kept_page_is_the_one_that_would_be_drawn() {
        let (tera, drawings) = (
            crate::templates::load().expect("they load"),
            Drawings::default(),
        );
        let lists = crate::branch::samples().into_iter();
        let mut compared = 0;
        for (template, content) in lists.chain(crate::operator::samples()) {
            if !["branch/list.html", "operator/statistics.html"].contains(&template) {
                continue;
            }
            let context = templates::context(&content).expect("a page is a map");
            let drawn = tera.render(template, &context).expect("it is drawn");
            for csrf in ["first", "second", "first"] {
                let mut context = Context::new();
                context.insert("page", &frame(csrf));
                let empty = tera.render(FRAME, &context).expect("it is drawn");
                let kept = drawings.page(&tera, template, &frame(csrf), &content, || &content);
                let kept = kept.expect("it is drawn");
                assert_eq!(kept.replace(&drawn, ""), empty, "{template}");
                assert_eq!(kept.matches(END).count(), 1, "{template}");
                assert!(kept.contains(&format!("content=\"{csrf}\"")), "{template}");
                compared += 1;
            }
        }
        assert!(compared > 6, "{compared}");
    }

    #[test]
    fn the_same_data_under_another_template_are_another_drawing() {
        let data = json!({ "a": 1 });
        let key = |name: &str| key(name, &data).expect("it is written");
        assert_eq!(key("a.html"), key("a.html"));
        assert_ne!(key("a.html"), key("b.html"));
    }
}
