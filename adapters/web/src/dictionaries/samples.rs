//! Every page of the room in every shape, for the test that draws them.

use application::{
    dictionaries::{
        DictionaryIndex, IndustryLine, IndustrySheet, ListAsk, RegionLine, RegionPowers,
        RegionSheet, RegionStanding, Word, WordList,
    },
    ports::reference::{
        HOLIDAYS, INDUSTRIES, IndustryEntry, PublishedList, REGIONS, RegionEntry, VOCABULARY,
    },
};
use domain::regions::{RegionChange, RegionDeed};
use serde_json::Value;
use time::macros::date;

use super::{IndexPage, ListPage, crumbs, index_table, industries, regions, words};

const fn list(code: &'static str) -> PublishedList {
    PublishedList {
        code,
        name: "字典",
        source: "来源",
        version: "版本",
        rows: 3,
    }
}

fn powers(full: bool) -> RegionPowers {
    RegionPowers {
        see: true,
        propose: full,
        waits: !full,
    }
}

fn regions_of(nasty: &str, full: bool) -> RegionSheet {
    let change = |deed: RegionDeed| RegionChange {
        deed,
        on: date!(2026 - 12 - 01),
        name: nasty.to_owned(),
        was: nasty.to_owned(),
        successor: None,
    };
    let entry = |level: u8| RegionEntry {
        code: "130903100".to_owned(),
        name: nasty.to_owned(),
        level,
        has_children: level < 4,
    };
    let line = |standing, deed| RegionLine {
        entry: entry(4),
        standing,
        changes: vec![(change(deed), Some(nasty.to_owned()))],
        own: true,
    };
    let rows = vec![
        line(RegionStanding::Standing, RegionDeed::Rename),
        line(RegionStanding::Ended, RegionDeed::End),
        line(RegionStanding::Coming, RegionDeed::Add),
        RegionLine {
            entry: entry(3),
            standing: RegionStanding::Standing,
            changes: Vec::new(),
            own: false,
        },
    ];
    RegionSheet {
        list: list(REGIONS),
        path: if full {
            vec![entry(1), entry(2)]
        } else {
            Vec::new()
        },
        rows: if full { rows } else { Vec::new() },
        next: full.then(|| "130903100".to_owned()),
        powers: powers(full),
    }
}

fn industries_of(nasty: &str, full: bool) -> IndustrySheet {
    let entry = |code: &str| IndustryEntry {
        code: code.to_owned(),
        name: nasty.to_owned(),
        has_children: code.len() < 4,
    };
    let line = |code: &str| IndustryLine {
        entry: entry(code),
        sector: nasty.to_owned(),
    };
    IndustrySheet {
        list: list(INDUSTRIES),
        path: if full { vec![entry("A")] } else { Vec::new() },
        rows: if full {
            vec![line("01"), line("0111")]
        } else {
            Vec::new()
        },
        next: full.then(|| "0111".to_owned()),
    }
}

/// The pages in their shapes, with values that must be escaped.
pub fn samples() -> Vec<(&'static str, Value)> {
    let nasty = "<b>\"'\\&</b>长名称".repeat(3);
    let asked = |words: &str| ListAsk {
        at: "130903".to_owned(),
        words: words.to_owned(),
        after: "130903100".to_owned(),
    };
    let words_of = |full: bool| {
        let word = Word {
            code: nasty.clone(),
            label: nasty.clone(),
        };
        let all = [WordList {
            code: "guarantee",
            name: "担保方式",
            used: "产品管理",
            words: vec![word],
        }];
        let of = if full { "guarantee" } else { "" };
        words::page(&list(VOCABULARY), &all, of)
    };
    let mut all = Vec::new();
    for full in [true, false] {
        let index = DictionaryIndex {
            lists: [REGIONS, INDUSTRIES, VOCABULARY, HOLIDAYS, "size_rules"]
                .map(list)
                .into(),
            own: 2,
            powers: powers(full),
            calendar: full,
        };
        let index = IndexPage {
            crumbs: crumbs(None),
            table: index_table(&index),
        };
        all.push((
            IndexPage::TEMPLATE,
            serde_json::to_value(index).unwrap_or_default(),
        ));
        for typed in ["", nasty.as_str()] {
            for page in [
                regions::page(&regions_of(&nasty, full), &asked(typed)),
                industries::page(&industries_of(&nasty, full), &asked(typed)),
                words_of(full),
            ] {
                let page = serde_json::to_value(page).unwrap_or_default();
                all.push((ListPage::TEMPLATE, page));
            }
        }
    }
    all
}
