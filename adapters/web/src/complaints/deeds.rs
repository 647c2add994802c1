//! 受理, 内部记录, 请机构说明, 答复, 说明, 再次提出, 办结: a page that says what will happen, and the deed.

use application::{
    access::Actor,
    complaints::{
        Answer, AskStatement, ComplaintRoom, EndComplaint, Note, SeenComplaint, Side, State as Say,
        Take,
    },
    error::{Kind, UseError, UseResult},
    once::Once,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use uuid::Uuid;

use super::{crumbs, detail::facts, href, of_side};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Described, Link},
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{EnterpriseVisit, StaffVisit, Visit, id_of, posted_by_enterprise, posted_by_staff},
};

/// Which of the deeds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Take,
    Note,
    Question,
    Answer,
    State,
    Again,
    Close,
}

impl Deed {
    const fn side(self) -> Side {
        match self {
            Self::Take | Self::Note | Self::Question | Self::Answer => Side::City,
            Self::State => Side::Bank,
            Self::Again | Self::Close => Side::Enterprise,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Note => "note",
            Self::Question => "statement",
            Self::Answer => "answer",
            Self::State => "state",
            Self::Again => "again",
            Self::Close => "close",
        }
    }

    const fn offered(self, seen: &SeenComplaint) -> bool {
        let powers = seen.powers;
        match self {
            Self::Take => powers.take,
            Self::Note => powers.note,
            Self::Question => powers.ask,
            Self::Answer => powers.answer,
            Self::State => powers.state,
            Self::Again => powers.reopen,
            Self::Close => powers.close,
        }
    }

    fn refusal(self, seen: &SeenComplaint) -> UseError {
        let asked = seen.complaint.asked.as_ref();
        match self {
            Self::Question if asked.is_some_and(|a| !a.stated) => {
                UseError::conflict("complaint.asked_before")
            }
            Self::State if asked.is_some_and(|a| a.stated) => {
                UseError::conflict("complaint.stated_before")
            }
            _ => UseError::conflict("complaint.not_now").with("status", seen.complaint.status.zh()),
        }
    }

    /// Title, lead and button.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Take => (
                "要受理这件投诉吗？",
                "受理后由您处理，企业会收到通知。答复时限不变。",
                "受理",
            ),
            Self::Note => (
                "记录处理情况",
                "只有平台人员能看到，记下后不能修改。",
                "保存记录",
            ),
            Self::Question => (
                "请机构说明情况",
                "被请求的机构会看到企业名称和投诉内容，并收到通知。答复时限不变。",
                "发出请求",
            ),
            Self::Answer => (
                "答复企业",
                "企业会看到答复内容并收到通知。发出后不能修改。",
                "发出答复",
            ),
            Self::State => ("说明情况", "说明只由平台查看，提交后不能修改。", "提交说明"),
            Self::Again => (
                "再次提出投诉",
                "同一件投诉只能再次提出一次，平台会重新答复。",
                "再次提出",
            ),
            Self::Close => (
                "对答复满意，要办结这件投诉吗？",
                "办结后不能再次提出。",
                "办结",
            ),
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Take => "已受理，企业会收到通知。",
            Self::Note => "已记录。",
            Self::Question => "已发出，被请求的机构会收到通知。",
            Self::Answer => "已答复，企业会收到通知。",
            Self::State => "说明已提交，平台会收到通知。",
            Self::Again => "已再次提出，平台会在承诺的时限内答复。",
            Self::Close => "投诉已办结。",
        }
    }

    fn fields(self, seen: &SeenComplaint, typed: &Posted) -> Vec<Field> {
        let text = |name: &'static str, label: &str, most: u32, hint: &str| {
            vec![
                Field::textarea(name, label)
                    .required()
                    .rows(6)
                    .maxlength(most)
                    .hint(format!("{hint}最多 {most} 个字。"))
                    .value(typed.get(name)),
            ]
        };
        match self {
            Self::Take | Self::Close => Vec::new(),
            Self::Note => text(
                "handling_note",
                "记录",
                1000,
                "如与企业、机构联系的时间和结果。",
            ),
            Self::Answer => text("answer", "答复内容", 2000, "请写明核实的情况和处理结果。"),
            Self::State => text("statement", "说明", 2000, "请写明经过、原因和处理意见。"),
            Self::Again => text("again", "对答复不满意的原因", 1000, ""),
            Self::Question => {
                let mut fields = vec![node_field(seen).value(typed.get("node"))];
                fields.extend(text(
                    "question",
                    "请其说明的内容",
                    1000,
                    "请写明希望何时前回复。",
                ));
                fields
            }
        }
    }
}

/// The branch or institution that it is about, and the institution above it.
fn node_field(seen: &SeenComplaint) -> Field {
    let subject = &seen.complaint.subject;
    let mut nodes = vec![Choice::new(
        subject.about.to_string(),
        subject.about_name.as_str(),
    )];
    if subject.bank != subject.about {
        nodes.push(Choice::new(
            subject.bank.to_string(),
            format!("{}（总部）", subject.bank_name),
        ));
    }
    Field::radio("node", "请谁说明").required().options(nodes)
}

fn page(deed: Deed, seen: &SeenComplaint, key: &str, typed: &Posted) -> AskPage {
    let back = href(deed.side(), seen.complaint.id);
    let (title, lead, yes) = deed.words();
    let mut form = FormView::new(format!("{back}/{}", deed.path())).key(key);
    for field in deed.fields(seen, typed) {
        form.push(field);
    }
    let mut rows = facts(seen);
    rows.push(Described::new("投诉内容", &seen.complaint.body));
    AskPage {
        title: title.to_owned(),
        lead: lead.to_owned(),
        crumbs: crumbs(
            deed.side(),
            &[
                Link::new(&seen.complaint.number, back.as_str()),
                Link::new(yes, ""),
            ],
        ),
        rows,
        form,
        yes,
        no: "返回",
        back,
        danger: false,
    }
}

fn console(visit: Visit, side: Side) -> Visit {
    match side {
        Side::Enterprise => visit.enterprise_console(),
        Side::City | Side::Bank => visit.staff_console(),
    }
}

async fn ask(
    web: Web<ComplaintRoom>,
    visit: Visit,
    actor: Actor,
    id: String,
    deed: Deed,
) -> Result<Response, WebError> {
    of_side(&actor, deed.side())?;
    let id = id_of(&id)?;
    let seen = web.uses.view(&actor, id).await?;
    let visit = console(visit, deed.side());
    if !deed.offered(&seen) {
        return told(&visit, deed.refusal(&seen), &href(deed.side(), id));
    }
    let key = visit.kit.tokens().one_time();
    Ok(page(deed, &seen, &key, &Posted::default()).drawn(&visit, None))
}

async fn act(
    web: &Web<ComplaintRoom>,
    actor: Actor,
    posted: &Posted,
    complaint: Uuid,
    once: Once,
    deed: Deed,
) -> UseResult<()> {
    let uses = web.uses.clone();
    let words = |name: &str| posted.get(name).to_owned();
    match deed {
        Deed::Take => {
            let ask = Take { complaint, once };
            spawned(async move { uses.take(&actor, ask).await }).await
        }
        Deed::Note => {
            let ask = Note {
                complaint,
                words: words("handling_note"),
                once,
            };
            spawned(async move { uses.note(&actor, ask).await }).await
        }
        Deed::Question => {
            let ask = AskStatement {
                complaint,
                node: words("node"),
                words: words("question"),
                once,
            };
            spawned(async move { uses.ask_statement(&actor, ask).await }).await
        }
        Deed::Answer => {
            let ask = Answer {
                complaint,
                words: words("answer"),
                once,
            };
            spawned(async move { uses.answer(&actor, ask).await }).await
        }
        Deed::State => {
            let ask = Say {
                complaint,
                words: words("statement"),
                once,
            };
            spawned(async move { uses.state(&actor, ask).await }).await
        }
        Deed::Again | Deed::Close => {
            let ask = EndComplaint {
                complaint,
                again: (deed == Deed::Again).then(|| words("again")),
                once,
            };
            spawned(async move { uses.end(&actor, ask).await }).await
        }
    }
}

async fn posted(
    web: Web<ComplaintRoom>,
    id: String,
    visit: Visit,
    actor: Actor,
    posted: Posted,
    deed: Deed,
) -> Result<Response, WebError> {
    of_side(&actor, deed.side())?;
    let visit = console(visit, deed.side());
    let id = id_of(&id)?;
    let back = href(deed.side(), id);
    let once = once(&posted)?;
    let key = once.key.clone();
    match act(&web, actor.clone(), &posted, id, once, deed).await {
        Ok(()) => Ok(visit.redirect(&back, Some(("success", deed.done())))),
        Err(error) if error.kind == Kind::Invalid => {
            let seen = web.uses.view(&actor, id).await?;
            Ok(page(deed, &seen, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &back),
    }
}

macro_rules! handlers {
    ($visit:ident, $who:ident; $($get:ident, $post:ident, $deed:expr;)+) => {$(
        pub(super) async fn $get(
            State(web): State<Web<ComplaintRoom>>,
            visit: $visit,
            Path(id): Path<String>,
        ) -> Result<Response, WebError> {
            let actor = visit.actor().clone();
            ask(web, visit.0, actor, id, $deed).await
        }

        pub(super) async fn $post(
            State(web): State<Web<ComplaintRoom>>,
            Path(id): Path<String>,
            Form(visit, form): Form,
        ) -> Result<Response, WebError> {
            let actor = $who(&visit)?;
            posted(web, id, visit, actor, form, $deed).await
        }
    )+};
}

handlers! {
    StaffVisit, posted_by_staff;
    ask_take, take, Deed::Take;
    ask_note, note, Deed::Note;
    ask_question, question, Deed::Question;
    ask_answer, answer, Deed::Answer;
    ask_state, state, Deed::State;
}

handlers! {
    EnterpriseVisit, posted_by_enterprise;
    ask_again, again, Deed::Again;
    ask_close, close, Deed::Close;
}
