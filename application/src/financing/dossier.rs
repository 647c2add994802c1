//! 企业资料 for the bank: opened, gathered and sealed anew in the transaction of the submission.

use domain::{
    enterprise::ProfileFile,
    ids::{FinancingApplicationId, TenantId},
};
use time::OffsetDateTime;

use super::Financing;
use crate::{
    error::{UseError, UseResult},
    ports::{
        dossiers::{Dossier, DossierFacts, DossierFile},
        enterprises::{DossierSource, EnterpriseFacts},
        sealing::Place,
    },
};

impl Financing {
    /// The full facts of an enterprise as the bank is given them.
    fn facts(&self, city: TenantId, source: &EnterpriseFacts) -> UseResult<DossierFacts> {
        let open = |column: &'static str, sealed: &Option<Vec<u8>>| -> UseResult<String> {
            let Some(sealed) = sealed else {
                return Ok(String::new());
            };
            let place = Place {
                tenant: city.0,
                table: "enterprises",
                row: source.id.0,
                column,
            };
            let plain = self.sealer.open(&place, sealed)?;
            String::from_utf8(plain).map_err(UseError::bug)
        };
        // As they are called now: the dossier keeps the names of its time.
        let (region, regions) = (&source.region_code, self.lists.regions.of(city));
        Ok(DossierFacts {
            company_name: source.name.clone(),
            unified_social_credit_code: source.credit_code.clone().unwrap_or_default(),
            registered_capital_cents: source.registered_capital_cents,
            legal_representative: source.legal_representative.clone(),
            legal_id: open("legal_id_sealed", &source.legal_id_sealed)?,
            contact_phone: open("contact_phone_sealed", &source.contact_phone_sealed)?,
            region: regions.full_name(region).unwrap_or_default(),
            county: regions.county_name(region).unwrap_or_default(),
            industry: source
                .industry_code
                .as_deref()
                .and_then(|code| self.lists.industries.full_name(code))
                .unwrap_or_default(),
            address: source.address.clone().unwrap_or_default(),
            email: open("email_sealed", &source.email_sealed)?,
            first_loan: source.first_loan,
            size: None,
        })
    }

    /// Masked facts beside the sealed full ones.
    pub(super) fn dossier(
        &self,
        city: TenantId,
        application: FinancingApplicationId,
        source: &DossierSource,
        at: OffsetDateTime,
    ) -> UseResult<Dossier> {
        let mut facts = self.facts(city, &source.facts)?;
        facts.size = source.size.as_ref().and_then(|size| size.snapshot(at));
        let full = serde_json::to_vec(&facts).map_err(UseError::bug)?;
        let sealed = self
            .sealer
            .seal(&DossierFacts::place(city, application), &full)?;
        Ok(Dossier {
            enterprise: source.facts.id,
            shown: facts.shown(),
            sealed,
            created_at: at,
        })
    }
}

/// The three pictures of 完善信息 as they are now (M-405 to M-407).
pub(super) fn pictures(source: &DossierSource, at: OffsetDateTime) -> Vec<DossierFile> {
    ProfileFile::ALL
        .iter()
        .filter_map(|kind| {
            let file = source.files.iter().rev().find(|f| f.kind == kind.code())?;
            Some(DossierFile {
                id: file.id,
                kind: file.kind.clone(),
                label: kind.zh().to_owned(),
                object_key: file.object_key.clone(),
                media_type: file.media_type.clone(),
                round: 0,
                added_at: at,
                scan: file.scan,
            })
        })
        .collect()
}
