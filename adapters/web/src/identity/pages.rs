//! The pages of 人脸核验, ready to be drawn.

use application::{identity::FaceStatus, ports::face::FaceWay};
use domain::identity::{CheckStatus, ReviewStatus};
use serde::Serialize;

use super::failed_words;
pub use crate::show::minute as when;
use crate::{
    forms::{Field, FormView},
    parts::{Camera, Described, Handoff, Table, Tag, TagKind},
    profile::STEPS,
    words,
};

/// What stands on `/enterprise/face`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Incomplete,
    Verified,
    Consent,
    Camera,
    /// The check goes on at the provider.
    Away,
    Unclear,
    Limit,
}

impl Step {
    pub fn of(status: &FaceStatus) -> Self {
        if !status.profile_complete {
            Self::Incomplete
        } else if status.verified.at.is_some() {
            Self::Verified
        } else if status.unclear_waits {
            Self::Unclear
        } else if status.away().is_some() {
            Self::Away
        } else if status.left() == 0 {
            Self::Limit
        } else if status.consented {
            Self::Camera
        } else {
            Self::Consent
        }
    }
}

#[derive(Serialize)]
pub struct FacePage {
    pub form: FormView,
    pub step: Step,
    pub steps: Vec<&'static str>,
    pub person: String,
    pub enterprise: String,
    pub provider: String,
    pub demo: bool,
    pub left: u32,
    pub most: u32,
    pub camera: Camera,
    /// Why the last attempt was refused; empty when it was not.
    pub refused: String,
    /// 人工核验 asked for: rows, and whether it can still be taken back.
    pub request: Vec<Described>,
    pub request_open: bool,
    pub verified_rows: Vec<Described>,
    pub next: String,
    pub profile_href: String,
    pub phone_href: String,
    pub manual_href: String,
    /// Empty where one photo was judged once and nobody can be asked about it again.
    pub again_href: String,
    pub handover_href: String,
    /// `photo`, `away` or `nowhere`: how the provider works here.
    pub way: &'static str,
    pub leave_href: String,
    /// The provider's page.
    pub away_href: String,
    /// 平台人工核验: where it is asked for, empty when it is not offered; its rows, and whether it is still open.
    pub review_href: String,
    pub review: Vec<Described>,
    pub review_open: bool,
}

pub const fn way(status: &FaceStatus) -> &'static str {
    match status.way {
        FaceWay::Photo => "photo",
        FaceWay::Away => "away",
        FaceWay::Nowhere => "nowhere",
    }
}

/// What the three ways need to keep.
pub fn request_rows(status: &FaceStatus) -> Vec<Described> {
    let Some(request) = &status.request else {
        return Vec::new();
    };
    let kind = match request.status {
        CheckStatus::ManualPassed => TagKind::Success,
        CheckStatus::ManualRefused => TagKind::Danger,
        _ => TagKind::Warning,
    };
    let mut rows = vec![
        Described::cell("状态", crate::parts::Cell::tag(request.status.zh(), kind)),
        Described::new("受理编号", &request.reference),
        Described::new("核验网点", &status.request_branch),
        Described::new("申请时间", when(request.created_at)),
    ];
    if !request.note.is_empty() {
        rows.push(Described::new("网点说明", &request.note));
    }
    rows
}

/// What the photo that was sent to the operator came to.
pub fn review_rows(status: &FaceStatus) -> Vec<Described> {
    let Some(review) = &status.review else {
        return Vec::new();
    };
    let kind = match review.status {
        ReviewStatus::Passed => TagKind::Success,
        ReviewStatus::Refused => TagKind::Danger,
        _ => TagKind::Warning,
    };
    // That one of the two has looked is the operator's own business.
    let word = if review.is_open() {
        ReviewStatus::Requested.zh()
    } else {
        review.status.zh()
    };
    let mut rows = vec![
        Described::cell("状态", crate::parts::Cell::tag(word, kind)),
        Described::new("受理编号", &review.reference),
        Described::new("申请时间", when(review.created_at)),
    ];
    if !review.is_open() && !review.note.is_empty() {
        rows.push(Described::new("平台说明", &review.note));
    }
    rows
}

pub fn verified_rows(status: &FaceStatus) -> Vec<Described> {
    let Some(at) = status.verified.at else {
        return Vec::new();
    };
    let method = match status.verified.method.as_deref() {
        Some("face") => "人脸核验",
        Some("manual") => "平台人工核验",
        _ => "柜面人工核验",
    };
    vec![
        Described::new("核验结果", "已通过"),
        Described::new("核验方式", method),
        Described::new("核验时间", when(at)),
        Described::new("核验人", &status.person),
    ]
}

/// The words of the last refusal; how often it may be tried again stands beside the camera, once.
pub fn refusal(status: &FaceStatus) -> String {
    status
        .latest
        .as_ref()
        .filter(|c| c.status == CheckStatus::Failed)
        .map(|c| {
            if status.left() == 0 {
                return failed_words(&c.reason_code, 0);
            }
            words::text(&c.reason_code, &[])
        })
        .unwrap_or_default()
}

#[derive(Serialize)]
pub struct HandoffPage {
    pub steps: Vec<&'static str>,
    /// `None` before the code is drawn.
    pub handoff: Option<Handoff>,
    /// The link itself, in the demonstration only: a phone cannot reach this machine.
    pub link: String,
    pub handover_href: String,
    pub back: String,
    pub next: String,
}

/// The page that the provider leads back to.
#[derive(Serialize)]
pub struct BackPage {
    pub steps: Vec<&'static str>,
    pub back_href: String,
    /// In the browser that set out; another device only sends the person back to it.
    pub here: bool,
}

#[derive(Serialize)]
pub struct ResultPage {
    pub steps: Vec<&'static str>,
    pub person: String,
    pub rows: Vec<Described>,
    pub go_href: String,
    pub go_label: &'static str,
}

#[derive(Serialize)]
pub struct ManualPage {
    pub form: FormView,
    pub steps: Vec<&'static str>,
    pub nothing: bool,
    pub back: String,
}

#[derive(Serialize)]
pub struct ReviewPage {
    pub form: FormView,
    pub steps: Vec<&'static str>,
    pub back: String,
}

#[derive(Serialize)]
pub struct ReviewListPage {
    pub table: Table,
    pub open: usize,
    pub nothing: bool,
}

#[derive(Serialize)]
pub struct ReviewDeskPage {
    pub form: FormView,
    pub rows: Vec<Described>,
    pub pictures: bool,
    pub may_propose: bool,
    pub may_confirm: bool,
    pub may_take_back: bool,
    /// Another person has to go on.
    pub waits: bool,
    pub passes: bool,
    pub photo: String,
    pub card: String,
}

#[derive(Serialize)]
pub struct PhonePage {
    /// `start`, `camera`, `passed` or `unclear`.
    pub step: &'static str,
    pub enterprise: String,
    pub person: String,
    pub provider: String,
    pub demo: bool,
    pub expires: String,
    pub start_href: String,
    pub camera: Camera,
}

#[derive(Serialize)]
pub struct CounterListPage {
    pub table: Table,
    pub open: usize,
    pub nothing: bool,
}

#[derive(Serialize)]
pub struct CounterPage {
    pub form: FormView,
    pub rows: Vec<Described>,
    pub open: bool,
    pub may_settle: bool,
}

pub fn steps() -> Vec<&'static str> {
    STEPS.to_vec()
}

pub fn status_tag(status: CheckStatus) -> Tag {
    let kind = match status {
        CheckStatus::Passed | CheckStatus::ManualPassed => TagKind::Success,
        CheckStatus::Failed | CheckStatus::ManualRefused => TagKind::Danger,
        CheckStatus::ManualRequested | CheckStatus::Unclear => TagKind::Warning,
        CheckStatus::Started | CheckStatus::Cancelled => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

/// Every shape of every page, with text that must be escaped.
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    let nasty = "<b>\"'\\&</b>".repeat(8);
    let value = |page: &dyn erased::Page| page.value();
    let mut all = Vec::new();
    for (step, way) in [
        (Step::Incomplete, "photo"),
        (Step::Verified, "photo"),
        (Step::Consent, "photo"),
        (Step::Camera, "photo"),
        (Step::Camera, "away"),
        (Step::Camera, "nowhere"),
        (Step::Away, "away"),
        (Step::Unclear, "photo"),
        (Step::Limit, "photo"),
    ] {
        let page = FacePage {
            form: FormView::new("/enterprise/face/consent")
                .with(Field::hidden("next", &nasty))
                .with(Field::checkbox("agree_face", "同意")),
            step,
            steps: steps(),
            person: nasty.clone(),
            enterprise: nasty.clone(),
            provider: nasty.clone(),
            demo: true,
            left: 2,
            most: 5,
            camera: sample_camera(),
            refused: nasty.clone(),
            request: vec![Described::new("状态", &nasty)],
            request_open: step == Step::Camera,
            verified_rows: vec![Described::new("核验结果", &nasty)],
            next: "/enterprise".to_owned(),
            profile_href: "/enterprise/profile".to_owned(),
            phone_href: "/enterprise/face/phone".to_owned(),
            manual_href: "/enterprise/face/manual".to_owned(),
            again_href: "/enterprise/face/again".to_owned(),
            handover_href: "/enterprise/face/handover".to_owned(),
            way,
            leave_href: "/enterprise/face/leave".to_owned(),
            away_href: "https://face.example/h5?t=<\"'".to_owned(),
            review_href: "/enterprise/face/review".to_owned(),
            review: vec![Described::new("状态", &nasty)],
            review_open: step == Step::Camera,
        };
        all.push(("identity/face.html", value(&page)));
    }
    let page = ReviewPage {
        form: FormView::new("/enterprise/face/review")
            .with(Field::hidden("next", &nasty))
            .with(Field::file("photo", "照片", "image/*"))
            .with(Field::checkbox("agree_review", "同意")),
        steps: steps(),
        back: "/enterprise/face".to_owned(),
    };
    all.push(("identity/review.html", value(&page)));
    for (may_propose, may_confirm) in [(true, false), (false, true), (false, false)] {
        let page = ReviewListPage {
            table: Table::new("平台人工核验"),
            open: 1,
            nothing: may_propose,
        };
        all.push(("identity/reviews.html", value(&page)));
        let page = ReviewDeskPage {
            form: FormView::new("/operator/faces/1")
                .with(Field::textarea("review_note", "说明").value(&nasty)),
            rows: vec![Described::new("企业名称", &nasty)],
            pictures: may_propose || may_confirm,
            may_propose,
            may_confirm,
            may_take_back: !may_propose && !may_confirm,
            waits: !may_propose && !may_confirm,
            passes: may_confirm,
            photo: "/operator/faces/1/photo".to_owned(),
            card: "/operator/faces/1/card".to_owned(),
        };
        all.push(("identity/review_case.html", value(&page)));
    }
    for here in [true, false] {
        let page = BackPage {
            steps: steps(),
            back_href: "/enterprise/face/back/x".to_owned(),
            here,
        };
        all.push(("identity/back.html", value(&page)));
    }
    for handoff in [None, Some(Handoff::default())] {
        let page = HandoffPage {
            steps: steps(),
            handoff,
            link: nasty.clone(),
            handover_href: "/enterprise/face/handover".to_owned(),
            back: "/enterprise/face".to_owned(),
            next: String::new(),
        };
        all.push(("identity/handoff.html", value(&page)));
    }
    let page = ResultPage {
        steps: steps(),
        person: nasty.clone(),
        rows: vec![Described::new("核验结果", &nasty)],
        go_href: "/enterprise".to_owned(),
        go_label: "继续",
    };
    all.push(("identity/result.html", value(&page)));
    for none in [true, false] {
        let page = ManualPage {
            form: FormView::new("/enterprise/face/manual")
                .with(Field::hidden("next", ""))
                .with(Field::radio("branch", "网点").options([("1", nasty.as_str())])),
            steps: steps(),
            nothing: none,
            back: "/enterprise/face".to_owned(),
        };
        all.push(("identity/manual.html", value(&page)));
        let page = CounterListPage {
            table: Table::new("柜面核验"),
            open: 0,
            nothing: none,
        };
        all.push(("identity/counter.html", value(&page)));
        let page = CounterPage {
            form: ["legal_id", "seen_person", "seen_licence", "counter_note"]
                .iter()
                .fold(FormView::new("/branch/counter/1"), |form, name| {
                    form.with(Field::text(*name, "说明").value(&nasty))
                }),
            rows: vec![Described::new("企业名称", &nasty)],
            open: none,
            may_settle: none,
        };
        all.push(("identity/counter_check.html", value(&page)));
    }
    for step in ["start", "camera", "passed", "unclear"] {
        let page = PhonePage {
            step,
            enterprise: nasty.clone(),
            person: nasty.clone(),
            provider: nasty.clone(),
            demo: step == "camera",
            expires: "2026-03-05 09:30".to_owned(),
            start_href: "/m/x".to_owned(),
            camera: sample_camera(),
        };
        all.push(("identity/phone.html", value(&page)));
    }
    all
}

fn sample_camera() -> Camera {
    Camera {
        url: "/enterprise/face/photo".to_owned(),
        next: "/enterprise/face/result".to_owned(),
        file_action: "/enterprise/face/photo".to_owned(),
        key: String::new(),
    }
}

mod erased {
    /// A page as its template sees it.
    pub trait Page {
        fn value(&self) -> serde_json::Value;
    }

    impl<T: serde::Serialize> Page for T {
        fn value(&self) -> serde_json::Value {
            serde_json::to_value(self).unwrap_or_default()
        }
    }
}
