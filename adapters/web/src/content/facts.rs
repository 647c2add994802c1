//! Every field of a text in words: for its page, and beside the published version for the second person.

use application::{
    catalogue::Showcase,
    content::ContentForm,
    ports::{catalogue::Catalogue as _, content::ContentKind},
};
use domain::ids::{ProductId, TenantId};

use super::subsidy;
use crate::parts::{Cell, Described, Table};

pub(super) const EMPTY: &str = "未填写";

/// One field: label and words.
pub(super) type Fact = (&'static str, String);

fn yes(is: bool) -> String {
    if is { "是" } else { "否" }.to_owned()
}

/// Names of products of the shelf; one that left it is told by that.
async fn products(show: &Showcase, city: TenantId, form: &ContentForm) -> String {
    let Ok(snapshot) = show.portal.snapshot(city).await else {
        return String::new();
    };
    let names = form.related.iter().map(|id| {
        let id = id.parse().ok().map(ProductId);
        let found = id.and_then(|id| snapshot.product(id));
        found.map_or_else(|| "已下架的产品".to_owned(), |p| p.name.clone())
    });
    names.collect::<Vec<_>>().join("、")
}

fn sections(show: &Showcase, codes: &[String]) -> String {
    if codes.is_empty() {
        return "不限".to_owned();
    }
    let sections = show.own.industries.sections();
    let names = sections
        .into_iter()
        .filter(|s| codes.contains(&s.code))
        .map(|s| s.name);
    names.collect::<Vec<_>>().join("、")
}

fn counties(show: &Showcase, codes: &[String]) -> String {
    if codes.is_empty() {
        return "全市".to_owned();
    }
    let names = codes.iter().filter_map(|code| show.regions.find(code));
    names.map(|r| r.name).collect::<Vec<_>>().join("、")
}

/// Every field that the kind knows, in the order of its form.
pub(super) async fn facts(
    show: &Showcase,
    city: TenantId,
    kind: ContentKind,
    form: &ContentForm,
) -> Vec<Fact> {
    let mut facts: Vec<Fact> = vec![("标题", form.title.clone())];
    let from = || {
        if form.show_from.trim().is_empty() {
            "复核通过后立即展示".to_owned()
        } else {
            form.show_from.clone()
        }
    };
    match kind {
        ContentKind::Policy => {
            facts.extend([
                ("发文字号", form.document_no.clone()),
                ("发文单位", form.issuer.clone()),
                ("政策类别", form.category.clone()),
                ("办理方式", form.delivery.clone()),
                ("适用对象", form.audience.clone()),
                ("适用行业", sections(show, &form.industries)),
                ("适用区域", counties(show, &form.regions)),
                ("仅限首贷企业", yes(form.first_loan)),
                ("申报截止", form.deadline.clone()),
            ]);
            facts.extend(subsidy::facts(&form.subsidy));
            facts.extend([
                ("标签", form.tags.clone()),
                ("摘要", form.summary.clone()),
                ("正文", form.body.clone()),
                ("相关产品", products(show, city, form).await),
                ("附件", format!("{} 个", form.files.len())),
                ("置顶", yes(form.pinned)),
                ("开始展示", from()),
            ]);
        }
        ContentKind::News => facts.extend([
            ("栏目", form.category.clone()),
            ("来源", form.source.clone()),
            ("标签", form.tags.clone()),
            ("摘要", form.summary.clone()),
            ("正文", form.body.clone()),
            ("附件", format!("{} 个", form.files.len())),
            ("置顶", yes(form.pinned)),
            ("开始展示", from()),
        ]),
        ContentKind::About => facts.extend([
            ("导语", form.summary.clone()),
            ("正文", form.body.clone()),
            ("开始展示", from()),
        ]),
        ContentKind::Banner => facts.extend([
            ("链接", form.link.clone()),
            ("顺序", form.position.clone()),
            ("开始展示", from()),
            ("结束展示", form.show_until.clone()),
        ]),
        ContentKind::Agreement => facts.extend([
            ("修订说明", form.summary.clone()),
            ("正文", form.body.clone()),
            ("施行日期", form.show_from.clone()),
            ("须重新同意", yes(form.reconsent)),
        ]),
    }
    for (_, text) in &mut facts {
        if text.trim().is_empty() {
            EMPTY.clone_into(text);
        }
    }
    facts
}

pub(super) fn described(facts: &[Fact]) -> Vec<Described> {
    facts
        .iter()
        .filter(|(label, _)| *label != "正文")
        .map(|(label, text)| Described::new(*label, text))
        .collect()
}

/// What differs: a long text line by line, anything else before and after.
pub(super) fn changes(before: &[Fact], after: &[Fact]) -> Table {
    let mut table = Table::new("修改稿与已发布内容的差别")
        .column("项目", "nowrap")
        .column("已发布", "wrap")
        .column("修改稿", "wrap");
    for (label, text) in after {
        let old = before.iter().find(|(l, _)| l == label);
        let old = old.map_or("", |(_, text)| text.as_str());
        if old == text || matches!(*label, "开始展示" | "施行日期" | "修订说明") {
            continue;
        }
        if *label == "正文" {
            for (gone, come) in lines(old, text) {
                table.push(vec![Cell::text("正文"), Cell::text(gone), Cell::text(come)]);
            }
        } else {
            table.push(vec![Cell::text(*label), Cell::text(old), Cell::text(text)]);
        }
    }
    table
}

/// Lines that only one of two texts holds, side by side as far as they stand in the same place.
fn lines(before: &str, after: &str) -> Vec<(String, String)> {
    let only = |one: &str, other: &str| -> Vec<String> {
        let known: Vec<&str> = other.lines().map(str::trim).collect();
        one.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !known.contains(line))
            .map(str::to_owned)
            .collect()
    };
    let (gone, come) = (only(before, after), only(after, before));
    let rows = gone.len().max(come.len());
    let at = |list: &[String], row: usize| list.get(row).cloned().unwrap_or_else(|| "-".to_owned());
    (0..rows)
        .map(|row| (at(&gone, row), at(&come, row)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_text_only_the_lines_that_differ_are_told() {
        let before = [
            ("标题", "甲".to_owned()),
            ("正文", "一\n\n二\n\n三".to_owned()),
        ];
        let after = [
            ("标题", "甲".to_owned()),
            ("正文", "一\n\n二改\n\n三\n\n四".to_owned()),
        ];
        let table = changes(&before, &after);
        let rows: Vec<Vec<&str>> = table
            .rows
            .iter()
            .map(|r| r.cells.iter().map(|c| c.text.as_str()).collect())
            .collect();
        assert_eq!(rows, [["正文", "二", "二改"], ["正文", "-", "四"]]);
    }
}
