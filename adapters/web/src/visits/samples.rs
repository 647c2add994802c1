//! The pages of the room in every shape, for the test that draws them.

use application::{
    ports::{
        reference::RegionEntry,
        visits::{Repair, RepairCounts, RepairDone, VisitBank, VisitList},
    },
    visits::{
        BankPart, Coverage, DistrictPart, RepairAsk, Rights, SeenList, SeenLists, SeenRepair,
        SeenRepairs,
    },
};
use domain::{
    calendar::local_date,
    ids::{TenantId, UserId},
    visit::VisitStage,
};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    assign,
    deeds::{self, Deed},
    files::{self, ImportPage},
    list::{self, ListPage},
    lists::{self, ListsPage},
    repairs::{self, RepairsPage},
    row::RowPage,
    rows::{Kept, RowsPage},
    stage_tag, task,
};
use crate::{
    console::AskPage,
    financing::ODD,
    forms::{Field, FormView},
    parts::{Cell, Described, Event, Filter, Link, Table},
    posted::Posted,
};

fn sample(template: &'static str, page: &impl Serialize) -> (&'static str, Value) {
    (template, serde_json::to_value(page).unwrap_or_default())
}

fn bank() -> TenantId {
    TenantId(Uuid::from_u128(7))
}

fn one_list(open: bool) -> VisitList {
    let at = OffsetDateTime::UNIX_EPOCH;
    VisitList {
        id: Uuid::nil(),
        name: ODD.to_owned(),
        source: ODD.to_owned(),
        due_on: local_date(at),
        rows_kept: 2,
        rows_sent: 1,
        created_by: UserId(Uuid::nil()),
        created_name: ODD.to_owned(),
        created_at: at,
        closed_at: (!open).then_some(at),
        closed_name: if open { String::new() } else { ODD.to_owned() },
    }
}

fn seen_list(open: bool) -> SeenList {
    let sums = Coverage {
        all: 2,
        unassigned: 1,
        ..Coverage::default()
    };
    SeenList {
        list: one_list(open),
        now: OffsetDateTime::UNIX_EPOCH,
        sums,
        banks: vec![
            BankPart {
                bank: Some(bank()),
                name: ODD.to_owned(),
                sums,
            },
            BankPart {
                bank: None,
                name: String::new(),
                sums,
            },
        ],
        districts: vec![DistrictPart {
            code: ODD.to_owned(),
            name: ODD.to_owned(),
            sums,
        }],
        rights: Rights {
            import: open,
            assign: open,
            send: open,
            close: open,
        },
        open,
    }
}

fn repair(done: bool) -> Repair {
    let at = OffsetDateTime::UNIX_EPOCH;
    Repair {
        id: Uuid::nil(),
        row: Uuid::nil(),
        list: Uuid::nil(),
        company_name: ODD.to_owned(),
        department: ODD.to_owned(),
        what: ODD.to_owned(),
        due_on: local_date(at),
        set_by: UserId(Uuid::nil()),
        set_name: ODD.to_owned(),
        set_at: at,
        done: done.then(|| RepairDone {
            at,
            by_name: ODD.to_owned(),
            note: ODD.to_owned(),
        }),
    }
}

fn seen_repairs(full: bool) -> SeenRepairs {
    SeenRepairs {
        counts: if full {
            vec![RepairCounts {
                department: ODD.to_owned(),
                overdue: 1,
                open: 1,
                done: 1,
            }]
        } else {
            Vec::new()
        },
        rows: if full {
            vec![repair(false), repair(true)]
        } else {
            Vec::new()
        },
        more: full,
        today: local_date(OffsetDateTime::UNIX_EPOCH),
        may_finish: full,
        open: full,
    }
}

fn form() -> FormView {
    FormView::new("/x").with(Field::text("banks", ODD).value(ODD).error(ODD))
}

fn table(full: bool) -> Table {
    let mut table = Table::new(ODD).column("企业名称", "name");
    if full {
        table.push(vec![Cell::link(ODD, "javascript:alert(1)").second(ODD)]);
    }
    table
}

fn rows_page(full: bool) -> RowsPage {
    let word = |there: bool| if there { ODD.to_owned() } else { String::new() };
    RowsPage {
        crumbs: vec![Link::new(ODD, "/x")],
        name: ODD.to_owned(),
        filters: vec![Filter {
            label: "进展".to_owned(),
            options: vec![Link::new(ODD, "/x")],
        }],
        active: if full {
            vec![Link::new(ODD, "/x")]
        } else {
            Vec::new()
        },
        base: "/x".to_owned(),
        kept: vec![Kept {
            name: "stage",
            value: ODD.to_owned(),
        }],
        keyword: word(full),
        filtered: full,
        table: table(full),
        next: word(full),
        first: word(full),
    }
}

fn row_page(full: bool) -> RowPage {
    let tag = stage_tag(VisitStage::Declined);
    RowPage {
        crumbs: vec![Link::new(ODD, "/x")],
        title: ODD.to_owned(),
        rows: vec![
            Described::cell("进展", Cell::tag(tag.label, tag.kind)),
            Described::new(ODD, ODD),
        ],
        may_unmask: full,
        action: "/x".to_owned(),
        may_give: full,
        form: form(),
        events: vec![Event {
            event: ODD.to_owned(),
            ..Event::default()
        }],
        repairs: table(full),
        repair: if full { "/x/repair" } else { "" }.to_owned(),
    }
}

/// Templates with their samples.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, Value)> {
    let banks = vec![VisitBank {
        id: bank(),
        name: ODD.to_owned(),
        short_name: ODD.to_owned(),
    }];
    let districts = vec![RegionEntry {
        code: ODD.to_owned(),
        name: ODD.to_owned(),
        level: 3,
        has_children: false,
    }];
    let assign = assign::page(Uuid::nil(), &(banks, districts), "k", &Posted::default());
    let deed = |deed| deeds::page(deed, &seen_list(true), "k");
    let finish = SeenRepair {
        repair: repair(false),
        today: local_date(OffsetDateTime::UNIX_EPOCH),
    };
    let mut all = vec![
        sample(AskPage::TEMPLATE, &assign),
        sample(AskPage::TEMPLATE, &deed(Deed::Send)),
        sample(AskPage::TEMPLATE, &deed(Deed::Close)),
        sample(
            AskPage::TEMPLATE,
            &task::finish_page(&finish, "k", &Posted::default()),
        ),
    ];
    for full in [true, false] {
        let lists = SeenLists {
            lists: if full {
                vec![one_list(true), one_list(false)]
            } else {
                Vec::new()
            },
            more: full,
            may_save: full,
            open: full,
        };
        let today = local_date(OffsetDateTime::UNIX_EPOCH);
        let list = seen_list(full);
        let import = files::page(&list.list, &[], form());
        all.extend([
            sample(ListsPage::TEMPLATE, &lists::page(&lists, today, full)),
            sample(ListPage::TEMPLATE, &list::page(&list)),
            sample(ImportPage::TEMPLATE, &import),
            sample(RowsPage::TEMPLATE, &rows_page(full)),
            sample(RowPage::TEMPLATE, &row_page(full)),
            sample(
                RepairsPage::TEMPLATE,
                &repairs::page(&seen_repairs(full), &RepairAsk::default()),
            ),
        ]);
    }
    all
}
