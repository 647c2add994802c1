//! A row of a list becomes a referral: once per enterprise, given to the branch of its district where there is one.

use domain::{
    referral::ReferralStatus,
    values::{CompanyName, PersonName, PhoneNumber, UnifiedSocialCreditCode},
};
use serde_json::json;
use uuid::Uuid;

use super::{Referrals, place};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    once::Once,
    ports::{
        referrals::{ReferralBranch, StoredReferral},
        sealing::{Place, Sealer},
    },
};

const TAKE_IN: &str = "referral.take_in";

/// What a row says, parsed.
#[derive(Clone, Debug)]
pub struct ReferralLine {
    pub code: UnifiedSocialCreditCode,
    pub company: CompanyName,
    pub contact: Option<PersonName>,
    pub phone: Option<PhoneNumber>,
    pub source: String,
    pub note: String,
}

/// `张**，138****0001`.
pub(crate) fn shown(contact: Option<&PersonName>, phone: Option<&PhoneNumber>) -> String {
    join(
        contact.map(PersonName::masked),
        phone.map(PhoneNumber::masked),
    )
}

/// 联系人 and phone as they were typed; empty: nobody is named.
fn full(contact: Option<&PersonName>, phone: Option<&PhoneNumber>) -> String {
    join(
        contact.map(|name| name.as_str().to_owned()),
        phone.map(|phone| phone.as_str().to_owned()),
    )
}

/// The same, sealed at its place; `None`: nobody is named. The sealer was made ready before.
pub(crate) fn sealed(
    sealer: &dyn Sealer,
    at: &Place,
    (contact, phone): (Option<&PersonName>, Option<&PhoneNumber>),
) -> UseResult<Option<Vec<u8>>> {
    let full = full(contact, phone);
    if full.is_empty() {
        return Ok(None);
    }
    Ok(Some(sealer.seal(at, full.as_bytes())?))
}

fn join(name: Option<String>, phone: Option<String>) -> String {
    let parts: Vec<String> = [name, phone].into_iter().flatten().collect();
    parts.join("，")
}

/// The branch of a district; of several the one that follows the fewest.
fn of_district<'a>(branches: &'a [ReferralBranch], division: &str) -> Option<&'a ReferralBranch> {
    branches
        .iter()
        .filter(|b| b.region_code.get(..6) == Some(division))
        .min_by_key(|b| b.load)
}

impl Referrals {
    /// One row of the import; a repeat of the same row of the same import is no second one.
    pub async fn take_in(
        &self,
        actor: &Actor,
        import: Uuid,
        line: &ReferralLine,
        once: &Once,
    ) -> UseResult<()> {
        let guard = &self.watch.guard;
        let permit = guard.permit(actor, Room::Imports, Action::Import).await?;
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        // A worker that follows a killed one may come to a row that is done.
        if once.replayed(&mut *work, TAKE_IN, at).await?.is_some() {
            return Ok(());
        }
        let code = line.code.as_str();
        let branches = work.referrals().referral_branches().await?;
        let branch = of_district(&branches, line.code.division());
        let id = self.watch.clock.new_id();
        let (contact, phone) = (line.contact.as_ref(), line.phone.as_ref());
        let place = place(actor.city, id);
        let referral = StoredReferral {
            id,
            tenant: actor.tenant,
            branch: branch.map(|b| b.id),
            branch_name: branch.map_or_else(String::new, |b| b.name.clone()),
            credit_code: code.to_owned(),
            company_name: line.company.as_str().to_owned(),
            contact_shown: shown(contact, phone),
            contact_sealed: sealed(&*self.sealer, &place, (contact, phone))?,
            source: line.source.clone(),
            note: line.note.clone(),
            status: ReferralStatus::Waiting,
            reason: String::new(),
            refusal: None,
            demand: None,
            demand_at: None,
            contacted_at: None,
            visited_at: None,
            ended_at: None,
            import: Some(import),
            version: 1,
            created_at: at,
            changed_name: actor.name.clone(),
            changed_at: at,
        };
        if !work.referrals().add_referral(&referral).await? {
            return Err(UseError::field("referral_code", "referrals.there_before"));
        }
        once.done(&mut *work, TAKE_IN, json!({ "referral": id }))
            .await?;
        Ok(work.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::TenantId;

    use super::*;

    #[test]
    fn of_several_branches_of_a_district_the_one_with_the_fewest_gets_it() {
        let branch = |n: u128, region: &str, load| ReferralBranch {
            id: TenantId(Uuid::from_u128(n)),
            name: n.to_string(),
            region_code: region.to_owned(),
            load,
        };
        let branches = [
            branch(1, "130903", 5),
            branch(2, "130903001", 2),
            branch(3, "130925", 0),
        ];
        let got = |division| of_district(&branches, division).map(|b| b.name.as_str());
        assert_eq!(got("130903"), Some("2"));
        assert_eq!(got("130925"), Some("3"));
        assert_eq!(got("130900"), None);
    }
}
