//! 业务代码: the vocabularies that forms of the platform choose from.

use domain::{product::GuaranteeType, size_class::SizeClass};

use super::DictionaryRoom;
use crate::{
    access::Actor,
    error::UseResult,
    ports::reference::{PublishedList, VOCABULARY},
    products::RATE_TERMS,
};

/// Code and word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub code: String,
    pub label: String,
}

/// One vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordList {
    pub code: &'static str,
    pub name: &'static str,
    /// Where it is chosen from.
    pub used: &'static str,
    pub words: Vec<Word>,
}

const GUARANTEES: &str = "guarantee";
const SIZES: &str = "enterprise_size";
const RATES: &str = "rate_term";

/// Code, name, and the form that chooses from it.
const VOCABULARIES: [(&str, &str, &str); 10] = [
    (GUARANTEES, "担保方式", "产品管理、金融超市、统计分析"),
    ("financing_type", "融资类型", "产品管理"),
    ("repayment_method", "还款方式", "产品管理、金融超市"),
    (RATES, "利率口径", "产品管理"),
    ("rate_type", "利率类型", "产品管理"),
    ("collateral_mortgage", "抵押物", "产品管理、金融超市"),
    ("collateral_pledge", "质押物", "产品管理、金融超市"),
    ("financing_purpose", "资金用途", "产品管理"),
    ("institution_type", "机构类型", "机构管理、金融机构"),
    (SIZES, "企业规模", "企业划型、统计分析"),
];

impl DictionaryRoom {
    /// Every vocabulary that is chosen from, with its words.
    pub async fn words(&self, actor: &Actor) -> UseResult<(PublishedList, Vec<WordList>)> {
        self.permit(actor, VOCABULARY).await?;
        let all = VOCABULARIES.map(|(code, name, used)| WordList {
            code,
            name,
            used,
            words: self.words_of(code),
        });
        Ok((self.list(VOCABULARY)?, all.into()))
    }

    fn words_of(&self, code: &str) -> Vec<Word> {
        let word = |code: &str, label: &str| Word {
            code: code.to_owned(),
            label: label.to_owned(),
        };
        match code {
            GUARANTEES => {
                let all = GuaranteeType::ALL.iter();
                all.map(|one| word(one.code(), one.zh())).collect()
            }
            SIZES => {
                let all = SizeClass::ALL.iter();
                all.map(|one| word(one.as_str(), one.label())).collect()
            }
            code => {
                let all = self.words.entries(code).into_iter();
                let offered = all.filter(|one| code != RATES || RATE_TERMS.contains(&one.code));
                offered.map(|one| word(one.code, one.label)).collect()
            }
        }
    }
}
