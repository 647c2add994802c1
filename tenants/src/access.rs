//! 访问策略 by casbin: an immutable enforcer from two files, verdicts kept.

use application::access::{AccessAsk, AccessPolicy};
use async_trait::async_trait;
use casbin::{CoreApi as _, DefaultModel, Enforcer, StringAdapter};
use moka::future::Cache;

const MODEL: &str = include_str!("../access/model.conf");
const POLICY: &str = include_str!("../access/policy.csv");

/// The policy of the files; it cannot be written, so nobody can widen it at run time.
pub struct CasbinPolicy {
    enforcer: Enforcer,
    verdicts: Cache<AccessAsk, bool>,
}

impl CasbinPolicy {
    /// Reads the embedded files; anything wrong in them stops the start.
    pub async fn load() -> Result<Self, casbin::Error> {
        let lines: String = POLICY
            .lines()
            .filter(|l| !l.trim_start().starts_with('#'))
            .fold(String::new(), |mut all, line| {
                all.push_str(line);
                all.push('\n');
                all
            });
        let enforcer = Enforcer::new(
            DefaultModel::from_str(MODEL).await?,
            StringAdapter::new(lines),
        )
        .await?;
        Ok(Self {
            enforcer,
            verdicts: Cache::new(100_000),
        })
    }

    fn ask(&self, ask: &AccessAsk) -> bool {
        let tenant = ask.tenant.to_string();
        self.enforcer
            .enforce((
                ask.role,
                tenant.as_str(),
                ask.kind.code(),
                ask.room.code(),
                ask.action.code(),
            ))
            .unwrap_or_else(|error| {
                tracing::error!(%error, "the access policy could not answer");
                false
            })
    }
}

#[async_trait]
impl AccessPolicy for CasbinPolicy {
    async fn allows(&self, ask: &AccessAsk) -> bool {
        if let Some(verdict) = self.verdicts.get(ask).await {
            return verdict;
        }
        let verdict = self.ask(ask);
        self.verdicts.insert(ask.clone(), verdict).await;
        verdict
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fmt::Write as _};

    use application::access::{Action, Room};
    use domain::{
        ids::TenantId,
        tenant::{Role, TenantKind},
    };

    use super::*;

    async fn allows(role: &'static str, kind: TenantKind, room: Room, action: Action) -> bool {
        let policy = CasbinPolicy::load().await.expect("the policy loads");
        policy
            .allows(&AccessAsk {
                role,
                tenant: TenantId(uuid::Uuid::nil()),
                kind,
                room,
                action,
            })
            .await
    }

    #[tokio::test]
    async fn what_no_line_names_is_refused() {
        assert!(!allows("visitor", TenantKind::City, Room::Financing, Action::Submit).await);
        assert!(!allows("pa", TenantKind::City, Room::Intake, Action::View).await);
        assert!(!allows("bm", TenantKind::City, Room::Intake, Action::Accept).await);
    }

    #[tokio::test]
    async fn an_owner_may_all_that_an_operator_may() {
        assert!(allows("eo", TenantKind::City, Room::Financing, Action::Submit).await);
        assert!(!allows("eu", TenantKind::City, Room::Profile, Action::Save).await);
    }

    /// Kind, room and action of every line of the policy.
    fn named() -> HashSet<(&'static str, &'static str, &'static str)> {
        let words = POLICY
            .lines()
            .map(|line| line.split(", ").collect::<Vec<_>>());
        let named = words.filter_map(|words| match words[..] {
            ["p", _, _, kind, room, action, _] => Some((kind, room, action)),
            _ => None,
        });
        named.collect()
    }

    /// Roles × rooms × actions as text, one line a room and role, for review. Everybody is asked for what some line names; what
    /// none names is asked of one role after the other: each answer goes through the whole policy.
    fn matrix(policy: &CasbinPolicy) -> String {
        let named = named();
        let roles: Vec<&'static str> = std::iter::once("visitor")
            .chain(Role::ALL.iter().map(|role| role.code()))
            .collect();
        let mut text = "# role  kind  room: actions\n".to_owned();
        for (at, &role) in roles.iter().enumerate() {
            let mut unnamed = 0;
            for &kind in TenantKind::ALL {
                for &room in Room::ALL {
                    let mut allowed = Vec::new();
                    for &action in Action::ALL {
                        if !named.contains(&(kind.code(), room.code(), action.code())) {
                            unnamed += 1;
                            if unnamed % roles.len() != at {
                                continue;
                            }
                        }
                        let ask = AccessAsk {
                            role,
                            tenant: TenantId(uuid::Uuid::nil()),
                            kind,
                            room,
                            action,
                        };
                        if policy.ask(&ask) {
                            allowed.push(action.code());
                        }
                    }
                    if !allowed.is_empty() {
                        let (kind, room, may) = (kind.code(), room.code(), allowed.join(", "));
                        writeln!(text, "{role}  {kind}  {room}: {may}").expect("a text takes it");
                    }
                }
            }
        }
        text
    }

    #[tokio::test]
    async fn the_printed_matrix_is_the_policy() {
        let policy = CasbinPolicy::load().await.expect("the policy loads");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/access/matrix.txt");
        let printed = std::fs::read_to_string(path).unwrap_or_default();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, matrix(&policy)).expect("the matrix can be written");
            return;
        }
        assert_eq!(
            printed,
            matrix(&policy),
            "run BLESS=1 cargo test -p tenants and review the difference"
        );
    }
}
