//! 融资需求管理: the rows of the manual, as its figure prints them (M-502 to M-519).

use super::{Scene, scene};

/// What a row of the list says, cell by cell.
fn cells(page: &str, number: &str) -> Vec<String> {
    let row = page.split("<tr>").find(|row| row.contains(number));
    let row = row.unwrap_or_else(|| panic!("{number} is not on the page: {page}"));
    row.split("<td")
        .skip(1)
        .filter_map(|cell| cell.split("</td>").next()?.split_once('>'))
        .map(|(_, cell)| {
            cell.split('<')
                .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text))
                .collect::<String>()
                .trim()
                .to_owned()
        })
        .collect()
}

/// A request as the manual shows one.
struct Shown {
    number: &'static str,
    wan: i64,
    term: i32,
    unit: &'static str,
    at: &'static str,
    approved: bool,
    opinion: &'static str,
}

async fn put(scene: &Scene, shown: &Shown) {
    let id = scene
        .world
        .submitted_application(&scene.enterprise, scene.bank, scene.branch, scene.product)
        .await;
    sqlx::query(
        "update financing_applications set application_no = $2, amount_cents = $3, term = $4, term_unit = $5,
           submitted_at = $6::text::timestamptz, review_opinion = $7 where id = $1",
    )
    .bind(id.0)
    .bind(shown.number)
    .bind(shown.wan * 1_000_000)
    .bind(shown.term)
    .bind(shown.unit)
    .bind(shown.at)
    .bind(shown.opinion)
    .execute(&scene.world.owner)
    .await
    .expect("it is as shown");
    if shown.approved {
        sqlx::query(
            "update financing_applications set stage = 'approved', ever_accepted = true, due_at = null, decided_at = submitted_at,
               approved_amount_cents = amount_cents, approved_rate = rate, approved_term = term, approval_valid_until = '2099-12-31'
             where id = $1",
        )
        .bind(id.0)
        .execute(&scene.world.owner)
        .await
        .expect("it is approved");
    }
}

/// Rows 1 and 2 of the manual's picture, and one of months.
const PRINTED: [Shown; 3] = [
    Shown {
        number: "PO20210210006",
        wan: 6000,
        term: 100,
        unit: "year",
        at: "2021-02-10 10:25:14+08",
        approved: false,
        opinion: "",
    },
    Shown {
        number: "PO20210210014",
        wan: 3000,
        term: 3,
        unit: "year",
        at: "2021-02-10 10:30:47+08",
        approved: true,
        opinion: "同意办理",
    },
    Shown {
        number: "PO20210218001",
        wan: 10,
        term: 12,
        unit: "month",
        at: "2021-02-18 09:05:00+08",
        approved: true,
        opinion: "",
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn rows_stand_as_the_manual_prints_them_newest_first_and_ten_on_a_page() {
    let scene = scene().await;
    for row in &PRINTED {
        put(&scene, row).await;
    }
    let of = |number: &str, rest: [&str; 8]| {
        let whose = [
            number,
            "狮城商业银行运河支行",
            "惠民抵押贷",
            "沧州市瀚岳澜管道装备有限公司",
        ];
        whose
            .into_iter()
            .chain(rest)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let list = "/enterprise/applications";
    let browser = &scene.enterprise.browser;
    let page = browser.get(list).await.expect(200).text();
    // Two pairs of the two columns; an empty 审核意见 is a dash; whole amounts have no decimals.
    let first = [
        "6000",
        "3.75",
        "100",
        "年",
        "2021-02-10 10:25:14",
        "待接单",
        "待审核",
        "-",
    ];
    let second = [
        "3000",
        "3.75",
        "3",
        "年",
        "2021-02-10 10:30:47",
        "已接单",
        "通过",
        "同意办理",
    ];
    let third = [
        "10",
        "3.75",
        "12",
        "月",
        "2021-02-18 09:05:00",
        "已接单",
        "通过",
        "-",
    ];
    for (number, rest) in [
        ("PO20210210006", first),
        ("PO20210210014", second),
        ("PO20210218001", third),
    ] {
        assert_eq!(cells(&page, number), of(number, rest));
    }
    let place = |page: &str, number: &str| page.find(number).expect("it is there");
    assert!(place(&page, "PO20210218001") < place(&page, "PO20210210014"));
    assert!(place(&page, "PO20210210014") < place(&page, "PO20210210006"));
    // Nine more of one day: the oldest two go over to the next page, and none is lost.
    for _ in 0..9 {
        scene
            .world
            .submitted_application(&scene.enterprise, scene.bank, scene.branch, scene.product)
            .await;
    }
    let page = browser.get(list).await.expect(200).text();
    assert_eq!(page.matches("PO20261125").count(), 9);
    assert!(page.contains("PO20210218001") && !page.contains("PO20210210014"));
    let next = browser.get(&format!("{list}?page=2")).await.expect(200);
    let next = next.text();
    assert!(next.contains("PO20210210014") && next.contains("PO20210210006"));
    assert!(!next.contains("PO20210218001"));
    // Filters: by 审核状态, by keyword, by day; and what nothing fits says so.
    for (query, found) in [
        ("review=approved", vec!["PO20210218001", "PO20210210014"]),
        ("q=PO20210210006", vec!["PO20210210006"]),
        (
            "from=2021-02-10&to=2021-02-10",
            vec!["PO20210210014", "PO20210210006"],
        ),
        ("q=没有", vec![]),
    ] {
        let page = browser.get(&format!("{list}?{query}")).await.expect(200);
        let body = page.text();
        let shown: Vec<&str> = body
            .split("<tr>")
            .filter_map(|row| {
                let at = row.find(">PO2")? + 1;
                row.get(at..at + 13)
            })
            .collect();
        assert_eq!(shown, found, "{query}");
    }
}
