//! Side navigation 侧栏: the rooms of each console, in order; the longest matching path is where we are.

use domain::tenant::{Role, TenantKind};

use crate::{parts::SideLink, visit::Visit};

/// The owner's alone.
const ENTERPRISE_PEOPLE: &str = "/enterprise/people";
const ENTERPRISE: [(&str, &str); 13] = [
    ("概览", "/enterprise"),
    ("完善信息", "/enterprise/profile"),
    ("企业划型", crate::size::PATH),
    ("人脸核验", "/enterprise/face"),
    ("我的试算", crate::estimates::PATH),
    ("融资需求管理", "/enterprise/applications"),
    ("在贷总览", "/enterprise/loans"),
    ("贴息申请", "/enterprise/subsidies"),
    ("授权记录", "/enterprise/consents"),
    ("投诉", "/enterprise/complaints"),
    ("企业人员", ENTERPRISE_PEOPLE),
    ("消息", "/enterprise/messages"),
    ("账号安全", "/enterprise/account"),
];

/// A room of a staff console and the roles that find it in their menu; every use case asks the policy again.
struct Entry {
    label: &'static str,
    href: &'static str,
    /// Empty: everybody of the console.
    roles: &'static [Role],
}

const fn entry(label: &'static str, href: &'static str) -> Entry {
    for_roles(label, href, &[])
}

const fn for_roles(label: &'static str, href: &'static str, roles: &'static [Role]) -> Entry {
    Entry { label, href, roles }
}

/// What the rooms below it have in common; nothing is found there.
const fn part(label: &'static str) -> Entry {
    entry(label, "")
}

const POSTERS: &str = "/staff/posters";

const BRANCH: &[Entry] = &[
    entry("工作台", "/branch"),
    entry("待接单", "/branch/queue"),
    entry("已接单", "/branch/accepted"),
    for_roles("待我审批", "/branch/approvals", &[Role::BranchApprover]),
    entry("全部融资需求", "/branch/applications"),
    entry("贷后台账", "/branch/loans"),
    entry("到期名单", "/branch/loans/due"),
    entry("柜面核验", "/branch/counter"),
    part("支行"),
    entry("办理成效", "/branch/results"),
    entry("超时说明", "/branch/breaches"),
    for_roles(
        "推荐清单",
        "/branch/referrals",
        &[Role::CustomerManager, Role::BranchHead],
    ),
    for_roles("数据导出", "/branch/exports", &[Role::BranchHead]),
    entry("投诉说明", "/branch/complaints"),
    entry("企业评价", "/branch/ratings"),
    entry("小程序码", POSTERS),
    for_roles("人员与角色", "/branch/people", &[Role::BranchHead]),
    part("个人"),
    entry("消息", "/branch/messages"),
    entry("账号安全", "/branch/account"),
];

const HEADQUARTERS: &[Entry] = &[
    entry("工作台", "/hq"),
    entry("待改派", "/hq/dispatch"),
    for_roles("待我审批", "/branch/approvals", &[Role::HqApprover]),
    entry("复议与更正", "/hq/appeals"),
    entry("全部融资需求", "/branch/applications"),
    entry("贷后台账", "/branch/loans"),
    entry("到期名单", "/branch/loans/due"),
    entry("时效看板", "/hq/board"),
    part("产品与支行"),
    entry("产品管理", "/hq/products"),
    entry("机构与支行", "/hq/tree"),
    for_roles("人员与角色", "/hq/people", &[Role::HqAdministrator]),
    entry("小程序码", POSTERS),
    part("服务质量"),
    entry("投诉说明", "/branch/complaints"),
    entry("企业评价", "/branch/ratings"),
    entry("机构考评", "/hq/appraisal"),
    part("数据"),
    for_roles("批量导入", "/hq/imports", &[Role::HqAdministrator]),
    for_roles("推荐清单", "/hq/referrals", &[Role::HqAdministrator]),
    entry("数据导出", "/hq/exports"),
    part("设置"),
    entry("派单规则", "/hq/rules"),
    entry("审批设置", "/hq/settings"),
    entry("系统接口", "/hq/keys"),
    part("个人"),
    entry("消息", "/branch/messages"),
    entry("账号安全", "/branch/account"),
];

/// The city's own people; 监管人员 see totals and nothing else.
const RUNNING: &[Role] = &[Role::Operator, Role::Supervisor];

/// Whoever reads totals.
const READING: &[Role] = &[Role::Operator, Role::Supervisor, Role::Regulator];

const CITY: &[Entry] = &[
    for_roles("平台工作台", "/operator", RUNNING),
    for_roles("融资需求总览", "/operator/applications", RUNNING),
    part("企业与机构"),
    for_roles("企业管理", "/operator/enterprises", RUNNING),
    for_roles("核验复核", "/operator/faces", &[Role::Operator]),
    for_roles("代码核实", "/operator/codes", RUNNING),
    for_roles("机构管理", "/operator/institutions", RUNNING),
    for_roles("产品审核", "/operator/products", &[Role::Operator]),
    for_roles("贴息申请", "/operator/subsidies", RUNNING),
    part("走访与整改"),
    for_roles("走访清单", "/operator/visits", READING),
    for_roles("整改任务", "/operator/visits/repairs", READING),
    part("服务质量"),
    for_roles("投诉处理", "/operator/complaints", RUNNING),
    for_roles("企业评价", "/operator/ratings", RUNNING),
    for_roles("回访工单", "/operator/callbacks", RUNNING),
    for_roles("机构考评", "/operator/appraisal", RUNNING),
    part("统计与监管"),
    for_roles(
        "统计分析",
        "/operator/statistics",
        &[Role::Operator, Role::Supervisor, Role::Regulator],
    ),
    for_roles(
        "数据大屏",
        "/screen",
        &[Role::Operator, Role::Supervisor, Role::Regulator],
    ),
    for_roles(
        "超时通报",
        "/operator/breaches",
        &[Role::Operator, Role::Supervisor, Role::Regulator],
    ),
    for_roles(
        "投诉汇总",
        "/operator/complaints/totals",
        &[Role::Operator, Role::Supervisor, Role::Regulator],
    ),
    for_roles(
        "政策成效",
        "/operator/policies",
        &[Role::Operator, Role::Supervisor, Role::Regulator],
    ),
    for_roles("监管查看", "/operator/oversight", &[Role::Regulator]),
    for_roles("上级报送", "/operator/province", RUNNING),
    part("内容"),
    for_roles("内容管理", "/operator/content", RUNNING),
    for_roles("协议管理", "/operator/agreements", RUNNING),
    for_roles("小程序码", POSTERS, RUNNING),
    part("运行"),
    for_roles("未送达消息", "/operator/deliveries", RUNNING),
    for_roles("短信记录", "/operator/deliveries/log", RUNNING),
    for_roles("服务商自检", "/operator/providers", RUNNING),
    for_roles("工作日历", "/operator/calendar", RUNNING),
    for_roles("数据字典", "/operator/dictionaries", READING),
    for_roles("操作日志", "/operator/audit", RUNNING),
    for_roles("平台设置", "/operator/settings", RUNNING),
    for_roles("消息文案", "/operator/settings/texts", RUNNING),
    for_roles("人员与角色", "/operator/people", &[Role::Operator]),
    part("个人"),
    for_roles("消息", "/branch/messages", RUNNING),
    entry("账号安全", "/branch/account"),
];

const PROVINCE: &[Entry] = &[
    entry("全省统计", crate::provincial::PAGE),
    part("个人"),
    entry("账号安全", "/branch/account"),
];

/// Name and rooms of the console of a kind of tenant.
fn console_of(kind: TenantKind) -> (&'static str, &'static [Entry]) {
    match kind {
        TenantKind::Branch => ("支行工作台", BRANCH),
        TenantKind::Bank => ("机构工作台", HEADQUARTERS),
        TenantKind::City => ("平台工作台", CITY),
        TenantKind::Province => ("省级监管", PROVINCE),
    }
}

/// Paths behind the staff door: who is not signed in there is shown the staff's sign-in.
pub fn is_staff_path(path: &str) -> bool {
    [
        "/branch",
        "/hq",
        "/operator",
        "/screen",
        "/staff",
        crate::provincial::PAGE,
    ]
    .iter()
    .any(|base| path == *base || path.starts_with(&format!("{base}/")))
}

/// Where a member of staff arrives.
pub fn staff_home(kind: TenantKind) -> &'static str {
    match kind {
        TenantKind::Branch => "/branch",
        TenantKind::Bank => "/hq",
        TenantKind::City => "/operator",
        TenantKind::Province => crate::provincial::PAGE,
    }
}

fn side(entries: &[(&str, &str)], path: &str, unread: i64) -> Vec<SideLink> {
    // A new application belongs to the list that it will stand in.
    let path = if path.starts_with("/enterprise/apply/") {
        "/enterprise/applications"
    } else {
        path
    };
    let here = entries
        .iter()
        .map(|(_, href)| *href)
        .filter(|href| !href.is_empty())
        .filter(|href| path == *href || path.starts_with(&format!("{href}/")))
        .max_by_key(|href| href.len());
    let mut links = Vec::with_capacity(entries.len());
    // A part of which this person finds no room is not named.
    let mut part = "";
    for (label, href) in entries {
        if href.is_empty() {
            part = label;
            continue;
        }
        links.push(SideLink {
            part: std::mem::take(&mut part).to_owned(),
            label: (*label).to_owned(),
            href: (*href).to_owned(),
            current: here == Some(*href),
            count: if href.ends_with("/messages") {
                u64::try_from(unread).unwrap_or(0)
            } else {
                0
            },
        });
    }
    links
}

impl Visit {
    /// The enterprise centre 企业管理 (M-501).
    #[must_use]
    pub fn enterprise_console(self) -> Self {
        let owner = self
            .actor()
            .is_some_and(|actor| actor.has(Role::EnterpriseOwner));
        let shown: Vec<(&str, &str)> = ENTERPRISE
            .into_iter()
            .filter(|(_, href)| owner || *href != ENTERPRISE_PEOPLE)
            .collect();
        let links = side(&shown, &self.path, self.unread());
        self.console("企业管理", links)
    }

    /// The console of the branch, the institution or the city that this member of staff belongs to.
    #[must_use]
    pub fn staff_console(self) -> Self {
        let actor = self.signed.as_ref().map(|signed| &signed.actor);
        let kind = actor.map_or(TenantKind::Branch, |actor| actor.tenant_kind);
        let (name, entries) = console_of(kind);
        let roles = actor
            .map(|actor| actor.roles.as_slice())
            .unwrap_or_default();
        let shown: Vec<(&str, &str)> = entries
            .iter()
            // Without any role yet every room is shut.
            .filter(|_| actor.is_none() || !roles.is_empty())
            .filter(|entry| entry.roles.is_empty() || entry.roles.iter().any(|r| roles.contains(r)))
            .map(|entry| (entry.label, entry.href))
            .collect();
        let links = side(&shown, &self.path, self.unread());
        self.console(name, links)
    }

    fn unread(&self) -> i64 {
        self.signed.as_ref().map_or(0, |s| s.unread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_stands_above_its_first_room_and_is_left_out_without_one() {
        let entries = [
            ("工作台", "/hq"),
            ("数据", ""),
            ("设置", ""),
            ("派单规则", "/hq/rules"),
            ("审批设置", "/hq/settings"),
        ];
        let links = side(&entries, "/hq/rules/7", 0);
        let told: Vec<_> = links.iter().map(|l| (&*l.part, &*l.label)).collect();
        assert_eq!(
            told,
            [("", "工作台"), ("设置", "派单规则"), ("", "审批设置")]
        );
        assert!(links[1].current && !links[0].current);
    }
}
