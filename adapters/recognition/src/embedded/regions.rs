//! Names of places 行政区划 (M-106): names and addresses of companies begin with one, so one that was nearly read is put right, and
//! a text that begins with none is looked at.

use std::{
    ops::Deref,
    sync::{Arc, LazyLock},
};

use application::ports::reference::RegionDirectory;

/// How a text begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// With a place.
    Known,
    /// With a place of which one sign was misread; the text with that sign put right.
    Nearly(String),
    Unknown,
}

/// One of 省, 市, 县 and 区.
#[derive(Debug)]
struct Region {
    code: String,
    name: Vec<char>,
}

/// All regions from 省 to 县.
#[derive(Debug, Default)]
pub struct Regions(Vec<Region>);

type Making = Box<dyn FnOnce() -> Regions + Send>;

/// The list for all readers of a process, whatever their city: made when the first of them looks into it.
#[derive(Clone)]
pub struct SharedRegions(Arc<LazyLock<Regions, Making>>);

impl SharedRegions {
    pub fn of(directory: impl RegionDirectory + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(move || {
            Regions::of(&directory)
        }))))
    }
}

impl Deref for SharedRegions {
    type Target = Regions;

    fn deref(&self) -> &Regions {
        &self.0
    }
}

/// Codes begin with two signs for the province, and two more for the prefecture.
const PROVINCE: usize = 2;
const PREFECTURE: usize = 4;
const ENDINGS: [&str; 6] = ["省", "市", "县", "自治区", "壮族自治区", "地区"];

impl Regions {
    pub fn of(directory: &dyn RegionDirectory) -> Self {
        let mut regions = Vec::new();
        let mut above: Vec<Option<String>> = vec![None];
        for _ in 0..3 {
            let mut found = Vec::new();
            for parent in &above {
                for entry in directory.children(parent.as_deref()) {
                    // The list groups some regions under rows that are no places; full names leave these out.
                    let whole = directory.full_name(&entry.code).unwrap_or_default();
                    if whole.ends_with(&entry.name) {
                        regions.push(Region {
                            code: entry.code.clone(),
                            name: entry.name.chars().collect(),
                        });
                    }
                    found.push(Some(entry.code));
                }
            }
            above = found;
        }
        Self(regions)
    }

    /// How a text begins, where `division` is the region that its credit code names: of two places that a misread one resembles,
    /// the one in that prefecture is meant, or else in that province.
    pub fn start(&self, text: &str, division: Option<&str>) -> Start {
        let signs: Vec<char> = text.chars().collect();
        if self.known(&signs).is_some() {
            return Start::Known;
        }
        division
            .and_then(|code| self.meant(&signs, code))
            .map_or(Start::Unknown, |place| Start::Nearly(put(&signs, 0, place)))
    }

    /// The same of an address, whose places follow one another: 河北省沧州市运河区.
    pub fn address(&self, text: &str, division: Option<&str>) -> Start {
        let signs: Vec<char> = text.chars().collect();
        let Some(first) = self.known(&signs) else {
            return self.start(text, division);
        };
        let (mut within, mut at, mut mended) = (first, first.name.len(), None);
        while signs[..at.min(signs.len())].ends_with(&within.name) {
            let rest = &signs[at..];
            let inside = |region: &&Region| region.lies_in(within);
            if let Some(next) = self
                .0
                .iter()
                .filter(inside)
                .find(|r| rest.starts_with(&r.name))
            {
                (within, at) = (next, at + next.name.len());
                continue;
            }
            let mut near = self.0.iter().filter(inside).filter(|r| r.resembles(rest));
            if let (Some(only), None) = (near.next(), near.next()) {
                mended = Some(put(&signs, at, &only.name));
            }
            break;
        }
        mended.map_or(Start::Known, Start::Nearly)
    }

    /// The longest place that a text begins with, 沧州市 or 沧州.
    fn known(&self, signs: &[char]) -> Option<&Region> {
        self.0
            .iter()
            .filter_map(|region| {
                let short = region.short();
                let length = if signs.starts_with(&region.name) {
                    region.name.len()
                } else if signs.starts_with(short) {
                    short.len()
                } else {
                    return None;
                };
                Some((length, region))
            })
            .max_by_key(|(length, _)| *length)
            .map(|(_, region)| region)
    }

    /// The only place of this prefecture, or else of this province, that a text nearly begins with.
    fn meant(&self, signs: &[char], code: &str) -> Option<&[char]> {
        [PREFECTURE, PROVINCE].into_iter().find_map(|length| {
            let part = code.get(..length)?;
            let mut near = self.0.iter().filter(|region| {
                region.code.starts_with(part)
                    && region.name.last() != Some(&'区')
                    && region.resembles(signs)
            });
            let first = near.next()?;
            near.all(|other| other.name == first.name)
                .then_some(first.name.as_slice())
        })
    }
}

impl Region {
    /// 沧州 for 沧州市. Nothing is left out of 青县, nor of the names of districts, which are not unique without it.
    fn short(&self) -> &[char] {
        let name: String = self.name.iter().collect();
        ENDINGS
            .iter()
            .filter(|ending| name.ends_with(*ending))
            .map(|ending| self.name.len() - ending.chars().count())
            .filter(|left| *left > 1)
            .min()
            .map_or(&self.name, |left| &self.name[..left])
    }

    fn lies_in(&self, other: &Self) -> bool {
        let length = if other.code.ends_with("0000") {
            PROVINCE
        } else if other.code.ends_with("00") {
            PREFECTURE
        } else {
            return false;
        };
        self.code.len() == other.code.len()
            && self.code[..length] == other.code[..length]
            && self.code != other.code
    }

    /// Whether a text begins with this name but for one sign, which is not its last: that says what kind of place it is.
    fn resembles(&self, signs: &[char]) -> bool {
        let length = self.name.len();
        if length < 3 || signs.len() < length || signs[length - 1] != self.name[length - 1] {
            return false;
        }
        let other = self.name.iter().zip(signs).filter(|(a, b)| a != b).count();
        other == 1
    }
}

/// The text with a place from there on.
fn put(signs: &[char], at: usize, place: &[char]) -> String {
    signs[..at]
        .iter()
        .chain(place)
        .chain(signs.iter().skip(at + place.len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reference::Reference;

    const CANGZHOU: Option<&str> = Some("130900");

    fn regions() -> Regions {
        Regions::of(&Reference)
    }

    fn nearly(text: &str) -> Start {
        Start::Nearly(text.to_owned())
    }

    #[test]
    fn a_text_begins_with_a_place_in_full_or_in_short() {
        let regions = regions();
        for text in [
            "沧州市瀚岳澜管道装备有限公司",
            "沧州瀚岳澜商贸有限公司",
            "河北瀚岳澜商贸有限公司",
            "青县瀚岳澜商贸厂",
            "内蒙古瀚岳澜商贸有限公司",
            "天津瀚岳澜商贸有限公司",
        ] {
            assert_eq!(regions.start(text, CANGZHOU), Start::Known, "{text}");
        }
        for text in ["瀚岳澜商贸有限公司", "Z箱包有限责任公司", ""] {
            assert_eq!(regions.start(text, CANGZHOU), Start::Unknown, "{text}");
        }
    }

    #[test]
    fn a_misread_place_is_put_right_where_the_credit_code_leaves_one_choice() {
        let regions = regions();
        assert_eq!(
            regions.start("河疝市成远建筑工程有限公司", CANGZHOU),
            nearly("河间市成远建筑工程有限公司")
        );
        assert_eq!(
            regions.start("邯韩市通润商贸有限公司", CANGZHOU),
            nearly("邯郸市通润商贸有限公司"),
            "in the province"
        );
        assert_eq!(
            regions.start("河疝市成远建筑工程有限公司", None),
            Start::Unknown,
            "河间市, 河池市 or 河源市"
        );
        assert_eq!(
            regions.start("沦县圆枫文化传媒厂", Some("130000")),
            Start::Unknown,
            "two signs say too little"
        );
        assert_eq!(
            regions.start("沦州市圆枫文化传媒厂", Some("139900")),
            Start::Unknown,
            "沧州市, 霸州市, 涿州市 or 定州市"
        );
    }

    #[test]
    fn the_places_of_an_address_lie_in_one_another() {
        let regions = regions();
        let read = |text| regions.address(text, CANGZHOU);
        assert_eq!(read("河北省沧州市运河区解放西路18号"), Start::Known);
        assert_eq!(read("河北省青县朝阳街2号"), Start::Known);
        assert_eq!(
            read("河北省黄双市解放西路11号"),
            nearly("河北省黄骅市解放西路11号")
        );
        assert_eq!(
            read("河北省沧州市运问区解放西路18号"),
            nearly("河北省沧州市运河区解放西路18号")
        );
        assert_eq!(read("迎宾大道56号"), Start::Unknown);
        assert_eq!(read(""), Start::Unknown);
    }
}
