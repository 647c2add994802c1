//! What of an application is kept as JSON: the facts of its events, and the approval that runs.

use domain::{
    financing::{Approval, ContentHash, DrawFacts, EventDetail, RepaymentFacts, Signature},
    ids::{TenantId, UserId},
    tenant::Role,
    values::{Cents, Rate, Term, TermUnit},
};
use serde::{Deserialize, Serialize};
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};
use uuid::Uuid;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

#[derive(Serialize, Deserialize)]
struct StoredTerms {
    amount_cents: i64,
    rate: i32,
    term: u16,
    term_unit: String,
    valid_until: String,
}

impl StoredTerms {
    fn of(amount: Cents, rate: Rate, term: Term, valid_until: Date) -> Self {
        Self {
            amount_cents: amount.cents(),
            rate: rate.hundredths(),
            term: term.value(),
            term_unit: term.unit().as_str().to_owned(),
            valid_until: valid_until.to_string(),
        }
    }

    fn restore(&self) -> Option<(Cents, Rate, Term, Date)> {
        let unit = TermUnit::parse(&self.term_unit).ok()?;
        Some((
            Cents::new(self.amount_cents).ok()?,
            Rate::new(self.rate).ok()?,
            Term::new(self.term, unit).ok()?,
            Date::parse(&self.valid_until, DAY).ok()?,
        ))
    }
}

fn codes(steps: &[Role]) -> Vec<String> {
    steps.iter().map(|role| role.code().to_owned()).collect()
}

fn roles(codes: &[String]) -> Option<Vec<Role>> {
    codes.iter().map(|code| Role::from_code(code)).collect()
}

fn hash(text: &str) -> Option<ContentHash> {
    let bytes = hex::decode(text).ok()?;
    bytes.try_into().ok().map(ContentHash)
}

/// The column `approval`.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredApproval {
    round: u16,
    steps: Vec<String>,
    signed: Vec<StoredSignature>,
    #[serde(flatten)]
    terms: StoredTerms,
    content: String,
}

#[derive(Serialize, Deserialize)]
struct StoredSignature {
    by: Uuid,
    name: String,
}

impl StoredApproval {
    pub(crate) fn of(approval: &Approval) -> Self {
        let signed = approval.signed.iter().map(|s| StoredSignature {
            by: s.by.0,
            name: s.name.clone(),
        });
        Self {
            round: approval.round,
            steps: codes(&approval.steps),
            signed: signed.collect(),
            terms: StoredTerms::of(
                approval.amount,
                approval.rate,
                approval.term,
                approval.valid_until,
            ),
            content: hex::encode(approval.content.0),
        }
    }

    pub(crate) fn restore(&self) -> Result<Approval, sqlx::Error> {
        let broken = || sqlx::Error::Decode("an approval that the domain does not know".into());
        let (amount, rate, term, valid_until) = self.terms.restore().ok_or_else(broken)?;
        let signed = self.signed.iter().map(|s| Signature {
            by: UserId(s.by),
            name: s.name.clone(),
        });
        Ok(Approval {
            round: self.round,
            steps: roles(&self.steps).ok_or_else(broken)?,
            signed: signed.collect(),
            amount,
            rate,
            term,
            valid_until,
            content: hash(&self.content).ok_or_else(broken)?,
        })
    }
}

/// The column `detail` of an event; the fields alone tell the kinds apart, as the rows of the first release do.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredDetail {
    Proposal {
        approval_round: u16,
        steps: Vec<String>,
        content: String,
        #[serde(flatten)]
        terms: StoredTerms,
    },
    Terms(StoredTerms),
    Supplement {
        round: u8,
        labels: Vec<String>,
    },
    Holder {
        holder: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holder_id: Option<Uuid>,
    },
    Branch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<Uuid>,
        left_name: String,
        branch: Uuid,
        branch_name: String,
    },
    Signed {
        step: u8,
        of: u8,
        content: String,
    },
    Draw {
        draw: u16,
        drawn_cents: i64,
        rate: i32,
        on: String,
        contract_no: String,
        total_cents: i64,
    },
    DrawCorrected {
        draw_corrected: u16,
        was: StoredDraw,
        now: StoredDraw,
        total_cents: i64,
        second: String,
    },
    RepaymentCorrected {
        repayment_was: StoredRepayment,
        repayment_now: StoredRepayment,
        second: String,
    },
    Second {
        second: String,
    },
    None {},
}

/// What a corrected draw said, or says.
#[derive(Serialize, Deserialize)]
struct StoredDraw {
    amount_cents: i64,
    rate: i32,
    on: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_on: Option<String>,
    contract_no: String,
}

impl StoredDraw {
    fn of(facts: &DrawFacts) -> Self {
        Self {
            amount_cents: facts.amount.cents(),
            rate: facts.rate.hundredths(),
            on: facts.on.to_string(),
            due_on: facts.due_on.map(|day| day.to_string()),
            contract_no: facts.contract_no.clone(),
        }
    }

    fn restore(self) -> Option<DrawFacts> {
        let due_on = match self.due_on {
            Some(day) => Some(Date::parse(&day, DAY).ok()?),
            None => None,
        };
        Some(DrawFacts {
            amount: Cents::new(self.amount_cents).ok()?,
            rate: Rate::new(self.rate).ok()?,
            on: Date::parse(&self.on, DAY).ok()?,
            due_on,
            contract_no: self.contract_no,
        })
    }
}

/// What a corrected repayment said, or says.
#[derive(Serialize, Deserialize)]
struct StoredRepayment {
    principal_cents: i64,
    on: String,
}

impl StoredRepayment {
    fn of(facts: RepaymentFacts) -> Self {
        Self {
            principal_cents: facts.principal.cents(),
            on: facts.on.to_string(),
        }
    }

    fn restore(&self) -> Option<RepaymentFacts> {
        Some(RepaymentFacts {
            principal: Cents::new(self.principal_cents).ok()?,
            on: Date::parse(&self.on, DAY).ok()?,
        })
    }
}

pub(crate) fn detail_json(detail: &EventDetail) -> serde_json::Value {
    let stored = match detail {
        EventDetail::None => StoredDetail::None {},
        EventDetail::Holder { id, name } => StoredDetail::Holder {
            holder: name.clone(),
            holder_id: id.map(|id| id.0),
        },
        EventDetail::Supplement { round, labels } => StoredDetail::Supplement {
            round: *round,
            labels: labels.clone(),
        },
        EventDetail::Terms {
            amount,
            rate,
            term,
            valid_until,
        } => StoredDetail::Terms(StoredTerms::of(*amount, *rate, *term, *valid_until)),
        EventDetail::Branch {
            from,
            from_name,
            to,
            to_name,
        } => StoredDetail::Branch {
            left: from.map(|id| id.0),
            left_name: from_name.clone(),
            branch: to.0,
            branch_name: to_name.clone(),
        },
        EventDetail::Proposal {
            round,
            steps,
            amount,
            rate,
            term,
            valid_until,
            content,
        } => StoredDetail::Proposal {
            approval_round: *round,
            steps: codes(steps),
            content: hex::encode(content.0),
            terms: StoredTerms::of(*amount, *rate, *term, *valid_until),
        },
        EventDetail::Signed {
            step,
            steps,
            content,
        } => StoredDetail::Signed {
            step: *step,
            of: *steps,
            content: hex::encode(content.0),
        },
        EventDetail::Draw {
            number,
            amount,
            rate,
            on,
            contract_no,
            total,
        } => StoredDetail::Draw {
            draw: *number,
            drawn_cents: amount.cents(),
            rate: rate.hundredths(),
            on: on.to_string(),
            contract_no: contract_no.clone(),
            total_cents: total.cents(),
        },
        EventDetail::DrawCorrected {
            number,
            was,
            now,
            total,
            second,
        } => StoredDetail::DrawCorrected {
            draw_corrected: *number,
            was: StoredDraw::of(was),
            now: StoredDraw::of(now),
            total_cents: total.cents(),
            second: second.clone(),
        },
        EventDetail::RepaymentCorrected { was, now, second } => StoredDetail::RepaymentCorrected {
            repayment_was: StoredRepayment::of(*was),
            repayment_now: StoredRepayment::of(*now),
            second: second.clone(),
        },
        EventDetail::Second { name } => StoredDetail::Second {
            second: name.clone(),
        },
    };
    // Plain strings and numbers: there is nothing in it that could fail.
    serde_json::to_value(stored).unwrap_or_default()
}

pub(crate) fn detail_of(json: &serde_json::Value) -> Option<EventDetail> {
    Some(match StoredDetail::deserialize(json).ok()? {
        StoredDetail::None {} => EventDetail::None,
        StoredDetail::Holder { holder, holder_id } => EventDetail::Holder {
            id: holder_id.map(UserId),
            name: holder,
        },
        StoredDetail::Supplement { round, labels } => EventDetail::Supplement { round, labels },
        StoredDetail::Terms(terms) => {
            let (amount, rate, term, valid_until) = terms.restore()?;
            EventDetail::Terms {
                amount,
                rate,
                term,
                valid_until,
            }
        }
        StoredDetail::Branch {
            left,
            left_name,
            branch,
            branch_name,
        } => EventDetail::Branch {
            from: left.map(TenantId),
            from_name: left_name,
            to: TenantId(branch),
            to_name: branch_name,
        },
        StoredDetail::Proposal {
            approval_round,
            steps,
            content,
            terms,
        } => {
            let (amount, rate, term, valid_until) = terms.restore()?;
            EventDetail::Proposal {
                round: approval_round,
                steps: roles(&steps)?,
                amount,
                rate,
                term,
                valid_until,
                content: hash(&content)?,
            }
        }
        StoredDetail::Signed { step, of, content } => EventDetail::Signed {
            step,
            steps: of,
            content: hash(&content)?,
        },
        StoredDetail::Draw {
            draw,
            drawn_cents,
            rate,
            on,
            contract_no,
            total_cents,
        } => EventDetail::Draw {
            number: draw,
            amount: Cents::new(drawn_cents).ok()?,
            rate: Rate::new(rate).ok()?,
            on: Date::parse(&on, DAY).ok()?,
            contract_no,
            total: Cents::new(total_cents).ok()?,
        },
        StoredDetail::DrawCorrected {
            draw_corrected,
            was,
            now,
            total_cents,
            second,
        } => EventDetail::DrawCorrected {
            number: draw_corrected,
            was: was.restore()?,
            now: now.restore()?,
            total: Cents::new(total_cents).ok()?,
            second,
        },
        StoredDetail::RepaymentCorrected {
            repayment_was,
            repayment_now,
            second,
        } => EventDetail::RepaymentCorrected {
            was: repayment_was.restore()?,
            now: repayment_now.restore()?,
            second,
        },
        StoredDetail::Second { second } => EventDetail::Second { name: second },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::date;

    use super::*;

    #[test]
    fn the_facts_of_an_event_come_back_as_they_were() {
        let (amount, rate) = (Cents::new(800_000).unwrap(), Rate::new(375).unwrap());
        let term = Term::new(2, TermUnit::Year).unwrap();
        let valid_until = date!(2026 - 12 - 31);
        let content = ContentHash([9; 32]);
        for detail in [
            EventDetail::None,
            EventDetail::Holder {
                id: Some(UserId(Uuid::from_u128(1))),
                name: "钱云诚".into(),
            },
            EventDetail::Supplement {
                round: 2,
                labels: vec!["银行流水".into()],
            },
            EventDetail::Terms {
                amount,
                rate,
                term,
                valid_until,
            },
            EventDetail::Branch {
                from: Some(TenantId(Uuid::from_u128(2))),
                from_name: "运河支行".into(),
                to: TenantId(Uuid::from_u128(3)),
                to_name: "新华支行".into(),
            },
            EventDetail::Proposal {
                round: 1,
                steps: vec![Role::BranchApprover, Role::HqApprover],
                amount,
                rate,
                term,
                valid_until,
                content,
            },
            EventDetail::Signed {
                step: 1,
                steps: 2,
                content,
            },
            EventDetail::Draw {
                number: 1,
                amount,
                rate,
                on: date!(2026 - 11 - 25),
                contract_no: "HT-1".into(),
                total: amount,
            },
            EventDetail::DrawCorrected {
                number: 1,
                was: DrawFacts {
                    amount,
                    rate,
                    on: date!(2026 - 11 - 25),
                    due_on: None,
                    contract_no: "HT-1".into(),
                },
                now: DrawFacts {
                    amount,
                    rate,
                    on: date!(2026 - 11 - 25),
                    due_on: Some(valid_until),
                    contract_no: "HT-2".into(),
                },
                total: amount,
                second: "林述".into(),
            },
            EventDetail::RepaymentCorrected {
                was: RepaymentFacts {
                    principal: amount,
                    on: date!(2026 - 11 - 24),
                },
                now: RepaymentFacts {
                    principal: amount,
                    on: date!(2026 - 11 - 25),
                },
                second: "林述".into(),
            },
            EventDetail::Second {
                name: "林述".into(),
            },
        ] {
            assert_eq!(detail_of(&detail_json(&detail)), Some(detail));
        }
    }

    #[test]
    fn rows_of_the_first_release_are_still_read() {
        let holder = detail_of(&json!({ "holder": "钱云诚" }));
        assert_eq!(
            holder,
            Some(EventDetail::Holder {
                id: None,
                name: "钱云诚".into()
            })
        );
        assert_eq!(detail_of(&json!({})), Some(EventDetail::None));
    }
}
