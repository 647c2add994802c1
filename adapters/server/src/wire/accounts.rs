//! Accounts 账号 of face, recognition, WeChat and the provincial node for the examination: one line per provider; what needs no contract has none.

use std::sync::Arc;

use application::city::City;
use outbound::{Account, Switchboard};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::wechat::SECTION;

/// The accounts of a section in the order in which they are asked.
pub(super) fn of(
    board: &Switchboard,
    name: &'static str,
    city: &City,
    mut section: Value,
) -> Result<Vec<Arc<dyn Account>>, String> {
    let fallback = section
        .as_object_mut()
        .and_then(|settings| settings.remove("fallback"));
    let mut accounts: Vec<Arc<dyn Account>> =
        one(board, name, city, section)?.into_iter().collect();
    if let Some(fallback) = fallback {
        accounts.extend(of(board, name, city, fallback)?);
    }
    Ok(accounts)
}

fn one(
    board: &Switchboard,
    name: &'static str,
    city: &City,
    section: Value,
) -> Result<Option<Arc<dyn Account>>, String> {
    let kind = section["kind"].as_str().unwrap_or_default();
    let account: Arc<dyn Account> = match (name, kind) {
        ("face", face::demo::KIND) => {
            return read::<face::demo::DemoSettings>(section).map(|_| None);
        }
        ("recognition", ::recognition::embedded::KIND) => {
            return read::<::recognition::embedded::EmbeddedSettings>(section).map(|_| None);
        }
        ("face", face::tencent::KIND) => {
            Arc::new(face::tencent::Tencent::new(board, city.id, read(section)?)?)
        }
        ("face", face::aliyun::KIND) => {
            Arc::new(face::aliyun::Aliyun::new(board, city.id, read(section)?)?)
        }
        ("face", face::wechat::KIND) => {
            read::<face::wechat::Settings>(section)?;
            program(board, city, face::wechat::LINE)?
        }
        ("recognition", ::recognition::tencent::KIND) => Arc::new(
            ::recognition::tencent::Tencent::new(board, city.id, read(section)?)?,
        ),
        ("recognition", ::recognition::aliyun::KIND) => Arc::new(
            ::recognition::aliyun::Aliyun::new(board, city.id, read(section)?)?,
        ),
        ("recognition", ::recognition::wechat::KIND) => {
            read::<::recognition::wechat::Settings>(section)?;
            program(board, city, ::recognition::wechat::LINE)?
        }
        (application::province::SECTION, ::province::demo::KIND) => {
            return ::province::demo::DemoNode::new(&read(section)?).map(|_| None);
        }
        (application::province::SECTION, ::province::node::KIND) => {
            Arc::new(::province::node::Node::new(board, city.id, read(section)?)?)
        }
        ("wechat", ::wechat::KIND) => program(board, city, ::wechat::TOKEN_LINE)?,
        ("wechat", ::wechat::demo::KIND | ::wechat::none::KIND) => return Ok(None),
        (_, other) => return Err(format!("unknown kind {other}")),
    };
    Ok(Some(account))
}

/// Face and recognition by WeChat use the key of the city's mini-program.
fn program(
    board: &Switchboard,
    city: &City,
    line: &'static str,
) -> Result<Arc<dyn Account>, String> {
    let section = city.plugs.get(SECTION);
    let ours = section.filter(|s| s["kind"].as_str() == Some(::wechat::KIND));
    let ours = ours.ok_or("it needs the mini-program of [wechat], which is not WeChat's")?;
    let settings: ::wechat::Settings = read(ours.clone())?;
    settings.check()?;
    let account = ::wechat::WechatAccount::new(board, city.id, settings, line);
    Ok(Arc::new(account.map_err(|error| error.to_string())?))
}

fn read<T: DeserializeOwned>(section: Value) -> Result<T, String> {
    serde_json::from_value(section).map_err(|error| error.to_string())
}
