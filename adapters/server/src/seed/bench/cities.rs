//! City files of the data set: the first city's file under other names and hosts.

use std::{fs, path::Path};

use anyhow::Context as _;
use application::city::City;
use tenants::catalog;

/// The city whose file is the model.
const MODEL: &str = "cangzhou";

/// Writes the catalogue and reads it back as the program will.
pub fn write(model: &Path, to: &Path, cities: usize) -> anyhow::Result<Vec<City>> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    copy_folder(&model.join(MODEL), &to.join(MODEL))?;
    let path = model.join(format!("{MODEL}.toml"));
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let city: toml::Table = toml::from_str(&text)?;
    for number in 1..=cities {
        let slug = format!("t{number:02}");
        let mut city = city.clone();
        let mut set = |key: &str, value: toml::Value| city.insert(key.to_owned(), value);
        set("slug", slug.clone().into());
        set("name", format!("第{number:02}市企业融资服务平台").into());
        set("second_name", format!("融资平台{number:02}").into());
        set("hosts", vec![format!("{slug}.localhost")].into());
        // No two cities have one mini-program, and none of these is measured.
        set(
            "wechat",
            toml::Table::from_iter([("kind".to_owned(), "none".into())]).into(),
        );
        fs::write(to.join(format!("{slug}.toml")), toml::to_string(&city)?)?;
    }
    Ok(catalog::read(to)?)
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
