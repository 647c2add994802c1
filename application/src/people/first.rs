//! 首任平台运营, 省级监管人员: whom the vendor invites, because nobody inside could. The first two operators of a city invite the others; the
//! people of a province are all invited, and ended, by the vendor.

use domain::{
    ids::{TenantId, UserId},
    tenant::{Role, TenantKind},
    values::{PersonName, PhoneNumber},
};

use super::{Issued, PeopleRoom, SHOWN, invite::account_of};
use crate::{
    access::Permit,
    error::{Checks, UseError, UseResult},
    ports::{
        audit::AuditEntry,
        people::{LinkKind, NewStaff, PeopleFilter, StaffPerson},
        store::{StoreError, UnitOfWork},
    },
};

/// Whom the vendor invites where.
struct Seat {
    kind: TenantKind,
    role: Role,
    most: usize,
    /// There are that many already.
    full: &'static str,
    /// Somebody else of them has this phone.
    same_phone: &'static str,
    /// In the log.
    noted: &'static str,
}

/// Two: what weighs in a city is asked by one operator and confirmed by another.
const OPERATOR: Seat = Seat {
    kind: TenantKind::City,
    role: Role::Operator,
    most: 2,
    full: "people.operators_invite",
    same_phone: "people.phone_of_two",
    noted: "people.first_operator",
};

const SUPERVISOR: Seat = Seat {
    kind: TenantKind::Province,
    role: Role::ProvinceSupervisor,
    most: 20,
    full: "people.province_full",
    same_phone: "people.province_phone",
    noted: "people.province_supervisor",
};

/// Who is to be an operator, or one of a province's people.
#[derive(Clone, Debug)]
pub struct FirstOperator {
    pub name: String,
    pub phone: String,
    pub account: String,
    /// What stands before the token in the message.
    pub address: String,
}

impl PeopleRoom {
    /// Invites an operator of a city that has fewer than two; an invitation that was never used gets a new link. The permit is a job's: nobody is signed in.
    pub async fn first_operator(&self, permit: &Permit, ask: FirstOperator) -> UseResult<Issued> {
        self.seated(permit, ask, &OPERATOR).await
    }

    /// Invites one of a province's people; the same holds for an invitation that was never used.
    pub async fn province_supervisor(
        &self,
        permit: &Permit,
        ask: FirstOperator,
    ) -> UseResult<Issued> {
        self.seated(permit, ask, &SUPERVISOR).await
    }

    /// 停用 of one of a province's people: their next click is refused. Answers the name.
    pub async fn end_supervisor(&self, permit: &Permit, account: &str) -> UseResult<String> {
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(permit).await?;
        let filter = PeopleFilter {
            node: Some(permit.tenant()),
            words: String::new(),
            most: SHOWN,
        };
        let people = work.people().people(&filter).await?;
        let person = people
            .into_iter()
            .find(|one| one.account == account && one.status != "dismissed")
            .filter(|one| one.roles.contains(&SUPERVISOR.role))
            .ok_or_else(UseError::not_found)?;
        work.people().dismiss(person.id, at).await?;
        let entry = self.invitations.watch.clock.new_id();
        let entry = AuditEntry::by_system(entry, "people.province_dismissed", person.id, at);
        work.audit().write(entry).await?;
        work.commit().await?;
        self.invitations.sessions.end_all(person.id, None).await?;
        Ok(person.name)
    }

    async fn seated(&self, permit: &Permit, ask: FirstOperator, seat: &Seat) -> UseResult<Issued> {
        let city = permit.city();
        self.invitations.sealer.ready(city.0).await?;
        let at = self.invitations.watch.clock.now();
        let mut checks = Checks::default();
        let name = checks.take("name", PersonName::parse(&ask.name));
        let phone = checks.take("phone", PhoneNumber::parse(&ask.phone));
        let account = account_of(&mut checks, &ask.account);
        let (Some(name), Some(phone), Some(account)) = (name, phone, account) else {
            return Err(checks.into_error());
        };
        let mut work = self.invitations.store.begin(permit).await?;
        let nodes = work.people().nodes().await?;
        let node = nodes
            .into_iter()
            .find(|node| node.id == city && node.kind == seat.kind)
            .ok_or_else(UseError::not_found)?;
        let filter = PeopleFilter {
            node: Some(city),
            words: String::new(),
            most: SHOWN,
        };
        let people = work.people().people(&filter).await?;
        let seated: Vec<&StaffPerson> = people
            .iter()
            .filter(|one| one.status != "dismissed" && one.roles.contains(&seat.role))
            .collect();
        let unused = |one: &&&StaffPerson| one.account == account && one.status == "invited";
        if let Some(person) = seated.iter().find(unused) {
            return self
                .invite_again(city, work, person, &phone, ask, seat)
                .await;
        }
        if seated.len() >= seat.most {
            return Err(UseError::conflict(seat.full));
        }
        for one in &seated {
            let theirs = self.invitations.phone(city, one.id, &one.phone_sealed)?;
            if theirs == phone {
                return Err(UseError::field("phone", seat.same_phone));
            }
        }
        let id = UserId(self.invitations.watch.clock.new_id());
        let kept = self.invitations.keep_phone(city, id, &phone)?;
        let new = NewStaff {
            id,
            node: city,
            account: account.clone(),
            name: name.as_str().to_owned(),
            phone_sealed: kept.sealed,
            phone_index: kept.index,
            roles: vec![seat.role],
            at,
        };
        match work.people().invite(&new).await {
            Ok(()) => {}
            Err(StoreError::Conflict(key)) if key == "users_one_account_per_city" => {
                return Err(UseError::field("account", "people.account_taken"));
            }
            Err(error) => return Err(error.into()),
        }
        let token = self
            .issue(None, &mut *work, id, LinkKind::Invite, at)
            .await?;
        let entry = self.invitations.watch.clock.new_id();
        let entry = AuditEntry::by_system(entry, seat.noted, id, at);
        work.audit().write(entry).await?;
        work.commit().await?;
        let link = format!("{}{token}", ask.address);
        let sent = self
            .send(city, phone, "staff_invite", &node.name, &link)
            .await;
        Ok(Issued {
            user: id,
            name: new.name,
            account,
            link,
            sent,
            waiting: Vec::new(),
            renewed: false,
        })
    }

    /// The link was lost, or its 24 hours are over: the same person gets another one, and the old one is over.
    async fn invite_again(
        &self,
        city: TenantId,
        mut work: Box<dyn UnitOfWork>,
        person: &StaffPerson,
        phone: &PhoneNumber,
        ask: FirstOperator,
        seat: &Seat,
    ) -> UseResult<Issued> {
        let kept = self
            .invitations
            .phone(city, person.id, &person.phone_sealed)?;
        if kept != *phone {
            return Err(UseError::field("phone", "people.phone_of_invitation"));
        }
        let at = self.invitations.watch.clock.now();
        let token = self
            .issue(None, &mut *work, person.id, LinkKind::Invite, at)
            .await?;
        let entry = self.invitations.watch.clock.new_id();
        let entry = AuditEntry::by_system(entry, seat.noted, person.id, at);
        work.audit().write(entry).await?;
        work.commit().await?;
        let link = format!("{}{token}", ask.address);
        let sent = self
            .send(city, kept, "staff_invite", &person.node.name, &link)
            .await;
        Ok(Issued {
            user: person.id,
            name: person.name.clone(),
            account: person.account.clone(),
            link,
            sent,
            waiting: Vec::new(),
            renewed: true,
        })
    }
}
