//! What is sealed or secret in the tables of a city. A column of bytes that is not named here stops the export: somebody must have
//! thought about it.

use application::ports::sealing::{Place, Sealer};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::ids::TenantId;
use postgres_adapter::leaving::OwnedTable;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What becomes of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treated {
    /// Goes along as it stands.
    Plain,
    /// 鉴别信息 and keyed hashes (C3): never leaves the database. Says what it is.
    Secret(&'static str),
    /// C2, sealed under the id in the column `row`: opened and written under the name `written`, or left out.
    Sealed {
        row: &'static str,
        written: &'static str,
    },
    /// JSON with a sealed value in it under this key.
    SealedWithin(&'static str),
}

use Treated::{Plain, Sealed, SealedWithin, Secret};

const TOKEN: &str = "令牌的哈希";
const INDEX: &str = "检索用的带密钥哈希";
const KEY: &str = "密钥";

/// By table and column; what is not here and holds no bytes goes along.
const COLUMNS: [(&str, &str, Treated); 51] = [
    ("agreements", "body_hash", Plain),
    (
        "application_dossiers",
        "sealed",
        sealed("application_id", "facts"),
    ),
    ("approval_signatures", "content", Plain),
    ("article_attachments", "sha256", Plain),
    ("audit_links", "hash", Plain),
    ("bank_api_answers", "body_hash", Plain),
    ("bank_api_keys", "secret_sealed", Secret(KEY)),
    ("bank_webhooks", "secret_sealed", Secret(KEY)),
    ("consents", "body_hash", Plain),
    ("content_pictures", "sha256", Plain),
    ("credentials", "password_hash", Secret("密码的哈希")),
    ("devices", "device_hash", Secret(TOKEN)),
    ("due_diligence_photos", "sha256", Plain),
    ("enterprise_files", "sha256", Plain),
    ("enterprise_invitations", "token_hash", Secret(TOKEN)),
    (
        "enterprises",
        "contact_phone_sealed",
        sealed("id", "contact_phone"),
    ),
    ("enterprises", "email_sealed", sealed("id", "email")),
    ("enterprises", "legal_id_index", Secret(INDEX)),
    ("enterprises", "legal_id_sealed", sealed("id", "legal_id")),
    ("face_checks", "legal_id_index", Secret(INDEX)),
    ("face_reviews", "legal_id_index", Secret(INDEX)),
    ("handovers", "opened_by", Secret(TOKEN)),
    ("handovers", "token_hash", Secret(TOKEN)),
    ("idempotency_keys", "body_hash", Plain),
    ("import_rows", "cells_sealed", sealed("id", "cells")),
    ("imports", "content_hash", Plain),
    ("letter_files", "sha256", Plain),
    ("outbox", "payload", SealedWithin("phone_sealed")),
    ("pending_sign_ins", "id_hash", Secret(TOKEN)),
    ("pending_sign_ins", "new_secret", Secret(KEY)),
    ("profile_drafts", "typed_sealed", sealed("user_id", "typed")),
    ("recovery_codes", "code_hash", Secret("恢复码的哈希")),
    ("referrals", "contact_sealed", sealed("id", "contact")),
    ("refresh_tokens", "token_hash", Secret(TOKEN)),
    ("second_factors", "new_for", Secret(TOKEN)),
    ("second_factors", "new_secret", Secret(KEY)),
    ("second_factors", "totp_secret", Secret(KEY)),
    ("sessions", "id_hash", Secret(TOKEN)),
    ("sms_codes", "code_hash", Secret("验证码的哈希")),
    ("sms_codes", "phone_index", Secret(INDEX)),
    ("sms_codes", "session_hash", Secret(TOKEN)),
    ("staff_links", "token_hash", Secret(TOKEN)),
    ("subsidy_claims", "account_sealed", sealed("id", "account")),
    ("tenant_keys", "wrapped", Secret(KEY)),
    ("upload_pieces", "sealed", sealed("upload_id", "piece")),
    ("users", "phone_index", Secret(INDEX)),
    ("users", "phone_sealed", sealed("id", "phone")),
    ("visit_rows", "contact_sealed", sealed("id", "contact")),
    ("wechat_accounts", "openid_index", Secret(INDEX)),
    (
        "wechat_accounts",
        "openid_sealed",
        sealed("user_id", "openid"),
    ),
    ("wechat_tokens", "token_sealed", Secret(KEY)),
];

const fn sealed(row: &'static str, written: &'static str) -> Treated {
    Sealed { row, written }
}

/// What becomes of a column; the error names one that nobody has thought about.
pub fn treated(table: &str, column: &str, kind: &str) -> anyhow::Result<Treated> {
    let known = COLUMNS
        .iter()
        .find(|(t, c, _)| (*t, *c) == (table, column))
        .map(|(_, _, treated)| *treated);
    anyhow::ensure!(
        known.is_some() || kind != "bytea",
        "{table}.{column} holds bytes of which the export does not know whether they are a secret: name it in city/leave/sealed.rs"
    );
    Ok(known.unwrap_or(Plain))
}

/// How the rows of one table are written.
pub struct Plan {
    /// What is asked of the database.
    pub columns: Vec<String>,
    table: &'static str,
    opened: Vec<(&'static str, Treated)>,
    personal: bool,
}

impl Plan {
    pub fn of(table: &OwnedTable, personal: bool) -> anyhow::Result<Self> {
        let mut columns = Vec::new();
        let mut opened = Vec::new();
        for column in &table.columns {
            let how = treated(&table.name, &column.name, &column.kind)?;
            match how {
                Secret(_) => continue,
                Sealed { .. } if !personal => continue,
                Sealed { .. } | SealedWithin(_) => {
                    let known = COLUMNS
                        .iter()
                        .find(|(t, c, _)| *t == table.name && *c == column.name);
                    opened.extend(known.map(|(_, column, _)| (*column, how)));
                }
                Plain => {}
            }
            columns.push(column.name.clone());
        }
        let known = COLUMNS.iter().find(|(t, _, _)| *t == table.name);
        Ok(Self {
            columns,
            table: known.map_or("", |(table, _, _)| table),
            opened,
            personal,
        })
    }

    /// The line of a row, and how many of its values did not open.
    pub fn line(
        &self,
        row: String,
        city: TenantId,
        sealer: &dyn Sealer,
    ) -> anyhow::Result<(String, u64)> {
        if self.opened.is_empty() {
            return Ok((row, 0));
        }
        let mut row: Map<String, Value> = serde_json::from_str(&row)?;
        let mut unreadable = 0;
        for (column, how) in &self.opened {
            let place = |id: Option<&Value>| {
                let row = Uuid::try_parse(id?.as_str()?).ok()?;
                Some(Place {
                    tenant: city.0,
                    table: self.table,
                    row,
                    column,
                })
            };
            let open = |place: Option<Place>, bytes: Option<Vec<u8>>| {
                sealer.open(&place?, &bytes?).ok().map(|plain| told(&plain))
            };
            match how {
                Sealed { row: id, written } => {
                    let value = row.remove(*column).unwrap_or_default();
                    let value = if value.is_null() {
                        value
                    } else {
                        let bytes = value.as_str().and_then(from_hex);
                        let plain = open(place(row.get(*id)), bytes);
                        unreadable += u64::from(plain.is_none());
                        plain.unwrap_or_default()
                    };
                    row.insert((*written).to_owned(), value);
                }
                SealedWithin(key) => {
                    let place = place(row.get("id"));
                    let within = row.get_mut(*column).and_then(Value::as_object_mut);
                    if let Some(within) = within
                        && let Some(value) = within.remove(*key)
                        && self.personal
                    {
                        let plain = open(place, from_numbers(&value));
                        unreadable += u64::from(plain.is_none());
                        let name = key.trim_end_matches("_sealed");
                        within.insert(name.to_owned(), plain.unwrap_or_default());
                    }
                }
                Plain | Secret(_) => {}
            }
        }
        Ok((serde_json::to_string(&row)?, unreadable))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("\\x")?).ok()
}

fn from_numbers(value: &Value) -> Option<Vec<u8>> {
    let number = |byte: &Value| byte.as_u64().and_then(|byte| u8::try_from(byte).ok());
    value.as_array()?.iter().map(number).collect()
}

/// What was sealed, as JSON takes it: records as they are, text as text, anything else in Base64.
fn told(plain: &[u8]) -> Value {
    match std::str::from_utf8(plain) {
        Ok(text) => match serde_json::from_str::<Value>(text) {
            Ok(value) if value.is_object() || value.is_array() => value,
            _ => Value::String(text.to_owned()),
        },
        Err(_) => Value::String(STANDARD.encode(plain)),
    }
}

#[cfg(test)]
mod tests {
    use postgres_adapter::leaving::OwnedColumn;

    use super::*;

    fn table(name: &str, columns: &[(&str, &str)]) -> OwnedTable {
        let column = |(name, kind): &(&str, &str)| OwnedColumn {
            name: (*name).to_owned(),
            kind: (*kind).to_owned(),
            required: true,
        };
        OwnedTable {
            name: name.to_owned(),
            key: vec!["id".to_owned()],
            columns: columns.iter().map(column).collect(),
        }
    }

    #[test]
    fn secrets_never_leave_and_sealed_values_only_when_asked_for() {
        let users = table(
            "users",
            &[
                ("id", "uuid"),
                ("phone_sealed", "bytea"),
                ("phone_index", "bytea"),
                ("name", "text"),
            ],
        );
        let plan = |personal| Plan::of(&users, personal).expect("a plan").columns;
        assert_eq!(plan(true), ["id", "phone_sealed", "name"]);
        assert_eq!(plan(false), ["id", "name"]);
    }

    #[test]
    fn bytes_that_nobody_has_thought_about_stop_the_export() {
        let new = table("users", &[("id", "uuid"), ("iris", "bytea")]);
        let refused = Plan::of(&new, true).err().expect("it is refused");
        assert!(refused.to_string().contains("users.iris"), "{refused}");
    }

    #[test]
    fn what_was_sealed_is_told_as_what_it_is() {
        assert_eq!(
            told(b"130900199001011234"),
            Value::from("130900199001011234")
        );
        assert_eq!(told(b"{\"a\":1}")["a"], 1);
        assert_eq!(told(&[0xff, 0xd8]), Value::from("/9g="));
    }
}
