//! 下发 and 关闭清单: what weighs is asked on a page of its own.

use application::{
    error::UseError,
    visits::{CloseList, Rights, SeenList, SendList, SentRows},
};
use axum::response::Response;
use domain::visit::VisitStage;

use super::{Room, VisitDesk, crumbs, list_href};
use crate::{
    console::{AskPage, handlers, told},
    errors::WebError,
    forms::FormView,
    parts::{Described, Link},
    posted::{Form, once},
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

/// Which of the deeds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Send,
    Close,
}

impl Deed {
    const fn path(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Close => "close",
        }
    }

    const fn offered(self, rights: Rights) -> bool {
        match self {
            Self::Send => rights.send,
            Self::Close => rights.close,
        }
    }

    /// Title, lead and button.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Send => (
                "下发走访清单",
                "已分配机构的企业列入各机构的推荐清单，机构可以看到企业名称、信用代码、联系人、提供单位和备注；机构推荐清单中已有的企业沿用机构原有的联系人和备注。下发后不能撤回，也不能改派其他机构。",
                "下发",
            ),
            Self::Close => (
                "关闭走访清单",
                "关闭后各企业的进展保持现在的结果，联系人和电话从清单中清除，不能再导入、分配和下发；企业可以列入新的清单。机构的推荐清单不受影响。",
                "关闭清单",
            ),
        }
    }
}

fn facts(seen: &SeenList) -> Vec<Described> {
    let count = |stage| format!("{} 户", seen.sums.of(stage));
    vec![
        Described::new("清单名称", &seen.list.name),
        Described::new("走访截止", seen.list.due_on.to_string()),
        Described::new("清单企业", format!("{} 户", seen.sums.all)),
        Described::new("待分配", count(VisitStage::Unassigned)),
        Described::new("待下发", count(VisitStage::Assigned)),
        Described::new("已下发", count(VisitStage::Sent)),
    ]
}

pub(super) fn page(deed: Deed, seen: &SeenList, key: &str) -> AskPage {
    let here = list_href(seen.list.id);
    let (title, lead, yes) = deed.words();
    AskPage {
        title: title.to_owned(),
        lead: lead.to_owned(),
        crumbs: crumbs(
            true,
            &[
                Link::new(&seen.list.name, here.as_str()),
                Link::new(title, ""),
            ],
        ),
        rows: facts(seen),
        form: FormView::new(format!("{here}/{}", deed.path())).key(key),
        yes,
        no: "返回",
        back: here,
        danger: deed == Deed::Close,
    }
}

/// What becomes of what was not offered on the page of the list.
fn not_now(seen: &SeenList, allowed: bool) -> Option<UseError> {
    if !seen.list.is_open() {
        Some(UseError::conflict("visits.closed"))
    } else if allowed {
        None
    } else if seen.open {
        Some(UseError::denied())
    } else {
        Some(UseError::not_found())
    }
}

async fn ask(web: Room, visit: StaffVisit, id: String, deed: Deed) -> Result<Response, WebError> {
    let seen = web.uses.visits.list(visit.actor(), id_of(&id)?).await?;
    let visit = visit.0.staff_console();
    if let Some(error) = not_now(&seen, deed.offered(seen.rights)) {
        return told(&visit, error, &list_href(seen.list.id));
    }
    let key = visit.kit.tokens().one_time();
    Ok(page(deed, &seen, &key).drawn(&visit, None))
}

/// What was sent, and what was not.
fn sent_words(sent: SentRows) -> String {
    let mut words = format!("已下发 {} 户企业。", sent.sent);
    if sent.joined > 0 {
        words.push_str(&format!(
            "其中 {} 户机构已在跟进，沿用原有进展。",
            sent.joined
        ));
    }
    if sent.again > 0 {
        words.push_str(&format!("其中 {} 户此前已办结，重新跟进。", sent.again));
    }
    if sent.left > 0 {
        words.push_str(&format!(
            "还有 {} 户没有分配机构，或者机构已暂停受理。",
            sent.left
        ));
    }
    words
}

async fn act(
    web: Room,
    id: String,
    Form(visit, posted): Form,
    deed: Deed,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let list = id_of(&id)?;
    let once = once(&posted)?;
    let uses = web.uses.clone();
    let done = match deed {
        Deed::Send => {
            let ask = SendList { list, once };
            let sent = spawned(async move { uses.visits.send(&actor, ask).await }).await;
            sent.map(sent_words)
        }
        Deed::Close => {
            let ask = CloseList { list, once };
            let closed = spawned(async move { uses.visits.close(&actor, ask).await }).await;
            closed.map(|()| "清单已关闭。".to_owned())
        }
    };
    let here = list_href(list);
    match done {
        Ok(words) => Ok(visit.redirect(&here, Some(("success", &words)))),
        Err(error) => told(&visit, error, &here),
    }
}

handlers! {
    VisitDesk, ask, act;
    ask_send, send, Deed::Send;
    ask_close, close, Deed::Close;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_told_with_what_was_not() {
        let sent = SentRows {
            sent: 12,
            again: 1,
            joined: 2,
            left: 3,
        };
        let words = sent_words(sent);
        for part in [
            "已下发 12 户",
            "2 户机构已在跟进",
            "1 户此前已办结",
            "3 户没有分配",
        ] {
            assert!(words.contains(part), "{words}");
        }
        let plain = sent_words(SentRows {
            sent: 12,
            ..SentRows::default()
        });
        assert_eq!(plain, "已下发 12 户企业。");
    }
}
