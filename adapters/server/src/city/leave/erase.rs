//! `city erase`: only a city that was removed, only against an export that holds everything it still has, and never anything of another
//! city: the database shows the role that erases no other row. One that was stopped goes on; nothing brings the city back.

use std::{path::Path, time::Duration};

use domain::ids::TenantId;
use postgres_adapter::leaving::{
    CityRow, CitySnapshot, Erasure, Erasures, OwnedTable, SWEPT, owned_tables,
};
use serde_json::json;

use crate::provinces;

use super::{
    EraseAsk, Leaving, Tell, by_name, certificate,
    export::PURPOSE,
    manifest::{self, Verified},
};

/// Rows that one transaction deletes.
const BATCH: i64 = 500;
/// Objects between two notes of how many went.
const NOTE_EVERY: usize = 100;

/// Erases a city; the lines are for the terminal.
pub async fn erase(
    leaving: &Leaving,
    slug: &str,
    ask: &EraseAsk,
    tell: Tell<'_>,
) -> anyhow::Result<Vec<String>> {
    anyhow::ensure!(
        ask.yes_really == slug,
        "--yes-really must name the city: {slug} is not {}",
        ask.yes_really
    );
    let last = Erasures::last(&leaving.owner, slug).await?;
    let row = postgres_adapter::leaving::city_row(&leaving.owner, slug).await?;
    let Some(city) = row else {
        // Done before: the certificate is written once more.
        let done = last.filter(|erasure| erasure.finished_at.is_some());
        let done =
            done.ok_or_else(|| anyhow::anyhow!("there is no city {slug} in the database"))?;
        let mut lines = vec![format!("{slug} was erased before")];
        lines.extend(certificate::write(leaving, &done, &ask.export).await?);
        return Ok(lines);
    };
    anyhow::ensure!(
        city.status == "closed",
        "{slug} was not removed: `yijianrong city remove {slug}` ends its service first"
    );
    let lock = leaving.lock(&city).await?;
    tell("the export is held against its manifest");
    let verified = manifest::verify(&ask.export)?;
    let sha256 = belongs(leaving, &city, &verified, ask)?;
    let tables = owned_tables(&leaving.owner).await?;
    let erasures = Erasures {
        owner: leaving.owner.clone(),
        city: TenantId(city.id),
    };
    if let Some(begun) = last.filter(|erasure| erasure.finished_at.is_none()) {
        anyhow::ensure!(
            begun.manifest_sha256 == sha256,
            "the erasure of {slug} was begun with another export: name that one"
        );
    } else {
        nothing_new(leaving, &city, &tables, &verified).await?;
        let erasure = begun(leaving, &city, &verified, sha256, ask)?;
        erasures.start(&erasure).await?;
    }
    let begun = Erasures::last(&leaving.owner, slug).await?;
    let begun = begun.ok_or_else(|| anyhow::anyhow!("the record of the erasure is gone"))?;
    // What a province was told of it, when it stands in this database.
    provinces::forget(&*leaving.store, &leaving.door, TenantId(city.id)).await?;
    objects(leaving, &erasures, &begun, tell).await?;
    rows(&erasures, &tables, tell).await?;
    // What a worker put there meanwhile.
    objects(leaving, &erasures, &begun, tell).await?;
    let closing = erasures.close(&tables).await?;
    let at = leaving.clock.now();
    let text = certificate::text(&closing.erasure, at)?;
    let signature = leaving.tokens.sign(certificate::PURPOSE, &[&text]);
    let done = closing.commit(at, &text, &signature).await?;
    drop(lock);
    let mut lines = vec![format!(
        "{slug} is erased: {} rows and {} objects",
        done.rows_erased.values().sum::<i64>(),
        done.objects_erased
    )];
    lines.extend(certificate::write(leaving, &done, &ask.export).await?);
    lines.push(format!(
        "its file {slug}.toml in the catalogue is nobody's now; with it the city can be applied anew, and empty"
    ));
    Ok(lines)
}

/// The export is this installation's, of this city, with everything in it; answers the manifest's hash.
fn belongs(
    leaving: &Leaving,
    city: &CityRow,
    verified: &Verified,
    ask: &EraseAsk,
) -> anyhow::Result<Vec<u8>> {
    let m = &verified.manifest;
    anyhow::ensure!(
        m.city.id == city.id,
        "the export is of {}, not of {}",
        m.city.slug,
        city.slug
    );
    anyhow::ensure!(
        leaving
            .tokens
            .sign_fits(PURPOSE, &[&verified.sha256], &verified.signature),
        "the manifest was not signed by this installation"
    );
    anyhow::ensure!(
        m.personal_data,
        "the export was made without personal data: what the law has the city keep would be gone with it"
    );
    anyhow::ensure!(
        m.lost() == ask.accept_lost,
        "{} values and files could not be read by the export and are lost with the city: --accept-lost {}",
        m.lost(),
        m.lost()
    );
    Ok(hex::decode(&verified.sha256)?)
}

/// Every table still holds what was exported of it.
async fn nothing_new(
    leaving: &Leaving,
    city: &CityRow,
    tables: &[OwnedTable],
    verified: &Verified,
) -> anyhow::Result<()> {
    let mut snapshot = CitySnapshot::take(&leaving.owner, TenantId(city.id)).await?;
    let mut changed = Vec::new();
    for table in tables {
        let print = snapshot.fingerprint(table).await?;
        let known = verified.manifest.tables.get(&table.name);
        if known.is_none_or(|known| known.mark != print.mark) {
            changed.push(table.name.as_str());
        }
    }
    anyhow::ensure!(
        changed.is_empty(),
        "rows have changed since the export: {}. `yijianrong city export` into the same folder takes them up",
        changed.join(", ")
    );
    Ok(())
}

fn begun(
    leaving: &Leaving,
    city: &CityRow,
    verified: &Verified,
    sha256: Vec<u8>,
    ask: &EraseAsk,
) -> anyhow::Result<Erasure> {
    let m = &verified.manifest;
    Ok(Erasure {
        id: leaving.clock.new_id(),
        city: city.id,
        slug: city.slug.clone(),
        name: city.name.clone(),
        tenants: Vec::new(),
        by_name: by_name(ask.by.as_deref())?,
        manifest_sha256: sha256,
        export: json!({
            "snapshot_at": m.snapshot_at, "by": m.by, "rows": m.rows(), "files": m.files.count,
            "files_by_table": verified.files, "lost": m.lost(),
        }),
        started_at: leaving.clock.now(),
        finished_at: None,
        rows_erased: std::collections::BTreeMap::new(),
        objects_erased: 0,
        certificate: None,
        signature: None,
    })
}

/// Everything under the names of the city, its institutions and branches, named by a row or not.
async fn objects(
    leaving: &Leaving,
    erasures: &Erasures,
    erasure: &Erasure,
    tell: Tell<'_>,
) -> anyhow::Result<()> {
    // Whatever the clocks of the storage and of this machine say.
    let ever = leaving.clock.now() + Duration::from_hours(24 * 365 * 10);
    for tenant in &erasure.tenants {
        let stored = leaving.files.older_than(*tenant, ever).await?;
        let all = stored.len();
        for (n, some) in stored.chunks(NOTE_EVERY).enumerate() {
            for key in some {
                leaving.files.delete(*tenant, key).await?;
            }
            erasures.objects_gone(i64::try_from(some.len())?).await?;
            tell(&format!("{} of {all} objects", n * NOTE_EVERY + some.len()));
        }
    }
    Ok(())
}

async fn rows(erasures: &Erasures, tables: &[OwnedTable], tell: Tell<'_>) -> anyhow::Result<()> {
    let names = SWEPT
        .into_iter()
        .chain(tables.iter().map(|table| table.name.as_str()));
    // The city itself goes with its last word.
    for name in names.filter(|name| *name != "tenants") {
        let mut gone = 0;
        loop {
            let some = erasures.batch(name, BATCH).await?;
            gone += some;
            if some == 0 {
                break;
            }
            tell(&format!("{name}: {gone} rows are gone"));
        }
    }
    Ok(())
}

/// Where the certificate lies: beside the export, whose own files stay as they are.
pub fn beside(export: &Path, kind: &str) -> std::path::PathBuf {
    let mut name = export
        .canonicalize()
        .unwrap_or_else(|_| export.to_owned())
        .into_os_string();
    name.push(format!(".erasure.{kind}"));
    name.into()
}
