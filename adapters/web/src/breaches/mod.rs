//! 超时通报 (G2): the week of the city, printable, and 超时说明 of a branch.

mod own;
mod samples;
mod week;

pub use samples::samples;

use application::breaches::BreachRoom;
use axum::Router;
use time::Duration;

use crate::{
    doors::{self, Door, Who},
    kit::Web,
};

type Room = Web<BreachRoom>;

const CITY: &str = "/operator/breaches";
const OWN: &str = "/branch/breaches";
const TITLE: &str = "超时通报";

/// Every door of both sides.
pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Staff;
    vec![
        Door::get(CITY, who, week::show),
        Door::get("/operator/breaches/workbook", who, week::take),
        Door::get(OWN, who, own::list),
        Door::get("/branch/breaches/{id}", who, own::ask),
        Door::post("/branch/breaches/{id}", who, own::give),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// Headquarters' own steps have no branch.
fn branch_words(branch_name: &str) -> &str {
    if branch_name.is_empty() {
        "机构总部"
    } else {
        branch_name
    }
}

/// How long it lasted, in working time.
fn over_words(over: Option<Duration>) -> String {
    let Some(over) = over else {
        return "-".to_owned();
    };
    let minutes = over.whole_minutes().max(0);
    if minutes < 60 {
        format!("{minutes} 分钟")
    } else {
        format!("{} 小时", minutes / 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_lasted_is_told_in_minutes_first_and_in_hours_then() {
        assert_eq!(over_words(Some(Duration::minutes(59))), "59 分钟");
        assert_eq!(over_words(Some(Duration::minutes(150))), "2 小时");
        assert_eq!(over_words(None), "-");
    }
}
