//! 不通过原因, 拒单原因, 补充清单: each entry with its name, whether it is offered, and one more at the end.

use application::{
    once::Once,
    rules::{Listed, MOST_LABEL, MOST_TEXT, PickList, ProposeRule, RuleName, TypedEntry},
};

use super::words::again;
use crate::{
    forms::{Choice, Field, FormView},
    parts::{Cell, Described},
    posted::Posted,
};

/// What an entry is called.
const fn noun(list: PickList) -> &'static str {
    match list {
        PickList::Rejections | PickList::Refusals => "原因",
        PickList::Supplements => "材料",
    }
}

/// How the text beside a name is called; `None`: it has none on this page.
const fn text_noun(list: PickList) -> Option<&'static str> {
    match list {
        PickList::Rejections => Some("建议"),
        PickList::Refusals => None,
        PickList::Supplements => Some("要求"),
    }
}

const fn standing(one: &Listed) -> &'static str {
    if one.active { "启用" } else { "已停用" }
}

fn most(signs: usize) -> u32 {
    u32::try_from(signs).unwrap_or(u32::MAX)
}

/// Every entry as it stands, and room for a further one.
pub(super) fn fields(form: &mut FormView, list: PickList, entries: &[Listed]) {
    let noun = noun(list);
    let active = entries.iter().filter(|one| one.active);
    form.push(
        Field::checks("active", format!("启用的{noun}"))
            .required()
            .hint("没有勾选的停用：办理页面不再提供，此前的办理记录不变。停用后可以重新启用，不能删除。")
            .options(entries.iter().map(|one| Choice::new(&one.code, &one.label)))
            .values(active.map(|one| &one.code)),
    );
    for one in entries {
        let label = &one.label;
        form.push(
            Field::text(format!("label_{}", one.code), format!("{label}：名称"))
                .required()
                .maxlength(most(MOST_LABEL))
                .value(label),
        );
        if list.words_its_texts() {
            form.push(
                Field::textarea(
                    format!("hint_{}", one.code),
                    format!("{label}：要求（选填）"),
                )
                .maxlength(most(MOST_TEXT))
                .rows(2)
                .value(&one.text),
            );
        }
    }
    form.push(
        Field::text("new_label", format!("新增{noun}：名称（选填）"))
            .hint(format!("不新增的不填。最多 {MOST_LABEL} 个字。"))
            .maxlength(most(MOST_LABEL)),
    );
    if let Some(text) = text_noun(list) {
        form.push(
            Field::textarea("new_text", format!("新增{noun}：{text}（选填）"))
                .hint(if list == PickList::Rejections {
                    "新增原因时必填，展示给企业。最多 200 个字。"
                } else {
                    "展示给企业。最多 200 个字。"
                })
                .maxlength(most(MOST_TEXT))
                .rows(2),
        );
    }
    if list == PickList::Rejections {
        form.push(
            Field::number("new_days", "新增原因：再次申请间隔（选填）", "天")
                .hint("新增原因时必填，0–365 的整数，0 表示随时可再次申请。"),
        );
    }
}

/// The list as it was typed.
pub(super) fn ask(name: RuleName, entries: &[Listed], posted: &Posted, once: Once) -> ProposeRule {
    let text = |name: &str| posted.get(name).to_owned();
    let active = posted.all("active");
    let typed = entries.iter().map(|one| TypedEntry {
        code: one.code.clone(),
        label: text(&format!("label_{}", one.code)),
        text: text(&format!("hint_{}", one.code)),
        days: String::new(),
        active: active.contains(&one.code.as_str()),
    });
    ProposeRule {
        entries: typed.collect(),
        added: TypedEntry {
            label: text("new_label"),
            text: text("new_text"),
            days: text("new_days"),
            ..TypedEntry::empty()
        },
        as_filed: posted.action() == "reset",
        reason: text("rule_reason"),
        ..ProposeRule::empty(name, once)
    }
}

/// What stands, in full.
pub(super) fn rows(list: PickList, entries: &[Listed]) -> Vec<Described> {
    let row = |one: &Listed| {
        let said = match list {
            PickList::Rejections | PickList::Refusals => String::new(),
            PickList::Supplements => one.text.clone(),
        };
        Described::cell(&one.label, Cell::text(standing(one)).second(said))
    };
    entries.iter().map(row).collect()
}

/// 启用 11 项，停用 1 项.
pub(super) fn counted(entries: &[Listed]) -> String {
    let active = entries.iter().filter(|one| one.active).count();
    match entries.len() - active {
        0 => format!("启用 {active} 项"),
        stopped => format!("启用 {active} 项，停用 {stopped} 项"),
    }
}

/// Before and after: only what differs, by code.
pub(super) fn change_of(list: PickList, before: &[Listed], after: &[Listed]) -> (String, String) {
    let differing = |these: &[Listed], those: &[Listed]| {
        let differ = these.iter().filter(|one| !those.contains(one));
        let lines: Vec<String> = differ
            .map(|one| {
                let is_new = those.iter().all(|other| other.code != one.code);
                line(list, one, is_new)
            })
            .collect();
        lines.join("\n")
    };
    let was = differing(before, after);
    let is = differing(after, before);
    (if was.is_empty() { "-".to_owned() } else { was }, is)
}

/// 担保不足（启用）; with what else is said of one that is new, and of an item always.
fn line(list: PickList, one: &Listed, is_new: bool) -> String {
    let mut said = format!("{}（{}）", one.label, standing(one));
    if list == PickList::Rejections && is_new {
        said.push_str(&format!("：{}（{}）", one.text, again(one.reapply_days)));
    }
    if list == PickList::Supplements && !one.text.is_empty() {
        said.push_str(&format!("：{}", one.text));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(code: &str, label: &str, active: bool) -> Listed {
        Listed {
            code: code.to_owned(),
            label: label.to_owned(),
            active,
            text: "请增加保证人。".to_owned(),
            reapply_days: 7,
        }
    }

    #[test]
    fn a_change_of_a_list_is_told_by_what_differs() {
        let before = [listed("a", "担保不足", true), listed("b", "负债过高", true)];
        let after = [
            listed("a", "担保不足", false),
            listed("b", "负债过高", true),
            listed("own_reason_01", "环保处罚", true),
        ];
        let (was, is) = change_of(PickList::Rejections, &before, &after);
        assert_eq!(was, "担保不足（启用）");
        assert_eq!(
            is,
            "担保不足（已停用）\n环保处罚（启用）：请增加保证人。（7 天后可再次申请）"
        );
        assert_eq!(counted(&after), "启用 2 项，停用 1 项");
        assert_eq!(counted(&before), "启用 2 项");
    }
}
