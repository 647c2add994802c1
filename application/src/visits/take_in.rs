//! A row of an uploaded file becomes a row of its list: an enterprise stands in one open list of the city, once.

use domain::{
    ids::TenantId,
    values::{CompanyName, PersonName, PhoneNumber, UnifiedSocialCreditCode},
};
use serde_json::json;
use uuid::Uuid;

use super::{VisitRoom, open_list, place};
use crate::{
    access::{Action, Actor, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        store::UnitOfWork,
        visits::{NewVisitRow, StandsIn, VisitList},
    },
    referrals::{masked, sealed},
};

const TAKE_IN: &str = "visit.take_in";

/// What a row says, parsed; district and institution as they were typed.
#[derive(Clone, Debug)]
pub struct VisitLine {
    pub code: UnifiedSocialCreditCode,
    pub company: CompanyName,
    pub contact: Option<PersonName>,
    pub phone: Option<PhoneNumber>,
    /// Name or code of a 区县; empty: where the code was given out.
    pub district: String,
    /// Name or short name of an institution; empty: chosen later.
    pub bank: String,
    pub note: String,
}

fn there_before(list: &VisitList, stands: &StandsIn) -> UseError {
    let error = if stands.list == list.id {
        FieldError::new("referral_code", "visits.twice").with("row", stands.number)
    } else {
        FieldError::new("referral_code", "visits.elsewhere").with("list", &stands.list_name)
    };
    UseError::invalid(vec![error])
}

impl VisitRoom {
    /// One row of the import; a repeat of the same row of the same import is no second one.
    pub async fn take_in(
        &self,
        actor: &Actor,
        (import, number): (Uuid, u32),
        line: &VisitLine,
        once: &Once,
    ) -> UseResult<()> {
        let guard = &self.watch.guard;
        let permit = guard.permit(actor, Room::Visits, Action::Import).await?;
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        // A worker that follows a killed one may come to a row that is done.
        if once.replayed(&mut *work, TAKE_IN, at).await?.is_some() {
            return Ok(());
        }
        let list = work.visit_lists().list_of_import(import).await?;
        let list = list.ok_or_else(|| UseError::bug("an import names no visit list"))?;
        let list = open_list(&mut *work, list.id).await?;
        let (district, bank) = self.meant(actor, &mut *work, line).await?;
        let id = self.watch.clock.new_id();
        let (contact, phone) = (line.contact.as_ref(), line.phone.as_ref());
        let place = place(actor.city, id);
        let row = NewVisitRow {
            id,
            list: list.id,
            import,
            number: i32::try_from(number).map_err(UseError::bug)?,
            credit_code: line.code.as_str().to_owned(),
            company_name: line.company.as_str().to_owned(),
            district,
            contact_shown: masked(contact, phone),
            contact_sealed: sealed(&*self.sealer, &place, (contact, phone))?,
            note: line.note.clone(),
            bank,
            at,
        };
        if let Some(stands) = work.visit_lists().add_visit_row(&row).await? {
            return Err(there_before(&list, &stands));
        }
        once.done(&mut *work, TAKE_IN, json!({ "row": id })).await?;
        Ok(work.commit().await?)
    }

    /// The district and the institution that the cells name; both are told when both are wrong.
    async fn meant(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        line: &VisitLine,
    ) -> UseResult<(String, Option<TenantId>)> {
        let mut checks = Checks::default();
        let mut district = line.code.division().to_owned();
        if !line.district.is_empty() {
            let all = self.districts(actor);
            let typed = line.district.as_str();
            match all.into_iter().find(|d| d.name == typed || d.code == typed) {
                Some(known) => district = known.code,
                None => checks.push(FieldError::new("visit_district", "visits.district_unknown")),
            }
        }
        let mut bank = None;
        if !line.bank.is_empty() {
            let all = work.visit_lists().visit_banks().await?;
            let typed = line.bank.as_str();
            let found = all
                .into_iter()
                .find(|b| b.name == typed || b.short_name == typed);
            match found {
                Some(known) => bank = Some(known.id),
                None => checks.push(FieldError::new("visit_bank", "visits.bank_unknown")),
            }
        }
        checks.finish()?;
        Ok((district, bank))
    }
}
