//! No permit, no transaction: who acts, what the access policy says, and the permit that opens a unit of work.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use async_trait::async_trait;
use domain::{
    financing::ActingPerson,
    ids::{EnterpriseId, TenantId, UserId},
    tenant::{Role, TenantKind},
    vocabulary,
};
use uuid::Uuid;

use crate::error::{UseError, UseResult};

vocabulary! {
    /// Rooms of the house: what a right is about.
    Room {
        Catalogue = "catalogue" / "门户",
        Account = "account" / "账号安全",
        Profile = "profile" / "完善信息",
        Identity = "identity" / "人脸核验",
        Files = "files" / "企业材料",
        Financing = "financing" / "融资需求",
        Consents = "consents" / "授权记录",
        Messages = "messages" / "消息",
        Desk = "desk" / "工作台",
        Intake = "intake" / "接单",
        Review = "review" / "审核",
        Dossier = "dossier" / "企业资料",
        Diligence = "diligence" / "尽调",
        Approval = "approval" / "审批",
        Lending = "lending" / "放款与还款",
        Dispatch = "dispatch" / "派单",
        Appeal = "appeal" / "复议与更正",
        Thread = "thread" / "沟通记录",
        Board = "board" / "时效看板",
        Products = "products" / "产品管理",
        People = "people" / "人员与角色",
        Tree = "tree" / "机构与支行",
        Settings = "settings" / "审批设置",
        Exports = "exports" / "导出",
        Imports = "imports" / "导入",
        Referrals = "referrals" / "推荐清单",
        Supervision = "supervision" / "督办与冻结",
        Enterprises = "enterprises" / "企业管理",
        Institutions = "institutions" / "机构管理",
        Keys = "keys" / "系统接口",
        Deliveries = "deliveries" / "消息投递",
        Posters = "posters" / "小程序码",
        FaceReview = "face_review" / "核验复核",
        Content = "content" / "内容管理",
        Complaints = "complaints" / "投诉",
        Ratings = "ratings" / "评价",
        Size = "size" / "企业划型",
        Estimates = "estimates" / "额度试算",
        Callbacks = "callbacks" / "回访",
        Appraisal = "appraisal" / "机构考评",
        Statistics = "statistics" / "统计分析",
        Oversight = "oversight" / "监管查看",
        AuditLog = "audit_log" / "操作日志",
        Province = "province" / "上级报送",
        Provincial = "provincial" / "全省统计",
        Visits = "visits" / "走访清单",
        Subsidies = "subsidies" / "贴息补贴",
        Dictionaries = "dictionaries" / "数据字典",
    }
}

vocabulary! {
    /// What one does in a room.
    Action {
        View = "view" / "查看",
        Save = "save" / "保存",
        Submit = "submit" / "提交",
        Withdraw = "withdraw" / "撤回",
        Answer = "answer" / "补充",
        Verify = "verify" / "核验",
        Accept = "accept" / "接单",
        AskSupplement = "ask_supplement" / "退回补充",
        Approve = "approve" / "通过",
        Reject = "reject" / "不通过",
        Unmask = "unmask" / "查看完整",
        OpenFile = "open_file" / "查看材料",
        Decline = "decline" / "拒单",
        HandOver = "hand_over" / "转办",
        Assign = "assign" / "派单",
        Propose = "propose" / "提交审批",
        Sign = "sign" / "签署",
        Record = "record" / "登记",
        Confirm = "confirm" / "确认",
        Ask = "ask" / "申请",
        Publish = "publish" / "发布",
        Check = "check" / "复核",
        Grant = "grant" / "授权",
        Export = "export" / "导出",
        Import = "import" / "导入",
        Close = "close" / "注销",
    }
}

/// A signed-in person, read afresh with every request (S-10).
#[derive(Clone, Debug)]
pub struct Actor {
    pub user: UserId,
    pub name: String,
    /// The city for enterprise people, the own node for staff.
    pub tenant: TenantId,
    pub tenant_kind: TenantKind,
    pub tenant_name: String,
    pub city: TenantId,
    /// 可见范围: the tenant and those below it.
    pub reach: Arc<[TenantId]>,
    pub enterprise: Option<EnterpriseId>,
    pub roles: Vec<Role>,
    /// Names the session in the list of one's sessions.
    pub session: Uuid,
    pub from: Origin,
}

/// Where a request came from: for consents, audit and view log.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub ip: String,
    pub request_id: String,
    /// `web`, `phone` or `mini_program`.
    pub channel: &'static str,
}

impl Origin {
    /// By the interface of the mini-program, with tokens instead of cookies.
    pub fn is_app(&self) -> bool {
        self.channel == "mini_program"
    }

    /// IPv4 address, or the /64 of an IPv6 address: what one customer of a provider has.
    pub fn network(&self) -> String {
        match self.ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
            Ok(IpAddr::V4(ip)) => ip.to_string(),
            Ok(IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            Err(_) => String::new(),
        }
    }
}

impl Actor {
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// 企业查看人员 without any other role: sees, and does nothing.
    pub fn only_looks(&self) -> bool {
        self.roles
            .iter()
            .all(|role| *role == Role::EnterpriseViewer)
    }

    /// A bank's own system behind an access key: it acts, but it is nobody.
    pub fn is_machine(&self) -> bool {
        self.has(Role::System)
    }

    /// The person who acts; nobody when it is a machine.
    pub fn person(&self) -> Option<UserId> {
        (!self.is_machine()).then_some(self.user)
    }

    /// Where a record of a loan came from.
    pub fn source(&self) -> &'static str {
        if self.is_machine() { "api" } else { "form" }
    }

    /// This person as one of their roles that the transition table allows; the first role otherwise.
    pub fn acting_as(&self, wanted: &[Role]) -> ActingPerson {
        let role = self
            .roles
            .iter()
            .copied()
            .find(|r| wanted.contains(r))
            .or_else(|| self.roles.first().copied())
            .unwrap_or(Role::Regulator);
        ActingPerson {
            id: self.person(),
            name: self.name.clone(),
            role,
        }
    }
}

/// Which database role a unit of work puts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hat {
    Staff,
    Enterprise,
    Visitor,
    /// Reads 全省统计 and no other table.
    Province,
}

/// The right to open one unit of work for exactly one tenant. Only [`Guard`] makes one.
#[derive(Clone, Debug)]
pub struct Permit {
    hat: Hat,
    tenant: TenantId,
    city: TenantId,
    reach: Arc<[TenantId]>,
    enterprise: Option<EnterpriseId>,
    person: Option<UserId>,
}

impl Permit {
    pub fn hat(&self) -> Hat {
        self.hat
    }
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
    pub fn city(&self) -> TenantId {
        self.city
    }
    pub fn reach(&self) -> &[TenantId] {
        &self.reach
    }
    pub fn enterprise(&self) -> Option<EnterpriseId> {
        self.enterprise
    }
    pub fn person(&self) -> Option<UserId> {
        self.person
    }

    /// For what no person reads by themselves, such as which entries of a log are gone by right (the walls look): the same hat in the
    /// same place, without the person and with nothing below it.
    pub(crate) fn of_nobody(&self) -> Self {
        Self {
            reach: Arc::from([self.tenant]),
            person: None,
            ..self.clone()
        }
    }
}

/// A question to the access policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccessAsk {
    /// Role code, or `visitor`.
    pub role: &'static str,
    pub tenant: TenantId,
    pub kind: TenantKind,
    pub room: Room,
    pub action: Action,
}

/// 访问策略: who may do what where; deny by default.
#[async_trait]
pub trait AccessPolicy: Send + Sync {
    /// An error means no (a check that cannot run says no).
    async fn allows(&self, ask: &AccessAsk) -> bool;
}

/// The only maker of permits.
#[derive(Clone)]
pub struct Guard {
    policy: Arc<dyn AccessPolicy>,
}

impl Guard {
    /// Made once where the program is wired together; a fence looks for other makers.
    pub fn new(policy: Arc<dyn AccessPolicy>) -> Self {
        Self { policy }
    }

    /// True when one of the actor's roles may do this: for menus and buttons, which the use case checks again.
    pub async fn may(&self, actor: &Actor, room: Room, action: Action) -> bool {
        for role in &actor.roles {
            let ask = AccessAsk {
                role: role.code(),
                tenant: actor.tenant,
                kind: actor.tenant_kind,
                room,
                action,
            };
            if self.policy.allows(&ask).await {
                return true;
            }
        }
        false
    }

    /// A permit for the actor's own tenant, or the answer that the room does not exist for them.
    pub async fn permit(&self, actor: &Actor, room: Room, action: Action) -> UseResult<Permit> {
        if self.may(actor, room, action).await {
            return Ok(Permit {
                hat: if actor.enterprise.is_some() {
                    Hat::Enterprise
                } else if room == Room::Provincial {
                    Hat::Province
                } else {
                    Hat::Staff
                },
                tenant: actor.tenant,
                city: actor.city,
                reach: actor.reach.clone(),
                enterprise: actor.enterprise,
                person: Some(actor.user),
            });
        }
        tracing::warn!(actor = %actor.user, tenant = %actor.tenant, room = room.code(), action = action.code(), "denied");
        if action != Action::View && self.may(actor, room, Action::View).await {
            return Err(UseError::denied());
        }
        Err(UseError::not_found())
    }

    /// A permit to read what a city shows to everybody.
    pub async fn visitor(&self, city: TenantId) -> UseResult<Permit> {
        let ask = AccessAsk {
            role: "visitor",
            tenant: city,
            kind: TenantKind::City,
            room: Room::Catalogue,
            action: Action::View,
        };
        if !self.policy.allows(&ask).await {
            return Err(UseError::not_found());
        }
        Ok(Permit {
            hat: Hat::Visitor,
            tenant: city,
            city,
            reach: Arc::from([city]),
            enterprise: None,
            person: None,
        })
    }

    /// A permit for a worker (发件箱, 时钟): one city at a time, never "all".
    pub fn job(city: TenantId, reach: Arc<[TenantId]>) -> Permit {
        Permit {
            hat: Hat::Staff,
            tenant: city,
            city,
            reach,
            enterprise: None,
            person: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_of_nobody_stays_in_its_place_and_under_its_hat() {
        let [city, bank] = [1, 2].map(|id| TenantId(Uuid::from_u128(id)));
        let permit = Permit {
            hat: Hat::Enterprise,
            tenant: city,
            city,
            reach: Arc::from([city, bank]),
            enterprise: Some(EnterpriseId(Uuid::nil())),
            person: Some(UserId(Uuid::nil())),
        };
        let nobody = permit.of_nobody();
        assert_eq!((nobody.person(), nobody.reach()), (None, &[city][..]));
        assert_eq!((nobody.hat(), nobody.tenant()), (permit.hat(), city));
        assert_eq!(nobody.enterprise(), permit.enterprise());
    }

    #[test]
    fn a_network_is_an_old_address_or_the_half_of_a_new_one_that_a_provider_gives() {
        let of = |ip: &str| {
            let origin = Origin {
                ip: ip.to_owned(),
                ..Origin::default()
            };
            origin.network()
        };
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_ne!(of("203.0.113.7"), of("203.0.113.8"));
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of(""), "");
    }
}
