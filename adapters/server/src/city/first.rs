//! The first people of a city, and its institutions: what nobody inside can do before somebody is there.

use std::sync::Arc;

use application::{
    access::Guard,
    city::{City, Standing},
    error::UseError,
    institutions::InstitutionForm,
    people::{FirstOperator, Issued},
};
use domain::ids::TenantId;
use tenants::catalog::{self, Directory};

use super::{One, apply::address, served};
use crate::{
    database::{Database, stable_id},
    wire::{self, Parts},
};

/// Who is to be an operator, or one of a province's people.
#[derive(Debug, clap::Args)]
pub struct PersonAsk {
    #[arg(long)]
    pub name: String,
    /// Eleven digits: the link is sent there.
    #[arg(long)]
    pub phone: String,
    /// The sign-in name.
    #[arg(long)]
    pub account: String,
}

/// An institution.
#[derive(Debug, clap::Args)]
pub struct BankAsk {
    #[arg(long)]
    name: String,
    #[arg(long)]
    short_name: String,
    /// A code of the vocabulary institution_type, or financial_holding for the platform's own company.
    #[arg(long, default_value = "city_bank")]
    r#type: String,
    /// Of its licence.
    #[arg(long, default_value = "")]
    licence_no: String,
    #[arg(long, default_value = "")]
    hotline: String,
    #[arg(long, default_value = "")]
    address: String,
    #[arg(long, default_value = "")]
    intro: String,
}

/// Prints a link for 24 hours; the message to the phone carries the same.
pub async fn operator(one: &One, ask: &PersonAsk) -> anyhow::Result<Vec<String>> {
    let (database, parts, city) = inside(one).await?;
    let reach = parts.door.reach(city.id).await?;
    let wanted = FirstOperator {
        name: ask.name.clone(),
        phone: ask.phone.clone(),
        account: ask.account.clone(),
        address: format!("{}/staff/link/", address(&one.settings, &city)),
    };
    let permit = Guard::job(city.id, Arc::from(reach));
    let done = wire::people::uses(&parts)
        .first_operator(&permit, wanted)
        .await;
    database.close().await;
    Ok(invited(done.map_err(|error| told(&error))?))
}

/// The link, for the terminal.
pub(crate) fn invited(issued: Issued) -> Vec<String> {
    let said = if issued.renewed {
        "was invited before and has not come: the old link is over, the new one is good for 24 hours, once:"
    } else {
        "is invited; the link is good for 24 hours, once:"
    };
    vec![
        format!("{} ({}) {said}", issued.name, issued.account),
        issued.link,
    ]
}

/// Takes an institution in; the same name twice changes nothing.
pub async fn bank(one: &One, ask: &BankAsk) -> anyhow::Result<Vec<String>> {
    let (database, parts, city) = inside(one).await?;
    let done = take_in(&parts, &city, ask).await;
    database.close().await;
    done
}

async fn take_in(parts: &Parts, city: &City, ask: &BankAsk) -> anyhow::Result<Vec<String>> {
    let reach = parts.door.reach(city.id).await?;
    let form = InstitutionForm {
        name: ask.name.clone(),
        short_name: ask.short_name.clone(),
        kind: ask.r#type.clone(),
        licence_no: ask.licence_no.clone(),
        hotline: ask.hotline.clone(),
        address: ask.address.clone(),
        intro: ask.intro.clone(),
    };
    let id = TenantId(stable_id(&["institution", &city.slug, &ask.name]));
    let permit = Guard::job(city.id, Arc::from(reach));
    let room = wire::catalogue::institutions(parts);
    room.take_in(&permit, id, &form)
        .await
        .map_err(|error| told(&error))?;
    Ok(vec![format!(
        "{} is an institution of {}",
        ask.name, city.slug
    )])
}

/// The words of a refusal, or of every flag that was wrong.
pub(crate) fn told(error: &UseError) -> anyhow::Error {
    if error.fields.is_empty() {
        return anyhow::anyhow!("{}", web::words::error_text(error));
    }
    let flags = error.fields.iter().map(|field| {
        let flag = match field.field.as_str() {
            "kind" => "type".to_owned(),
            name => name.replace('_', "-"),
        };
        format!("--{flag}: {}", web::words::field_text(field))
    });
    anyhow::anyhow!("{}", flags.collect::<Vec<_>>().join("\n"))
}

/// The adapters of this program for one city, without serving.
async fn inside(one: &One) -> anyhow::Result<(Database, Parts, City)> {
    let settings = &one.settings;
    let file = settings.catalog.join(format!("{}.toml", one.slug));
    let city = catalog::read_one(&settings.catalog, &file)?;
    let keys = crate::keys(settings)?;
    let database = Database::join(&one.placed()?).await?;
    let entered = async {
        let applied = postgres_adapter::PgDoor::new(database.app.clone())
            .applied_cities()
            .await?;
        let city = served::of(city, &applied)?;
        anyhow::ensure!(
            !matches!(city.standing, Standing::Closed(_)),
            "{0} was removed and takes nobody in: `yijianrong city resume {0}` opens it again",
            city.slug
        );
        let cities = Arc::new(Directory::new(vec![city.clone()])?);
        let outside = crate::outside(settings, cities, keys, database.app.clone())?;
        anyhow::Ok((Parts::assemble(outside).await?, city))
    }
    .await;
    match entered {
        Ok((parts, city)) => Ok((database, parts, city)),
        Err(error) => {
            database.close().await;
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use application::error::Checks;

    use super::*;

    #[test]
    fn what_was_wrong_is_told_by_its_flag() {
        let mut checks = Checks::default();
        for (field, code) in [
            ("phone", "phone_number.malformed"),
            ("short_name", "people.node_missing"),
            ("kind", "people.node_missing"),
        ] {
            checks.push(application::error::FieldError::new(field, code));
        }
        let told = told(&checks.into_error()).to_string();
        let lines: Vec<&str> = told.lines().collect();
        assert!(lines[0].starts_with("--phone: "), "{told}");
        assert!(lines[1].starts_with("--short-name: "), "{told}");
        assert!(lines[2].starts_with("--type: "), "{told}");
    }
}
