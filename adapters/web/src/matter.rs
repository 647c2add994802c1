//! One application as every room of the staff names it: where it stands, the way there, and what was asked for.

use domain::{financing::ApplicationRecord, ids::FinancingApplicationId};

use crate::{
    parts::{Described, Link},
    show,
};

/// Its address at the branch.
pub(crate) fn base(id: FinancingApplicationId) -> String {
    format!("/branch/applications/{id}")
}

/// The way to it, and to a page about it.
pub(crate) fn crumbs(record: &ApplicationRecord, here: Option<&str>) -> Vec<Link> {
    let mut links = vec![
        Link::new("工作台", "/branch"),
        Link::new("全部融资需求", "/branch/applications"),
        Link::new(show::number(record), base(record.id)),
    ];
    links.extend(here.map(|label| Link::new(label, "")));
    links
}

/// What the enterprise asked for.
pub(crate) fn asked(record: &ApplicationRecord) -> Vec<Described> {
    vec![
        Described::new("企业名称", &record.enterprise_name),
        Described::new("金融产品", &record.product_name),
        Described::new("受理支行", &record.handler_name),
        Described::new("期望融资金额", show::money(record.amount)),
        Described::new("期望融资期限", show::term(record.term)),
        Described::new("期望融资利率", show::rate(record.rate)),
        Described::new(
            "提交时间",
            record
                .submitted_at
                .map_or_else(|| "-".to_owned(), show::minute),
        ),
        Described::new(
            "经办人",
            if record.holder_name.is_empty() {
                "尚未接单"
            } else {
                record.holder_name.as_str()
            },
        ),
    ]
}
