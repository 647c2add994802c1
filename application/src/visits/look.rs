//! 走访进展 of a list: numbers by institution and district for whoever reads totals, the rows behind them and one enterprise for those who
//! may see enterprises.

use std::collections::BTreeMap;

use domain::{calendar::local_date, ids::TenantId, referral::Refusal, visit::VisitStage};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{PAGE, VisitRoom, place};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    leaf,
    ports::{
        audit::AuditEntry,
        visits::{Repair, VisitBank, VisitCounts, VisitFilter, VisitList, VisitRow},
    },
};

const UNMASK: &str = "visit.unmask";

/// Sums of a list or of a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub all: i64,
    pub unassigned: i64,
    pub registered: i64,
    /// In the order of [`VisitStage::REACHED`].
    pub reached: [i64; 7],
}

impl Coverage {
    fn add(&mut self, counts: &VisitCounts) {
        self.all += counts.all;
        self.unassigned += counts.unassigned;
        self.registered += counts.registered;
        for (sum, count) in self.reached.iter_mut().zip(counts.reached) {
            *sum += count;
        }
    }

    /// How many are so far, those beyond it included.
    pub fn of(&self, stage: VisitStage) -> i64 {
        match stage {
            VisitStage::Unassigned => self.unassigned,
            VisitStage::Assigned => self.all - self.unassigned - self.of(VisitStage::Sent),
            _ => {
                let mut counted = VisitStage::REACHED.iter().zip(self.reached);
                let found = counted.find(|(known, _)| **known == stage);
                found.map_or(0, |(_, count)| count)
            }
        }
    }
}

/// The part of an institution; `None`: given to nobody yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankPart {
    pub bank: Option<TenantId>,
    pub name: String,
    pub sums: Coverage,
}

/// The part of a district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistrictPart {
    pub code: String,
    pub name: String,
    pub sums: Coverage,
}

/// What this person may do with an open list; of a closed one nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    pub import: bool,
    pub assign: bool,
    pub send: bool,
    pub close: bool,
}

/// A list with its numbers.
#[derive(Clone, Debug)]
pub struct SeenList {
    pub list: VisitList,
    pub now: OffsetDateTime,
    pub sums: Coverage,
    pub banks: Vec<BankPart>,
    pub districts: Vec<DistrictPart>,
    pub rights: Rights,
    /// This person may see enterprises.
    pub open: bool,
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct SeenRows {
    pub list: VisitList,
    pub rows: Vec<VisitRow>,
    pub more: bool,
    /// What the filter narrows to, in words; empty: it does not.
    pub bank_name: String,
    pub district_name: String,
}

/// One enterprise of a list.
#[derive(Clone, Debug)]
pub struct SeenRow {
    pub list: VisitList,
    pub row: VisitRow,
    pub district_name: String,
    pub repairs: Vec<Repair>,
    pub today: Date,
    /// Institutions to give it to; empty: not now, or not by this person.
    pub banks: Vec<VisitBank>,
    pub may_unmask: bool,
    pub may_repair: bool,
    /// Tasks that are not done are ended, whatever became of the enterprise since.
    pub may_finish: bool,
    /// The contact in full, once it was asked for.
    pub contact: Option<String>,
}

/// 未授信 for a reason that a department can do something about. What a request was refused for is for the operator to judge.
pub fn repairable(row: &VisitRow) -> bool {
    row.progress.stage() == VisitStage::Declined && row.refusal.is_none_or(Refusal::repairable)
}

impl VisitRoom {
    /// For whoever reads totals.
    pub async fn list(&self, actor: &Actor, id: Uuid) -> UseResult<SeenList> {
        let permit = self.reader(actor).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.visit_lists().visit_list(id).await?;
        let counts = work.visit_coverage().visit_counts(id).await?;
        drop(work);
        let list = found.ok_or_else(UseError::not_found);
        let list = self.answered(actor, Action::View, id, list).await?;
        let mut sums = Coverage::default();
        let mut banks: BTreeMap<(String, Option<TenantId>), Coverage> = BTreeMap::new();
        let mut districts: BTreeMap<String, Coverage> = BTreeMap::new();
        for one in &counts {
            sums.add(one);
            let bank = (one.bank_name.clone(), one.bank);
            banks.entry(bank).or_default().add(one);
            districts.entry(one.district.clone()).or_default().add(one);
        }
        let banks = banks
            .into_iter()
            .map(|((name, bank), sums)| BankPart { bank, name, sums })
            .collect();
        let districts = districts
            .into_iter()
            .map(|(code, sums)| DistrictPart {
                name: self.district_name(&code),
                code,
                sums,
            })
            .collect();
        let rights = self.rights(actor, &list).await;
        let guard = &self.watch.guard;
        Ok(SeenList {
            now: self.watch.clock.now(),
            open: guard.may(actor, Room::Visits, Action::View).await,
            list,
            sums,
            banks,
            districts,
            rights,
        })
    }

    async fn rights(&self, actor: &Actor, list: &VisitList) -> Rights {
        if !list.is_open() {
            return Rights::default();
        }
        let guard = &self.watch.guard;
        Rights {
            import: guard.may(actor, Room::Visits, Action::Import).await,
            assign: guard.may(actor, Room::Visits, Action::Assign).await,
            send: guard.may(actor, Room::Visits, Action::Submit).await,
            close: guard.may(actor, Room::Visits, Action::Save).await,
        }
    }

    /// The list that a file was sent for.
    pub async fn list_of(&self, actor: &Actor, import: Uuid) -> UseResult<VisitList> {
        let permit = self.permit(actor, Action::View, import).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.visit_lists().list_of_import(import).await?;
        found.ok_or_else(UseError::not_found)
    }

    /// The rows behind a number.
    pub async fn rows(
        &self,
        actor: &Actor,
        list: Uuid,
        filter: &VisitFilter,
        after: Option<Uuid>,
    ) -> UseResult<SeenRows> {
        let permit = self.permit(actor, Action::View, list).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.visit_lists().visit_list(list).await?;
        let mut rows = work
            .visit_coverage()
            .visit_rows(list, filter, after, PAGE + 1)
            .await?;
        drop(work);
        let found = found.ok_or_else(UseError::not_found);
        let list = self.answered(actor, Action::View, list, found).await?;
        let more = leaf::cut(&mut rows, PAGE);
        let named = filter.bank.map(|_| rows.first());
        let bank_name = named.map(|row| row.map_or("所选机构", |row| row.bank_name.as_str()));
        let district = filter.district.as_deref();
        Ok(SeenRows {
            bank_name: bank_name.unwrap_or_default().to_owned(),
            district_name: district.map_or_else(String::new, |code| self.district_name(code)),
            list,
            rows,
            more,
        })
    }

    pub async fn row(&self, actor: &Actor, list: Uuid, id: Uuid) -> UseResult<SeenRow> {
        let permit = self.permit(actor, Action::View, id).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.visit_lists().visit_list(list).await?;
        let row = work.visit_coverage().visit_row(list, id).await?;
        let repairs = work.visit_repairs().repairs_of(id).await?;
        let banks = work.visit_lists().visit_banks().await?;
        drop(work);
        let both = found.zip(row).ok_or_else(UseError::not_found);
        let (list, row) = self.answered(actor, Action::View, id, both).await?;
        let guard = &self.watch.guard;
        let givable = list.is_open()
            && row.progress.sent.is_none()
            && guard.may(actor, Room::Visits, Action::Assign).await;
        let may_record = guard.may(actor, Room::Visits, Action::Record).await;
        Ok(SeenRow {
            district_name: self.district_name(&row.district),
            repairs,
            today: local_date(self.watch.clock.now()),
            banks: if givable { banks } else { Vec::new() },
            may_unmask: row.contact_sealed.is_some()
                && guard.may(actor, Room::Visits, Action::Unmask).await,
            may_repair: repairable(&row) && may_record,
            may_finish: may_record,
            contact: None,
            list,
            row,
        })
    }

    /// 查看联系方式: the entry is written before anything is shown.
    pub async fn contact(&self, actor: &Actor, list: Uuid, id: Uuid) -> UseResult<SeenRow> {
        let permit = self.permit(actor, Action::Unmask, id).await?;
        let mut seen = self.row(actor, list, id).await?;
        let Some(sealed) = &seen.row.contact_sealed else {
            return Ok(seen);
        };
        self.sealer.ready(actor.city.0).await?;
        let plain = self.sealer.open(&place(actor.city, id), sealed)?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), UNMASK, id, at);
        work.audit().write(entry).await?;
        work.commit().await?;
        seen.contact = Some(String::from_utf8_lossy(&plain).into_owned());
        Ok(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_what_waits_to_be_sent_is_what_is_left_of_the_assigned() {
        let part = |bank: u128, unassigned, sent| VisitCounts {
            bank: Some(TenantId(Uuid::from_u128(bank))),
            all: 10,
            unassigned,
            reached: [sent, 3, 2, 1, 1, 0, 1],
            ..VisitCounts::default()
        };
        let mut sums = Coverage::default();
        sums.add(&part(1, 2, 5));
        sums.add(&part(2, 0, 10));
        assert_eq!(sums.all, 20);
        assert_eq!(sums.of(VisitStage::Sent), 15);
        assert_eq!(sums.of(VisitStage::Contacted), 6);
        assert_eq!(sums.of(VisitStage::Declined), 2);
        assert_eq!(sums.of(VisitStage::Assigned), 3);
    }
}
