//! The bank's half of a story: investigation, staged approval, draws and repayments, in the hat of the branch.

use std::sync::{Arc, atomic::Ordering};

use anyhow::Context as _;
use application::{
    access::{Action, Actor, Origin, Permit, Room},
    approval::{ProposedTerms, content_of},
    ports::{
        approvals::{SignedVerdict, StoredSignature},
        diligence::{DiligencePhoto, StoredReport},
        lending::{StoredDraw, StoredRepayment},
        reconsiderations::{Reconsideration, ReconsiderationStatus},
    },
};
use domain::{
    calendar::{local_date, months_after},
    financing::{ApprovalAsk, Conclusion, Draw, DueDiligenceReport},
    ids::{DiligencePhotoId, DrawId, RepaymentId, TenantId},
    renewal::OPENS_DAYS,
    tenant::{Role, TenantKind},
    values::{Cents, Term},
};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    super::plan::{Dice, End},
    Story, Teller, phrase, whole_wan,
};

/// Days until the first of them are due.
const NEAR: [i64; 6] = [25, 12, 40, 55, 33, 48];

const BUSINESS: [&str; 3] = [
    "两条生产线运转正常，在手订单可排产三个月，主要客户合作五年以上。",
    "厂区整洁，设备开工率约八成，用工稳定，无欠薪。",
    "门店客流平稳，进销存台账与申报收入一致。",
];
const FINANCES: [&str; 3] = [
    "近一年收入约 3200 万元，负债率 41%，现有贷款按期归还，无对外担保。",
    "纳税额连续两年增长，资产负债率 38%，应收账款集中在两家长期客户。",
    "收入平稳，现有流动资金贷款一笔，余额 60 万元，无逾期。",
];
const COLLATERAL: [&str; 3] = [
    "以自有厂房抵押，权属清晰，评估价值可以覆盖贷款金额。",
    "由担保机构保证，已出具同意担保的意见。",
    "信用方式，实际控制人提供连带责任保证。",
];
const RISKS: [&str; 2] = [
    "原材料价格波动，已与供应商签订锁价合同。",
    "下游账期较长，已约定回款账户。",
];

impl Teller<'_> {
    pub(super) async fn bank_work(
        &self,
        story: &mut Story<'_>,
        end: End,
        dice: &mut Dice,
    ) -> anyhow::Result<()> {
        self.as_branch(story).await?;
        if end != End::Appealed {
            self.investigate(story, end, dice).await?;
        }
        match end {
            End::InApproval => self.stage(story, dice).await,
            End::Disbursing | End::Disbursed | End::Settled => {
                self.approve(story, dice).await?;
                self.lend(story, end, dice).await
            }
            End::NotDrawn => {
                self.approve(story, dice).await?;
                story.pass(Duration::hours(dice.between(30, 200)), self.now);
                let owner = story.cast.applicant.owner.clone();
                let why = "已通过其他方式筹措资金。".to_owned();
                let event = story.application.give_up(owner, why, story.at)?;
                story.save(event).await
            }
            End::Appealed => {
                self.reject(story, dice).await?;
                self.appeal(story, dice).await
            }
            _ => Ok(()),
        }
    }

    /// From here on the branch writes; what the enterprise wrote is kept.
    async fn as_branch(&self, story: &mut Story<'_>) -> anyhow::Result<()> {
        let permit = self.branch_permit(story).await?;
        let fresh = self.parts.store.begin(&permit).await?;
        let before = std::mem::replace(&mut story.work, fresh);
        Ok(before.commit().await?)
    }

    async fn branch_permit(&self, story: &Story<'_>) -> anyhow::Result<Permit> {
        let manager = &story.cast.manager;
        let branch: TenantId = story.cast.branch.0;
        let actor = Actor {
            user: manager.id.context("a manager has an id")?,
            name: manager.name.clone(),
            tenant: branch,
            tenant_kind: TenantKind::Branch,
            tenant_name: story.cast.branch.1.clone(),
            city: self.city.id,
            reach: Arc::from([branch]),
            enterprise: None,
            roles: vec![Role::CustomerManager],
            session: Uuid::nil(),
            from: Origin::default(),
        };
        let guard = &self.parts.guard;
        Ok(guard.permit(&actor, Room::Diligence, Action::Save).await?)
    }

    /// Contacted and visited; what is still at work is only half written.
    async fn investigate(
        &self,
        story: &mut Story<'_>,
        end: End,
        dice: &mut Dice,
    ) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(2, 10)), self.now);
        let manager = story.cast.manager.clone();
        let note = phrase(&self.phrases.contact_notes, dice);
        let event = story
            .application
            .start_due_diligence(manager.clone(), note, story.at)?;
        story.save(event).await?;
        story.pass(Duration::hours(dice.between(4, 20)), self.now);
        let half = end == End::DueDiligence && dice.between(1, 2) == 1;
        let text = |list: &[&str], dice: &mut Dice| {
            dice.pick(list)
                .map_or_else(String::new, |t| (*t).to_owned())
        };
        let report = DueDiligenceReport {
            visited_on: Some(local_date(story.at)),
            place: format!("{}经营场所", story.cast.applicant.name),
            met_with: "财务负责人".to_owned(),
            business: text(&BUSINESS, dice),
            finances: if half {
                String::new()
            } else {
                text(&FINANCES, dice)
            },
            collateral: if half {
                String::new()
            } else {
                text(&COLLATERAL, dice)
            },
            risks: text(&RISKS, dice),
            first_loan: (!half).then_some(story.cast.applicant.facts.first_loan),
            conclusion: (!half).then_some(Conclusion::Support),
        };
        let stored = StoredReport {
            report,
            written_by: manager.id.context("a manager has an id")?,
            written_name: manager.name,
            version: 1,
            updated_at: story.at,
        };
        let id = story.application.record().id;
        story.work.diligence().save_report(id, &stored).await?;
        if matches!(end, End::DueDiligence | End::InApproval) {
            self.photo(story).await?;
        }
        Ok(())
    }

    async fn photo(&self, story: &mut Story<'_>) -> anyhow::Result<()> {
        let lines = vec![
            format!("企业名称：{}", story.cast.applicant.name),
            "本样张由演示程序绘制，内容虚构".to_owned(),
        ];
        let picture = tokio::task::spawn_blocking(move || media::sample_card("走访照片", &lines))
            .await?
            .context("a sample photo could not be drawn")?;
        let id = DiligencePhotoId(self.parts.clock.new_id());
        let place = DiligencePhoto::place(self.city.id, id);
        let sealed = self.parts.sealer.seal(&place, &picture.jpeg)?;
        let key = self.parts.files.put(self.city.id.0, sealed).await?;
        let photo = DiligencePhoto {
            id,
            caption: "经营场所".to_owned(),
            object_key: key.as_str().to_owned(),
            byte_size: i32::try_from(picture.jpeg.len())?,
            sha256: picture.sha256.to_vec(),
            added_by: story.cast.manager.id.context("a manager has an id")?,
            added_at: story.at,
        };
        let application = story.application.record().id;
        story
            .work
            .diligence()
            .add_photo(application, &photo)
            .await?;
        Ok(())
    }

    /// Two steps; in half of the stories the branch has signed and headquarters is next.
    async fn stage(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(1, 8)), self.now);
        let record = story.application.record().clone();
        let terms = ProposedTerms {
            amount: record.amount,
            rate: record.rate,
            term: record.term,
            valid_until: local_date(self.now) + Duration::days(90),
        };
        let content = content_of(&mut *story.work, &record, &terms).await?;
        let ask = ApprovalAsk {
            amount: terms.amount,
            rate: terms.rate,
            term: terms.term,
            valid_until: terms.valid_until,
            opinion: "经营正常，还款来源可以覆盖，建议授信。".to_owned(),
            steps: vec![Role::BranchApprover, Role::HqApprover],
            report_complete: true,
            consent_stands: true,
            content: content.hash,
        };
        let manager = story.cast.manager.clone();
        let event = story
            .application
            .submit_for_approval(manager, ask, story.at)?;
        story.save(event).await?;
        if dice.between(1, 2) == 1 {
            return Ok(());
        }
        story.pass(Duration::hours(dice.between(1, 6)), self.now);
        let approver = story.cast.approver.clone();
        let opinion = "同意经办意见。".to_owned();
        let signature = StoredSignature {
            id: self.parts.clock.new_id(),
            application: record.id,
            round: 1,
            step: 1,
            signer: approver.id.context("an approver has an id")?,
            signer_name: approver.name.clone(),
            signer_role: approver.role,
            verdict: SignedVerdict::Agree,
            content: content.hash,
            signed: content.text,
            opinion: opinion.clone(),
            at: story.at,
        };
        let event = story
            .application
            .agree_step(approver, content.hash, opinion, story.at)?;
        story.work.approvals().sign(&signature).await?;
        story.save(event).await
    }

    async fn lend(&self, story: &mut Story<'_>, end: End, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(20, 90)), self.now);
        let approved = story.application.record().approved_amount;
        let approved = approved.context("it was approved")?;
        let first = if end == End::Disbursing {
            whole_wan(Cents::new(approved.cents() / 2)?)?.max(Cents::new(1_000_000)?)
        } else {
            approved
        };
        let amount = first.min(approved);
        self.draw(story, amount, end).await?;
        if end != End::Settled {
            return Ok(());
        }
        story.pass(Duration::days(dice.between(15, 30)), self.now);
        let record = story.application.record();
        let repayment = StoredRepayment {
            id: RepaymentId(self.parts.clock.new_id()),
            principal: record.drawn,
            on: local_date(story.at),
            balance: Cents::ZERO,
            recorded_by: story.cast.manager.id,
            recorded_name: story.cast.manager.name.clone(),
            at: story.at,
        };
        let id = record.id;
        let work = &mut story.work;
        work.lending().add_repayment(id, &repayment, "form").await?;
        let manager = story.cast.manager.clone();
        let event = story.application.settle(manager, Cents::ZERO, story.at)?;
        story.save(event).await
    }

    /// Most run as long as was approved; a few of those that were drawn weeks ago come due soon.
    fn due_on(&self, drawn: OffsetDateTime, term: Option<Term>, end: End) -> Date {
        let early = end == End::Disbursed && drawn + Duration::days(14) < self.now;
        let near = early.then(|| self.near.fetch_add(1, Ordering::Relaxed));
        match near.and_then(|place| NEAR.get(place).copied()) {
            Some(days) => local_date(self.now) + Duration::days(days),
            None => term
                .and_then(|term| months_after(local_date(drawn), term.months()))
                .filter(|end| *end > local_date(self.now) + Duration::days(OPENS_DAYS))
                .unwrap_or_else(|| local_date(drawn) + Duration::days(365)),
        }
    }

    async fn draw(&self, story: &mut Story<'_>, amount: Cents, end: End) -> anyhow::Result<()> {
        let at: OffsetDateTime = story.at;
        let manager = story.cast.manager.clone();
        let record = story.application.record();
        let term = record.approved_term;
        let number = record
            .number
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        let draw = Draw {
            amount,
            rate: record.approved_rate.unwrap_or(record.rate),
            on: local_date(at),
            contract_no: format!("HT-{number}-{}", record.draws + 1),
            last: end != End::Disbursing,
        };
        let event = story
            .application
            .disburse(manager.clone(), draw.clone(), at)?;
        let stored = StoredDraw {
            id: DrawId(self.parts.clock.new_id()),
            number: story.application.record().draws,
            amount,
            rate: draw.rate,
            on: draw.on,
            due_on: Some(self.due_on(at, term, end)),
            contract_no: draw.contract_no,
            recorded_by: manager.id,
            recorded_name: manager.name,
            at,
            confirmed_at: None,
            disputed_at: None,
            dispute: String::new(),
            settled_note: String::new(),
            settled_at: None,
        };
        let id = story.application.record().id;
        story.work.lending().add_draw(id, &stored, "form").await?;
        story.save(event).await?;
        // What is older than a week, its enterprise has confirmed.
        let confirmed = at + Duration::hours(20);
        if confirmed + Duration::days(7) < self.now {
            let work = &mut story.work;
            work.lending()
                .confirm_draw(id, stored.id, confirmed)
                .await?;
        }
        Ok(())
    }

    async fn appeal(&self, story: &mut Story<'_>, dice: &mut Dice) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(2, 10)), self.now);
        let owner = &story.cast.applicant.owner;
        let asked = Reconsideration {
            application: story.application.record().id,
            facts: "新增两份年度供货合同，并可追加设备抵押，请重新审批。".to_owned(),
            asked_by: owner.id.context("an owner has an id")?,
            asked_name: owner.name.clone(),
            asked_at: story.at,
            status: ReconsiderationStatus::Open,
            note: String::new(),
        };
        let work = &mut story.work;
        Ok(work.reconsiderations().ask_reconsideration(&asked).await?)
    }
}
