//! Spreadsheets of the demonstration: one finished export, one import with bad rows, one list of twenty enterprises; made by the
//! use cases themselves, once.

use std::sync::Arc;

use anyhow::Context as _;
use application::{
    access::{Actor, Guard, Permit},
    city::City,
    exports::AskExport,
    imports::SendFile,
    once::Once,
    ports::{
        imports::ImportKind,
        workbooks::{SheetCell, SheetColumn, SheetPlan},
    },
};
use domain::{calendar::local_date, values::UnifiedSocialCreditCode};

use super::people;
use crate::wire::{self, Parts};

/// The administrator of the institution that the printed sign-ins show.
const ADMINISTRATOR: &str = "canghai-ha1";
/// Districts of the list; some have a branch of the institution, some have none.
const DISTRICTS: [&str; 5] = ["130902", "130903", "130925", "130921", "130983"];
const WORDS: [&str; 10] = [
    "沧澜", "渤源", "运泽", "海岳", "景澄", "瀛川", "盐恒", "青禾", "献泰", "东曜",
];
const TRADES: [&str; 4] = ["管件制造", "化工设备", "食品加工", "物流服务"];
const SOURCES: [&str; 2] = ["市工业和信息化局", "市中小企业服务中心"];

/// Adds what is missing; a second run adds nothing.
pub async fn run(parts: &Parts, city: &City) -> anyhow::Result<()> {
    let Some(actor) = people::signed_in_as(parts, city, ADMINISTRATOR).await? else {
        return Ok(());
    };
    let reach = parts.door.reach(city.id).await?;
    let permit = Guard::job(city.id, Arc::from(reach));
    export(parts, &actor, &permit).await?;
    import(parts, &actor, &permit).await?;
    list(parts, &actor, &permit).await
}

fn key(what: &str) -> String {
    format!("demonstration-{what}")
}

async fn export(parts: &Parts, actor: &Actor, permit: &Permit) -> anyhow::Result<()> {
    let room = wire::sheets::exports(parts);
    if !room.list(actor).await?.exports.is_empty() {
        return Ok(());
    }
    let ask = AskExport {
        kind: "applications".into(),
        group: "approved".into(),
        branch: String::new(),
        product: String::new(),
        from: String::new(),
        until: String::new(),
        full: false,
        reason: String::new(),
        once: Once {
            key: key("export"),
            body_hash: [0; 32],
        },
    };
    room.ask(actor, ask).await?;
    wire::sheets::export_maker(parts).work_off(permit).await?;
    Ok(())
}

async fn send(
    parts: &Parts,
    actor: &Actor,
    permit: &Permit,
    kind: ImportKind,
    rows: Vec<Vec<SheetCell>>,
) -> anyhow::Result<()> {
    let room = wire::sheets::imports(parts);
    if !room.list(actor, &[kind]).await?.is_empty() {
        return Ok(());
    }
    let ask = SendFile {
        kind: kind.code().to_owned(),
        list: None,
        bytes: file(parts, kind, rows).await?,
        key: key(kind.code()),
    };
    room.send(actor, ask).await?;
    wire::sheets::import_worker(parts).work_off(permit).await?;
    Ok(())
}

/// A filled-in template of a kind.
pub(super) async fn file(
    parts: &Parts,
    kind: ImportKind,
    rows: Vec<Vec<SheetCell>>,
) -> anyhow::Result<Vec<u8>> {
    let columns: Vec<SheetColumn> = application::imports::columns(kind)
        .iter()
        .map(|(_, column)| *column)
        .collect();
    let plan = SheetPlan {
        name: kind.zh().to_owned(),
        lead: Vec::new(),
        mark: String::new(),
        columns,
    };
    let mut writer = parts.workbooks.begin(&plan)?;
    for row in rows {
        writer.row(&row)?;
    }
    Ok(writer.finish().await?)
}

/// Repayments of a few loans, and what goes wrong with such files.
async fn import(parts: &Parts, actor: &Actor, permit: &Permit) -> anyhow::Result<()> {
    let mut tx = people::as_city(parts, actor.city).await?;
    let numbers: Vec<String> = sqlx::query_scalar(
        "select application_no from financing_applications
         where tenant_id = $1 and bank_id = $2 and stage = 'disbursed' order by application_no limit 4",
    )
    .bind(actor.city.0)
    .bind(actor.tenant.0)
    .fetch_all(&mut *tx)
    .await?;
    drop(tx);
    let today = local_date(parts.clock.now());
    let row =
        |number: &str, day: SheetCell, money: SheetCell| vec![SheetCell::text(number), day, money];
    let mut rows: Vec<Vec<SheetCell>> = numbers
        .iter()
        .map(|n| row(n, SheetCell::Day(today), SheetCell::Yuan(500_000)))
        .collect();
    let first = numbers.first().map_or("", String::as_str);
    rows.extend([
        row(
            "PO20260101999",
            SheetCell::Day(today),
            SheetCell::Yuan(100_000),
        ),
        row(first, SheetCell::text("月底"), SheetCell::Yuan(100_000)),
        row(first, SheetCell::Day(today), SheetCell::text("五千")),
        row(first, SheetCell::Day(today), SheetCell::Yuan(500_000)),
    ]);
    send(parts, actor, permit, ImportKind::Repayments, rows).await
}

async fn list(parts: &Parts, actor: &Actor, permit: &Permit) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for number in 0..20 {
        let district = DISTRICTS[number % DISTRICTS.len()];
        let code = invented_code(district, 70_000 + number).context("no code of this form")?;
        let name = format!(
            "沧州市{}{}有限公司",
            WORDS[number % WORDS.len()],
            TRADES[number % TRADES.len()]
        );
        rows.push(
            [
                code.as_str(),
                &name,
                ["郑明远", "田书宁", "孟庆和"][number % 3],
                &format!("1990000{:04}", 6_100 + number),
                SOURCES[number % SOURCES.len()],
                if number % 4 == 0 {
                    "有扩产计划"
                } else {
                    ""
                },
            ]
            .map(SheetCell::text)
            .to_vec(),
        );
    }
    send(parts, actor, permit, ImportKind::Referrals, rows).await
}

/// A code whose checks are right and whose organisation is nobody's: PDY… is never given out. `number` has five digits.
pub(super) fn invented_code(district: &str, number: usize) -> Option<UnifiedSocialCreditCode> {
    const SIGNS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91{district}PDY{number:05}");
    let signs = || SIGNS.iter().map(|sign| char::from(*sign));
    signs().find_map(|a| {
        signs().find_map(|b| UnifiedSocialCreditCode::parse(&format!("{body}{a}{b}")).ok())
    })
}
