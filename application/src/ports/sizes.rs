//! Size declarations 企业划型: what an enterprise said of itself in a year, and every correction of it.

use async_trait::async_trait;
use domain::{
    calendar::local_date,
    ids::{EnterpriseId, UserId},
    size_class::{SizeClass, SizeFigures, SizeRule, class_counts},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{dossiers::DossierSize, store::StoreError};

/// One declaration; a correction is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeDeclaration {
    pub id: Uuid,
    pub year: i32,
    /// 1: the first of the year; more: a correction.
    pub number: i32,
    /// What the enterprise did when it declared: the thresholds are those of this industry.
    pub industry: String,
    pub figures: SizeFigures,
    pub class: SizeClass,
    pub declared_by: UserId,
    pub declared_name: String,
    pub declared_at: OffsetDateTime,
}

impl SizeDeclaration {
    /// What a dossier says of it; nothing once it is too old.
    pub fn snapshot(&self, at: OffsetDateTime) -> Option<DossierSize> {
        class_counts(self.year, local_date(at).year()).then(|| DossierSize {
            class: self.class.as_str().to_owned(),
            year: self.year,
        })
    }

    /// In plain words, by the rule of the industry as it is now.
    pub fn told(&self, rule: Option<&SizeRule>) -> ToldClass {
        // The thresholds of another industry would explain a class that they did not give.
        let Some(rule) = rule.filter(|r| r.classify(self.figures) == Ok(self.class)) else {
            return ToldClass::default();
        };
        ToldClass {
            words: rule.words(self.class),
            reasons: rule.reasons(self.figures).unwrap_or_default(),
            lowered: rule.lowered(self.figures),
        }
    }
}

/// Why a class is what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToldClass {
    /// The thresholds that led to the class; empty once another standard holds.
    pub words: String,
    /// What each figure reached.
    pub reasons: Vec<String>,
    /// The figures reached different classes, and the lowest one decided.
    pub lowered: bool,
}

#[async_trait]
pub trait SizeDeclarations: Send {
    /// The last one of the last year that was declared.
    async fn latest_size(
        &mut self,
        of: EnterpriseId,
    ) -> Result<Option<SizeDeclaration>, StoreError>;

    /// The latest first, so many at most.
    async fn size_history(
        &mut self,
        of: EnterpriseId,
        most: i64,
    ) -> Result<Vec<SizeDeclaration>, StoreError>;

    /// Conflict `size_declarations_in_turn` when another one took its number.
    async fn declare_size(
        &mut self,
        of: EnterpriseId,
        declaration: &SizeDeclaration,
    ) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_dossier_gets_the_class_of_this_year_or_the_last() {
        let declared = SizeDeclaration {
            id: Uuid::nil(),
            year: 2025,
            number: 1,
            industry: "338".to_owned(),
            figures: SizeFigures::default(),
            class: SizeClass::Small,
            declared_by: UserId(Uuid::nil()),
            declared_name: "顾屹舟".to_owned(),
            declared_at: datetime!(2025-03-01 10:00 +8),
        };
        // New Year's Eve in Shanghai is still the day before in Greenwich.
        let last = datetime!(2026-12-31 15:59 UTC);
        assert_eq!(
            declared.snapshot(last).map(|s| (s.class, s.year)),
            Some(("small".to_owned(), 2025))
        );
        assert_eq!(declared.snapshot(datetime!(2026-12-31 16:00 UTC)), None);
    }
}
