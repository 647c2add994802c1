//! Words of other cities that were left in a city's files when they were copied.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use application::city::City;

use super::{Fault, Reading, document::Node};

/// Every line of a city's files that says another city's name, telephone number, operator, or the place where it is. What a city
/// says of itself is no stranger to it, whoever else says the same: two cities may share an operator, or a prefecture. `region`
/// tells the name of a region by its code.
pub fn strangers(
    folder: &Path,
    reading: &Reading,
    others: &[City],
    region: impl Fn(&str) -> Option<String>,
) -> Vec<Fault> {
    let own = reading.root.text_of("slug");
    let files = files_of(folder, reading);
    let ours = own_words(&reading.root, &region);
    let mut faults = Vec::new();
    for city in others.iter().filter(|city| city.slug != own) {
        let mut words = words_of(city, &region);
        words.retain(|word| {
            word.chars().count() >= 2 && !ours.iter().any(|own| own.contains(word.as_str()))
        });
        for file in &files {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            for (number, line) in (1..).zip(text.lines()) {
                if let Some(word) = words.iter().find(|word| line.contains(word.as_str())) {
                    faults.push(Fault {
                        file: file.clone(),
                        line: number,
                        what: format!("{word} is of the city {}", city.slug),
                    });
                }
            }
        }
    }
    faults
}

/// The city's own file and every text that it names.
fn files_of(folder: &Path, reading: &Reading) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = vec![reading.file.clone()];
    let named = ["about_file", "reasons_file"].map(|key| reading.root.text_of(key));
    let texts = reading
        .root
        .get("agreements")
        .map(Node::items)
        .unwrap_or_default();
    let named = named
        .into_iter()
        .chain(texts.iter().map(|text| text.text_of("file")));
    files.extend(
        named
            .filter(|name| !name.is_empty())
            .map(|name| folder.join(name)),
    );
    files
}

/// What another city is known by.
fn words_of(city: &City, region: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut words = vec![
        city.name.clone(),
        city.second_name.clone(),
        city.mini_program_name.clone(),
        city.public_url.clone(),
        city.icp.clone(),
        city.hotline.clone(),
        city.operator_name.clone(),
        city.operator_address.clone(),
    ];
    words.extend(places([
        &city.name,
        &city.operator_name,
        &city.operator_address,
    ]));
    words.extend(region(&city.default_city));
    words
}

/// What a file says of its own city, and where it lies.
fn own_words(root: &Node, region: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let keys = [
        "name",
        "second_name",
        "mini_program_name",
        "tagline",
        "public_site",
        "hotline",
        "icp",
    ];
    let mut words: Vec<String> = keys.map(|key| root.text_of(key).to_owned()).into();
    if let Some(operator) = root.get("operator") {
        words.extend(
            operator
                .texts()
                .into_iter()
                .map(|(_, text)| text.to_owned()),
        );
    }
    if let Some(code) = root.get("region").map(|region| region.text_of("city")) {
        words.extend(region(code));
    }
    words
}

/// 云澜 of 云澜市企业融资服务平台, 沧州 of 河北省沧州市运河区: the cities that names and addresses begin with, each once. An invented
/// city, or one of a county, is not found by its region.
pub fn places<'a>(texts: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    texts
        .into_iter()
        .filter_map(|text| Some(place(text)?.to_owned()))
        .collect()
}

fn place(text: &str) -> Option<&str> {
    let inside = ["省", "自治区"]
        .iter()
        .find_map(|end| text.split_once(end))
        .map_or(text, |(_, rest)| rest);
    let (place, _) = inside.split_once('市')?;
    let signs = place.chars().count();
    // 城市, 超市, 上市, 股市 are no places.
    let plain =
        !place.ends_with(['城', '超', '上', '股']) && place.chars().all(char::is_alphabetic);
    ((2..=5).contains(&signs) && plain).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_in_a_name_and_in_an_address_and_nowhere_else() {
        for (text, found) in [
            ("云澜市企业融资服务平台", Some("云澜")),
            ("河北省沧州市运河区惠企路 16 号", Some("沧州")),
            ("山里的金融超市", None),
            ("智慧城市融资平台", None),
            ("惠企路 8 号，邮市", None),
            ("一键融平台", None),
        ] {
            assert_eq!(place(text), found, "{text}");
        }
    }
}
