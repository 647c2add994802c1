//! Dossiers 企业资料: what a bank is given with an application, as it was at that moment, and nothing else.

use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, FileId, FinancingApplicationId, SupplementItemId, TenantId},
    size_class::SizeClass,
    values::{EmailAddress, PersonName, PhoneNumber, ResidentId},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{scanner::Scan, sealing::Place, store::StoreError};

/// The full facts: stored sealed, opened only with a logged reason (S-30). Prints nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DossierFacts {
    pub company_name: String,
    pub unified_social_credit_code: String,
    pub registered_capital_cents: Option<i64>,
    pub legal_representative: String,
    pub legal_id: String,
    pub contact_phone: String,
    /// Down to the township, as written.
    pub region: String,
    /// Down to the county: all that a masked page shows (S-29).
    pub county: String,
    pub industry: String,
    pub address: String,
    #[serde(default)]
    pub email: String,
    /// 首贷户.
    pub first_loan: bool,
    /// 企业规模; older dossiers name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<DossierSize>,
}

/// 企业规模 as the enterprise had declared it. Its figures stay with the enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DossierSize {
    /// `large`, `medium`, `small` or `micro`.
    pub class: String,
    /// Of the declaration.
    pub year: i32,
}

impl DossierSize {
    /// `小型企业（2026 年度填报）`, or that nobody said.
    pub fn words(size: Option<&Self>) -> String {
        let known = size.and_then(|s| Some((SizeClass::from_code(&s.class)?, s.year)));
        known.map_or_else(
            || "未填报".to_owned(),
            |(class, year)| format!("{}（{year} 年度填报）", class.label()),
        )
    }
}

/// The same facts with every mask on (S-29): what a page holds before anybody asks for more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownFacts {
    pub company_name: String,
    pub unified_social_credit_code: String,
    pub registered_capital_cents: Option<i64>,
    pub legal_representative: String,
    pub legal_id: String,
    pub contact_phone: String,
    pub county: String,
    pub industry: String,
    pub email: String,
    pub first_loan: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<DossierSize>,
}

impl std::fmt::Debug for DossierFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DossierFacts(***)")
    }
}

impl DossierFacts {
    /// Masked on the server, by characters; what does not parse is hidden whole.
    pub fn shown(&self) -> ShownFacts {
        const HIDDEN: &str = "***";
        let hidden = || HIDDEN.to_owned();
        ShownFacts {
            company_name: self.company_name.clone(),
            unified_social_credit_code: self.unified_social_credit_code.clone(),
            registered_capital_cents: self.registered_capital_cents,
            legal_representative: PersonName::parse(&self.legal_representative)
                .map_or_else(|_| hidden(), |name| name.masked()),
            legal_id: ResidentId::restore(&self.legal_id)
                .map_or_else(|_| hidden(), |id| id.masked()),
            contact_phone: PhoneNumber::parse(&self.contact_phone)
                .map_or_else(|_| hidden(), |phone| phone.masked()),
            county: self.county.clone(),
            industry: self.industry.clone(),
            email: if self.email.is_empty() {
                String::new()
            } else {
                EmailAddress::parse(&self.email).map_or_else(|_| hidden(), |mail| mail.masked())
            },
            first_loan: self.first_loan,
            size: self.size.clone(),
        }
    }

    /// Where the sealed facts of an application stand.
    pub fn place(city: TenantId, application: FinancingApplicationId) -> Place {
        Place {
            tenant: city.0,
            table: "application_dossiers",
            row: application.0,
            column: "sealed",
        }
    }
}

/// A stored dossier.
#[derive(Clone, Debug)]
pub struct Dossier {
    pub enterprise: EnterpriseId,
    pub shown: ShownFacts,
    pub sealed: Vec<u8>,
    pub created_at: OffsetDateTime,
}

/// 材料 of an application. The object is sealed under `enterprise_files`, its own id and `object`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DossierFile {
    pub id: FileId,
    pub kind: String,
    pub label: String,
    pub object_key: String,
    pub media_type: String,
    /// 0: with the application; n: answer to 退回补充 n.
    pub round: i32,
    pub added_at: OffsetDateTime,
    /// What is known of it (S-26).
    pub scan: Scan,
}

impl DossierFile {
    /// Why staff are not shown it; `None` when they are.
    pub const fn withheld(&self) -> Option<&'static str> {
        self.scan.withheld()
    }

    /// Where the sealed object of a file stands.
    pub fn place(city: TenantId, file: FileId) -> Place {
        Place {
            tenant: city.0,
            table: "enterprise_files",
            row: file.0,
            column: "object",
        }
    }
}

/// Files that one item of 补充清单 takes at most.
pub const ITEM_FILES: usize = 9;

/// The kind of what was brought with a 复议申请.
pub const APPEAL_MATERIAL: &str = "reconsideration";

/// 补充清单: one missing thing, and its answer when there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplementItem {
    pub id: SupplementItemId,
    pub round: i32,
    pub position: i32,
    pub label: String,
    pub hint: String,
    pub required: bool,
    /// In the order in which they were added, at most [`ITEM_FILES`].
    pub files: Vec<FileId>,
    pub answer: String,
    pub answered_at: Option<OffsetDateTime>,
}

impl SupplementItem {
    /// What the file at this place is called among the materials: several of one item are numbered.
    pub fn label_of(&self, place: usize) -> String {
        if self.files.len() < 2 {
            return self.label.clone();
        }
        format!("{}（{}/{}）", self.label, place + 1, self.files.len())
    }
}

/// 复议 that was asked for: until it is settled the bank needs what it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appealed {
    /// `None` while nobody has answered it.
    pub settled_at: Option<OffsetDateTime>,
}

#[async_trait]
pub trait Dossiers: Send {
    /// Hands the facts over with an application.
    async fn give(
        &mut self,
        application: FinancingApplicationId,
        dossier: &Dossier,
    ) -> Result<(), StoreError>;

    async fn find(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Dossier>, StoreError>;

    async fn add_file(
        &mut self,
        application: FinancingApplicationId,
        file: &DossierFile,
    ) -> Result<(), StoreError>;

    /// Files in the order in which they came; those of a 补充清单 in its order and that of each item.
    async fn files(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<DossierFile>, StoreError>;

    async fn file(
        &mut self,
        application: FinancingApplicationId,
        file: FileId,
    ) -> Result<Option<DossierFile>, StoreError>;

    async fn ask_items(
        &mut self,
        application: FinancingApplicationId,
        items: &[SupplementItem],
    ) -> Result<(), StoreError>;

    /// Notes the answer to an item.
    async fn answer_item(
        &mut self,
        application: FinancingApplicationId,
        item: &SupplementItem,
    ) -> Result<(), StoreError>;

    /// Keeps the note to the branch until the round is sent; an empty one goes.
    async fn keep_note(
        &mut self,
        application: FinancingApplicationId,
        round: i32,
        note: &str,
    ) -> Result<(), StoreError>;

    /// The note that was kept, or nothing.
    async fn kept_note(
        &mut self,
        application: FinancingApplicationId,
        round: i32,
    ) -> Result<String, StoreError>;

    /// Every item of every round, in order.
    async fn items(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<SupplementItem>, StoreError>;

    /// 复议 of an application, if there was one.
    async fn appealed(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Appealed>, StoreError>;

    /// How many other requests of the same enterprise run at other institutions, as they were counted last.
    async fn open_elsewhere(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<i32, StoreError>;

    /// True while no consent given for this application was withdrawn (B6, S-33).
    async fn consent_stands(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<bool, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> DossierFacts {
        DossierFacts {
            company_name: "沧州市瀚岳澜管道装备有限公司".into(),
            unified_social_credit_code: "91130925PDY009110X".into(),
            legal_representative: "顾屹舟".into(),
            legal_id: "130925188703160119".into(),
            contact_phone: "19900002037".into(),
            region: "河北省沧州市盐山县庆云镇".into(),
            county: "河北省沧州市盐山县".into(),
            industry: "第二产业 / 金属制品业".into(),
            address: "盐山县庆云镇装备大街 108 号".into(),
            email: "finance@hanyuelan.example".into(),
            ..DossierFacts::default()
        }
    }

    #[test]
    fn what_is_shown_holds_no_full_personal_value() {
        let facts = facts();
        let shown = serde_json::to_string(&facts.shown()).expect("plain data");
        for full in [
            &facts.legal_representative,
            &facts.legal_id,
            &facts.contact_phone,
            &facts.address,
            &facts.email,
            &facts.region,
        ] {
            assert!(!shown.contains(full.as_str()), "{full}");
        }
        assert!(shown.contains("顾**") && shown.contains("199****2037"));
    }

    #[test]
    fn a_dossier_of_before_has_no_size_and_says_so() {
        let mut old = serde_json::to_value(facts()).expect("plain data");
        assert_eq!(old.get("size"), None, "nothing is written for nothing");
        let read: DossierFacts = serde_json::from_value(old.clone()).expect("it reads");
        assert_eq!(DossierSize::words(read.shown().size.as_ref()), "未填报");
        old["size"] = serde_json::json!({ "class": "small", "year": 2026 });
        let read: DossierFacts = serde_json::from_value(old).expect("it reads");
        let shown = read.shown();
        assert_eq!(
            DossierSize::words(shown.size.as_ref()),
            "小型企业（2026 年度填报）"
        );
    }

    #[test]
    fn several_files_of_one_item_are_numbered_and_a_single_one_is_not() {
        let of = |files: usize| SupplementItem {
            id: SupplementItemId(uuid::Uuid::nil()),
            round: 1,
            position: 1,
            label: "银行流水".into(),
            hint: String::new(),
            required: true,
            files: (0..files).map(|_| FileId(uuid::Uuid::nil())).collect(),
            answer: String::new(),
            answered_at: None,
        };
        assert_eq!(of(1).label_of(0), "银行流水");
        assert_eq!(of(3).label_of(1), "银行流水（2/3）");
    }

    #[test]
    fn what_does_not_parse_is_hidden_whole() {
        let odd = DossierFacts {
            legal_id: "not a number".into(),
            contact_phone: "12".into(),
            ..facts()
        };
        assert_eq!(
            (
                odd.shown().legal_id.as_str(),
                odd.shown().contact_phone.as_str()
            ),
            ("***", "***")
        );
    }
}
