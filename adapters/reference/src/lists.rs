//! Every list of `data/` with its source as `data/PROVENANCE.md` has it, for the people who work with them.

use crate::{Reference, calendar, industries, prime_rates, regions, size_rules, vocabulary};
use application::ports::reference::{
    HOLIDAYS, INDUSTRIES, PublishedList, PublishedLists, REGIONS, VOCABULARY,
};

impl PublishedLists for Reference {
    fn published_lists(&self) -> Vec<PublishedList> {
        vec![
            PublishedList {
                code: REGIONS,
                name: "行政区划",
                source: "国家统计局《统计用区划代码》；台湾省、香港、澳门按民政部区划代码",
                version: "2023 年版，截至 2023-06-30",
                rows: regions::rows_held(),
            },
            PublishedList {
                code: INDUSTRIES,
                name: "国民经济行业",
                source: "国家标准《国民经济行业分类》",
                version: "GB/T 4754-2017，含第 1 号修改单（2019-03-29 起实施）",
                rows: industries::rows_held(),
            },
            PublishedList {
                code: VOCABULARY,
                name: "业务代码",
                source: "平台整理；企业登记类型按国统字〔2023〕14 号",
                version: "2026-11-23",
                rows: vocabulary::rows_held(),
            },
            PublishedList {
                code: HOLIDAYS,
                name: "放假与调休",
                source: "国务院办公厅节假日安排通知",
                version: "2024 年至 2026 年",
                rows: calendar::rows_held(),
            },
            PublishedList {
                code: "size_rules",
                name: "企业划型标准",
                source: "工信部联企业〔2011〕300 号、国统字〔2017〕213 号",
                version: "2017 年版",
                rows: size_rules::rows_held(),
            },
            PublishedList {
                code: "prime_rates",
                name: "贷款市场报价利率",
                source: "全国银行间同业拆借中心每月公布",
                version: "2021-12-20 至 2026-05-20",
                rows: prime_rates::rows_held(),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use application::ports::reference::{RegionDirectory, WorkCalendarSource};

    #[test]
    fn what_is_said_of_the_lists_is_what_they_hold() {
        let all = Reference.published_lists();
        let rows: Vec<usize> = all.iter().map(|list| list.rows).collect();
        assert_eq!(rows[..4], [44_703, 1_972, 295, 108]);
        let of = |code: &str| {
            all.iter()
                .find(|list| list.code == code)
                .expect("it is there")
        };
        assert!(
            of(REGIONS)
                .version
                .ends_with(&Reference.as_of().to_string())
        );
        let years = Reference.published_calendar();
        let last = format!("至 {} 年", years.years().end());
        assert!(of(HOLIDAYS).version.ends_with(&last));
    }
}
