//! Enterprises with their owners, a clerk per branch, an operator per city, and their sessions.

use application::ports::{sealing::Place as SealPlace, tokens::Tokens as _};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{
    Ground, Place,
    copy::Copy,
    fixture::{CityPart, DoorPart, Signed},
    id,
    market::Market,
};

/// Enterprises per city that act in load runs: with a session, files, and no application of the seed.
pub const ACTORS: usize = 200;
/// People per city who only sign in, and pre-sessions for all of them together.
const SIGNERS: usize = 200;
const DOORS: usize = 8_000;
const ANSWER: &str = "K7M4";
const TOWNSHIPS: [&str; 4] = ["130902001", "130903001", "130903101", "130921100"];

/// The rows of one city, table by table.
struct Sheets {
    enterprises: Copy,
    users: Copy,
    credentials: Copy,
    sessions: Copy,
    files: Copy,
}

impl Sheets {
    fn new() -> Self {
        Self {
            enterprises: Copy::into(
                "enterprises (id, tenant_id, name, legal_representative, region_code, unified_social_credit_code, \
                 registered_capital_cents, legal_id_sealed, legal_id_index, contact_phone_sealed, industry_code, address, \
                 profile_completed_at, created_at)",
            ),
            users: Copy::into(
                "users (id, tenant_id, city_id, enterprise_id, account, name, phone_sealed, phone_index, roles, \
                 face_verified_at, face_method, created_at)",
            ),
            credentials: Copy::into("credentials (user_id, tenant_id, password_hash, changed_at)"),
            sessions: Copy::into(
                "sessions (id_hash, public_id, user_id, tenant_id, kind, created_at, seen_at, expires_at, ip, agent)",
            ),
            files: Copy::into(
                "enterprise_files (id, tenant_id, enterprise_id, kind, object_key, media_type, byte_size, width, height, \
                 sha256, created_by, created_at)",
            ),
        }
    }

    async fn send(self, db: &mut PgConnection) -> anyhow::Result<()> {
        for sheet in [
            self.enterprises,
            self.users,
            self.credentials,
            self.sessions,
            self.files,
        ] {
            sheet.send(&mut *db).await?;
        }
        Ok(())
    }
}

/// A person to be written.
struct Person<'a> {
    id: Uuid,
    tenant: Uuid,
    enterprise: Option<Uuid>,
    account: String,
    name: String,
    phone: &'a str,
    role: &'a str,
}

/// Writes a city's people; answers who can act.
pub async fn load(
    db: &mut PgConnection,
    ground: &Ground,
    number: usize,
    place: &Place,
    market: &Market,
) -> anyhow::Result<CityPart> {
    let mut sheets = Sheets::new();
    let mut writer = Writer {
        ground,
        number,
        city: place.city.id.0,
        began: text(ground.now - Duration::days(1_200)),
        sheets: &mut sheets,
    };
    let mut enterprises = Vec::with_capacity(ACTORS);
    let mut signers = Vec::with_capacity(SIGNERS);
    for k in 0..place.enterprises {
        let (person, enterprise, phone) = writer.enterprise(k)?;
        if k < ACTORS {
            writer.files(k, enterprise, person);
            enterprises.push(writer.session(person, writer.city, enterprise, phone, "enterprise"));
        } else if k < ACTORS + SIGNERS {
            signers.push(phone);
        }
    }
    let mut officers = Vec::with_capacity(market.branches.len());
    for (k, branch) in market.branches.iter().enumerate() {
        let account = format!("t{:02}b{:02}", number + 1, k + 1);
        let person = writer.staff(k, *branch, &account, "bm")?;
        officers.push(writer.session(person, *branch, *branch, account, "staff"));
    }
    let account = format!("t{:02}op", number + 1);
    let person = writer.staff(99, writer.city, &account, "op")?;
    let operator = writer.session(person, writer.city, writer.city, account, "staff");
    sheets.send(db).await?;
    Ok(CityPart {
        slug: place.city.slug.clone(),
        host: place.city.hosts[0].clone(),
        id: place.city.id.0,
        weight: place.weight,
        enterprises,
        officers,
        operator,
        products: market.offers(),
        signers,
    })
}

struct Writer<'a> {
    ground: &'a Ground,
    number: usize,
    city: Uuid,
    began: String,
    sheets: &'a mut Sheets,
}

impl Writer<'_> {
    fn seal(
        &self,
        table: &'static str,
        row: Uuid,
        column: &'static str,
        plain: &str,
    ) -> anyhow::Result<Vec<u8>> {
        let place = SealPlace {
            tenant: self.city,
            table,
            row,
            column,
        };
        Ok(self.ground.sealer.seal(&place, plain.as_bytes())?)
    }

    fn enterprise(&mut self, k: usize) -> anyhow::Result<(Uuid, Uuid, String)> {
        let enterprise = id("enterprise", self.number, k);
        let person = id("owner", self.number, k);
        let phone = format!("139{:02}{k:06}", self.number);
        let legal_id = resident_id(self.number, k);
        let id_sealed = self.seal("enterprises", enterprise, "legal_id_sealed", &legal_id)?;
        let phone_sealed = self.seal("enterprises", enterprise, "contact_phone_sealed", &phone)?;
        let id_index = self
            .ground
            .sealer
            .blind_index(self.city, "legal_id", &legal_id)?;
        let row = &mut self.sheets.enterprises;
        row.plain(enterprise).plain(self.city);
        row.text(&format!("沧州市恒信{k:05}商贸有限公司"));
        row.text(&legal_name(k));
        row.text(TOWNSHIPS[k % TOWNSHIPS.len()]);
        row.text(&credit_code(self.number, k));
        row.plain(100_000_000);
        row.bytes(&id_sealed).bytes(&id_index).bytes(&phone_sealed);
        row.text("5199")
            .text(&format!("解放西路 {} 号", 1 + k % 900));
        row.plain(&self.began).plain(&self.began).end();
        self.person(&Person {
            id: person,
            tenant: self.city,
            enterprise: Some(enterprise),
            account: person.to_string(),
            name: legal_name(k),
            phone: &phone,
            role: "eo",
        })?;
        Ok((person, enterprise, phone))
    }

    fn staff(&mut self, k: usize, node: Uuid, account: &str, role: &str) -> anyhow::Result<Uuid> {
        let person = id("staff", self.number, k);
        self.person(&Person {
            id: person,
            tenant: node,
            enterprise: None,
            account: account.to_owned(),
            name: legal_name(k),
            phone: &format!("137{:02}{k:06}", self.number),
            role,
        })?;
        Ok(person)
    }

    fn person(&mut self, person: &Person<'_>) -> anyhow::Result<()> {
        let sealed = self.seal("users", person.id, "phone_sealed", person.phone)?;
        let index = self
            .ground
            .sealer
            .blind_index(self.city, "phone", person.phone)?;
        let row = &mut self.sheets.users;
        row.plain(person.id).plain(person.tenant).plain(self.city);
        match person.enterprise {
            Some(enterprise) => row.plain(enterprise),
            None => row.null(),
        };
        row.text(&person.account).text(&person.name);
        row.bytes(&sealed).bytes(&index);
        row.plain(format_args!("{{{}}}", person.role));
        if person.enterprise.is_some() {
            row.plain(&self.began).text("face");
        } else {
            row.null().null();
        }
        row.plain(&self.began).end();
        let row = &mut self.sheets.credentials;
        row.plain(person.id).plain(person.tenant);
        row.text(&self.ground.password_hash)
            .plain(&self.began)
            .end();
        Ok(())
    }

    fn session(
        &mut self,
        user: Uuid,
        tenant: Uuid,
        at: Uuid,
        account: String,
        kind: &str,
    ) -> Signed {
        let sid = self.ground.tokens.session_id();
        let now = text(self.ground.now);
        let row = &mut self.sheets.sessions;
        row.bytes(&self.ground.tokens.fingerprint(&sid));
        row.plain(Uuid::new_v4())
            .plain(user)
            .plain(tenant)
            .text(kind);
        row.plain(&now).plain(&now);
        row.plain(text(self.ground.now + Duration::hours(8)));
        row.text("127.0.0.1").text("bench").end();
        Signed {
            user,
            at,
            account,
            csrf: self.ground.tokens.csrf(&sid),
            sid,
        }
    }

    /// 营业执照 and both sides of the ID: rows only, nobody opens them.
    fn files(&mut self, k: usize, enterprise: Uuid, person: Uuid) {
        for (at, kind) in ["licence", "id_front", "id_back"].into_iter().enumerate() {
            let file = id("file", self.number, k * 3 + at);
            let row = &mut self.sheets.files;
            row.plain(file)
                .plain(self.city)
                .plain(enterprise)
                .text(kind);
            row.text(&format!("{}/{file}", self.city))
                .text("image/jpeg");
            row.plain(120_000).plain(1_200).plain(900).bytes(&[7; 32]);
            row.plain(person).plain(&self.began).end();
        }
    }
}

/// Pre-sessions whose captcha has a known answer.
pub async fn doors(db: &mut PgConnection, ground: &Ground) -> anyhow::Result<Vec<DoorPart>> {
    let mut rows = Copy::into("captchas (id, session_hash, form, answer_hash, expires_at)");
    let end = text(ground.now + Duration::hours(8));
    let mut doors = Vec::with_capacity(DOORS);
    for _ in 0..DOORS {
        let pre = ground.tokens.session_id();
        let bound = ["captcha", &pre, "password"];
        rows.plain(Uuid::new_v4());
        rows.bytes(&ground.tokens.fingerprint(&pre));
        rows.text("password");
        rows.bytes(&ground.tokens.code_hash(ANSWER, &bound));
        rows.plain(&end).end();
        doors.push(DoorPart {
            csrf: ground.tokens.csrf(&pre),
            pre,
            answer: ANSWER.to_owned(),
        });
    }
    rows.send(db).await?;
    Ok(doors)
}

fn text(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

fn legal_name(k: usize) -> String {
    const FAMILY: [char; 8] = ['王', '李', '张', '刘', '陈', '杨', '赵', '孙'];
    const GIVEN: [&str; 7] = ["建国", "海燕", "志强", "秀英", "晓东", "立新", "文博"];
    format!("{}{}", FAMILY[k % 8], GIVEN[k % 7])
}

/// A number whose check sign fits (ISO 7064 MOD 11-2).
fn resident_id(city: usize, k: usize) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let day = k / 1_000;
    let body = format!(
        "130902{}{:02}{:02}{:03}",
        1960 + city,
        1 + day % 12,
        1 + day / 12 % 28,
        k % 1_000
    );
    let sum: u32 = body
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// A code whose two check signs fit (GB 11714, GB 32100).
fn credit_code(city: usize, k: usize) -> String {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const BODY: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    const WHOLE: [u32; 17] = [
        1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
    ];
    let body = format!("MA{city:02}{:04}", k % 10_000);
    let sum: u32 = body
        .chars()
        .zip(BODY)
        .map(|(sign, weight)| sign.to_digit(36).unwrap_or(0) * weight)
        .sum();
    let check = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    let code = format!("91130902{body}{check}");
    let value = |sign: u8| ALPHABET.iter().zip(0u32..).find(|(a, _)| **a == sign);
    let sum: u32 = code
        .bytes()
        .zip(WHOLE)
        .map(|(sign, weight)| value(sign).map_or(0, |(_, v)| v) * weight)
        .sum();
    let last = ALPHABET[((31 - sum % 31) % 31) as usize];
    format!("{code}{}", char::from(last))
}

#[cfg(test)]
mod tests {
    use domain::values::{PhoneNumber, ResidentId, UnifiedSocialCreditCode};

    use super::{credit_code, resident_id};

    #[test]
    fn numbers_of_the_data_set_are_ones_that_the_domain_accepts() {
        for (city, k) in [(0, 0), (0, 5_999), (19, 528), (7, 200)] {
            assert!(ResidentId::restore(&resident_id(city, k)).is_ok());
            assert_eq!(
                UnifiedSocialCreditCode::parse(&credit_code(city, k))
                    .expect("a code")
                    .doubt(),
                None
            );
            assert!(PhoneNumber::parse(&format!("139{city:02}{k:06}")).is_ok());
        }
    }
}
