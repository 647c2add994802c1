//! 申请复议 after a refusal, and the answer to a 跨支行转派.

use application::{
    error::{Kind, UseError},
    financing::{APPEAL_FILES, AnswerMove, AppealMaterial, ApplicationDetail, AskReconsideration},
    ports::moves::MoveRequest,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::FinancingApplicationId;

use super::{
    Desk, LIST,
    ask::{AskPage, back, offer, offer_again, once},
    crumbs, id_of, show,
};
use crate::{
    errors::WebError,
    forms::{Field, FormView},
    parts::Described,
    posted::{Form, Posted},
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
};

const ACCEPT: &str = "image/jpeg,image/png,application/pdf";
const MATERIAL_HINT: &str = "支持 JPG、PNG、PDF，每个不超过 10 MB，PDF 不超过 10 页，合计不超过 30 MB。提交后机构总部和受理支行可以查看。";
/// No browser fills in a chosen file a second time.
const FILES_GONE: &str = "已选择的文件没有保存，请重新选择。";

fn appeal_page(visit: &Visit, view: &ApplicationDetail) -> Result<AskPage, UseError> {
    let r = view.application.record();
    if !view.appeal.may_ask {
        let code = if view.appeal.asked.is_some() || r.reconsidered {
            "financing.already_reconsidered"
        } else {
            "financing.too_late"
        };
        return Err(UseError::conflict(code));
    }
    let own = format!("{LIST}/{}", r.id);
    let number = show::number(&view.application);
    let mut rows = vec![
        Described::new("申请编号", &number),
        Described::new("金融产品名称", &r.product_name),
        Described::new("审核意见", &r.review_opinion),
        Described::new("不通过原因", show::reasons(&visit.city, &r.reason_codes)),
    ];
    if let Some(until) = view.appeal.until {
        rows.push(Described::new(
            "申请期限",
            format!("{} 前", show::minute(until)),
        ));
    }
    let mut form = FormView::new(format!("{own}/reconsider"))
        .key(visit.kit.tokens().one_time())
        .with(
            Field::textarea("facts", "新情况说明")
                .required()
                .hint("写明与原审核意见不同的新情况，如新增订单、补充担保。最多 1000 个字。")
                .rows(6)
                .maxlength(1_000),
        );
    for number in 1..=APPEAL_FILES {
        let file = Field::file(
            format!("material_{number}"),
            format!("新材料 {number}（选填）"),
            ACCEPT,
        );
        form.push(if number == 1 {
            file.hint(MATERIAL_HINT)
        } else {
            file
        });
    }
    Ok(AskPage {
        crumbs: crumbs(&[("融资需求管理", LIST), (&number, &own), ("申请复议", "")]),
        title: "申请复议",
        lead: "有新的情况或材料，可以请机构总部重新审批。".to_owned(),
        warn: "每笔融资需求只能申请一次复议。机构总部受理后重新审批，不受理的会说明原因。",
        rows,
        form,
        yes: "申请复议",
        danger: false,
        multipart: true,
        back: own,
    })
}

pub(super) async fn ask(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: FinancingApplicationId = id_of(&id)?;
    let view = web.uses.financing.detail(visit.actor(), id).await?;
    let visit = visit.0.enterprise_console();
    let page = appeal_page(&visit, &view);
    offer(&visit, page, &format!("{LIST}/{id}"))
}

/// What was chosen, in the order of the fields.
fn materials(posted: &mut Posted) -> Vec<AppealMaterial> {
    let mut all = Vec::new();
    for number in 1..=APPEAL_FILES {
        let field = format!("material_{number}");
        let files = posted.take_files(&field).into_iter();
        all.extend(files.map(|file| AppealMaterial {
            field: field.clone(),
            bytes: file.bytes.to_vec(),
        }));
    }
    all
}

/// What the same form is drawn again for, with everything that was typed.
const fn is_mended(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Invalid | Kind::TooLarge | Kind::TooMany | Kind::Unavailable
    )
}

pub(super) async fn send(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id: FinancingApplicationId = id_of(&id)?;
    let ask = AskReconsideration {
        application: id,
        facts: posted.get("facts").to_owned(),
        materials: materials(&mut posted),
        once: once(&visit, &posted)?,
    };
    let with_files = !ask.materials.is_empty();
    let visit = visit.enterprise_console();
    let own = format!("{LIST}/{id}");
    let (uses, who) = (web.uses.clone(), actor.clone());
    let asked = spawned(async move {
        uses.financing
            .ask_reconsideration(&uses.files, &who, ask)
            .await
    });
    match asked.await {
        Ok(()) => {
            let said = "复议申请已提交，机构总部会答复您。";
            Ok(visit.redirect(&own, Some(("success", said))))
        }
        Err(error) if is_mended(error.kind) => {
            let view = web.uses.financing.detail(&actor, id).await?;
            match appeal_page(&visit, &view) {
                Ok(mut page) => {
                    if with_files {
                        page.form.problem(FILES_GONE);
                    }
                    Ok(page.again(&visit, &posted, &error))
                }
                Err(error) => back(&visit, &own, error),
            }
        }
        Err(error) => back(&visit, &own, error),
    }
}

fn move_page(visit: &Visit, id: FinancingApplicationId, ask: &MoveRequest) -> AskPage {
    let own = format!("{LIST}/{id}");
    AskPage {
        crumbs: crumbs(&[("融资需求管理", LIST), ("申请详情", &own), ("答复转派", "")]),
        title: "是否同意转到其他支行办理",
        lead: "金融机构请您确认是否更换受理支行，申请编号不变。".to_owned(),
        warn: "同意后由新的支行重新接单和办理；不同意的，仍由现在的支行办理。",
        rows: vec![
            Described::new("转到支行", &ask.to_branch_name),
            Described::new("转派原因", &ask.reason),
            Described::new("提出时间", show::minute(ask.asked_at)),
        ],
        form: FormView::new(format!("{own}/move"))
            .key(visit.kit.tokens().one_time())
            .with(
                Field::radio("agreed", "您的答复")
                    .required()
                    .options([("yes", "同意"), ("no", "不同意")]),
            )
            .with(
                Field::textarea("move_note", "说明（选填）")
                    .hint("最多 300 个字")
                    .rows(3)
                    .maxlength(300),
            ),
        yes: "提交答复",
        danger: false,
        multipart: false,
        back: own,
    }
}

pub(super) async fn ask_move(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: FinancingApplicationId = id_of(&id)?;
    let asked = web.uses.financing.waiting_move(visit.actor(), id).await;
    let visit = visit.0.enterprise_console();
    let page = asked.map(|asked| move_page(&visit, id, &asked));
    offer(&visit, page, &format!("{LIST}/{id}"))
}

pub(super) async fn answer_move(
    State(web): State<Desk>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id: FinancingApplicationId = id_of(&id)?;
    let ask = AnswerMove {
        application: id,
        agreed: match posted.get("agreed") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        note: posted.get("move_note").to_owned(),
        once: once(&visit, &posted)?,
    };
    let visit = visit.enterprise_console();
    let own = format!("{LIST}/{id}");
    let (uses, who) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.financing.answer_move(&who, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&own, Some(("success", "您的答复已送达金融机构。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let asked = web.uses.financing.waiting_move(&actor, id).await;
            let page = asked.map(|asked| move_page(&visit, id, &asked));
            offer_again(&visit, page, &own, &posted, &error)
        }
        Err(error) => back(&visit, &own, error),
    }
}
