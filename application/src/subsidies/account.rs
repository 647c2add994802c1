//! 收款账户 of a claim: asked for where money is to be paid, sealed, shown by its last signs, and opened in full for the payment alone (S-30).

use domain::{
    ids::TenantId,
    subsidy::ClaimStatus,
    values::{FreeText, half_width},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{SubsidyRoom, of_the_city};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    ports::{
        audit::AuditEntry,
        sealing::Sealer,
        subsidy_claims::{Claim, account_place},
        view_log::ViewEntry,
    },
};

const OPEN: &str = "subsidy.account";
/// What the enterprise reads in its list of looks.
const FIELDS: &str = "贴息申请的收款账户";
const REASON: &str = "拨付贴息补贴";
/// Digits of an account.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=30;
/// Signs of it that are shown.
const SHOWN: usize = 4;

/// 收款账户. Its holder is the enterprise.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub bank: String,
    pub number: String,
}

// Never whole where it could end up in a log.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(***)")
    }
}

/// 收款账户 as the form says it.
#[derive(Clone, Default)]
pub struct AskedAccount {
    pub bank: String,
    pub number: String,
}

impl std::fmt::Debug for AskedAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AskedAccount(***)")
    }
}

impl Account {
    /// Bank and the last signs: `某某银行 尾号 0123`.
    pub fn masked(&self) -> String {
        let skip = self.number.chars().count().saturating_sub(SHOWN);
        let tail: String = self.number.chars().skip(skip).collect();
        format!("{} 尾号 {tail}", self.bank)
    }

    pub(super) fn read(checks: &mut Checks, asked: &AskedAccount) -> Option<Self> {
        let bank = checks.take("account_bank", FreeText::<60>::parse(&asked.bank));
        let typed = half_width(&asked.number);
        let number: String = typed
            .chars()
            .filter(|sign| !sign.is_whitespace() && *sign != '-')
            .collect();
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        if number.is_empty() {
            checks.push(FieldError::new("account_no", "subsidy.account_missing"));
            return None;
        }
        if !digits || !DIGITS.contains(&number.len()) {
            checks.push(FieldError::new("account_no", "subsidy.account_no"));
            return None;
        }
        Some(Self {
            bank: bank?.as_str().to_owned(),
            number,
        })
    }

    pub(super) fn seal(
        &self,
        sealer: &dyn Sealer,
        city: TenantId,
        claim: Uuid,
    ) -> UseResult<Vec<u8>> {
        let text = serde_json::to_vec(self).map_err(UseError::bug)?;
        Ok(sealer.seal(&account_place(city.0, claim), &text)?)
    }

    /// Opened where it stands; `None`: there is none. The sealer was made ready before.
    pub(super) fn of(
        sealer: &dyn Sealer,
        city: TenantId,
        claim: &Claim,
    ) -> UseResult<Option<Self>> {
        let Some(sealed) = &claim.account_sealed else {
            return Ok(None);
        };
        let text = sealer.open(&account_place(city.0, claim.id), sealed)?;
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(UseError::bug)
    }
}

impl SubsidyRoom {
    /// The account in full, while it is to be paid to; the entry in the enterprise's list of looks is written first.
    pub async fn account(&self, actor: &Actor, id: Uuid) -> UseResult<Account> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Subsidies, Action::Unmask, id)
            .await?;
        let outcome = self.reveal(actor, &permit, id).await;
        self.watch
            .refused(actor, Room::Subsidies, Action::Unmask, id, outcome)
            .await
    }

    async fn reveal(&self, actor: &Actor, permit: &Permit, id: Uuid) -> UseResult<Account> {
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        let found = work.subsidy_claims().subsidy_claim(id).await?;
        let claim = found.ok_or_else(UseError::not_found)?;
        if claim.status != ClaimStatus::Approved {
            return Err(UseError::conflict("subsidy.account_not_now"));
        }
        let account = Account::of(&*self.sealer, actor.city, &claim)?;
        let account = account.ok_or_else(|| UseError::conflict("subsidy.no_account"))?;
        let entry = ViewEntry {
            id: self.watch.clock.new_id(),
            enterprise: claim.enterprise,
            viewer: actor.user,
            viewer_name: actor.name.clone(),
            viewer_tenant: actor.tenant,
            viewer_node: actor.tenant_name.clone(),
            application: Some(claim.application),
            fields: FIELDS.to_owned(),
            reason: REASON.to_owned(),
            request_id: actor.from.request_id.clone(),
            at,
        };
        work.view_log().write(entry).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), OPEN, id, at);
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bank: &str, number: &str) -> Result<Account, Vec<String>> {
        let mut checks = Checks::default();
        let asked = AskedAccount {
            bank: bank.to_owned(),
            number: number.to_owned(),
        };
        let account = Account::read(&mut checks, &asked);
        account.ok_or_else(|| {
            let error = checks.into_error();
            error.fields.into_iter().map(|field| field.field).collect()
        })
    }

    #[test]
    fn an_account_is_digits_however_they_are_parted_and_shows_its_last_ones() {
        let account = read("示例银行", " ６２２２ 0000-1111 2345 ").expect("it is read");
        assert_eq!(account.number, "6222000011112345");
        assert_eq!(account.masked(), "示例银行 尾号 2345");
        assert!(!format!("{account:?}").contains("2345"));
        assert_eq!(
            read("", "622"),
            Err(vec!["account_bank".to_owned(), "account_no".to_owned()])
        );
        assert_eq!(
            read("示例银行", "6222x00011112345"),
            Err(vec!["account_no".to_owned()])
        );
        assert_eq!(read("示例银行", " "), Err(vec!["account_no".to_owned()]));
    }
}
