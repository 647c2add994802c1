//! Filling 识别填写: what a photo says goes into fields that are still empty, with a mark; what was typed stays as typed (M-604,
//! M-605).

use std::time::Duration;

use application::{
    access::Actor,
    error::{Kind, UseError, UseResult},
    ports::recognition::Sureness,
    recognition::Proposal,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::enterprise::ProfileFile;
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::{Room, said};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    posted::{Form, Posted},
};

/// Photos that hold something the form asks for.
pub const READ: [ProfileFile; 2] = [ProfileFile::Licence, ProfileFile::IdFront];
/// The hidden field that carries the marks from one drawing of the page to the next.
pub const MARKS: &str = "marks";
/// Fields that a photo may fill.
const FILLED: [&str; 6] = [
    "name",
    "unified_social_credit_code",
    "registered_capital",
    "legal_representative",
    "legal_id",
    "address",
];
/// All that a request may spend on reading; the request itself ends after 15 seconds.
const PATIENCE: Duration = Duration::from_secs(12);
const RECOGNISED: &str = "已识别";
const DOUBTFUL: &str = "请核对：照片上的文字不够清楚";

/// What reading came to.
#[derive(Debug, Default)]
pub struct Filled {
    pub proposals: Vec<Proposal>,
    pub problem: Option<UseError>,
    /// Whether anything was to be read.
    pub asked: bool,
}

/// The mark of a field that was filled.
fn mark(sureness: Sureness) -> (&'static str, bool) {
    match sureness {
        Sureness::Recognised => (RECOGNISED, false),
        Sureness::Doubtful => (DOUBTFUL, true),
    }
}

/// The mark of a field that holds something else than the photo. A number of a person is not repeated.
fn differs(proposal: &Proposal) -> String {
    if proposal.field == "legal_id" {
        "请核对：与照片上的号码不一致".to_owned()
    } else {
        format!("请核对：照片上为“{}”", proposal.value)
    }
}

/// Puts the marks of an earlier drawing back on the fields that still hold something.
pub fn keep_marks(view: &mut FormView, posted: &Posted) {
    for entry in posted.get(MARKS).split(' ') {
        let Some((name, sure)) = entry.split_once(':') else {
            continue;
        };
        let sureness = match sure {
            "sure" => Sureness::Recognised,
            "doubtful" => Sureness::Doubtful,
            _ => continue,
        };
        if FILLED.contains(&name)
            && let Some(field) = view.field_mut(name)
            && !field.value.is_empty()
        {
            let (words, doubtful) = mark(sureness);
            field.mark(words, doubtful);
        }
    }
}

/// Fills what is empty; answers how many fields now hold what the photos say.
pub fn fill(view: &mut FormView, proposals: &[Proposal]) -> usize {
    let mut filled = 0;
    for proposal in proposals {
        let Some(field) = view.field_mut(proposal.field) else {
            continue;
        };
        if field.value.trim().is_empty() {
            field.value.clone_from(&proposal.value);
        }
        if field.value.trim() == proposal.value {
            let (words, doubtful) = mark(proposal.sureness);
            field.mark(words, doubtful);
            filled += 1;
        } else {
            field.mark(differs(proposal), true);
        }
    }
    filled
}

/// Writes the marks into their hidden field.
pub fn note_marks(view: &mut FormView) {
    let marks: Vec<String> = FILLED
        .iter()
        .filter_map(|name| {
            let field: &Field = view.field(name)?;
            let sure = match field.mark.as_str() {
                RECOGNISED => "sure",
                DOUBTFUL => "doubtful",
                _ => return None,
            };
            Some(format!("{name}:{sure}"))
        })
        .collect();
    if let Some(field) = view.field_mut(MARKS) {
        field.value = marks.join(" ");
    }
}

/// How many fields, in words, for the line above the form.
pub fn told(filled: usize) -> String {
    if filled == 0 {
        "已识别照片，没有可填写的空白项。请核对后保存。".to_owned()
    } else {
        format!("已按照片填写 {filled} 项，请逐项核对后保存。")
    }
}

/// Reads some of the photos that are kept, one after the other; the first problem ends it, and so does the time that all of them
/// have together.
pub async fn read(web: &Room, actor: &Actor, documents: &[ProfileFile]) -> UseResult<Filled> {
    let until = Instant::now() + PATIENCE;
    let mut filled = Filled::default();
    for document in documents {
        filled.asked = true;
        match within(until, web.uses.recognition.read(actor, *document)).await {
            Ok(proposals) => filled.proposals.extend(proposals),
            Err(error)
                if matches!(
                    error.kind,
                    Kind::NotFound | Kind::Denied | Kind::SignedOut | Kind::Bug
                ) =>
            {
                return Err(error);
            }
            Err(error) => {
                filled.problem = Some(error);
                break;
            }
        }
    }
    Ok(filled)
}

/// What is not read by then is not read: the form has to come back with what was typed.
async fn within<T>(until: Instant, reading: impl Future<Output = UseResult<T>>) -> UseResult<T> {
    timeout_at(until, reading).await.unwrap_or_else(|late| {
        tracing::warn!("photos were not read in time");
        Err(UseError {
            code: "recognition.unavailable",
            ..UseError::unavailable(late)
        })
    })
}

/// One photo that was uploaded just now, by script: values for the fields, and what to write beside them.
pub async fn door(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.enterprise_actor()?.clone();
    let file = ProfileFile::from_code(posted.get("name")).ok_or_else(UseError::not_found)?;
    let read = read(&web, &actor, &[file]).await?;
    if let Some(problem) = &read.problem {
        return Ok(said(problem));
    }
    let fields: Vec<_> = read
        .proposals
        .iter()
        .map(|proposal| {
            let (words, doubtful) = mark(proposal.sureness);
            json!({
                "name": proposal.field,
                "value": proposal.value,
                "mark": words,
                "doubtful": doubtful,
                "differs": differs(proposal),
                "note": if doubtful { "doubtful" } else { "sure" },
            })
        })
        .collect();
    Ok(Json(json!({ "ok": true, "fields": fields })).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> FormView {
        FILLED.iter().fold(
            FormView::new("/x").with(Field::hidden(MARKS, "")),
            |form, name| form.with(Field::text(*name, "栏")),
        )
    }

    fn proposal(field: &'static str, value: &str, sureness: Sureness) -> Proposal {
        Proposal {
            field,
            value: value.to_owned(),
            sureness,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_read_in_time_ends_in_a_sentence_before_the_request_does() {
        let begun = Instant::now();
        let never = std::future::pending::<UseResult<()>>();
        let late = within(begun + PATIENCE, never).await.expect_err("late");
        assert_eq!(late.code, "recognition.unavailable");
        assert!(begun.elapsed() < Duration::from_secs(15));
    }

    #[test]
    fn only_empty_fields_are_filled_and_each_is_marked() {
        let mut view = form();
        view.field_mut("name").expect("a field").value = "沧州市自填有限公司".to_owned();
        view.field_mut("address").expect("a field").value = "解放西路 12 号".to_owned();
        let filled = fill(
            &mut view,
            &[
                proposal("name", "沧州市照片有限公司", Sureness::Recognised),
                proposal("address", "解放西路 12 号", Sureness::Recognised),
                proposal("legal_representative", "顾屹舟", Sureness::Doubtful),
            ],
        );
        assert_eq!(filled, 2);
        let field = |name: &str| view.field(name).expect("a field");
        assert_eq!(field("name").value, "沧州市自填有限公司");
        assert!(field("name").mark.contains("沧州市照片有限公司") && field("name").mark_doubtful);
        assert_eq!(field("address").mark, RECOGNISED);
        assert_eq!(field("legal_representative").value, "顾屹舟");
        assert!(field("legal_representative").mark_doubtful);
    }

    #[test]
    fn a_number_that_differs_is_not_repeated_on_the_page() {
        let mut view = form();
        view.field_mut("legal_id").expect("a field").value = "1".to_owned();
        let number = proposal("legal_id", "110105188001010009", Sureness::Recognised);
        fill(&mut view, &[number]);
        let mark = &view.field("legal_id").expect("a field").mark;
        assert!(mark.starts_with("请核对") && !mark.contains("1101"));
    }

    #[test]
    fn marks_travel_with_the_form_and_strange_ones_do_not() {
        let mut view = form();
        fill(
            &mut view,
            &[
                proposal("name", "沧州市照片有限公司", Sureness::Recognised),
                proposal("address", "解放西路 12 号", Sureness::Doubtful),
            ],
        );
        note_marks(&mut view);
        let marks = view.field(MARKS).expect("a field").value.clone();
        assert_eq!(marks, "name:sure address:doubtful");
        let mut next = form();
        next.field_mut("name").expect("a field").value = "沧州市照片有限公司".to_owned();
        let odd = format!("{marks} password:sure legal_id:sure name :x");
        keep_marks(&mut next, &Posted::of(&[(MARKS, &odd)]));
        assert_eq!(next.field("name").expect("a field").mark, RECOGNISED);
        assert_eq!(
            next.field("address").expect("a field").mark,
            "",
            "it was emptied"
        );
        assert_eq!(next.field("legal_id").expect("a field").mark, "");
    }
}
