//! 放款登记 (rows 25 and 26): one draw with its contract; together never more than approved.

use domain::{
    financing::Draw,
    ids::DrawId,
    values::{Cents, FreeText, MoneyError, Rate},
};

use super::{Lending, Source, check_recorder, day, recorder};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    ports::lending::StoredDraw,
    review::{Intent, Seen},
};

/// 放款登记 as the form says it.
#[derive(Clone, Debug)]
pub struct RecordDraw {
    pub seen: Seen,
    /// 万元, or 元 when it says so (`80000.50元`).
    pub amount: String,
    /// % a year.
    pub rate: String,
    /// `YYYY-MM-DD`.
    pub drawn_on: String,
    pub due_on: String,
    pub contract_no: String,
    /// 最后一笔: nothing more will be drawn.
    pub last: bool,
}

const ACTION: &str = "application.disburse";

impl Lending {
    pub async fn draw(&self, actor: &Actor, ask: RecordDraw, intent: Intent) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let outcome = self.draw_typed(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Record, object, outcome)
            .await
    }

    async fn draw_typed(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &RecordDraw,
        intent: Intent,
    ) -> UseResult<()> {
        let (draw, due_on) = parse(ask)?;
        let due_on = Some(due_on);
        self.pay_out(
            actor,
            permit,
            &ask.seen,
            (draw, due_on),
            Source::Single,
            intent,
        )
        .await
    }

    /// One draw of a file; the same one never counts twice, whoever recorded it.
    pub async fn draw_from_file(
        &self,
        actor: &Actor,
        seen: &Seen,
        draw: Draw,
        due_on: Option<time::Date>,
    ) -> UseResult<()> {
        let object = seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let source = Source::Import;
        self.pay_out(actor, &permit, seen, (draw, due_on), source, Intent::Do)
            .await
    }

    async fn pay_out(
        &self,
        actor: &Actor,
        permit: &Permit,
        seen: &Seen,
        (draw, due_on): (Draw, Option<time::Date>),
        source: Source,
        intent: Intent,
    ) -> UseResult<()> {
        let taken = self
            .review
            .take(actor, permit, seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        check_recorder(&taken.application, actor)?;
        taken.application.check_draw(&draw, due_on)?;
        if source == Source::Import
            && taken
                .work
                .lending()
                .has_draw(seen.application, &draw.contract_no, draw.on, draw.amount)
                .await?
        {
            return Err(UseError::conflict("lending.drawn_before"));
        }
        let by = recorder(&taken.application, actor);
        let event = taken.application.disburse(by, draw.clone(), taken.at)?;
        let stored = StoredDraw {
            id: DrawId(self.review.watch.clock.new_id()),
            number: taken.application.record().draws,
            amount: draw.amount,
            rate: draw.rate,
            on: draw.on,
            due_on,
            contract_no: draw.contract_no,
            recorded_by: actor.person(),
            recorded_name: actor.name.clone(),
            at: taken.at,
            confirmed_at: None,
            disputed_at: None,
            dispute: String::new(),
            settled_note: String::new(),
            settled_at: None,
        };
        taken
            .work
            .lending()
            .add_draw(seen.application, &stored, source.code(actor))
            .await?;
        self.review
            .settle(actor, taken, &event, ACTION, &seen.once, intent)
            .await
    }
}

pub(super) fn amount_of(typed: &str) -> Result<Cents, MoneyError> {
    match typed.trim().strip_suffix('元') {
        Some(yuan) if !yuan.ends_with('万') => Cents::parse_yuan(yuan),
        _ => Cents::parse_wan(typed),
    }
}

pub(crate) fn parse(ask: &RecordDraw) -> UseResult<(Draw, time::Date)> {
    let mut checks = Checks::default();
    let amount = checks.take("draw_amount", amount_of(&ask.amount));
    let rate = checks.take("draw_rate", Rate::parse(&ask.rate));
    let on = day(&mut checks, "drawn_on", &ask.drawn_on);
    let due_on = day(&mut checks, "due_on", &ask.due_on);
    let contract_no = checks.take("contract_no", FreeText::<60>::parse(&ask.contract_no));
    if let (Some(on), Some(due_on)) = (on, due_on)
        && due_on <= on
    {
        checks.push(FieldError::new("due_on", "lending.due_before_draw"));
    }
    match (amount, rate, on, due_on, contract_no) {
        (Some(amount), Some(rate), Some(on), Some(due_on), Some(contract_no))
            if checks.is_empty() =>
        {
            let draw = Draw {
                amount,
                rate,
                on,
                contract_no: contract_no.as_str().to_owned(),
                last: ask.last,
            };
            Ok((draw, due_on))
        }
        _ => Err::<_, UseError>(checks.into_error()),
    }
}
