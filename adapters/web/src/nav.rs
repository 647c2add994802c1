//! Side navigation 侧栏: the rooms of each console, in order; the longest matching path is where we are.

use crate::{parts::SideLink, visit::Visit};

const ENTERPRISE: [(&str, &str); 7] = [
    ("概览", "/enterprise"),
    ("完善信息", "/enterprise/profile"),
    ("人脸核验", "/enterprise/face"),
    ("融资需求管理", "/enterprise/applications"),
    ("授权记录", "/enterprise/consents"),
    ("消息", "/enterprise/messages"),
    ("账号安全", "/enterprise/account"),
];

const BRANCH: [(&str, &str); 7] = [
    ("工作台", "/branch"),
    ("待接单", "/branch/queue"),
    ("已接单", "/branch/accepted"),
    ("全部融资需求", "/branch/applications"),
    ("柜面核验", "/branch/counter"),
    ("消息", "/branch/messages"),
    ("账号安全", "/branch/account"),
];

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
        .filter(|href| path == *href || path.starts_with(&format!("{href}/")))
        .max_by_key(|href| href.len());
    entries
        .iter()
        .map(|(label, href)| SideLink {
            label: (*label).to_owned(),
            href: (*href).to_owned(),
            current: here == Some(*href),
            count: if href.ends_with("/messages") {
                u64::try_from(unread).unwrap_or(0)
            } else {
                0
            },
        })
        .collect()
}

impl Visit {
    /// The enterprise centre 企业管理 (M-501).
    #[must_use]
    pub fn enterprise_console(self) -> Self {
        let links = side(&ENTERPRISE, &self.path, self.unread());
        self.console("企业管理", links)
    }

    /// The branch console 支行工作台.
    #[must_use]
    pub fn branch_console(self) -> Self {
        let links = side(&BRANCH, &self.path, self.unread());
        self.console("支行工作台", links)
    }

    fn unread(&self) -> i64 {
        self.signed.as_ref().map_or(0, |s| s.unread)
    }
}
