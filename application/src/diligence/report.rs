//! 尽调报告: saved as far as it is written; complete only when it is put before those who sign.

use domain::{
    calendar::{local_date, parse_day},
    financing::{Conclusion, DueDiligenceReport},
    values::FreeText,
};
use serde_json::json;
use time::Date;

use super::{Diligence, check_writer};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    ports::{audit::AuditEntry, diligence::StoredReport, store::StoreError},
    review::{Intent, Seen},
};

/// The report as typed.
#[derive(Clone, Debug)]
pub struct SaveReport {
    pub seen: Seen,
    /// The version of the report that the form was filled from; 0: none yet.
    pub report_version: i32,
    /// `YYYY-MM-DD`.
    pub visited_on: String,
    pub place: String,
    pub met_with: String,
    pub business: String,
    pub finances: String,
    pub collateral: String,
    pub risks: String,
    /// `yes`, `no`, or nothing while nobody has looked.
    pub first_loan: String,
    pub conclusion: String,
}

const ACTION: &str = "application.save_report";

impl Diligence {
    /// Answers what is still missing, in the words of the form.
    pub async fn save_report(
        &self,
        actor: &Actor,
        ask: SaveReport,
    ) -> UseResult<Vec<&'static str>> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Diligence, Action::Save, object)
            .await?;
        let outcome = self.write(actor, &permit, &ask).await;
        watch
            .refused(actor, Room::Diligence, Action::Save, object, outcome)
            .await
    }

    async fn write(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SaveReport,
    ) -> UseResult<Vec<&'static str>> {
        let today = local_date(self.review.watch.clock.now());
        let report = parse(ask, today)?;
        let gaps = report.gaps(today);
        let taken = self
            .review
            .take(actor, permit, &ask.seen, ACTION, Intent::Do)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(gaps);
        };
        check_writer(&taken.application, actor)?;
        let id = ask.seen.application;
        let stored = StoredReport {
            report,
            written_by: actor.user,
            written_name: actor.name.clone(),
            version: ask.report_version + 1,
            updated_at: taken.at,
        };
        let saved = taken.work.diligence().save_report(id, &stored).await;
        if matches!(saved, Err(StoreError::Stale)) {
            return Err(UseError::conflict("diligence.report_moved_on"));
        }
        saved?;
        let entry = AuditEntry::by(
            actor,
            self.review.watch.clock.new_id(),
            ACTION,
            id,
            taken.at,
        )
        .detail(json!({ "version": stored.version }));
        taken.work.audit().write(entry).await?;
        let answer = json!({ "version": stored.version });
        ask.seen.once.done(&mut *taken.work, ACTION, answer).await?;
        taken.work.commit().await?;
        Ok(gaps)
    }
}

/// Empty is allowed, wrong is not.
fn parse(ask: &SaveReport, today: Date) -> UseResult<DueDiligenceReport> {
    let mut checks = Checks::default();
    let mut text = |field, parsed: Result<Option<String>, _>| {
        checks.take(field, parsed).flatten().unwrap_or_default()
    };
    let long = |typed: &str| {
        FreeText::<1000>::parse_optional(typed).map(|t| t.map(|t| t.as_str().to_owned()))
    };
    let place = text(
        "place",
        FreeText::<100>::parse_optional(&ask.place).map(|t| t.map(|t| t.as_str().to_owned())),
    );
    let met_with = text(
        "met_with",
        FreeText::<60>::parse_optional(&ask.met_with).map(|t| t.map(|t| t.as_str().to_owned())),
    );
    let business = text("business", long(&ask.business));
    let finances = text("finances", long(&ask.finances));
    let collateral = text("collateral", long(&ask.collateral));
    let risks = text("risks", long(&ask.risks));
    let visited_on = visit(&mut checks, &ask.visited_on, today);
    checks.finish()?;
    Ok(DueDiligenceReport {
        visited_on,
        place,
        met_with,
        business,
        finances,
        collateral,
        risks,
        first_loan: match ask.first_loan.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        conclusion: Conclusion::from_code(&ask.conclusion),
    })
}

fn visit(checks: &mut Checks, typed: &str, today: Date) -> Option<Date> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    match parse_day(typed) {
        Some(day) if day <= today => Some(day),
        Some(_) => {
            checks.push(FieldError::new("visited_on", "diligence.visit_in_future"));
            None
        }
        None => {
            checks.push(FieldError::new("visited_on", "date.format"));
            None
        }
    }
}
