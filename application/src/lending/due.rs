//! What of a loan is due next: repayments count towards what was due first, as in 贷后台账.

use domain::values::Cents;
use time::Date;

use super::paid_back;
use crate::ports::lending::{StoredDraw, StoredRepayment};

/// Draws with a due day that the repayments do not reach, the longest due first.
pub fn unpaid<'a>(draws: &'a [StoredDraw], repaid: &[StoredRepayment]) -> Vec<&'a StoredDraw> {
    let paid = paid_back(repaid);
    let mut ordered: Vec<&StoredDraw> = draws.iter().collect();
    ordered.sort_by_key(|draw| (draw.due_on.is_none(), draw.due_on, draw.number));
    let mut upto = 0;
    ordered.retain(|draw| {
        upto += draw.amount.cents();
        draw.due_on.is_some() && upto > paid
    });
    ordered
}

/// The next day on which principal is due, and how much of it.
pub(crate) fn next_due(draws: &[StoredDraw], repaid: &[StoredRepayment]) -> Option<(Date, Cents)> {
    let on = unpaid(draws, repaid).first()?.due_on?;
    let paid = paid_back(repaid);
    let until = draws
        .iter()
        .filter(|draw| draw.due_on.is_some_and(|due| due <= on));
    let upto: i64 = until.map(|draw| draw.amount.cents()).sum();
    Some((on, Cents::new(upto - paid).ok()?))
}

#[cfg(test)]
mod tests {
    use domain::{
        ids::{DrawId, RepaymentId},
        values::Rate,
    };
    use time::{OffsetDateTime, macros::date};
    use uuid::Uuid;

    use super::*;

    fn draw(number: u16, wan: i64, due_on: Option<Date>) -> StoredDraw {
        StoredDraw {
            id: DrawId(Uuid::from_u128(number.into())),
            number,
            amount: Cents::new(wan * 1_000_000).expect("an amount"),
            rate: Rate::new(375).expect("a rate"),
            on: date!(2026 - 01 - 05),
            due_on,
            contract_no: format!("HT-{number}"),
            recorded_by: None,
            recorded_name: String::new(),
            at: OffsetDateTime::UNIX_EPOCH,
            confirmed_at: None,
            disputed_at: None,
            dispute: String::new(),
            settled_note: String::new(),
            settled_at: None,
        }
    }

    fn repaid(wan: i64) -> Vec<StoredRepayment> {
        vec![StoredRepayment {
            id: RepaymentId(Uuid::nil()),
            principal: Cents::new(wan * 1_000_000).expect("an amount"),
            on: date!(2026 - 06 - 01),
            balance: Cents::ZERO,
            recorded_by: None,
            recorded_name: String::new(),
            at: OffsetDateTime::UNIX_EPOCH,
        }]
    }

    #[test]
    fn repayments_count_towards_what_was_due_first() {
        let (near, far) = (date!(2026 - 12 - 20), date!(2027 - 03 - 01));
        let draws = [
            draw(1, 5, Some(far)),
            draw(2, 3, Some(near)),
            draw(3, 2, Some(near)),
            draw(4, 1, None),
        ];
        let wan = |wan: i64| Cents::new(wan * 1_000_000).expect("an amount");
        for (paid, next, numbers) in [
            (0, Some((near, wan(5))), vec![2, 3, 1]),
            (3, Some((near, wan(2))), vec![3, 1]),
            (5, Some((far, wan(5))), vec![1]),
            (6, Some((far, wan(4))), vec![1]),
            (10, None, vec![]),
        ] {
            let repaid = repaid(paid);
            assert_eq!(next_due(&draws, &repaid), next, "{paid}");
            let left = unpaid(&draws, &repaid);
            let left: Vec<u16> = left.iter().map(|draw| draw.number).collect();
            assert_eq!(left, numbers, "{paid}");
        }
    }
}
