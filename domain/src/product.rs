//! 融资产品: what an institution offers, and what a request for it may ask.

use crate::{
    values::{Cents, Rate, Term, TermUnit},
    vocabulary,
};

vocabulary! {
    /// 担保方式 (M-307; vocabulary guarantee_method).
    GuaranteeType {
        Mortgage = "mortgage" / "抵押",
        Pledge = "pledge" / "质押",
        Guarantor = "guarantor" / "保证",
        Unsecured = "unsecured" / "信用",
        Combined = "combined" / "组合",
    }
}

vocabulary! {
    /// 产品状态 (M-702 names only 已发布).
    ProductStatus {
        Draft = "draft" / "草稿",
        InReview = "in_review" / "待审核",
        Published = "published" / "已发布",
        OffShelf = "off_shelf" / "已下架",
    }
}

/// What a product allows to be asked: amount, term and rate ranges, all bounds included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductRange {
    pub amount_min: Cents,
    pub amount_max: Cents,
    pub rate_min: Rate,
    pub rate_max: Rate,
    pub term_min: u16,
    pub term_max: u16,
    pub term_unit: TermUnit,
}

/// Why an ask does not fit the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfRange {
    #[error("the amount is outside the product's range")]
    Amount { min: Cents, max: Cents },
    #[error("the term is outside the product's range")]
    Term { min: u16, max: u16, unit: TermUnit },
    #[error("the rate is outside what may be expected")]
    Rate { max_hundredths: i32 },
}

/// The highest rate that anyone may expect or be charged: four times a one-year LPR of 6 %, a ceiling against slips of the hand.
pub(crate) const RATE_CEILING: i32 = 2_400;

impl ProductRange {
    /// Every way in which an ask misses the range; empty when it fits.
    pub fn misses(&self, amount: Cents, term: Term, rate: Rate) -> Vec<OutOfRange> {
        let mut misses = Vec::new();
        if amount < self.amount_min || amount > self.amount_max {
            misses.push(OutOfRange::Amount {
                min: self.amount_min,
                max: self.amount_max,
            });
        }
        if term.unit() != self.term_unit
            || term.value() < self.term_min
            || term.value() > self.term_max
        {
            misses.push(OutOfRange::Term {
                min: self.term_min,
                max: self.term_max,
                unit: self.term_unit,
            });
        }
        if rate.hundredths() > RATE_CEILING {
            misses.push(OutOfRange::Rate {
                max_hundredths: RATE_CEILING,
            });
        }
        misses
    }
}
