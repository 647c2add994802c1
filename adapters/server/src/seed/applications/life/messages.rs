//! Messages of a story 站内消息: what the enterprise and the branch would have been told at the time.

use application::ports::messages::NewMessage;
use domain::{
    financing::{ApplicationEvent, ApplicationRecord, Verb},
    ids::MessageId,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Teller;

impl Teller<'_> {
    /// What the worker would have delivered at the time, old ones read.
    pub(super) async fn messages(
        &self,
        told: &[(ApplicationEvent, ApplicationRecord)],
    ) -> anyhow::Result<()> {
        let mut work = self.parts.store.begin(&self.permit).await?;
        for (event, record) in told {
            for message in letters(event, record, || self.parts.clock.new_id()) {
                work.messages().put(&message).await?;
            }
        }
        work.commit().await?;
        Ok(())
    }
}

/// Messages to the enterprise and to the branch, in the words of the texts.
fn letters(
    event: &ApplicationEvent,
    record: &ApplicationRecord,
    mut new_id: impl FnMut() -> Uuid,
) -> Vec<NewMessage> {
    let enterprise = match event.verb {
        Verb::Submit => "notice.submit",
        Verb::Accept => "notice.accept",
        Verb::AskSupplement => "notice.ask_supplement",
        Verb::AnswerSupplement => "notice.answer_supplement",
        Verb::SupplementTimeout => "notice.supplement_timeout",
        Verb::Approve => "notice.approve",
        Verb::Reject => "notice.reject",
        Verb::Withdraw => "notice.withdraw",
        Verb::Expire => "notice.expire",
        _ => return Vec::new(),
    };
    let staff = match event.verb {
        Verb::Submit => Some("notice.staff.submit"),
        Verb::AnswerSupplement => Some("notice.staff.answer_supplement"),
        Verb::SupplementTimeout => Some("notice.staff.supplement_timeout"),
        Verb::Withdraw => Some("notice.staff.withdraw"),
        Verb::Expire => Some("notice.staff.expire"),
        _ => None,
    };
    let params = [
        (
            "no",
            record
                .number
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
        ),
        ("product", record.product_name.clone()),
        ("branch", record.handler_name.clone()),
        ("enterprise", record.enterprise_name.clone()),
        ("holder", record.holder_name.clone()),
        ("amount", record.amount.format_wan_short()),
        ("due", moment(record.due_at)),
        ("opinion", record.review_opinion.clone()),
    ];
    let mut letter = |code: &str, to, enterprise, link: String| NewMessage {
        id: MessageId(new_id()),
        to,
        enterprise,
        dedupe_key: format!("event:{}:{}", record.id, event.seq),
        title: web::words::text(&format!("{code}.title"), &params),
        body: web::words::text(&format!("{code}.body"), &params),
        link,
        at: event.at,
    };
    let mut letters = vec![letter(
        enterprise,
        record.tenant,
        Some(record.enterprise),
        format!("/enterprise/applications/{}", record.id),
    )];
    if let (Some(code), Some(handler)) = (staff, record.handler) {
        letters.push(letter(
            code,
            handler,
            None,
            format!("/branch/applications/{}", record.id),
        ));
    }
    letters
}

fn moment(at: Option<OffsetDateTime>) -> String {
    at.map_or_else(String::new, |at| {
        let at = at.to_offset(domain::calendar::SHANGHAI);
        format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
    })
}
