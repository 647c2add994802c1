//! P1 to P5 and P12: what visitors see, and the check of a session.

use std::net::SocketAddr;

use anyhow::Context as _;

use super::{Against, Pair, Run, pages};
use crate::{
    fixture::Fixture,
    ground::{Ground, Nginx},
    http::{Ask, Connection, address},
    pgbench,
    recorder::{Recorder, readings},
    report::{Marks, Row},
};

/// A cookie of the program's own that makes a page personal: it is drawn and not taken from the cache.
const PERSONAL: &str = "pre=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// The door that does nothing but read the session, and answers a line of JSON.
const SIGNED_DOOR: &str = "/session/keep";

/// The list of the market as SQL would give it to a program without a snapshot.
const LIST: &str = "select p.id, p.name, t.short_name, p.guarantee_type, p.amount_max_cents, p.rate_min, p.rate_max, \
    p.term_min, p.term_max, p.term_unit, p.repayment_methods, p.highlights, count(*) over () as total \
    from products p join institutions i on i.tenant_id = p.tenant_id and i.status = 'published' \
    join tenants t on t.id = i.tenant_id \
    where p.city_id = '{city}' and p.status = 'published' order by p.featured desc, p.rate_min, p.id limit 10;\n";
const SEARCH: &str = "select p.id, p.name, t.short_name, p.guarantee_type, p.amount_max_cents, p.rate_min, p.rate_max, \
    p.term_min, p.term_max, p.term_unit, p.repayment_methods, p.highlights, count(*) over () as total \
    from products p join institutions i on i.tenant_id = p.tenant_id and i.status = 'published' \
    join tenants t on t.id = i.tenant_id \
    where p.city_id = '{city}' and p.status = 'published' and (p.name ilike '%{word}%' or p.intro ilike '%{word}%' \
    or t.name ilike '%{word}%') order by p.featured desc, p.rate_min, p.id limit 10;\n";
const DETAIL: &str = "select p.*, t.name as institution, i.type_label, i.hotline, i.intro as institution_intro, \
    (select array_agg(b.tenant_id) from product_branches pb join branches b on b.tenant_id = pb.branch_id \
      where pb.product_id = p.id) as branches \
    from products p join institutions i on i.tenant_id = p.tenant_id join tenants t on t.id = i.tenant_id \
    where p.id = '{product}' and p.city_id = '{city}' and p.status = 'published';\n";
const WORDS: [&str; 8] = [
    "科创", "惠农", "商户", "制造", "外贸", "绿色", "税信", "订单",
];

fn visitor_session(ground: &Ground) -> String {
    let city = ground.fixture.cities[0].id;
    format!("-c role=visitor_ro -c app.city_id={city}")
}

fn sql(text: &str, replaced: &[(&str, &str)]) -> pgbench::Script {
    let mut text = text.to_owned();
    for (name, value) in replaced {
        text = text.replace(name, value);
    }
    pgbench::Script { text, weight: 1 }
}

pub async fn rows(run: &mut Run<'_>) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    if run.wants("P1") {
        rows.push(from_cache(run).await?);
    }
    let session = visitor_session(run.ground);
    let city = run.ground.fixture.cities[0].id.to_string();
    let list = [sql(LIST, &[("{city}", &city)])];
    if run.wants("P2") {
        let fixture = run.ground.fixture.clone();
        let script =
            pages(move |n| Ask::get(&fixture.city(n).host, "/market.json", "", &address(n)));
        let pair = run
            .pair("P2", script, Against::Sql(&list, session.clone()))
            .await?;
        rows.push(pair.by_speed(
            "P2",
            "product list, JSON, warm ÷ pgbench",
            Marks::new(0.45, 1.0, 2.5),
        ));
    }
    if run.wants("P3") {
        let fixture = run.ground.fixture.clone();
        let script =
            pages(move |n| Ask::get(&fixture.city(n).host, "/market", PERSONAL, &address(n)));
        let pair = run
            .pair("P3", script, Against::Sql(&list, session.clone()))
            .await?;
        rows.push(pair.by_cpu(
            "P3",
            "product list page, drawn anew: limit CPU ÷ ours",
            Marks::new(0.30, 0.40, 0.45),
        ));
    }
    if run.wants("P4") {
        rows.push(search(run, &session, &city).await?);
    }
    if run.wants("P5") {
        rows.push(detail(run, &session, &city).await?);
    }
    if run.wants("P12") {
        rows.push(session_check(run).await?);
    }
    Ok(rows)
}

async fn from_cache(run: &mut Run<'_>) -> anyhow::Result<Row> {
    let (pair, bytes) = kept(run).await?;
    let row = pair.by_speed(
        "P1",
        "product list page for visitors, from cache ÷ nginx with the same bytes",
        Marks::new(0.50, 0.70, 0.85),
    );
    let kb = bytes as f64 / 1024.0;
    let note = format!("{}, {kb:.0} KB", row.note);
    Ok(row.note(note))
}

/// The kept page beside nginx with the same bytes, and how many they are.
pub async fn kept(run: &mut Run<'_>) -> anyhow::Result<(Pair, usize)> {
    let ground = run.ground;
    let host = &ground.fixture.cities[0].host;
    let page = Connection::new(ground.plan.listen)
        .exchange(&Ask::get(host, "/market", "", "10.0.0.1"))
        .await?;
    anyhow::ensure!(page.status == 200, "/market answers {}", page.status);
    let beside = SocketAddr::new(ground.plan.listen.ip(), ground.plan.listen.port() + 1);
    let nginx = Nginx::serve(&ground.plan.folder, beside, &page.body).await?;
    let fixture = ground.fixture.clone();
    let script = pages(move |n| Ask::get(&fixture.city(n).host, "/market", "", &address(n)));
    let pair = run.pair("P1", script, Against::Nginx(&nginx)).await;
    nginx.stop().await;
    Ok((pair?, page.body.len()))
}

async fn search(run: &mut Run<'_>, session: &str, city: &str) -> anyhow::Result<Row> {
    let scripts: Vec<_> = WORDS
        .iter()
        .map(|word| sql(SEARCH, &[("{city}", city), ("{word}", word)]))
        .collect();
    let fixture = run.ground.fixture.clone();
    let paths: Vec<String> = WORDS
        .iter()
        .map(|word| {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("q", word)
                .finish();
            format!("/market.json?{query}")
        })
        .collect();
    let script = pages(move |n| {
        let path = &paths[n as usize % paths.len()];
        Ask::get(&fixture.city(n).host, path, PERSONAL, &address(n))
    });
    let pair = run
        .pair("P4", script, Against::Sql(&scripts, session.to_owned()))
        .await?;
    Ok(pair.by_speed(
        "P4",
        "keyword search, not from the cache ÷ pgbench with ILIKE",
        Marks::new(0.7, 1.5, 5.0),
    ))
}

async fn detail(run: &mut Run<'_>, session: &str, city: &str) -> anyhow::Result<Row> {
    let scripts: Vec<_> = (run.ground.fixture.cities[0].products.iter().take(40))
        .map(|p| {
            sql(
                DETAIL,
                &[("{city}", city), ("{product}", &p.id.to_string())],
            )
        })
        .collect();
    let fixture = run.ground.fixture.clone();
    let script = pages(move |n| {
        let city = fixture.city(n);
        let product = &city.products[n as usize % city.products.len()];
        Ask::get(
            &city.host,
            &format!("/market/{}", product.id),
            "",
            &address(n),
        )
    });
    let pair = run
        .pair("P5", script, Against::Sql(&scripts, session.to_owned()))
        .await?;
    Ok(pair.by_speed(
        "P5",
        "product detail page, 2,000 products ÷ pgbench",
        Marks::new(0.35, 0.60, 1.0),
    ))
}

/// Everybody in turn, whatever the size of their city: nobody clicks faster than a person may.
fn signed_ask(fixture: &Fixture, n: u64) -> Ask {
    let (cities, n_of_all) = (fixture.cities.len(), n as usize);
    let city = &fixture.cities[n_of_all % cities];
    let person = &city.enterprises[n_of_all / cities % city.enterprises.len()];
    let cookie = format!("sid={}", person.sid);
    let fields = [("_csrf", person.csrf.as_str())];
    Ask::post(&city.host, SIGNED_DOOR, &cookie, &address(n), &fields)
}

/// What the program asks to know who is there.
pub async fn record_session(
    ground: &Ground,
    recorder: &Recorder,
) -> anyhow::Result<Vec<pgbench::Script>> {
    let mut scripts = Vec::new();
    for n in 0..8 {
        let ask = signed_ask(&ground.fixture, n * 7 + 3);
        let (answer, statements) = recorder
            .during(Connection::new(ground.plan.listen).exchange(&ask))
            .await;
        anyhow::ensure!(answer?.status == 200, "{SIGNED_DOOR} does not answer");
        let read = readings(&statements)
            .into_iter()
            .find(|t| t.iter().any(|s| s.sql.contains("from sessions s")))
            .context("no request read its session")?;
        scripts.push(pgbench::Script {
            text: pgbench::script(&[read]),
            weight: 1,
        });
    }
    Ok(scripts)
}

async fn session_check(run: &mut Run<'_>) -> anyhow::Result<Row> {
    run.ground.refresh_sessions().await?;
    let fixture = run.ground.fixture.clone();
    let script = pages(move |n| signed_ask(&fixture, n));
    let scripts = run.recorded.session.clone();
    let pair = run
        .pair("P12", script, Against::Sql(&scripts, String::new()))
        .await?;
    Ok(pair.by_speed(
        "P12",
        "session check (4,000 people, short answer) ÷ pgbench",
        Marks::new(0.45, 0.60, 1.0),
    ))
}
