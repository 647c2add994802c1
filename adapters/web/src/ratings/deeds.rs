//! 回复, 隐藏, 恢复展示: a page that says what will happen, and the deed.

use application::{
    access::Actor,
    error::{Kind, UseError, UseResult},
    once::Once,
    ratings::{Hide, RatingRoom, Reply, SeenRating},
};
use axum::response::Response;
use uuid::Uuid;

use super::list::{base, crumbs, facts, of_side};
use crate::{
    console::{AskPage, handlers, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::{Described, Link},
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

/// Which of the deeds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Reply,
    Hide,
    Show,
}

impl Deed {
    fn city(self) -> bool {
        self != Self::Reply
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Hide => "hide",
            Self::Show => "show",
        }
    }

    const fn offered(self, seen: &SeenRating) -> bool {
        match self {
            Self::Reply => seen.powers.reply,
            Self::Hide => seen.powers.hide,
            Self::Show => seen.powers.show,
        }
    }

    fn refusal(self, seen: &SeenRating) -> UseError {
        let code = match self {
            Self::Reply if seen.rating.hidden.is_some() => "rating.hidden_now",
            Self::Reply if seen.rating.reply.is_some() => "rating.replied_before",
            Self::Reply => "rating.not_yours",
            Self::Hide | Self::Show => "rating.moved",
        };
        UseError::conflict(code)
    }

    /// Title, lead and button.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Reply => (
                "回复企业评价",
                "回复与评价一起公开展示，每条评价只能回复一次，提交后不能修改。",
                "提交回复",
            ),
            Self::Hide => (
                "隐藏这条评价",
                "隐藏后不再公开展示，也不计入平均分。企业会收到原因。",
                "隐藏",
            ),
            Self::Show => (
                "要恢复展示这条评价吗？",
                "恢复后重新公开展示并计入平均分，企业会收到通知。",
                "恢复展示",
            ),
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Reply => "已回复，企业会收到通知。",
            Self::Hide => "已隐藏，企业会收到原因。",
            Self::Show => "已恢复展示，企业会收到通知。",
        }
    }
}

fn page(deed: Deed, seen: &SeenRating, key: &str, typed: &Posted) -> AskPage {
    let back = format!("{}/{}", base(deed.city()), seen.rating.id);
    let (title, lead, yes) = deed.words();
    let mut form = FormView::new(format!("{back}/{}", deed.path())).key(key);
    let field = match deed {
        Deed::Reply => Some(
            Field::textarea("reply", "回复")
                .maxlength(500)
                .hint("最多 500 个字。请勿写出企业名称和客户信息。"),
        ),
        Deed::Hide => Some(
            Field::textarea("hide_reason", "原因")
                .maxlength(200)
                .hint("企业会看到。最多 200 个字。"),
        ),
        Deed::Show => None,
    };
    if let Some(field) = field {
        let typed = typed.get(&field.name.clone()).to_owned();
        form.push(field.required().rows(4).value(typed));
    }
    let mut rows = facts(deed.city(), &seen.rating);
    if !seen.rating.words.is_empty() {
        rows.push(Described::new("评价内容", &seen.rating.words));
    }
    AskPage {
        title: title.to_owned(),
        lead: lead.to_owned(),
        crumbs: crumbs(
            deed.city(),
            &[
                Link::new(&seen.rating.masked_name, back.as_str()),
                Link::new(yes, ""),
            ],
        ),
        rows,
        form,
        yes,
        no: "返回",
        back,
        danger: deed == Deed::Hide,
    }
}

async fn ask(
    web: Web<RatingRoom>,
    visit: StaffVisit,
    id: String,
    deed: Deed,
) -> Result<Response, WebError> {
    of_side(visit.actor(), deed.city())?;
    let id = id_of(&id)?;
    let seen = web.uses.view(visit.actor(), id).await?;
    let visit = visit.0.staff_console();
    let back = format!("{}/{id}", base(deed.city()));
    if !deed.offered(&seen) {
        return told(&visit, deed.refusal(&seen), &back);
    }
    let key = visit.kit.tokens().one_time();
    Ok(page(deed, &seen, &key, &Posted::default()).drawn(&visit, None))
}

async fn act(
    web: &Web<RatingRoom>,
    actor: Actor,
    posted: &Posted,
    rating: Uuid,
    once: Once,
    deed: Deed,
) -> UseResult<()> {
    let uses = web.uses.clone();
    if deed == Deed::Reply {
        let ask = Reply {
            rating,
            words: posted.get("reply").to_owned(),
            once,
        };
        return spawned(async move { uses.reply(&actor, ask).await }).await;
    }
    let ask = Hide {
        rating,
        reason: (deed == Deed::Hide).then(|| posted.get("hide_reason").to_owned()),
        once,
    };
    spawned(async move { uses.hide(&actor, ask).await }).await
}

async fn posted(
    web: Web<RatingRoom>,
    id: String,
    Form(visit, posted): Form,
    deed: Deed,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    of_side(&actor, deed.city())?;
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let back = format!("{}/{id}", base(deed.city()));
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

handlers! {
    RatingRoom, ask, posted;
    ask_reply, reply, Deed::Reply;
    ask_hide, hide, Deed::Hide;
    ask_show, show, Deed::Show;
}
