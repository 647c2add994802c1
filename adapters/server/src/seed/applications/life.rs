//! Tells one story: draft, submission, and on to its end, through the domain and the stores.

mod bank;

use std::sync::{Arc, atomic::AtomicUsize};

use anyhow::Context as _;
use application::{
    access::{Action, Actor, Origin, Permit, Room},
    city::City,
    ports::{
        consents::Granted,
        dossiers::{Dossier, DossierFacts, DossierFile, SupplementItem},
        enterprise_files::FileRow,
        messages::NewMessage,
        reference::WorkCalendarSource as _,
        scanner::Scan,
        store::UnitOfWork,
    },
};
use domain::{
    calendar::{WorkCalendar, local_date},
    enterprise::ProfileFile,
    financing::{
        ApplicationEvent, ApplicationRecord, Clocks, Decision, ENTERPRISE_DECLINED,
        FinancingApplication, Stage, Submission, SupplementAsk, Verb,
    },
    ids::{ConsentId, FileId, FinancingApplicationId, MessageId, SupplementItemId},
    tenant::{Role, TenantKind},
    values::{ApplicationNumber, Cents, Rate, Term},
};
use reference::Reference;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    Phrases,
    market::{Applicant, Cast, Offer},
    plan::{Dice, End, Plan},
};
use crate::wire::Parts;

pub(super) struct Teller<'a> {
    pub parts: &'a Parts,
    pub city: &'a City,
    pub phrases: &'a Phrases,
    pub permit: Permit,
    pub now: OffsetDateTime,
    /// Loans that were given a near due day so far.
    pub near: AtomicUsize,
}

/// A story under way.
struct Story<'a> {
    work: Box<dyn UnitOfWork>,
    application: FinancingApplication,
    cast: &'a Cast<'a>,
    calendar: Arc<WorkCalendar>,
    /// What happened, for the messages.
    told: Vec<(ApplicationEvent, ApplicationRecord)>,
    at: OffsetDateTime,
}

impl Teller<'_> {
    pub async fn tell(
        &self,
        id: Uuid,
        plan: &Plan,
        cast: &Cast<'_>,
        dice: &mut Dice,
    ) -> anyhow::Result<()> {
        let permit = self.applicant_permit(cast.applicant).await?;
        let mut story = self.begin(&permit, id, plan, cast, dice).await?;
        if plan.end != End::Draft {
            self.submit(&mut story).await?;
            self.go_on(&mut story, plan.end, dice).await?;
        }
        let told = std::mem::take(&mut story.told);
        story.work.commit().await?;
        self.messages(&told).await
    }

    /// The enterprise writes its own row, as in life.
    async fn applicant_permit(&self, applicant: &Applicant) -> anyhow::Result<Permit> {
        let actor = Actor {
            user: applicant.owner.id.context("an owner has an id")?,
            name: applicant.owner.name.clone(),
            tenant: self.city.id,
            tenant_kind: TenantKind::City,
            tenant_name: self.city.name.clone(),
            city: self.city.id,
            reach: Arc::from([self.city.id]),
            enterprise: Some(applicant.id),
            roles: vec![Role::EnterpriseOwner],
            session: Uuid::nil(),
            from: Origin::default(),
        };
        Ok(self
            .parts
            .guard
            .permit(&actor, Room::Financing, Action::Submit)
            .await?)
    }

    async fn begin<'c>(
        &self,
        permit: &Permit,
        id: Uuid,
        plan: &Plan,
        cast: &'c Cast<'c>,
        dice: &mut Dice,
    ) -> anyhow::Result<Story<'c>> {
        let created = plan.submitted - Duration::minutes(dice.between(4, 40));
        let record = self.record(id, cast, created, dice)?;
        let (application, event) = FinancingApplication::draft(record);
        let mut work = self.parts.store.begin(permit).await?;
        work.financing_applications()
            .insert(&application, &event)
            .await?;
        Ok(Story {
            work,
            application,
            cast,
            calendar: Reference.published_calendar(),
            told: Vec::new(),
            at: plan.submitted,
        })
    }

    fn record(
        &self,
        id: Uuid,
        cast: &Cast<'_>,
        created: OffsetDateTime,
        dice: &mut Dice,
    ) -> anyhow::Result<ApplicationRecord> {
        let offer = cast.offer;
        let (amount, term, rate) = asked(offer, dice)?;
        Ok(ApplicationRecord {
            id: FinancingApplicationId(id),
            tenant: self.city.id,
            handler: Some(cast.branch.0),
            handler_name: cast.branch.1.clone(),
            bank: offer.bank,
            enterprise: cast.applicant.id,
            enterprise_name: cast.applicant.name.clone(),
            number: None,
            stage: Stage::Draft,
            returned_from: None,
            ever_accepted: false,
            frozen: false,
            version: 1,
            product: offer.product,
            product_version: offer.version,
            product_name: offer.name.clone(),
            amount,
            rate,
            term,
            approved_amount: None,
            approved_rate: None,
            approved_term: None,
            approval_valid_until: None,
            review_opinion: String::new(),
            reason_codes: Vec::new(),
            holder: None,
            holder_name: String::new(),
            supplement_rounds: 0,
            channel: "web".to_owned(),
            created_by: cast.applicant.owner.id.context("an owner has an id")?,
            previous: None,
            renews: None,
            created_at: created,
            submitted_at: None,
            accepted_at: None,
            contacted_at: None,
            decided_at: None,
            due_at: None,
            contact_due_at: None,
            decision_due_at: None,
            paused_at: None,
            intake_since: None,
            decision_since: None,
            moves: 0,
            overdue: false,
            approval: None,
            reconsidered: false,
            drawn: domain::values::Cents::ZERO,
            draws: 0,
            frozen_at: None,
            updated_at: created,
        })
    }

    async fn submit(&self, story: &mut Story<'_>) -> anyhow::Result<()> {
        let at = story.at;
        self.hand_over(story).await?;
        let number: ApplicationNumber = story
            .work
            .financing_applications()
            .next_number(local_date(at))
            .await?;
        let facts = Submission {
            profile_complete: true,
            face_verified: true,
            product: Some(&story.cast.offer.range),
            branch_carries: true,
            number: &number,
        };
        let owner = story.cast.applicant.owner.clone();
        let calendar = story.calendar.clone();
        let event = story
            .application
            .submit(owner, &facts, &self.clocks(&calendar), at)?;
        story.save(event).await
    }

    fn clocks<'c>(&'c self, calendar: &'c WorkCalendar) -> Clocks<'c> {
        Clocks {
            eras: &self.city.clocks,
            calendar,
            pauses: &self.city.pauses,
        }
    }

    /// Dossier, papers and consents, as a submission gives them.
    async fn hand_over(&self, story: &mut Story<'_>) -> anyhow::Result<()> {
        let (id, at) = (story.application.record().id, story.at);
        let applicant = story.cast.applicant;
        let full = serde_json::to_vec(&applicant.facts)?;
        let place = DossierFacts::place(self.city.id, id);
        let dossier = Dossier {
            enterprise: applicant.id,
            shown: applicant.facts.shown(),
            sealed: self.parts.sealer.seal(&place, &full)?,
            created_at: at,
        };
        story.work.dossiers().give(id, &dossier).await?;
        let files = story
            .work
            .enterprise_files()
            .current_files(applicant.id)
            .await?;
        for kind in ProfileFile::ALL {
            if let Some(file) = files.iter().find(|f| f.kind == kind.code()) {
                let given = DossierFile {
                    id: file.id,
                    kind: file.kind.clone(),
                    label: kind.zh().to_owned(),
                    object_key: file.object_key.clone(),
                    media_type: file.media_type.clone(),
                    round: 0,
                    added_at: at,
                    scan: file.scan,
                };
                story.work.dossiers().add_file(id, &given).await?;
            }
        }
        let grants: Vec<Granted> = self
            .city
            .ticked_on("apply")
            .into_iter()
            .map(|agreement| Granted {
                id: ConsentId(self.parts.clock.new_id()),
                code: agreement.code.clone(),
                version: agreement.version.clone(),
                title: agreement.title.clone(),
                body: agreement.body.to_string(),
                purpose: "apply",
                recipient: story.cast.branch.1.clone(),
                application: Some(id),
                channel: "web".to_owned(),
                ip: "192.0.2.10".to_owned(),
                at,
            })
            .collect();
        story.work.consents().grant(&grants).await?;
        Ok(())
    }

    async fn go_on(&self, story: &mut Story<'_>, end: End, dice: &mut Dice) -> anyhow::Result<()> {
        match end {
            End::Draft | End::Waiting => Ok(()),
            End::WithdrawnEarly => {
                story.pass(Duration::hours(dice.between(2, 14)), self.now);
                self.withdraw(story, dice).await
            }
            End::ExpiredUnaccepted => {
                let days = self.city.clocks.at(story.at).expire_days;
                story.at += Duration::days(days.into());
                let calendar = story.calendar.clone();
                let event = story
                    .application
                    .expire(&self.clocks(&calendar), story.at)?;
                story.save(event).await
            }
            _ => {
                self.accept(story, dice).await?;
                self.after_acceptance(story, end, dice).await
            }
        }
    }

    async fn after_acceptance(
        &self,
        story: &mut Story<'_>,
        end: End,
        dice: &mut Dice,
    ) -> anyhow::Result<()> {
        match end {
            End::Supplement => self.send_back(story, dice).await,
            End::Resubmitted => {
                self.send_back(story, dice).await?;
                self.answer(story, dice).await
            }
            End::ExpiredSupplement => {
                self.send_back(story, dice).await?;
                let days = self.city.clocks.at(story.at).supplement_days;
                story.at += Duration::days(days.into());
                let event = story.application.supplement_timeout(story.at)?;
                story.save(event).await
            }
            End::WithdrawnLate => {
                story.pass(Duration::hours(dice.between(20, 60)), self.now);
                self.withdraw(story, dice).await
            }
            End::Approved => {
                if dice.between(1, 6) == 1 && self.now - story.at > Duration::days(14) {
                    self.send_back(story, dice).await?;
                    self.answer(story, dice).await?;
                }
                self.approve(story, dice).await
            }
            End::Rejected => self.reject(story, dice).await,
            End::DueDiligence
            | End::InApproval
            | End::Disbursing
            | End::Disbursed
            | End::Settled
            | End::NotDrawn
            | End::Appealed => self.bank_work(story, end, dice).await,
            _ => Ok(()),
        }
    }

    async fn accept(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::minutes(dice.between(25, 300)), self.now);
        let event = story
            .application
            .accept(story.cast.manager.clone(), story.at)?;
        story.save(event).await
    }

    async fn send_back(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(3, 26)), self.now);
        let asked: Vec<_> = {
            let templates: Vec<_> = self
                .city
                .supplement_templates
                .iter()
                .filter(|t| t.code != "other")
                .collect();
            let first = usize::try_from(dice.between(0, 5))?;
            let count = usize::try_from(dice.between(1, 3))?;
            templates.into_iter().skip(first).take(count).collect()
        };
        let ask = SupplementAsk {
            labels: asked.iter().map(|t| t.label.clone()).collect(),
            note: phrase(&self.phrases.supplement_notes, dice),
        };
        let calendar = story.calendar.clone();
        let event = story.application.ask_supplement(
            story.cast.manager.clone(),
            ask,
            &self.clocks(&calendar),
            story.at,
        )?;
        let round = i32::from(story.application.record().supplement_rounds);
        let items: Vec<SupplementItem> = asked
            .into_iter()
            .zip(1..)
            .map(|(template, position)| SupplementItem {
                id: SupplementItemId(self.parts.clock.new_id()),
                round,
                position,
                label: template.label.clone(),
                hint: template.hint.clone(),
                required: true,
                files: Vec::new(),
                answer: String::new(),
                answered_at: None,
            })
            .collect();
        let id = story.application.record().id;
        story.work.dossiers().ask_items(id, &items).await?;
        story.save(event).await
    }

    async fn answer(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(4, 40)), self.now);
        let id = story.application.record().id;
        let mut items = story.work.dossiers().items(id).await?;
        let note = phrase(&self.phrases.supplement_answers, dice);
        let asked = items.iter_mut().filter(|i| i.answered_at.is_none());
        for (number, item) in asked.enumerate() {
            // The first one has three pages, as a statement of account has.
            let pages = if number == 0 { 3 } else { 1 };
            for page in 1..=pages {
                let label = if pages == 1 {
                    item.label.clone()
                } else {
                    format!("{}（{page}/{pages}）", item.label)
                };
                let file = self.paper(story, &label, item.round).await?;
                item.files.push(file);
            }
            item.answered_at = Some(story.at);
            story.work.dossiers().answer_item(id, item).await?;
        }
        let owner = story.cast.applicant.owner.clone();
        let calendar = story.calendar.clone();
        let event = story.application.answer_supplement(
            owner,
            Vec::new(),
            note,
            &self.clocks(&calendar),
            story.at,
        )?;
        story.save(event).await
    }

    /// A sample paper, stored and handed over as an upload is.
    async fn paper(
        &self,
        story: &mut Story<'_>,
        label: &str,
        round: i32,
    ) -> anyhow::Result<FileId> {
        let applicant = story.cast.applicant;
        let title = label.to_owned();
        let lines = vec![
            format!("企业名称：{}", applicant.name),
            "本样张由演示程序绘制，内容虚构".to_owned(),
        ];
        let picture = tokio::task::spawn_blocking(move || media::sample_card(&title, &lines))
            .await?
            .context("a sample paper could not be drawn")?;
        let id = FileId(self.parts.clock.new_id());
        let sealed = self
            .parts
            .sealer
            .seal(&DossierFile::place(self.city.id, id), &picture.jpeg)?;
        let key = self.parts.files.put(self.city.id.0, sealed).await?;
        let row = FileRow {
            id,
            enterprise: applicant.id,
            kind: "supplement".to_owned(),
            object_key: key.as_str().to_owned(),
            media_type: "image/jpeg".to_owned(),
            byte_size: i32::try_from(picture.jpeg.len())?,
            width: i32::try_from(picture.width).ok(),
            height: i32::try_from(picture.height).ok(),
            sha256: picture.sha256.to_vec(),
            scan: Scan::Clean,
            created_by: applicant.owner.id.context("an owner has an id")?,
            created_at: story.at,
        };
        story.work.enterprise_files().insert_file(&row).await?;
        let given = DossierFile {
            id,
            kind: row.kind,
            label: label.to_owned(),
            object_key: row.object_key,
            media_type: row.media_type,
            round,
            added_at: story.at,
            scan: row.scan,
        };
        let application = story.application.record().id;
        story.work.dossiers().add_file(application, &given).await?;
        Ok(id)
    }

    async fn withdraw(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        let reason = phrase(&self.phrases.withdrawn, dice);
        let owner = story.cast.applicant.owner.clone();
        let event = story.application.withdraw(owner, reason, story.at)?;
        let id = story.application.record().id;
        story.work.consents().end_consents(id, story.at).await?;
        story.save(event).await
    }

    async fn approve(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(20, 110)), self.now);
        let record = story.application.record();
        let range = story.cast.offer.range;
        let less = if dice.between(1, 3) == 1 { 80 } else { 100 };
        let amount = Cents::new(record.amount.cents() / 100 * less)?.max(range.amount_min);
        let decision = Decision {
            amount: whole_wan(amount)?.max(range.amount_min),
            rate: record.rate,
            term: record.term,
            valid_until: local_date(story.at) + Duration::days(90),
            opinion: phrase(&self.phrases.approved, dice),
            single_step: true,
        };
        let calendar = story.calendar.clone();
        let event = story.application.approve(
            story.cast.approver.clone(),
            decision,
            &range,
            &self.clocks(&calendar),
            story.at,
        )?;
        story.save(event).await
    }

    async fn reject(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(20, 100)), self.now);
        let known: Vec<_> = self
            .city
            .rejection_reasons
            .iter()
            .filter(|r| {
                self.phrases.rejected.contains_key(&r.code) && r.code != ENTERPRISE_DECLINED
            })
            .collect();
        let reason = dice.pick(&known).context("the city has reasons")?;
        let opinion = phrase(&self.phrases.rejected[&reason.code], dice);
        let event = story.application.reject(
            story.cast.approver.clone(),
            vec![reason.code.clone()],
            opinion,
            true,
            story.at,
        )?;
        story.save(event).await
    }

    /// What the worker would have delivered at the time, old ones read.
    async fn messages(&self, told: &[(ApplicationEvent, ApplicationRecord)]) -> anyhow::Result<()> {
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

impl Story<'_> {
    /// Lets time pass, but not beyond now: where little is left, less passes.
    fn pass(&mut self, span: Duration, now: OffsetDateTime) {
        let left = now - self.at;
        self.at += if span < left { span } else { left / 2 };
    }

    async fn save(&mut self, event: ApplicationEvent) -> anyhow::Result<()> {
        self.work
            .financing_applications()
            .save(&self.application, &event)
            .await?;
        self.told.push((event, self.application.record().clone()));
        Ok(())
    }
}

fn phrase(list: &[String], dice: &mut Dice) -> String {
    dice.pick(list).cloned().unwrap_or_default()
}

/// Down to whole 万元.
fn whole_wan(amount: Cents) -> anyhow::Result<Cents> {
    Ok(Cents::new(amount.cents() / 1_000_000 * 1_000_000)?)
}

/// A believable ask inside the product's range.
fn asked(offer: &Offer, dice: &mut Dice) -> anyhow::Result<(Cents, Term, Rate)> {
    let wan = |cents: Cents| cents.cents() / 1_000_000;
    let (least, most) = (
        wan(offer.range.amount_min).max(1),
        wan(offer.range.amount_max).min(3_000),
    );
    let step = match most {
        ..=100 => 5,
        101..=1_000 => 10,
        _ => 50,
    };
    let drawn = dice
        .between(least, most.max(least))
        .min(dice.between(least, most.max(least)));
    let amount = (drawn / step * step).clamp(least, most.max(least));
    let amount = Cents::new(amount * 1_000_000)?.max(offer.range.amount_min);
    let years = offer.range.term_unit.label() == "年";
    let longest = if years { 5 } else { 36 };
    let (term_min, term_max) = (
        i64::from(offer.range.term_min),
        i64::from(offer.range.term_max),
    );
    let term = dice.between(term_min, term_max.min(longest).max(term_min));
    let term = Term::new(u16::try_from(term)?, offer.range.term_unit)?;
    let (low, high) = (
        i64::from(offer.range.rate_min.hundredths()),
        i64::from(offer.range.rate_max.hundredths()),
    );
    let rate = (dice.between(low, high) / 5 * 5).max(low);
    Ok((amount, term, Rate::new(i32::try_from(rate)?)?))
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
