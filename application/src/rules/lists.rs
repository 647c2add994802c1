//! 不通过原因, 拒单原因, 补充清单: what officers pick from. An entry is renamed, added, 停用 and taken up again, and never deleted: its
//! code stands in the logs of the requests for which it was picked, and is read there for good.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    financing::ENTERPRISE_DECLINED,
    values::{FreeText, ValueError},
};
use serde_json::{Value, json};

use super::{CityRule, MOST_REAPPLY_DAYS, ProposeRule, RuleKind, change::digits};
use crate::{
    city::{City, IntakeRefusal, RejectionReason, SupplementTemplate},
    error::{Checks, FieldError},
};

/// Signs of a name, and of the text beside it.
pub const MOST_LABEL: usize = 30;
pub const MOST_TEXT: usize = 200;
/// Entries of a list, 停用 ones too: more than a form of boxes can be read.
pub const MOST_LISTED: usize = 60;

/// What is none of the others stands last; as an item of 退回补充 it is written in own words and not offered.
const OTHER: &str = "other";

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickList {
    /// 不通过原因.
    Rejections,
    /// 拒单原因.
    Refusals,
    /// 补充清单.
    Supplements,
}

impl PickList {
    pub const ALL: [Self; 3] = [Self::Rejections, Self::Refusals, Self::Supplements];

    pub const fn kind(self) -> RuleKind {
        match self {
            Self::Rejections => RuleKind::RejectionReasons,
            Self::Refusals => RuleKind::IntakeRefusals,
            Self::Supplements => RuleKind::SupplementTemplates,
        }
    }

    /// `None` for a rule that is no list.
    pub fn of(kind: RuleKind) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.kind() == kind)
    }

    /// What the codes begin with that a city makes for itself; each list its own, since a reason is told by its code alone.
    const fn head(self) -> &'static str {
        match self {
            Self::Rejections => "own_reason_",
            Self::Refusals => "own_refusal_",
            Self::Supplements => "own_item_",
        }
    }

    /// As what the text of an entry is stored; `None`: it has none here.
    const fn text_key(self) -> Option<&'static str> {
        match self {
            Self::Rejections => Some("tip"),
            Self::Refusals => None,
            Self::Supplements => Some("hint"),
        }
    }

    /// 建议 and days of a reason have a rule of their own; the text of an item is changed here.
    pub const fn words_its_texts(self) -> bool {
        matches!(self, Self::Supplements)
    }
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub code: String,
    pub label: String,
    /// Otherwise 停用: nobody picks it any more, and where it was picked it is read as before.
    pub active: bool,
    /// 整改建议 of a reason, 要求 of an item; empty for 拒单原因.
    pub text: String,
    /// Of 不通过原因; else 0.
    pub reapply_days: u16,
}

/// An entry as the form says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedEntry {
    /// Empty for a further one.
    pub code: String,
    pub label: String,
    pub text: String,
    /// Of a further reason.
    pub days: String,
    pub active: bool,
}

impl TypedEntry {
    /// Nothing is filled in.
    pub const fn empty() -> Self {
        Self {
            code: String::new(),
            label: String::new(),
            text: String::new(),
            days: String::new(),
            active: false,
        }
    }

    fn is_blank(&self) -> bool {
        [&self.label, &self.text, &self.days]
            .iter()
            .all(|typed| typed.trim().is_empty())
    }
}

/// What the three lists of a city have in common.
trait Entry {
    fn code(&self) -> &str;
    fn listed(&self) -> Listed;
    /// Takes on what the rule says of an entry that is there.
    fn adopt(&mut self, listed: &Listed);
    fn made(listed: &Listed) -> Self;
}

impl Entry for RejectionReason {
    fn code(&self) -> &str {
        &self.code
    }

    fn listed(&self) -> Listed {
        Listed {
            code: self.code.clone(),
            label: self.label.clone(),
            active: self.active,
            text: self.tip.clone(),
            reapply_days: self.reapply_days,
        }
    }

    fn adopt(&mut self, listed: &Listed) {
        self.label.clone_from(&listed.label);
        self.active = listed.active;
    }

    fn made(listed: &Listed) -> Self {
        Self {
            code: listed.code.clone(),
            label: listed.label.clone(),
            active: listed.active,
            repairable: true,
            tip: listed.text.clone(),
            reapply_days: listed.reapply_days,
        }
    }
}

impl Entry for IntakeRefusal {
    fn code(&self) -> &str {
        &self.code
    }

    fn listed(&self) -> Listed {
        Listed {
            code: self.code.clone(),
            label: self.label.clone(),
            active: self.active,
            text: String::new(),
            reapply_days: 0,
        }
    }

    fn adopt(&mut self, listed: &Listed) {
        self.label.clone_from(&listed.label);
        self.active = listed.active;
    }

    fn made(listed: &Listed) -> Self {
        Self {
            code: listed.code.clone(),
            label: listed.label.clone(),
            active: listed.active,
            tip: String::new(),
        }
    }
}

impl Entry for SupplementTemplate {
    fn code(&self) -> &str {
        &self.code
    }

    fn listed(&self) -> Listed {
        Listed {
            code: self.code.clone(),
            label: self.label.clone(),
            active: self.active,
            text: self.hint.clone(),
            reapply_days: 0,
        }
    }

    fn adopt(&mut self, listed: &Listed) {
        self.label.clone_from(&listed.label);
        self.hint.clone_from(&listed.text);
        self.active = listed.active;
    }

    fn made(listed: &Listed) -> Self {
        Self {
            code: listed.code.clone(),
            label: listed.label.clone(),
            active: listed.active,
            hint: listed.text.clone(),
            required: true,
        }
    }
}

/// The list as the city has it, in its order.
pub(super) fn of(list: PickList, city: &City) -> Vec<Listed> {
    match list {
        PickList::Rejections => city.rejection_reasons.iter().map(Entry::listed).collect(),
        PickList::Refusals => city.intake_refusals.iter().map(Entry::listed).collect(),
        PickList::Supplements => city
            .supplement_templates
            .iter()
            .map(Entry::listed)
            .collect(),
    }
}

/// Takes the place of what the file says; an entry that the rule does not name stays as the file has it.
pub(super) fn apply(list: PickList, entries: &[Listed], city: &mut City) {
    match list {
        PickList::Rejections => lay(entries, Arc::make_mut(&mut city.rejection_reasons)),
        PickList::Refusals => lay(entries, Arc::make_mut(&mut city.intake_refusals)),
        PickList::Supplements => lay(entries, Arc::make_mut(&mut city.supplement_templates)),
    }
}

fn lay<T: Entry>(entries: &[Listed], all: &mut Vec<T>) {
    for listed in entries {
        if let Some(one) = all.iter_mut().find(|one| one.code() == listed.code) {
            one.adopt(listed);
        } else {
            let last = all.iter().position(|one| one.code() == OTHER);
            all.insert(last.unwrap_or(all.len()), T::made(listed));
        }
    }
}

/// As it is stored: by code.
pub(super) fn value(list: PickList, entries: &[Listed]) -> Value {
    let each = entries.iter().map(|one| {
        let mut said = json!({ "label": one.label, "active": one.active });
        if let Some(key) = list.text_key() {
            said[key] = json!(one.text);
        }
        if list == PickList::Rejections {
            said["reapply_days"] = json!(one.reapply_days);
        }
        (one.code.clone(), said)
    });
    Value::Object(each.collect())
}

/// A stored value; `None` for what this program does not know.
pub(super) fn stored(list: PickList, value: &Value) -> Option<Vec<Listed>> {
    let each = value.as_object()?.iter().map(|(code, said)| {
        Some(Listed {
            code: code.clone(),
            label: said["label"].as_str()?.to_owned(),
            active: said["active"].as_bool()?,
            text: match list.text_key() {
                Some(key) => said[key].as_str()?.to_owned(),
                None => String::new(),
            },
            reapply_days: if list == PickList::Rejections {
                u16::try_from(said["reapply_days"].as_u64()?).ok()?
            } else {
                0
            },
        })
    });
    let mut all = each.collect::<Option<Vec<Listed>>>()?;
    // Whatever order the database gives them in: made one after the other, they stand so.
    all.sort_by(|one, other| one.code.cmp(&other.code));
    Some(all)
}

/// The entries of the file as it has them, the city's own ones 停用.
pub(super) fn as_filed(list: PickList, before: &[Listed], filed: &City) -> CityRule {
    let filed = of(list, filed);
    let each = before.iter().map(|one| {
        let of_file = filed.iter().find(|of_file| of_file.code == one.code);
        match of_file {
            Some(of_file) => Listed {
                code: one.code.clone(),
                label: of_file.label.clone(),
                active: of_file.active,
                text: if list.words_its_texts() {
                    of_file.text.clone()
                } else {
                    one.text.clone()
                },
                reapply_days: one.reapply_days,
            },
            None => Listed {
                active: false,
                ..one.clone()
            },
        }
    });
    CityRule::Picks(list, each.collect())
}

/// The list as the form wants it, on what stands; an entry that the form does not name stays as it is.
pub(super) fn read(
    checks: &mut Checks,
    ask: &ProposeRule,
    list: PickList,
    before: &[Listed],
) -> Option<CityRule> {
    let mut entries = Vec::with_capacity(before.len() + 1);
    for one in before {
        let typed = ask.entries.iter().find(|typed| typed.code == one.code);
        entries.push(match typed {
            Some(typed) => changed(checks, list, one, typed),
            None => one.clone(),
        });
    }
    if !ask.added.is_blank() {
        entries.extend(added(checks, list, &ask.added, before));
    }
    unique(checks, &entries, before.len());
    if entries.len() > MOST_LISTED {
        let error = FieldError::new("new_label", "city_rule.list_full");
        checks.push(error.with("most", MOST_LISTED));
    }
    let is_off = |one: &Listed| one.code == ENTERPRISE_DECLINED && !one.active;
    let is_offered = |one: &Listed| one.active && is_a_pick(list, &one.code);
    if list == PickList::Rejections && entries.iter().any(is_off) {
        checks.push(FieldError::new("active", "city_rule.declined_stays"));
    } else if !entries.iter().any(is_offered) {
        checks.push(FieldError::new("active", "city_rule.none_active"));
    }
    checks.is_empty().then_some(CityRule::Picks(list, entries))
}

/// What says something by itself: 企业放弃 is no reason of a bank's own, 其他 no item.
fn is_a_pick(list: PickList, code: &str) -> bool {
    match list {
        PickList::Rejections => code != ENTERPRISE_DECLINED,
        PickList::Refusals => true,
        PickList::Supplements => code != OTHER,
    }
}

fn changed(checks: &mut Checks, list: PickList, one: &Listed, typed: &TypedEntry) -> Listed {
    let label = label(checks, &format!("label_{}", one.code), &typed.label);
    let text = if list.words_its_texts() {
        let field = format!("hint_{}", one.code);
        let text = FreeText::<MOST_TEXT>::parse_optional(&typed.text);
        noted(checks, &field, text).map(said)
    } else {
        None
    };
    Listed {
        code: one.code.clone(),
        label: label.unwrap_or_else(|| one.label.clone()),
        active: typed.active,
        text: text.unwrap_or_else(|| one.text.clone()),
        reapply_days: one.reapply_days,
    }
}

fn added(
    checks: &mut Checks,
    list: PickList,
    typed: &TypedEntry,
    before: &[Listed],
) -> Option<Listed> {
    let label = label(checks, "new_label", &typed.label);
    let text = match list {
        PickList::Rejections => {
            let text = FreeText::<MOST_TEXT>::parse(&typed.text);
            noted(checks, "new_text", text).map(|text| said(Some(text)))
        }
        PickList::Supplements => {
            let text = FreeText::<MOST_TEXT>::parse_optional(&typed.text);
            noted(checks, "new_text", text).map(said)
        }
        PickList::Refusals => Some(String::new()),
    };
    let days = if list == PickList::Rejections {
        let days = digits(&typed.days).parse::<u16>().ok();
        let days = days.filter(|days| *days <= MOST_REAPPLY_DAYS);
        if days.is_none() {
            let fault = FieldError::new("new_days", "city_rule.reapply_days");
            checks.push(fault.with("most", MOST_REAPPLY_DAYS));
        }
        days
    } else {
        Some(0)
    };
    Some(Listed {
        code: next_code(list, before),
        label: label?,
        active: true,
        text: text?,
        reapply_days: days?,
    })
}

/// Entries are never deleted, so no code comes twice.
fn next_code(list: PickList, before: &[Listed]) -> String {
    let head = list.head();
    let used = before
        .iter()
        .filter_map(|one| one.code.strip_prefix(head)?.parse::<u32>().ok());
    format!("{head}{:02}", used.max().unwrap_or(0) + 1)
}

fn said(text: Option<FreeText<MOST_TEXT>>) -> String {
    text.map_or_else(String::new, |text| text.as_str().to_owned())
}

/// In one line.
fn label(checks: &mut Checks, field: &str, typed: &str) -> Option<String> {
    let label = noted(checks, field, FreeText::<MOST_LABEL>::parse(typed))?;
    if label.as_str().contains('\n') {
        checks.push(FieldError::new(field, "city_rule.label_lines"));
        return None;
    }
    Some(label.as_str().to_owned())
}

fn noted<T, E: ValueError>(checks: &mut Checks, field: &str, parsed: Result<T, E>) -> Option<T> {
    match parsed {
        Ok(value) => Some(value),
        Err(error) => {
            let fault = FieldError::new(field, error.code());
            checks.push(FieldError {
                params: error.params(),
                ..fault
            });
            None
        }
    }
}

/// Two entries that read alike cannot be told apart, a 停用 one in the record of a request neither.
fn unique(checks: &mut Checks, entries: &[Listed], known: usize) {
    let mut labels = BTreeSet::new();
    for (at, one) in entries.iter().enumerate() {
        if labels.insert(one.label.as_str()) {
            continue;
        }
        let field = if at < known {
            format!("label_{}", one.code)
        } else {
            "new_label".to_owned()
        };
        let error = FieldError::new(field, "city_rule.label_twice");
        checks.push(error.with("label", &one.label));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{city::blank, once::Once, rules::RuleName};

    fn reason(code: &str, label: &str) -> RejectionReason {
        RejectionReason {
            code: code.to_owned(),
            label: label.to_owned(),
            repairable: true,
            tip: format!("{label}的建议"),
            reapply_days: 15,
            active: true,
        }
    }

    fn city() -> City {
        City {
            rejection_reasons: Arc::new(vec![
                reason("collateral", "担保不足"),
                reason(ENTERPRISE_DECLINED, "企业放弃本次融资"),
                reason(OTHER, "其他"),
            ]),
            ..blank()
        }
    }

    fn standing() -> Vec<Listed> {
        of(PickList::Rejections, &city())
    }

    /// The form of a list as it stands.
    fn form(list: PickList, entries: &[Listed]) -> ProposeRule {
        let typed = entries.iter().map(|one| TypedEntry {
            code: one.code.clone(),
            label: one.label.clone(),
            text: one.text.clone(),
            days: String::new(),
            active: one.active,
        });
        ProposeRule {
            entries: typed.collect(),
            ..ProposeRule::empty(
                list.kind().into(),
                Once {
                    key: String::new(),
                    body_hash: [0; 32],
                },
            )
        }
    }

    fn further(label: &str, text: &str, days: &str) -> TypedEntry {
        TypedEntry {
            label: label.to_owned(),
            text: text.to_owned(),
            days: days.to_owned(),
            ..TypedEntry::empty()
        }
    }

    /// The entries, or where what is wrong.
    fn after(
        ask: &ProposeRule,
        list: PickList,
        before: &[Listed],
    ) -> Result<Vec<Listed>, Vec<(String, &'static str)>> {
        let mut checks = Checks::default();
        if let Some(CityRule::Picks(_, entries)) = read(&mut checks, ask, list, before) {
            return Ok(entries);
        }
        let faults = checks.into_error().fields.into_iter();
        Err(faults.map(|fault| (fault.field, fault.code)).collect())
    }

    #[test]
    fn a_list_is_read_back_as_it_was_stored() {
        for list in PickList::ALL {
            let mut entries = standing();
            for one in &mut entries {
                if list.text_key().is_none() {
                    one.text = String::new();
                }
                if list != PickList::Rejections {
                    one.reapply_days = 0;
                }
            }
            let rule = CityRule::Picks(list, entries);
            let name = RuleName::from_code(&rule.name().code()).expect("a name");
            assert_eq!(CityRule::stored(&name, &rule.value()).as_ref(), Some(&rule));
            let mut empty = blank();
            rule.apply(&mut empty);
            assert_eq!(CityRule::of(&empty, &name), rule);
        }
        let odd = json!({ "collateral": { "label": "担保不足" } });
        assert_eq!(stored(PickList::Refusals, &odd), None);
    }

    #[test]
    fn an_entry_is_stopped_and_renamed_and_its_advice_stays_with_its_own_rule() {
        let mut ask = form(PickList::Rejections, &standing());
        assert_eq!(
            after(&ask, PickList::Rejections, &standing()),
            Ok(standing())
        );
        ask.entries[0].active = false;
        ask.entries[0].text = "不在这里改".to_owned();
        ask.entries[2].label = " 其他原因 ".to_owned();
        let entries = after(&ask, PickList::Rejections, &standing()).expect("it is fine");
        let mut now = city();
        apply(PickList::Rejections, &entries, &mut now);
        assert!(!now.rejection_reasons[0].active);
        assert_eq!(now.rejection_reasons[0].tip, "担保不足的建议");
        assert_eq!(now.rejection_reasons[2].label, "其他原因");
        // What the form does not name stays: nothing is ever deleted.
        ask.entries.truncate(1);
        let entries = after(&ask, PickList::Rejections, &standing()).expect("it is fine");
        assert_eq!(entries[1..], standing()[1..]);
    }

    #[test]
    fn a_further_entry_has_a_code_of_its_own_and_stands_before_the_rest() {
        let mut ask = form(PickList::Rejections, &standing());
        ask.added = further("环保处罚未了结", "请先办结行政处罚。", "３０");
        let entries = after(&ask, PickList::Rejections, &standing()).expect("it is fine");
        let mut now = city();
        apply(PickList::Rejections, &entries, &mut now);
        let codes: Vec<&str> = now.rejection_reasons.iter().map(Entry::code).collect();
        let own = "own_reason_01";
        assert_eq!(codes, ["collateral", ENTERPRISE_DECLINED, own, OTHER]);
        assert_eq!(now.rejection_reasons[2].reapply_days, 30);
        let before = of(PickList::Rejections, &now);
        let mut ask = form(PickList::Rejections, &before);
        ask.added = further("股权纠纷", "请先了结。", "0");
        let entries = after(&ask, PickList::Rejections, &before).expect("it is fine");
        assert_eq!(entries[4].code, "own_reason_02");
        // Back to the file: its own entries as they were, the city's stopped.
        let CityRule::Picks(_, filed) = as_filed(PickList::Rejections, &entries, &city()) else {
            panic!("a list");
        };
        let active = filed.iter().filter(|one| one.active);
        let active: Vec<&str> = active.map(|one| one.code.as_str()).collect();
        assert_eq!(active, ["collateral", ENTERPRISE_DECLINED, OTHER]);
        assert_eq!(filed.len(), 5);
    }

    #[test]
    fn what_is_wrong_with_a_list_is_named_where_it_stands() {
        let changed = |change: &dyn Fn(&mut ProposeRule)| {
            let mut ask = form(PickList::Rejections, &standing());
            change(&mut ask);
            after(&ask, PickList::Rejections, &standing()).expect_err("it is wrong")
        };
        let one = |field: &str, code: &'static str| vec![(field.to_owned(), code)];
        assert_eq!(
            changed(&|ask| ask.entries[0].label = String::new()),
            one("label_collateral", "free_text.empty")
        );
        assert_eq!(
            changed(&|ask| ask.entries[0].label = "字".repeat(MOST_LABEL + 1)),
            one("label_collateral", "free_text.too_long")
        );
        assert_eq!(
            changed(&|ask| ask.entries[0].label = "一\n二".to_owned()),
            one("label_collateral", "city_rule.label_lines")
        );
        assert_eq!(
            changed(&|ask| ask.entries[2].label = "担保不足".to_owned()),
            one("label_other", "city_rule.label_twice")
        );
        assert_eq!(
            changed(&|ask| ask.added = further("其他", "建议", "0")),
            one("new_label", "city_rule.label_twice")
        );
        assert_eq!(
            changed(&|ask| ask.added = further("新的", "", "366")),
            [
                ("new_text".to_owned(), "free_text.empty"),
                ("new_days".to_owned(), "city_rule.reapply_days")
            ]
        );
        assert_eq!(
            changed(&|ask| ask.entries[1].active = false),
            one("active", "city_rule.declined_stays")
        );
        let stopped = changed(&|ask| {
            ask.entries[0].active = false;
            ask.entries[2].active = false;
        });
        assert_eq!(stopped, one("active", "city_rule.none_active"));
    }

    #[test]
    fn an_item_is_worded_here_and_others_in_own_words_are_no_item() {
        let item = |code: &str| Listed {
            code: code.to_owned(),
            label: code.to_owned(),
            active: true,
            text: "请上传。".to_owned(),
            reapply_days: 0,
        };
        let (list, before) = (PickList::Supplements, [item("invoice"), item(OTHER)]);
        let mut ask = form(list, &before);
        ask.entries[0].text = "近 6 个月。".to_owned();
        let entries = after(&ask, list, &before).expect("it is fine");
        assert_eq!(entries[0].text, "近 6 个月。");
        ask.entries[0].active = false;
        let wrong = after(&ask, list, &before).expect_err("nothing is offered");
        assert_eq!(wrong, [("active".to_owned(), "city_rule.none_active")]);
    }
}
