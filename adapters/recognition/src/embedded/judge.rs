//! What a licence's names and addresses look like. What looks otherwise is put right where one way is left, and marked 请核对 in any
//! case.

use super::{
    licence::{ENDINGS, Slot},
    regions::{Regions, Start},
};
use crate::texts::{Text, close};

/// What does not look as it should is at best this sure.
const DOUBTFUL: u8 = 65;
/// What a 厂 at the end of a name is taken for; no name ends so.
const MISREAD_FACTORY: [char; 5] = ['三', '广', '厅', '了', '尸'];
/// What an address is not written with.
const STRANGE: &[char] = &[
    '[', ']', '{', '}', '|', '<', '>', '《', '》', '!', '?', '\'', '"', '“', '”', '=', '*', '。',
    ':',
];
/// What follows the digits of an address.
const COUNTED: &str = "号楼单元室层座栋幢弄排组巷米公村队路街道区期段门井院厂房铺商底区国省县乡高甲乙丙东西南北之至第";

/// What judges the text of a field, where the credit code names the region.
pub type Judge = fn(Text, &Regions, Option<&str>) -> Text;

pub fn of(slot: Slot) -> Option<Judge> {
    match slot {
        Slot::Name => Some(name),
        Slot::Address => Some(address),
        _ => None,
    }
}

/// 名称.
fn name(text: Text, regions: &Regions, division: Option<&str>) -> Text {
    let Text { text, confidence } = text;
    let read = close(&text);
    let begun = without_heading(&read);
    let factory = begun
        .strip_suffix(MISREAD_FACTORY)
        .map(|before| format!("{before}厂"));
    let mended = factory.unwrap_or_else(|| begun.to_owned());
    let (mended, placed) = match regions.start(&mended, division) {
        Start::Known => (mended, true),
        Start::Nearly(better) => (better, true),
        Start::Unknown => (mended, false),
    };
    let ended = ENDINGS.iter().any(|ending| mended.ends_with(ending));
    let clean = mended
        .chars()
        .all(|c| c.is_alphanumeric() || "（）·".contains(c));
    let whole = placed && ended && clean && mended == read;
    Text::new(
        mended,
        if whole {
            confidence
        } else {
            confidence.min(DOUBTFUL)
        },
    )
}

/// No name begins with a bracket: the one before it is the （副本） of the heading, however it was read.
fn without_heading(name: &str) -> &str {
    name.strip_prefix('（')
        .and_then(|rest| rest.split_once('）'))
        .map_or(name, |(_, after)| after)
}

/// 住所.
fn address(text: Text, regions: &Regions, division: Option<&str>) -> Text {
    let Text { text, confidence } = text;
    let read = close(&text);
    let (mended, placed) = match regions.address(&read, division) {
        Start::Known => (read.clone(), true),
        Start::Nearly(better) => (better, true),
        Start::Unknown => (read.clone(), false),
    };
    let whole = placed && mended == read && tidy(&read);
    Text::new(
        mended,
        if whole {
            confidence
        } else {
            confidence.min(DOUBTFUL)
        },
    )
}

/// Brackets in pairs, and digits that count something.
fn tidy(address: &str) -> bool {
    let mut open = 0_i32;
    let mut before = ' ';
    for sign in address.chars() {
        match sign {
            '（' => open += 1,
            '）' => open -= 1,
            _ => {}
        }
        let counts = sign.is_ascii() || "（）、，-—~～".contains(sign) || COUNTED.contains(sign);
        if open < 0 || STRANGE.contains(&sign) || (before.is_ascii_digit() && !counts) {
            return false;
        }
        before = sign;
    }
    open == 0 && !before.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reference::Reference;

    const HEBEI: Option<&str> = Some("130000");

    fn judged(judge: Judge, text: &str) -> (String, u8) {
        let text = judge(Text::new(text, 90), &Regions::of(&Reference), HEBEI);
        (text.text, text.confidence)
    }

    #[test]
    fn a_name_begins_with_a_place_and_ends_with_a_form() {
        for (read, meant, confidence) in [
            ("沧州市瀚岳澜商贸有限公司", "沧州市瀚岳澜商贸有限公司", 90),
            ("任丘市虎合越泰铸造厂", "任丘市虎合越泰铸造厂", 90),
            ("任丘市虎合越泰铸造三", "任丘市虎合越泰铸造厂", 65),
            ("邯韩市通润商贸有限公司", "邯郸市通润商贸有限公司", 65),
            ("（剧本）沧县圆枫文化传媒厂", "沧县圆枫文化传媒厂", 65),
            ("Z箱包有限责任公司", "Z箱包有限责任公司", 65),
            ("沧州市瀚岳澜商贸有限公", "沧州市瀚岳澜商贸有限公", 65),
            ("沧州市瀚”岳澜有限公司", "沧州市瀚”岳澜有限公司", 65),
        ] {
            assert_eq!(judged(name, read), (meant.to_owned(), confidence), "{read}");
        }
    }

    #[test]
    fn an_address_that_looks_odd_is_to_be_looked_at() {
        for (read, meant, confidence) in [
            (
                "河北省沧州市运河区解放西路18号（北侧院内)",
                "河北省沧州市运河区解放西路18号（北侧院内）",
                90,
            ),
            (
                "河北省沧县清池大道244号A座1638室",
                "河北省沧县清池大道244号A座1638室",
                90,
            ),
            (
                "河北省沧县黄河东路134号5楼1-2395室",
                "河北省沧县黄河东路134号5楼1-2395室",
                90,
            ),
            ("河北省任丘市解放西路5]号", "河北省任丘市解放西路5]号", 65),
            (
                "河北省石家庄新华路63号2单元535玖",
                "河北省石家庄新华路63号2单元535玖",
                65,
            ),
            (
                "河北省沧县庆云镇装备大街250号A座2033",
                "河北省沧县庆云镇装备大街250号A座2033",
                65,
            ),
            (
                "河北省衡水市朝阳街266号（北侧院内",
                "河北省衡水市朝阳街266号（北侧院内",
                65,
            ),
            ("河北省黄双市解放西路11号", "河北省黄骅市解放西路11号", 65),
            (
                "（自然人独资）河北省献县经",
                "（自然人独资）河北省献县经",
                65,
            ),
        ] {
            assert_eq!(
                judged(address, read),
                (meant.to_owned(), confidence),
                "{read}"
            );
        }
    }
}
