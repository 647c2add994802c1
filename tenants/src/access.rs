//! 访问策略 by casbin: an immutable enforcer from two files, verdicts kept.

use application::access::{AccessAsk, AccessPolicy, Action, Room};
use async_trait::async_trait;
use casbin::{CoreApi as _, DefaultModel, Enforcer, StringAdapter};
use domain::{
    ids::TenantId,
    tenant::{Role, TenantKind},
};
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

    /// Roles × rooms × actions as text, one line a room and role, for review.
    pub fn matrix(&self) -> String {
        let roles: Vec<&'static str> = std::iter::once("visitor")
            .chain(Role::ALL.iter().map(|role| role.code()))
            .collect();
        let hands = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = roles.len().div_ceil(hands);
        let lines: Vec<String> = std::thread::scope(|scope| {
            let of_some =
                |some: &[&'static str]| some.iter().map(|role| self.lines_of(role)).collect();
            let hands: Vec<_> = roles
                .chunks(share)
                .map(|some| scope.spawn(move || -> String { of_some(some) }))
                .collect();
            hands
                .into_iter()
                .map(|hand| match hand.join() {
                    Ok(lines) => lines,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        });
        format!("# role  kind  room: actions\n{}", lines.concat())
    }

    fn lines_of(&self, role: &'static str) -> String {
        let mut text = String::new();
        for &kind in TenantKind::ALL {
            for &room in Room::ALL {
                let allowed: Vec<&str> = Action::ALL
                    .iter()
                    .filter(|&&action| {
                        self.ask(&AccessAsk {
                            role,
                            tenant: TenantId(uuid::Uuid::nil()),
                            kind,
                            room,
                            action,
                        })
                    })
                    .map(|action| action.code())
                    .collect();
                if !allowed.is_empty() {
                    text.push_str(&format!(
                        "{role}  {}  {}: {}\n",
                        kind.code(),
                        room.code(),
                        allowed.join(", ")
                    ));
                }
            }
        }
        text
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

    #[tokio::test]
    async fn the_printed_matrix_is_the_policy() {
        let policy = CasbinPolicy::load().await.expect("the policy loads");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/access/matrix.txt");
        let printed = std::fs::read_to_string(path).unwrap_or_default();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, policy.matrix()).expect("the matrix can be written");
            return;
        }
        assert_eq!(
            printed,
            policy.matrix(),
            "run BLESS=1 cargo test -p tenants and review the difference"
        );
    }
}
