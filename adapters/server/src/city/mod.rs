//! The cities of a platform 城市: made from a template, checked, applied to the running platform, suspended, closed, taken along and
//! erased.

pub mod apply;
pub mod check;
pub mod draft;
pub mod first;
pub mod follow;
pub mod leave;
pub mod served;
pub mod stand;
pub mod texts;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::config::Settings;

/// What is asked of the cities.
#[derive(Debug, Subcommand)]
pub enum CityAsk {
    /// Writes the files of a new city after the pattern of another one; what is not given is marked in them.
    New {
        #[command(flatten)]
        draft: Box<draft::Draft>,
        #[command(flatten)]
        settings: Box<Settings>,
    },
    /// Names everything that is missing or wrong in a city's files, with its line; ends with 1 when something is.
    Check {
        /// The city's file: tenants/catalog/<city>.toml.
        file: PathBuf,
        /// Where the contracts cannot be read: their secrets are not looked for.
        #[arg(long)]
        without_secrets: bool,
        #[command(flatten)]
        settings: Box<Settings>,
    },
    /// Takes a city's files into the running platform.
    Apply {
        #[command(flatten)]
        one: One,
    },
    /// Closes a city's doors for a while; whoever comes reads why.
    Suspend {
        #[command(flatten)]
        one: One,
        /// A sentence for whoever comes.
        #[arg(long, default_value = "")]
        words: String,
    },
    /// Opens them again.
    Resume {
        #[command(flatten)]
        one: One,
    },
    /// Ends a city's service; nothing is erased.
    Remove {
        #[command(flatten)]
        one: One,
        /// A sentence for whoever comes.
        #[arg(long, default_value = "")]
        words: String,
    },
    /// Writes everything that a city owns into a folder, in open formats; goes on where it was stopped.
    Export {
        #[command(flatten)]
        one: Box<One>,
        #[command(flatten)]
        ask: leave::ExportAsk,
    },
    /// Holds an export against its manifest; ends with 1 when something is missing, changed or too much.
    VerifyExport { folder: PathBuf },
    /// Erases a city that was removed and exported; nothing brings it back. Goes on where it was stopped.
    Erase {
        #[command(flatten)]
        one: Box<One>,
        #[command(flatten)]
        ask: leave::EraseAsk,
    },
    /// Shows the certificate of an erasure, and whether its signature fits.
    Certificate {
        #[command(flatten)]
        one: Box<One>,
    },
    /// Invites one of the city's first two operators; further ones are invited by them.
    Operator {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        person: first::PersonAsk,
    },
    /// Takes an institution into a city; its operators then invite the institution's administrators.
    Bank {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        bank: first::BankAsk,
    },
}

/// A city of the catalogue.
#[derive(Debug, Args)]
pub struct One {
    /// The city, as its file names it.
    pub slug: String,
    #[command(flatten)]
    pub settings: Settings,
}

impl One {
    /// The settings for the database that this city lives in.
    pub fn placed(&self) -> anyhow::Result<Settings> {
        self.settings.of_city(&self.slug)
    }
}

/// Does what was asked; the lines are for the terminal.
pub async fn run(ask: CityAsk) -> anyhow::Result<Vec<String>> {
    match ask {
        CityAsk::New { draft, settings } => draft::write(&draft, &settings),
        CityAsk::Check {
            file,
            without_secrets,
            settings,
        } => {
            let told = check::examine(&settings, &file, !without_secrets);
            told.into_lines(&file)
        }
        CityAsk::Apply { one } => apply::apply(&one).await,
        CityAsk::Suspend { one, words } => stand::close(&one, "suspended", &words).await,
        CityAsk::Resume { one } => stand::open(&one).await,
        CityAsk::Remove { one, words } => stand::close(&one, "closed", &words).await,
        CityAsk::Export { one, ask } => leave::run_export(&one, &ask).await,
        CityAsk::VerifyExport { folder } => leave::run_verify(&folder),
        CityAsk::Erase { one, ask } => leave::run_erase(&one, &ask).await,
        CityAsk::Certificate { one } => leave::run_certificate(&one).await,
        CityAsk::Operator { one, person } => first::operator(&one, &person).await,
        CityAsk::Bank { one, bank } => first::bank(&one, &bank).await,
    }
}
