use super::*;

const SHEET: (f32, f32) = (2_000.0, 1_000.0);

/// Signs of 30 pixels, each text a line of its own.
fn signs(lines: &[(&str, f32, f32)]) -> Vec<Sign> {
    let mut signs = Vec::new();
    for (line, (text, x, y)) in (0..).zip(lines) {
        let mut left = *x;
        for what in text.chars() {
            let area = Area {
                left,
                top: *y,
                right: left + 30.0,
                bottom: y + 30.0,
            };
            left = area.right;
            signs.push(Sign {
                what,
                line,
                area,
                confidence: 90.0,
            });
        }
    }
    signs
}

fn text(seen: &Seen, slot: Slot) -> Option<(&str, u8)> {
    let value = seen.values.iter().find(|v| v.slot == slot)?;
    Some((value.text.text.as_str(), value.at_best))
}

#[test]
fn a_name_does_not_go_on_with_the_type_below_it() {
    let read = |second: &str| {
        let sheet = signs(&[
            ("名称", 100.0, 100.0),
            ("南皮县众立建筑工程有限公司", 300.0, 101.0),
            (second, 300.0, 145.0),
            ("成立日期", 100.0, 400.0),
        ]);
        text(&seen(&sheet, SHEET), Slot::Name).map(|(name, _)| name.to_owned())
    };
    let name = "南皮县众立建筑工程有限公司";
    assert_eq!(read("有限责他公司").as_deref(), Some(name));
    assert_eq!(
        read("沧州分公司"),
        Some(format!("{name}沧州分公司")),
        "a branch is part of the name"
    );
}

#[test]
fn print_that_runs_into_the_label_of_the_next_column_is_parted() {
    let seen = seen(
        &signs(&[
            ("名称", 100.0, 100.0),
            ("任丘市玉林科技有限公司注册资本叁佰万元整", 300.0, 101.0),
            ("类型", 100.0, 200.0),
            ("有限责任公司", 300.0, 201.0),
            ("经营范围", 100.0, 300.0),
            ("注册资本登记代理", 300.0, 301.0),
        ]),
        SHEET,
    );
    assert_eq!(
        text(&seen, Slot::Name),
        Some(("任丘市玉林科技有限公司", 100))
    );
    assert_eq!(text(&seen, Slot::Capital), Some(("叁佰万元整", 100)));
    assert_eq!(text(&seen, Slot::Scope), Some(("注册资本登记代理", 100)));
}

#[test]
fn a_second_look_adds_what_was_missing_and_changes_nothing_that_was_read() {
    let first = seen(
        &signs(&[
            ("名称", 100.0, 100.0),
            ("沧州市瀚岳澜有限公司", 300.0, 101.0),
            ("住所", 100.0, 300.0),
            ("河北省保定市", 300.0, 301.0),
        ]),
        SHEET,
    );
    assert!(first.lacks_something());
    let second = || {
        seen(
            &signs(&[
                ("名称", 100.0, 100.0),
                ("沧州市瀚岳澜有限公司", 300.0, 101.0),
                ("类型", 100.0, 200.0),
                ("有限责任公司", 300.0, 201.0),
                ("住所", 100.0, 300.0),
                ("河北省保市", 300.0, 301.0),
            ]),
            SHEET,
        )
    };
    let both = first.completed(second(), |_, _| false);
    assert_eq!(text(&both, Slot::Name), Some(("沧州市瀚岳澜有限公司", 100)));
    assert_eq!(text(&both, Slot::Kind), Some(("有限责任公司", SECOND_LOOK)));
    assert_eq!(
        text(&both, Slot::Address),
        Some(("河北省保定市", SECOND_LOOK))
    );
    let better = both.completed(second(), |value, _| value.slot == Slot::Address);
    assert_eq!(
        text(&better, Slot::Address),
        Some(("河北省保市", SECOND_LOOK))
    );
    assert!(!seen(&signs(&[("报纸", 100.0, 100.0)]), SHEET).lacks_something());
}
