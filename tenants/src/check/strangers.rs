//! Words of other cities that were left in a city's files when they were copied.

use std::path::{Path, PathBuf};

use application::city::City;

use super::{Fault, Reading, document::Node};

/// Every line of a city's files that says another city's name, telephone number, operator, or the place where it is.
pub fn strangers(
    folder: &Path,
    reading: &Reading,
    others: &[City],
    place: impl Fn(&City) -> Option<String>,
) -> Vec<Fault> {
    let own = reading.root.text_of("slug");
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
    let ours: Vec<&str> = reading.root.texts().iter().map(|(_, text)| *text).collect();
    let mut faults = Vec::new();
    for city in others.iter().filter(|city| city.slug != own) {
        let mut words = vec![
            city.name.clone(),
            city.second_name.clone(),
            city.mini_program_name.clone(),
            city.public_url.clone(),
            city.icp.clone(),
        ];
        // Two cities may have one operator, when both say so.
        let shared = [&city.hotline, &city.operator_name, &city.operator_address];
        let theirs = shared
            .into_iter()
            .filter(|word| !ours.contains(&word.as_str()));
        words.extend(theirs.cloned());
        words.extend(place(city));
        words.retain(|word| word.chars().count() >= 2);
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
