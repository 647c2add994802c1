//! 20 institutions, 50 branches and 100 products of a city.

use application::city::City;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{copy::Copy, fixture::ProductPart, id};

pub const INSTITUTIONS: usize = 20;
pub const BRANCHES: usize = 50;
pub const PRODUCTS: usize = 100;
const COUNTIES: [&str; 4] = ["130902", "130903", "130921", "130981"];
const GUARANTEES: [(&str, &str); 5] = [
    ("mortgage", "抵押"),
    ("pledge", "质押"),
    ("guarantor", "保证"),
    ("unsecured", "信用"),
    ("combined", "组合"),
];
const TRADES: [&str; 8] = [
    "科创", "惠农", "商户", "制造", "外贸", "绿色", "物流", "餐饮",
];
const WORDS: [&str; 5] = ["普惠", "税信", "流水", "订单", "厂房"];

/// Ids of a city's market; names follow from the numbers.
pub struct Market {
    city: usize,
    pub institutions: Vec<Uuid>,
    pub branches: Vec<Uuid>,
    pub products: Vec<Uuid>,
}

struct Ask {
    amount_min_wan: i64,
    amount_max_wan: i64,
    rate_min: i32,
    term_min: i32,
    term_unit: &'static str,
}

impl Market {
    pub fn of(city: usize) -> Self {
        let ids = |kind: &str, most: usize| (0..most).map(|n| id(kind, city, n)).collect();
        Self {
            city,
            institutions: ids("bank", INSTITUTIONS),
            branches: ids("branch", BRANCHES),
            products: ids("product", PRODUCTS),
        }
    }

    /// The institution of a branch or product.
    fn bank_of(number: usize) -> usize {
        number % INSTITUTIONS
    }

    fn branch_name(branch: usize) -> String {
        format!("第{:02}银行第{branch:02}支行", Self::bank_of(branch) + 1)
    }

    fn product_name(product: usize) -> String {
        format!(
            "{}{}贷{product:03}",
            TRADES[product % 8],
            WORDS[product / 8 % 5]
        )
    }

    fn ask(product: usize) -> Ask {
        let step = |of: usize| i32::try_from(product % of).unwrap_or_default();
        let years = product.is_multiple_of(3);
        Ask {
            amount_min_wan: i64::from(1 + step(5)),
            amount_max_wan: i64::from(100 + 50 * step(9)),
            rate_min: 300 + 5 * step(40),
            term_min: if years { 1 } else { 3 },
            term_unit: if years { "year" } else { "month" },
        }
    }

    /// Products as one may ask for them.
    pub fn offers(&self) -> Vec<ProductPart> {
        let offer = |product: usize| {
            let ask = Self::ask(product);
            ProductPart {
                id: self.products[product],
                branches: (0..BRANCHES)
                    .filter(|b| Self::bank_of(*b) == Self::bank_of(product))
                    .map(|b| self.branches[b])
                    .collect(),
                amount_wan: i64::midpoint(ask.amount_min_wan, ask.amount_max_wan),
                rate: ask.rate_min,
                term: ask.term_min + 2,
                term_unit: ask.term_unit.to_owned(),
            }
        };
        (0..PRODUCTS).map(offer).collect()
    }

    pub async fn load(&self, db: &mut PgConnection, city: &City) -> anyhow::Result<()> {
        self.tenants(city).send(&mut *db).await?;
        self.institutions(city).send(&mut *db).await?;
        self.branches(city).send(&mut *db).await?;
        self.products(city).send(&mut *db).await?;
        sqlx::query(
            "insert into product_versions (product_id, version, tenant_id, city_id, terms, published_at)
             select id, version, tenant_id, city_id, to_jsonb(p) - 'city_id', published_at from products p where city_id = $1",
        )
        .bind(city.id.0)
        .execute(&mut *db)
        .await?;
        sqlx::query(
            "insert into product_branches (product_id, branch_id, tenant_id, city_id)
             select p.id, b.tenant_id, p.tenant_id, p.city_id from products p join branches b on b.bank_id = p.tenant_id
             where p.city_id = $1",
        )
        .bind(city.id.0)
        .execute(&mut *db)
        .await?;
        Ok(())
    }

    fn tenants(&self, city: &City) -> Copy {
        let mut rows = Copy::into("tenants (id, parent_id, city_id, kind, name, short_name)");
        for (number, bank) in self.institutions.iter().enumerate() {
            rows.plain(bank).plain(city.id).plain(city.id).text("bank");
            rows.text(&format!("第{:02}银行股份有限公司", number + 1));
            rows.text(&format!("第{:02}银行", number + 1)).end();
        }
        for (number, branch) in self.branches.iter().enumerate() {
            let name = Self::branch_name(number);
            let bank = self.institutions[Self::bank_of(number)];
            rows.plain(branch).plain(bank).plain(city.id).text("branch");
            rows.text(&name).text(&name).end();
        }
        rows
    }

    fn institutions(&self, city: &City) -> Copy {
        let mut rows = Copy::into(
            "institutions (tenant_id, city_id, institution_type, type_label, holding, intro, hotline, address, mark, position)",
        );
        for (number, bank) in self.institutions.iter().enumerate() {
            rows.plain(bank)
                .plain(city.id)
                .text("city_bank")
                .text("城市商业银行");
            rows.plain(if number == INSTITUTIONS - 1 { 't' } else { 'f' });
            rows.text("服务本地中小企业，提供抵押、信用和担保类产品。")
                .text("0317-5550000")
                .text(&format!("运河区金融街 {} 号", number + 1))
                .text("银")
                .plain(number + 1)
                .end();
        }
        rows
    }

    fn branches(&self, city: &City) -> Copy {
        let mut rows = Copy::into(
            "branches (tenant_id, city_id, bank_id, region_code, address, phone, opening_hours, usual_response_hours)",
        );
        for (number, branch) in self.branches.iter().enumerate() {
            rows.plain(branch).plain(city.id);
            rows.plain(self.institutions[Self::bank_of(number)]);
            rows.text(COUNTIES[number % COUNTIES.len()])
                .text(&format!("解放路 {} 号", number + 1))
                .text("0317-5551234")
                .text("工作日 9:00–17:00")
                .plain(4 + number % 20)
                .end();
        }
        rows
    }

    fn products(&self, city: &City) -> Copy {
        let mut rows = Copy::into(
            "products (id, tenant_id, city_id, status, name, intro, financing_type, guarantee_type, amount_min_cents, \
             amount_max_cents, rate_min, rate_max, term_min, term_max, term_unit, repayment_methods, collateral, purposes, \
             conditions, documents, eligibility, highlights, first_loan, renewal, featured, response_days, published_at, updated_at)",
        );
        for (number, product) in self.products.iter().enumerate() {
            let (guarantee, word) = GUARANTEES[(number + self.city) % GUARANTEES.len()];
            let ask = Self::ask(number);
            rows.plain(product);
            rows.plain(self.institutions[Self::bank_of(number)]);
            rows.plain(city.id).text("published");
            rows.text(&Self::product_name(number));
            rows.text(&format!(
                "面向本市中小企业的{word}类贷款，随用随还，线上提出、网点办理。"
            ));
            rows.text("working_capital_loan").text(guarantee);
            rows.plain(ask.amount_min_wan * 1_000_000);
            rows.plain(ask.amount_max_wan * 1_000_000);
            rows.plain(ask.rate_min).plain(ask.rate_min + 60);
            rows.plain(ask.term_min).plain(ask.term_min + 9);
            rows.text(ask.term_unit);
            rows.text("{monthly_interest_bullet,equal_installment}");
            rows.text(if guarantee == "mortgage" {
                "{residential,office}"
            } else {
                "{}"
            });
            rows.text("{working_capital,raw_material}");
            rows.text("{在本市登记并正常经营满 1 年,无连续逾期记录}");
            rows.text("{营业执照,法定代表人居民身份证,近 12 个月银行流水}");
            rows.text("本市登记的小微企业和个体工商户");
            rows.text("{额度循环使用,线上提出}");
            let flag = |yes: bool| if yes { 't' } else { 'f' };
            rows.plain(flag(number % 4 == 0))
                .plain(flag(number % 5 == 0));
            rows.plain(flag(number < 8)).plain(1 + number % 5);
            rows.plain(format!(
                "2026-{:02}-{:02} 01:00:00+00",
                1 + number % 6,
                1 + number % 28
            ));
            rows.plain("2026-07-01 01:00:00+00").end();
        }
        rows
    }
}
