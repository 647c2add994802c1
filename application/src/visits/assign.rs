//! 分配: institutions are given the rows that were not sent yet, many at once by district and evenly, or one by one.

use domain::ids::TenantId;
use serde_json::json;
use uuid::Uuid;

use super::{VisitRoom, open_list};
use crate::{
    access::{Action, Actor, Permit},
    error::{UseError, UseResult},
    once::Once,
    ports::{audit::AuditEntry, reference::RegionEntry, visits::VisitBank},
};

const ASSIGN: &str = "visit.assign";

/// 分配 of many as the form says it.
#[derive(Clone, Debug)]
pub struct AssignRows {
    pub list: Uuid,
    /// Code of a 区县; empty: all of them.
    pub district: String,
    /// One institution takes all, several take as many each.
    pub banks: Vec<String>,
    /// `open`: rows without an institution; `all`: every row that was not sent.
    pub scope: String,
    pub once: Once,
}

/// 分配 of one.
#[derive(Clone, Debug)]
pub struct GiveRow {
    pub list: Uuid,
    pub row: Uuid,
    pub version: i32,
    pub bank: String,
    pub once: Once,
}

/// Turn by turn, so that nobody gets more than one more than anybody else.
fn evenly(rows: Vec<Uuid>, banks: &[TenantId]) -> Vec<(Uuid, TenantId)> {
    rows.into_iter()
        .zip(banks.iter().copied().cycle())
        .collect()
}

/// The institutions that were ticked, all of them known.
fn chosen(ticked: &[String], known: &[VisitBank]) -> UseResult<Vec<TenantId>> {
    let mut banks: Vec<TenantId> = Vec::new();
    for typed in ticked.iter().filter(|typed| !typed.is_empty()) {
        let id = Uuid::try_parse(typed).map(TenantId).ok();
        match known.iter().find(|bank| Some(bank.id) == id) {
            Some(bank) if !banks.contains(&bank.id) => banks.push(bank.id),
            Some(_) => {}
            None => return Err(UseError::field("banks", "visits.bank_gone")),
        }
    }
    if banks.is_empty() {
        return Err(UseError::field("banks", "visits.banks_missing"));
    }
    Ok(banks)
}

impl VisitRoom {
    /// What the form of 批量分配 offers.
    pub async fn assignable(
        &self,
        actor: &Actor,
        list: Uuid,
    ) -> UseResult<(Vec<VisitBank>, Vec<RegionEntry>)> {
        let permit = self.permit(actor, Action::Assign, list).await?;
        let mut work = self.store.begin(&permit).await?;
        let outcome = open_list(&mut *work, list).await;
        let banks = work.visit_lists().visit_banks().await?;
        drop(work);
        self.answered(actor, Action::Assign, list, outcome).await?;
        Ok((banks, self.districts(actor)))
    }

    /// Answers how many were given.
    pub async fn assign(&self, actor: &Actor, ask: AssignRows) -> UseResult<u64> {
        let permit = self.permit(actor, Action::Assign, ask.list).await?;
        let outcome = self.give_many(actor, &permit, &ask).await;
        self.answered(actor, Action::Assign, ask.list, outcome)
            .await
    }

    async fn give_many(&self, actor: &Actor, permit: &Permit, ask: &AssignRows) -> UseResult<u64> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, ASSIGN, at).await? {
            return answer["rows"].as_u64().ok_or_else(UseError::not_found);
        }
        open_list(&mut *work, ask.list).await?;
        let known = work.visit_lists().visit_banks().await?;
        let banks = chosen(&ask.banks, &known)?;
        let district = Some(ask.district.as_str()).filter(|code| !code.is_empty());
        let rows = work
            .visit_lists()
            .rows_to_assign(ask.list, district, ask.scope == "all")
            .await?;
        if rows.is_empty() {
            return Err(UseError::field("district", "visits.nothing_to_assign"));
        }
        let given = evenly(rows, &banks);
        let done = work.visit_lists().assign_rows(ask.list, &given).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), ASSIGN, ask.list, at)
            .detail(json!({ "rows": done }));
        work.audit().write(entry).await?;
        let answer = json!({ "rows": done });
        ask.once.done(&mut *work, ASSIGN, answer).await?;
        work.commit().await?;
        Ok(done)
    }

    pub async fn give(&self, actor: &Actor, ask: GiveRow) -> UseResult<()> {
        let permit = self.permit(actor, Action::Assign, ask.row).await?;
        let outcome = self.give_one(actor, &permit, &ask).await;
        self.answered(actor, Action::Assign, ask.row, outcome).await
    }

    async fn give_one(&self, actor: &Actor, permit: &Permit, ask: &GiveRow) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, ASSIGN, at).await?.is_some() {
            return Ok(());
        }
        open_list(&mut *work, ask.list).await?;
        let row = work.visit_coverage().visit_row(ask.list, ask.row).await?;
        let row = row.ok_or_else(UseError::not_found)?;
        if row.version != ask.version || row.progress.sent.is_some() {
            return Err(UseError::conflict("visits.moved_on"));
        }
        let known = work.visit_lists().visit_banks().await?;
        let banks = chosen(std::slice::from_ref(&ask.bank), &known)?;
        let given = evenly(vec![row.id], &banks);
        if work.visit_lists().assign_rows(ask.list, &given).await? != 1 {
            return Err(UseError::conflict("visits.moved_on"));
        }
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), ASSIGN, row.id, at)
            .detail(json!({ "rows": 1 }));
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, ASSIGN, json!({ "rows": 1 }))
            .await?;
        Ok(work.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bank(number: u128) -> VisitBank {
        VisitBank {
            id: TenantId(Uuid::from_u128(number)),
            name: number.to_string(),
            short_name: String::new(),
        }
    }

    #[test]
    fn rows_are_given_turn_by_turn_so_that_nobody_has_more_than_one_more() {
        let rows: Vec<Uuid> = (0..7).map(Uuid::from_u128).collect();
        let banks: Vec<TenantId> = [1, 2, 3].map(|n| bank(n).id).to_vec();
        let given = evenly(rows, &banks);
        let of = |id: TenantId| given.iter().filter(|(_, bank)| *bank == id).count();
        assert_eq!([of(banks[0]), of(banks[1]), of(banks[2])], [3, 2, 2]);
    }

    #[test]
    fn only_institutions_that_take_enterprises_are_chosen_and_each_once() {
        let known = [bank(1), bank(2)];
        let id = |n: u128| Uuid::from_u128(n).to_string();
        let two = chosen(&[id(1), id(2), id(1)], &known).expect("both are known");
        assert_eq!(two.len(), 2);
        let code = |ticked: &[String]| chosen(ticked, &known).expect_err("refused").fields[0].code;
        assert_eq!(code(&[]), "visits.banks_missing");
        assert_eq!(code(&[id(1), id(9)]), "visits.bank_gone");
        assert_eq!(code(&["x".to_owned()]), "visits.bank_gone");
    }
}
