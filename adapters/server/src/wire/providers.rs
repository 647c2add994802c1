//! Wiring of providers 供应商: what each kind is made of, and who examines them. One line per provider.

use std::sync::Arc;

use application::{
    city::Cities,
    ports::{
        clock::Clock,
        plugs::{PlugError, Plugs as _},
        providers::{Examined, Examinee, ProviderChecks, Section},
        sms::{Heard, SmsReceiver, SmsSender},
        store::StoreError,
    },
};
use async_trait::async_trait;
use domain::ids::TenantId;
use outbound::{Account, Switchboard};
use postgres_adapter::PgDoor;
use serde_json::Value;
use sms::chain::{self, Chain};
use tenants::plug_table::{self, PlugTable};

use super::accounts;

/// What makers need beside a city's section.
#[derive(Clone)]
pub struct Makings {
    pub cities: Arc<dyn Cities>,
    pub board: Switchboard,
    pub door: Arc<PgDoor>,
    pub clock: Arc<dyn Clock>,
}

impl Makings {
    fn chain(&self, section: &plug_table::Section<'_>) -> Result<Arc<Chain>, PlugError> {
        let values: Value = section.read()?;
        Chain::new(
            &self.board,
            section.city,
            &values,
            self.door.clone(),
            self.clock.clone(),
        )
        .map(Arc::new)
        .map_err(|what| section.wrong(what))
    }

    /// Who sends messages.
    pub fn senders(&self) -> PlugTable<dyn SmsSender> {
        let own = self.clone();
        let table = PlugTable::<dyn SmsSender>::new("sms", self.cities.clone()).plug(
            sms::demo::KIND,
            move |section| {
                Ok(Arc::new(sms::demo::DemoSender::new(
                    section.read()?,
                    own.door.clone(),
                    own.door.clone(),
                    own.clock.clone(),
                )))
            },
        );
        chain::KINDS.iter().fold(table, |table, kind| {
            let own = self.clone();
            table.plug(kind, move |section| Ok(own.chain(section)?))
        })
    }

    /// Who takes receipts of messages.
    pub fn receivers(&self) -> PlugTable<dyn SmsReceiver> {
        let table = PlugTable::<dyn SmsReceiver>::new("sms", self.cities.clone())
            .plug(sms::demo::KIND, |_| Ok(Arc::new(NoContract)));
        chain::KINDS.iter().fold(table, |table, kind| {
            let own = self.clone();
            table.plug(kind, move |section| Ok(own.chain(section)?))
        })
    }

    /// Everything that can be examined, section by section.
    pub fn examiner(&self) -> Examiner {
        let sms = PlugTable::<dyn Examinee>::new("sms", self.cities.clone())
            .plug(sms::demo::KIND, |_| Ok(Arc::new(NoContract)));
        let sms = chain::KINDS.iter().fold(sms, |table, kind| {
            let own = self.clone();
            table.plug(kind, move |section| Ok(own.chain(section)?))
        });
        let face = [
            face::demo::KIND,
            face::tencent::KIND,
            face::aliyun::KIND,
            face::wechat::KIND,
        ];
        let readers = [
            ::recognition::embedded::KIND,
            ::recognition::tencent::KIND,
            ::recognition::aliyun::KIND,
            ::recognition::wechat::KIND,
        ];
        let nodes = [::province::demo::KIND, ::province::node::KIND];
        let programs = [::wechat::none::KIND, ::wechat::demo::KIND, ::wechat::KIND];
        Examiner {
            cities: self.cities.clone(),
            tables: vec![
                sms,
                self.accounts("face", face),
                self.accounts("recognition", readers),
                self.accounts("wechat", programs),
                self.accounts(application::province::SECTION, nodes),
            ],
        }
    }

    fn accounts<const N: usize>(
        &self,
        name: &'static str,
        kinds: [&'static str; N],
    ) -> PlugTable<dyn Examinee> {
        let table = PlugTable::<dyn Examinee>::new(name, self.cities.clone());
        kinds.into_iter().fold(table, |table, kind| {
            let own = self.clone();
            table.plug(kind, move |section| {
                let accounts = accounts::of(&own.board, name, section.city, section.read()?);
                Ok(Arc::new(Accounts {
                    board: own.board.clone(),
                    city: section.city.id,
                    list: accounts.map_err(|what| section.wrong(what))?,
                }))
            })
        })
    }
}

/// Accounts of a section, the fallback after the first.
struct Accounts {
    board: Switchboard,
    city: TenantId,
    list: Vec<Arc<dyn Account>>,
}

#[async_trait]
impl Examinee for Accounts {
    async fn examine(&self, live: bool) -> Vec<Examined> {
        let mut examined = Vec::new();
        for account in &self.list {
            examined.push(outbound::examine(&self.board, self.city, &**account, live).await);
        }
        examined
    }
}

/// What a city may do without.
const OPTIONAL: [&str; 2] = ["recognition", application::province::SECTION];

/// What needs no contract: a demonstration.
struct NoContract;

#[async_trait]
impl SmsReceiver for NoContract {
    async fn receive(&self, _: &str, _: &str, _: &[u8]) -> Result<Heard, StoreError> {
        Ok(Heard::NoDoor)
    }
}

#[async_trait]
impl Examinee for NoContract {
    async fn examine(&self, _: bool) -> Vec<Examined> {
        Vec::new()
    }
}

/// Examines what is plugged in for a city.
pub struct Examiner {
    cities: Arc<dyn Cities>,
    tables: Vec<PlugTable<dyn Examinee>>,
}

#[async_trait]
impl ProviderChecks for Examiner {
    async fn examine(&self, city: TenantId, live: bool) -> Vec<Section> {
        let mut sections = Vec::new();
        for table in &self.tables {
            let known = self.cities.by_id(city);
            let values = known.as_ref().and_then(|city| city.plugs.get(table.name()));
            if values.is_none() && OPTIONAL.contains(&table.name()) {
                continue;
            }
            let kind = values.and_then(|values| values["kind"].as_str());
            let kind = kind.unwrap_or_default().to_owned();
            let (settings, accounts) = match table.of(city).await {
                Ok(examinee) => (Ok(()), examinee.examine(live).await),
                Err(error) => (Err(error.to_string()), Vec::new()),
            };
            sections.push(Section {
                name: table.name(),
                kind,
                settings,
                accounts,
            });
        }
        sections
    }
}
