//! 粘贴 from a word processor or a web page: markup is cleaned by an allow-list and becomes the plain blocks that are stored.

use std::collections::HashSet;

use ammonia::Builder;

/// Everything that means something in a stored text; other elements are dropped, their words stay.
const KEPT: [&str; 16] = [
    "p", "div", "br", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "td",
    "th",
];
/// Elements whose words go with them.
const DROPPED: [&str; 6] = ["script", "style", "title", "iframe", "object", "noscript"];
/// What tells markup from a text that holds a less-than sign.
const TELLING: [&str; 24] = [
    "p", "div", "span", "br", "h1", "h2", "h3", "h4", "ul", "ol", "li", "table", "tbody", "tr",
    "td", "a", "b", "strong", "em", "font", "img", "script", "html", "body",
];

/// True when a text holds an element that people paste along.
fn is_markup(text: &str) -> bool {
    text.split('<').skip(1).any(|rest| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        // `a<b 的企业` is a comparison: an element ends at once, or has an attribute before it does.
        let inside = rest[end..].split_once('>').map(|(inside, _)| inside);
        TELLING.contains(&name.as_str())
            && inside.is_some_and(|i| {
                let i = i.trim_end_matches('/');
                i.trim().is_empty() || (i.starts_with(char::is_whitespace) && i.contains('='))
            })
    })
}

/// The text as it is stored: `## ` and `### ` headings, `- ` items, a blank line between paragraphs.
pub(crate) fn clean(typed: &str) -> String {
    let text = if is_markup(typed) {
        plain(typed)
    } else {
        typed.replace("\r\n", "\n").replace('\r', "\n")
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n\n")
}

fn plain(markup: &str) -> String {
    let kept: HashSet<&str> = KEPT.into_iter().collect();
    let dropped: HashSet<&str> = DROPPED.into_iter().collect();
    let cleaned = Builder::default()
        .tags(kept)
        .clean_content_tags(dropped)
        .tag_attributes(std::collections::HashMap::new())
        .generic_attributes(HashSet::new())
        .allowed_classes(std::collections::HashMap::new())
        .link_rel(None)
        .clean(markup)
        .to_string();
    lines_of(&cleaned)
}

/// Cleaned markup holds no attributes and only the elements above: what begins with `<` is an element, the rest are words.
fn lines_of(cleaned: &str) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    let mut rest = cleaned;
    while let Some(at) = rest.find('<') {
        push_words(&mut lines, &rest[..at]);
        let Some(end) = rest[at..].find('>') else {
            break;
        };
        begin(&mut lines, &rest[at + 1..at + end]);
        rest = &rest[at + end + 1..];
    }
    push_words(&mut lines, rest);
    lines.join("\n")
}

fn push_words(lines: &mut [String], words: &str) {
    let words = unescaped(words);
    if let Some(line) = lines.last_mut() {
        for word in words.split_whitespace() {
            if line.ends_with(|c: char| c.is_ascii_alphanumeric())
                && word.starts_with(|c: char| c.is_ascii_alphanumeric())
            {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
}

fn begin(lines: &mut Vec<String>, element: &str) {
    match element.trim_end_matches('/') {
        "h1" | "h2" => lines.push("## ".to_owned()),
        "h3" | "h4" | "h5" | "h6" => lines.push("### ".to_owned()),
        "li" => lines.push("- ".to_owned()),
        // Cells of a row stay on one line.
        "/td" | "/th" => {
            if let Some(line) = lines.last_mut() {
                line.push('\u{3000}');
            }
        }
        "td" | "th" | "/table" => {}
        // A paragraph within an item or a heading goes on with its line.
        "p" | "div" | "br"
            if lines
                .last()
                .is_some_and(|l| matches!(l.as_str(), "- " | "## " | "### ")) => {}
        _ => lines.push(String::new()),
    }
}

fn unescaped(words: &str) -> String {
    words
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn pasted_markup_becomes_headings_items_and_paragraphs() {
        let pasted = "<h2 style=\"color:red\">一、支持对象</h2><p class=MsoNormal>在本市登记的<b>中小企业</b>。<o:p></o:p></p>\
                      <ul><li><p>制造业</p></li><li>农业</li></ul><h3>材料</h3>合同&nbsp;A &amp; B<br>发票";
        assert_eq!(
            clean(pasted),
            "## 一、支持对象\n\n在本市登记的中小企业。\n\n- 制造业\n\n- 农业\n\n### 材料\n\n合同A&B\n\n发票"
        );
    }

    #[test]
    fn what_runs_leaves_nothing_behind() {
        let pasted = "<p onclick=\"x()\">正文</p><script>alert(1)</script><img src=x onerror=alert(1)>\
                      <a href=\"javascript:alert(1)\">链接</a><style>p{}</style><svg><script>2</script></svg>";
        let stored = clean(pasted);
        assert_eq!(stored, "正文\n\n链接");
    }

    #[test]
    fn a_text_with_a_less_than_sign_stays_as_it_was_typed() {
        let typed = "注册资本 < 500 万元\r\n且 a<b 的企业\n\n\n第二段 c>d";
        assert_eq!(
            clean(typed),
            "注册资本 < 500 万元\n\n且 a<b 的企业\n\n第二段 c>d"
        );
    }

    #[test]
    fn cells_of_a_table_stay_on_one_line() {
        let pasted =
            "<table><tr><th>类别</th><td>补贴</td></tr><tr><td>首贷</td><td>50%</td></tr></table>";
        assert_eq!(clean(pasted), "类别\u{3000}补贴\n\n首贷\u{3000}50%");
    }
}
