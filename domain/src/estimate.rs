//! 额度试算 (W4): what a product's published figures come to for one enterprise. An indication; nobody is promised anything by it.

use crate::{
    product::ProductRange,
    values::{Cents, Ratio},
    vocabulary,
};

/// Indications are cut to a hundredth of 万元, as they are printed; nothing is rounded up.
const STEP: i128 = 10_000;

vocabulary! {
    /// 测算依据: the figure of last year that a published limit counts from.
    BoundBasis {
        Revenue = "revenue" / "上一年度营业收入",
        Tax = "tax" / "上一年度纳税额",
    }
}

vocabulary! {
    /// What the upper end of an indication comes from.
    AmountLimit {
        Product = "product" / "产品最高额度",
        Wanted = "wanted" / "期望融资金额",
        Revenue = "revenue" / "上一年度营业收入",
        Tax = "tax" / "上一年度纳税额",
    }
}

impl BoundBasis {
    const fn limit(self) -> AmountLimit {
        match self {
            Self::Revenue => AmountLimit::Revenue,
            Self::Tax => AmountLimit::Tax,
        }
    }

    /// The published share or multiple of a figure.
    fn cap(self, figure: Cents, ratio: Ratio) -> Cents {
        let parts = match self {
            // Hundredths of a per cent.
            Self::Revenue => 10_000,
            // Hundredths of once.
            Self::Tax => 100,
        };
        let cents = i128::from(figure.cents()) * i128::from(ratio.hundredths()) / parts;
        let cents = cents - cents % STEP;
        let cents = i64::try_from(cents).ok().and_then(|c| Cents::new(c).ok());
        cents.unwrap_or(Cents::MAX)
    }

    /// `不超过上一年度营业收入的 30%`.
    pub fn words(self, ratio: Ratio) -> String {
        let unit = match self {
            Self::Revenue => "%",
            Self::Tax => " 倍",
        };
        format!("不超过{}的 {ratio}{unit}", self.zh())
    }
}

/// 额度测算规则: what an institution publishes beside the range on how much it lends; nothing where it publishes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AmountBounds {
    /// At most this share of last year's 营业收入, in per cent.
    pub revenue_percent: Option<Ratio>,
    /// At most so many times last year's 纳税额.
    pub tax_times: Option<Ratio>,
}

/// Figures of last year as they were typed; `None` is unknown, and never taken for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YearFigures {
    pub revenue: Option<Cents>,
    pub tax: Option<Cents>,
}

/// One published limit, and what it comes to where its figure is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountCap {
    pub basis: BoundBasis,
    pub ratio: Ratio,
    pub amount: Option<Cents>,
}

/// 参考额度.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountEstimate {
    /// From and to, both included; `None`: what it comes to lies below the least that the product lends.
    pub range: Option<(Cents, Cents)>,
    /// What the upper end comes from, whether it is enough or not.
    pub limit: AmountLimit,
    /// Every published limit.
    pub caps: Vec<AmountCap>,
}

impl AmountBounds {
    /// The published limits in their order.
    fn published(&self) -> impl Iterator<Item = (BoundBasis, Ratio)> {
        [
            (BoundBasis::Revenue, self.revenue_percent),
            (BoundBasis::Tax, self.tax_times),
        ]
        .into_iter()
        .filter_map(|(basis, ratio)| Some((basis, ratio?)))
    }

    /// Each limit in words; empty where nothing is published.
    pub fn words(&self) -> Vec<String> {
        self.published()
            .map(|(basis, ratio)| basis.words(ratio))
            .collect()
    }

    /// The product's own range, cut by what is wanted and by every limit whose figure is known.
    pub fn estimate(
        &self,
        range: &ProductRange,
        wanted: Cents,
        figures: YearFigures,
    ) -> AmountEstimate {
        let caps: Vec<AmountCap> = self
            .published()
            .map(|(basis, ratio)| {
                let figure = match basis {
                    BoundBasis::Revenue => figures.revenue,
                    BoundBasis::Tax => figures.tax,
                };
                AmountCap {
                    basis,
                    ratio,
                    amount: figure.map(|f| basis.cap(f, ratio)),
                }
            })
            .collect();
        let known = caps
            .iter()
            .filter_map(|cap| Some((cap.amount?, cap.basis.limit())));
        let cuts = std::iter::once((wanted, AmountLimit::Wanted)).chain(known);
        let all = (range.amount_max, AmountLimit::Product);
        let (high, limit) = cuts.fold(all, |upper, cut| if cut.0 < upper.0 { cut } else { upper });
        AmountEstimate {
            range: (range.amount_min <= high).then_some((range.amount_min, high)),
            limit,
            caps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::{Rate, TermUnit};

    fn wan(wan: u32) -> Cents {
        Cents::from_wan(wan).expect("valid")
    }

    /// 10 to 500 万元.
    fn range() -> ProductRange {
        ProductRange {
            amount_min: wan(10),
            amount_max: wan(500),
            rate_min: Rate::parse("3.60").expect("valid"),
            rate_max: Rate::parse("4.20").expect("valid"),
            term_min: 1,
            term_max: 3,
            term_unit: TermUnit::Year,
        }
    }

    /// 30% of 营业收入, five times 纳税额.
    fn bounds() -> AmountBounds {
        AmountBounds {
            revenue_percent: Ratio::parse("30").ok(),
            tax_times: Ratio::parse("5").ok(),
        }
    }

    fn figures(revenue: Option<u32>, tax: Option<u32>) -> YearFigures {
        YearFigures {
            revenue: revenue.map(wan),
            tax: tax.map(wan),
        }
    }

    #[test]
    fn without_published_limits_it_is_the_products_range_cut_by_what_is_wanted() {
        let none = AmountBounds::default();
        let told = figures(Some(1), Some(0));
        let less = none.estimate(&range(), wan(80), told);
        assert_eq!(less.range, Some((wan(10), wan(80))));
        assert_eq!(
            (less.limit, less.caps),
            (AmountLimit::Wanted, vec![]),
            "figures that nothing counts from are not looked at"
        );
        assert!(none.words().is_empty());
    }

    #[test]
    fn more_than_the_product_lends_is_cut_to_its_most_and_less_than_its_least_is_nothing() {
        let none = AmountBounds::default();
        let more = none.estimate(&range(), wan(501), YearFigures::default());
        assert_eq!(more.range, Some((wan(10), wan(500))));
        assert_eq!(more.limit, AmountLimit::Product);
        let most = none.estimate(&range(), wan(500), YearFigures::default());
        assert_eq!(most.limit, AmountLimit::Product);
        let least = none.estimate(&range(), wan(10), YearFigures::default());
        assert_eq!(least.range, Some((wan(10), wan(10))));
        let too_little = none.estimate(&range(), wan(9), YearFigures::default());
        assert_eq!(
            (too_little.range, too_little.limit),
            (None, AmountLimit::Wanted)
        );
    }

    #[test]
    fn the_lowest_of_the_known_limits_decides() {
        let revenue = bounds().estimate(&range(), wan(400), figures(Some(1_000), Some(70)));
        assert_eq!(revenue.range, Some((wan(10), wan(300))));
        assert_eq!(revenue.limit, AmountLimit::Revenue);
        let tax = bounds().estimate(&range(), wan(400), figures(Some(1_000), Some(20)));
        assert_eq!(tax.range, Some((wan(10), wan(100))));
        assert_eq!(tax.limit, AmountLimit::Tax);
        let amounts: Vec<_> = tax.caps.iter().map(|cap| cap.amount).collect();
        assert_eq!(amounts, [Some(wan(300)), Some(wan(100))]);
    }

    #[test]
    fn no_revenue_is_nothing_and_an_unknown_one_is_no_limit() {
        let none = bounds().estimate(&range(), wan(100), figures(Some(0), None));
        assert_eq!((none.range, none.limit), (None, AmountLimit::Revenue));
        assert_eq!(none.caps[0].amount, Some(Cents::ZERO));
        assert_eq!(none.caps[1].amount, None);
        let unknown = bounds().estimate(&range(), wan(100), YearFigures::default());
        assert_eq!(unknown.range, Some((wan(10), wan(100))));
        assert_eq!(unknown.limit, AmountLimit::Wanted);
        assert!(unknown.caps.iter().all(|cap| cap.amount.is_none()));
    }

    #[test]
    fn a_limit_is_cut_to_what_is_printed_and_never_leaves_the_range_of_money() {
        let share = AmountBounds {
            revenue_percent: Ratio::parse("33.33").ok(),
            tax_times: None,
        };
        // 33.33% of 100.01 万元 is 33.333333 万元.
        let odd = YearFigures {
            revenue: Cents::new(100_010_000).ok(),
            tax: None,
        };
        let cut = share.estimate(&range(), wan(100), odd);
        assert_eq!(
            cut.range.map(|(_, high)| high.format_wan()).as_deref(),
            Some("33.33")
        );
        let huge = AmountBounds {
            revenue_percent: None,
            tax_times: Ratio::new(100_000).ok(),
        };
        let all = YearFigures {
            revenue: None,
            tax: Some(Cents::MAX),
        };
        let most = huge.estimate(&range(), wan(100), all);
        assert_eq!(most.caps[0].amount, Some(Cents::MAX));
        assert_eq!(most.limit, AmountLimit::Wanted);
    }

    #[test]
    fn limits_are_said_as_the_institution_publishes_them() {
        assert_eq!(
            bounds().words(),
            [
                "不超过上一年度营业收入的 30%",
                "不超过上一年度纳税额的 5 倍"
            ]
        );
    }
}
