//! 租户: the tree of a city platform, its institutions and their branches, and who works in it; beside the cities a province, which holds
//! nothing of theirs.

use crate::vocabulary;

vocabulary! {
    /// 租户类型 (house style "Words").
    TenantKind {
        City = "city" / "城市平台",
        Bank = "bank" / "金融机构",
        Branch = "branch" / "分支机构",
        /// A root of its own; its people read sums of its cities (T6).
        Province = "province" / "省级监管",
    }
}

vocabulary! {
    /// 角色 (application-lifecycle.md section 2). A visitor has none of these.
    Role {
        EnterpriseOwner = "eo" / "企业管理员",
        EnterpriseOperator = "eu" / "企业经办人",
        EnterpriseViewer = "ev" / "企业查看人员",
        CustomerManager = "bm" / "客户经理",
        BranchApprover = "ba" / "支行审批人",
        BranchHead = "bh" / "支行负责人",
        HqAdministrator = "ha" / "总行管理员",
        HqApprover = "hp" / "总行审批人",
        Operator = "op" / "平台运营",
        Supervisor = "os" / "平台督办",
        Regulator = "rg" / "监管人员",
        ProvinceSupervisor = "pr" / "省级监管人员",
        PlatformAdministrator = "pa" / "平台管理员",
        System = "sys" / "系统",
    }
}

impl Role {
    /// What an administrator of this kind of node, or of one above it, may grant there.
    pub const fn of_kind(kind: TenantKind) -> &'static [Self] {
        match kind {
            TenantKind::Branch => &[
                Self::CustomerManager,
                Self::BranchApprover,
                Self::BranchHead,
            ],
            TenantKind::Bank => &[Self::HqAdministrator, Self::HqApprover],
            TenantKind::City => &[Self::Operator, Self::Supervisor, Self::Regulator],
            TenantKind::Province => &[Self::ProvinceSupervisor],
        }
    }

    /// Granted only by two people (S-39).
    pub const fn needs_two_people(self) -> bool {
        matches!(
            self,
            Self::HqAdministrator | Self::HqApprover | Self::Operator
        )
    }

    /// True for the roles of an enterprise's own people.
    pub const fn is_enterprise(self) -> bool {
        matches!(
            self,
            Self::EnterpriseOwner | Self::EnterpriseOperator | Self::EnterpriseViewer
        )
    }

    /// True for the roles of bank and branch staff.
    pub const fn is_bank(self) -> bool {
        matches!(
            self,
            Self::CustomerManager
                | Self::BranchApprover
                | Self::BranchHead
                | Self::HqAdministrator
                | Self::HqApprover
        )
    }
}
