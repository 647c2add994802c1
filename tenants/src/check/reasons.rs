//! Reasons 不通过原因 and the other lists to pick from, which stand in a file of their own.

use std::sync::Arc;

use application::city::{IntakeRefusal, RejectionReason, SupplementTemplate};
use serde::{Deserialize, Deserializer};

/// Cities that have one file in common have its lists in common.
#[derive(Clone, Deserialize)]
pub struct Reasons {
    #[serde(deserialize_with = "list::<RejectionPart, _, _>")]
    pub rejections: Arc<Vec<RejectionReason>>,
    #[serde(deserialize_with = "list::<RefusalPart, _, _>")]
    pub intake_refusals: Arc<Vec<IntakeRefusal>>,
    #[serde(deserialize_with = "list::<SupplementPart, _, _>")]
    pub supplement_items: Arc<Vec<SupplementTemplate>>,
}

fn list<'de, Part, T, D>(from: D) -> Result<Arc<Vec<T>>, D::Error>
where
    Part: Deserialize<'de>,
    T: From<Part>,
    D: Deserializer<'de>,
{
    let parts = Vec::<Part>::deserialize(from)?;
    Ok(Arc::new(parts.into_iter().map(T::from).collect()))
}

#[derive(Deserialize)]
struct RejectionPart {
    code: String,
    label: String,
    repairable: bool,
    repair_tip: String,
    reapply_days: u16,
}

impl From<RejectionPart> for RejectionReason {
    fn from(part: RejectionPart) -> Self {
        Self {
            code: part.code,
            label: part.label,
            repairable: part.repairable,
            tip: part.repair_tip,
            reapply_days: part.reapply_days,
            active: true,
        }
    }
}

#[derive(Deserialize)]
struct RefusalPart {
    code: String,
    label: String,
    tip: String,
}

impl From<RefusalPart> for IntakeRefusal {
    fn from(part: RefusalPart) -> Self {
        Self {
            code: part.code,
            label: part.label,
            tip: part.tip,
            active: true,
        }
    }
}

#[derive(Deserialize)]
struct SupplementPart {
    code: String,
    label: String,
    hint: String,
    required: bool,
}

impl From<SupplementPart> for SupplementTemplate {
    fn from(part: SupplementPart) -> Self {
        Self {
            code: part.code,
            label: part.label,
            hint: part.hint,
            required: part.required,
            active: true,
        }
    }
}
