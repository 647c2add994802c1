//! Which cities are served: those that were applied to the database, as their files say. A file that nobody has applied yet is
//! nobody's city, however unfinished it is.

use application::city::{City, Standing};
use domain::ids::TenantId;
use postgres_adapter::AppliedCity;
use tenants::catalog::{self, OnDisk};

use crate::config::Settings;

/// Whose files are read beside those of the applied cities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Newcomers {
    None,
    /// `city apply`.
    One(String),
    /// The demonstration, and a database that knows no city yet.
    All,
}

impl Newcomers {
    fn take(&self, slug: &str) -> bool {
        match self {
            Self::None => false,
            Self::One(one) => one == slug,
            Self::All => true,
        }
    }
}

/// Reads the catalogue for one database. Faults are told together: those of its cities, and those of the one that is being applied.
pub fn read(
    settings: &Settings,
    applied: &[AppliedCity],
    newcomers: &Newcomers,
) -> anyhow::Result<Vec<City>> {
    let files = catalog::on_disk(&settings.catalog)?;
    choose(settings, files, applied, newcomers)
}

/// The same of files that were read before.
pub fn choose(
    settings: &Settings,
    files: Vec<OnDisk>,
    applied: &[AppliedCity],
    newcomers: &Newcomers,
) -> anyhow::Result<Vec<City>> {
    let folder = &settings.catalog;
    let known = |slug: &str| applied.iter().find(|city| city.slug == slug);
    let (mut cities, mut faults) = (Vec::new(), Vec::new());
    for OnDisk {
        slug,
        database,
        city,
    } in files
    {
        let is_here = database == settings.at;
        if known(&slug).is_none_or(AppliedCity::is_closed) && !is_here {
            continue;
        }
        if known(&slug).is_none() && !newcomers.take(&slug) {
            tracing::warn!(city = %slug, "its file was never applied and is left alone");
            continue;
        }
        let asked = matches!(newcomers, Newcomers::One(one) if *one == slug);
        match city {
            Ok(_) if !is_here => faults.push(format!(
                "{slug} lives in {}, but its file names another database: what a city has is not moved by naming another one",
                settings.place()
            )),
            Ok(city) => cities.push(with(city, known(&slug))),
            Err(error) if asked || known(&slug).is_some_and(|city| !city.is_closed()) => {
                faults.push(error.to_string());
            }
            Err(error) => {
                tracing::warn!(city = %slug, %error, "its file is not right and is left alone");
            }
        }
    }
    for city in applied.iter().filter(|city| !city.is_closed()) {
        if !folder.join(format!("{}.toml", city.slug)).is_file() {
            let slug = &city.slug;
            faults.push(format!(
                "the file of {slug} is gone, but {slug} was not removed: `yijianrong city remove {slug}`"
            ));
        }
    }
    anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n"));
    if *newcomers == Newcomers::All {
        leave_out_claimed(&mut cities, applied);
    }
    anyhow::ensure!(
        !cities.is_empty() || settings.at.is_some(),
        "no city of {} was applied to this database: `yijianrong city apply <city>`",
        folder.display()
    );
    Ok(cities)
}

/// One city that was applied, with what the database knows of it.
pub fn of(city: City, applied: &[AppliedCity]) -> anyhow::Result<City> {
    let known = applied.iter().find(|known| known.slug == city.slug);
    anyhow::ensure!(
        known.is_some(),
        "{0} was never applied: `yijianrong city apply {0}`",
        city.slug
    );
    Ok(with(city, known))
}

/// What the database knows of a city beside what its file says; an id of a newcomer is not known yet.
fn with(mut city: City, known: Option<&AppliedCity>) -> City {
    if let Some(known) = known {
        city.id = known.id;
        city.standing = known.standing.clone();
        city.pauses.clone_from(&known.pauses);
    } else {
        (city.id, city.standing) = (TenantId(uuid::Uuid::nil()), Standing::Open);
    }
    city
}

/// A newcomer that claims another city's host is left alone: the other one is served already.
fn leave_out_claimed(cities: &mut Vec<City>, applied: &[AppliedCity]) {
    let is_new = |city: &City| applied.iter().all(|known| known.slug != city.slug);
    let hosts: Vec<String> = cities
        .iter()
        .filter(|city| !is_new(city))
        .flat_map(|city| city.hosts.clone())
        .collect();
    cities.retain(|city| {
        let claimed = city.hosts.iter().find(|host| hosts.contains(host));
        if let (Some(host), true) = (claimed, is_new(city)) {
            tracing::warn!(city = city.slug, host, "its host is another city's already");
            return false;
        }
        true
    });
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        settings: Settings,
    }

    fn applied(slug: &str, standing: Standing) -> AppliedCity {
        AppliedCity {
            id: TenantId(uuid::Uuid::from_u128(7)),
            slug: slug.to_owned(),
            name: String::new(),
            short_name: String::new(),
            standing,
            pauses: Vec::new(),
        }
    }

    struct Folder(PathBuf);

    impl Folder {
        /// 沧州 as shipped, and a draft.
        fn new() -> Self {
            let shipped = Path::new(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../tenants/catalog"
            ));
            let name = format!("yjr-served-{:032x}", rand::random::<u128>());
            let folder = Self(std::env::temp_dir().join(name));
            copy(&shipped.join("cangzhou"), &folder.0.join("cangzhou"));
            let file = shipped.join("cangzhou.toml");
            fs::copy(file, folder.0.join("cangzhou.toml")).expect("a copy");
            fs::write(folder.0.join("draft.toml"), "slug = \"draft\"\nhosts = [").expect("written");
            folder
        }

        fn read(&self, applied: &[AppliedCity], new: &Newcomers) -> Result<Vec<String>, String> {
            self.read_at(None, applied, new)
        }

        fn read_at(
            &self,
            at: Option<&str>,
            applied: &[AppliedCity],
            new: &Newcomers,
        ) -> Result<Vec<String>, String> {
            let catalog = format!("--catalog={}", self.0.display());
            let mut settings = Program::parse_from(["yijianrong", &catalog]).settings;
            settings.at = at.map(str::to_owned);
            let cities = read(&settings, applied, new).map_err(|error| format!("{error:#}"))?;
            Ok(cities.into_iter().map(|city| city.slug).collect())
        }
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("it is there") {
            let entry = entry.expect("it can be read");
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), to).expect("a copy");
            }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn an_unfinished_file_in_the_catalogue_takes_no_city_down() {
        let folder = Folder::new();
        let open = applied("cangzhou", Standing::Open);
        let only = ["cangzhou".to_owned()];
        for new in [Newcomers::None, Newcomers::All] {
            let served = folder.read(std::slice::from_ref(&open), &new);
            assert_eq!(served.as_deref(), Ok(&only[..]), "{new:?}");
        }
        // Who asks for it hears what is wrong with it; so does whoever serves it already.
        let asked = folder.read(
            std::slice::from_ref(&open),
            &Newcomers::One("draft".to_owned()),
        );
        assert!(asked.expect_err("it is refused").contains("draft.toml"));
        let both = [open.clone(), applied("draft", Standing::Open)];
        let served = folder.read(&both, &Newcomers::None);
        assert!(served.expect_err("it is refused").contains("draft.toml"));
        let ended = [open, applied("draft", Standing::Closed(String::new()))];
        let served = folder.read(&ended, &Newcomers::None);
        assert_eq!(served.as_deref(), Ok(&only[..]));
    }

    #[test]
    fn a_database_serves_only_the_cities_whose_files_name_it() {
        let folder = Folder::new();
        let file = folder.0.join("cangzhou.toml");
        let shipped = fs::read_to_string(&file).expect("it is there");
        fs::write(&file, format!("database = \"env:OWN\"\n{shipped}")).expect("written");
        let open = [applied("cangzhou", Standing::Open)];
        let only = ["cangzhou".to_owned()];
        let own = |applied: &[AppliedCity], new| folder.read_at(Some("env:OWN"), applied, new);
        assert_eq!(own(&open, &Newcomers::None).as_deref(), Ok(&only[..]));
        assert_eq!(own(&[], &Newcomers::All).as_deref(), Ok(&only[..]));
        // Nobody applied it there yet: the platform goes on without it.
        assert_eq!(own(&[], &Newcomers::None).as_deref(), Ok(&[][..]));
        let moved = folder.read(&open, &Newcomers::None).expect_err("refused");
        assert!(moved.contains("names another database"), "{moved}");
        let left = [applied("cangzhou", Standing::Closed(String::new()))];
        let nobody = folder.read(&left, &Newcomers::All).expect_err("nobody");
        assert!(nobody.contains("city apply"), "{nobody}");
    }

    #[test]
    fn a_city_whose_file_is_gone_must_have_been_removed() {
        let folder = Folder::new();
        let open = applied("cangzhou", Standing::Open);
        for (standing, refused) in [
            (Standing::Open, true),
            (Standing::Suspended(String::new()), true),
            (Standing::Closed(String::new()), false),
        ] {
            let served = folder.read(&[open.clone(), applied("gone", standing)], &Newcomers::None);
            assert_eq!(served.is_err(), refused, "{served:?}");
        }
        let nobody = folder.read(&[], &Newcomers::None).expect_err("nobody");
        assert!(nobody.contains("city apply"), "{nobody}");
    }
}
