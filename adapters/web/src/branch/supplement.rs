//! 退回补充 (row 13): what is missing, ticked from the city's list or in own words.

use std::sync::Arc;

use application::{
    access::Actor,
    dossier::Case,
    error::{UseError, UseResult},
    review::{AskSupplement, Intent},
};
use domain::financing::{SUPPLEMENT_ROUNDS, Stage};
use futures::future::BoxFuture;

use super::{Branch, detail, ground::Held};
use crate::{
    deed::{Deed, Shown, barred, ticked},
    forms::{Choice, Field, FormView},
    parts::Described,
    posted::Posted,
    visit::Visit,
};

pub(super) struct Supplement;

impl Deed for Supplement {
    type On = Held;

    const PATH: &'static str = "/branch/applications/{id}/supplement";
    const TITLE: &'static str = "退回补充";
    const LEAD: &'static str = "企业将按清单补充材料，期间办理时限暂停。";
    const ASK: &'static str = "要退回这笔融资需求，请企业补充吗？";
    const WARN: &'static str = "退回后办理时限暂停，企业补充提交后继续计算。";
    const YES: &'static str = "退回补充";
    const DONE: &'static str = "已退回补充，企业会收到通知。";

    fn offered(case: &Case, _: &Actor) -> UseResult<()> {
        if case.powers.ask_supplement {
            return Ok(());
        }
        let record = &case.record;
        let working = matches!(
            record.stage,
            Stage::Accepted | Stage::DueDiligence | Stage::InApproval
        );
        if record.frozen || !working {
            return Err(barred(record));
        }
        if record.supplement_rounds >= SUPPLEMENT_ROUNDS {
            return Err(UseError::conflict("financing.too_many_rounds"));
        }
        Err(UseError::conflict("review.not_yours").with("holder", &record.holder_name))
    }

    fn fields(visit: &Visit, _: &Case, form: FormView) -> FormView {
        let templates = visit.city.offered_supplements();
        let options = templates
            .filter(|t| t.code != "other")
            .map(|t| Choice::new(&t.code, &t.label).hint(&t.hint));
        form.with(
            Field::checks("templates", "需要补充的材料")
                .hint("至少选择或填写一项。")
                .options(options),
        )
        .with(
            Field::textarea("own", "其他需要补充的内容")
                .hint("每行一项，每项 2–60 个字。")
                .rows(3)
                .maxlength(1_000),
        )
        .with(
            Field::textarea("note", "补充说明")
                .required()
                .hint("展示给企业，最多 500 个字。")
                .rows(4)
                .maxlength(500),
        )
    }

    fn summary(visit: &Visit, case: &Case, posted: &Posted) -> Vec<Described> {
        let picked = posted.all("templates");
        let templates = visit.city.supplement_templates.iter();
        let mut items: Vec<String> = templates
            .filter(|t| picked.contains(&t.code.as_str()))
            .map(|t| t.label.clone())
            .collect();
        let own = posted.get("own").lines().map(str::trim);
        items.extend(own.filter(|l| !l.is_empty()).map(str::to_owned));
        vec![
            detail::wished(&case.record),
            Described::new("补充清单", items.join("；")),
            Described::new("补充说明", posted.get("note")),
        ]
    }

    fn run(
        uses: Arc<Branch>,
        actor: Actor,
        posted: &Posted,
        shown: Shown,
        intent: Intent,
    ) -> BoxFuture<'static, UseResult<()>> {
        let ask = AskSupplement {
            seen: shown.seen(),
            templates: ticked(posted, "templates"),
            own: posted.get("own").to_owned(),
            note: posted.get("note").to_owned(),
        };
        Box::pin(async move { uses.review.ask_supplement(&actor, ask, intent).await })
    }
}
