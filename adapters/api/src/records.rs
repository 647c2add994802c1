//! 申请记录 (M-801, A-32, F-9): the same twelve values as the web's table, the timeline, 撤回, and the answer to 退回补充.

use application::{
    error::{UseError, UseResult},
    financing::{
        AnswerSupplement, ApplicationDetail, Deed, FileFrom, ItemAnswer, ItemOf, Sending,
        SupplementTask,
    },
    ports::application_board::BoardFilter,
};
use axum::http::Method;
use domain::{
    financing::{ApplicationEvent, FinancingApplication, IntakeStatus, ReviewStatus},
    ids::{FileId, FinancingApplicationId, SupplementItemId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    Api,
    appeals::{self, AppealView, MoveQuestion, RefusalView},
    call::Call,
    door::{Attached, Done, Door, NoQuery, Who},
    loan::{self, DrawView},
    profile::Kept,
    ratings,
    shapes::{Word, called, day, instant, limit, mark_of, read_mark},
};

const TAG: &str = "申请记录";

/// Which ones.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// 申请编号, 产品 or 机构.
    #[param(max_length = 64)]
    words: Option<String>,
    /// 接单状态.
    #[param(pattern = "^(pending|accepted|never_accepted)$")]
    intake_status: Option<String>,
    /// 审核状态.
    #[param(pattern = "^(pending|approved|rejected|supplement_asked|withdrawn|expired)$")]
    review_status: Option<String>,
    /// 上一页的 next_cursor.
    cursor: Option<String>,
    /// 每页条数, 1 to 50.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
}

/// 申请记录, newest first.
#[derive(Serialize, ToSchema)]
struct RecordPage {
    items: Vec<RecordLine>,
    next_cursor: Option<String>,
}

/// 一条申请记录: M-502 to M-513.
#[derive(Serialize, ToSchema)]
struct RecordLine {
    id: Uuid,
    application_no: String,
    /// 机构.
    institution: String,
    product: Uuid,
    product_name: String,
    enterprise_name: String,
    /// 融资金额 (万): approved where decided, else asked.
    amount: String,
    /// 利率 (%).
    rate: String,
    term: u16,
    term_unit: Word,
    applied_at: String,
    intake_status: Word,
    review_status: Word,
    /// `-` when there is none.
    review_opinion: String,
}

/// 申请详情.
#[derive(Serialize, ToSchema)]
struct RecordDetail {
    #[serde(flatten)]
    line: RecordLine,
    version: i32,
    /// What was asked, where the bank approved other terms.
    asked_amount: String,
    asked_rate: String,
    asked_term: u16,
    timeline: Vec<TimelineEvent>,
    /// 还在走的时限.
    promises: Vec<PromiseView>,
    /// 可以撤回; the same as `withdraw` among the deeds.
    may_withdraw: bool,
    /// 授权已撤回: the branch may go on with it only after 重新授权.
    consent_withdrawn: bool,
    /// 可以重新授权.
    may_renew: bool,
    /// 可以办理的事项: of this person, as the request stands.
    deeds: Vec<RecordDeed>,
    /// 补充清单, for whoever may answer it.
    supplement: Option<Supplement>,
    /// 放款状态; `null`: nothing was granted.
    disbursement: Option<Word>,
    /// 额度有效期至.
    approval_valid_until: Option<String>,
    /// 放款记录, in order; more of the loan is at `/api/v1/applications/{id}/loan`.
    draws: Vec<DrawView>,
    /// 等待答复的转派征询.
    move_asked: Option<MoveQuestion>,
    /// 审核未通过.
    refusal: Option<RefusalView>,
    /// 复议, once it was asked for.
    appeal: Option<AppealView>,
    /// 可以申请复议的期限.
    appeal_until: Option<String>,
    /// 已评价.
    rated: bool,
    /// 未读留言.
    unread_letters: i64,
}

/// `withdraw` 撤回, `supplement` 补充, `answer_move` 答复转派, `answer_draw` 答复放款, `give_up` 放弃, `reconsider` 复议, `apply_again` 再次申请, `rate` 评价.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecordDeed {
    Withdraw,
    Supplement,
    AnswerMove,
    AnswerDraw,
    GiveUp,
    Reconsider,
    ApplyAgain,
    Rate,
}

impl From<Deed> for RecordDeed {
    fn from(deed: Deed) -> Self {
        match deed {
            Deed::Withdraw => Self::Withdraw,
            Deed::Supplement => Self::Supplement,
            Deed::AnswerMove => Self::AnswerMove,
            Deed::Reconsider => Self::Reconsider,
            Deed::ApplyAgain => Self::ApplyAgain,
        }
    }
}

/// 进度中的一步.
#[derive(Serialize, ToSchema)]
struct TimelineEvent {
    event: Word,
    at: String,
    actor: String,
    /// 状态: after this step.
    intake_status: Option<Word>,
    review_status: Option<Word>,
    note: String,
    reasons: Vec<String>,
}

/// 时限.
#[derive(Serialize, ToSchema)]
struct PromiseView {
    kind: String,
    due: Option<String>,
}

/// 补充清单.
#[derive(Serialize, ToSchema)]
struct Supplement {
    round: i32,
    due: Option<String>,
    note: String,
    items: Vec<SupplementLine>,
}

/// 需要补充的一项.
#[derive(Serialize, ToSchema)]
struct SupplementLine {
    id: Uuid,
    label: String,
    hint: String,
    required: bool,
    answer: String,
    /// The first of `files`.
    file: Option<Uuid>,
    /// 文件, in order.
    #[schema(max_items = 9)]
    files: Vec<SupplementFile>,
}

/// 补充材料的一个文件.
#[derive(Serialize, ToSchema)]
struct SupplementFile {
    id: Uuid,
    /// Empty when the file is gone: it has to be removed before the answer is sent.
    media_type: String,
    /// Bytes.
    size: i32,
    added_at: Option<String>,
}

/// 撤回.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Withdraw {
    #[schema(max_length = 400)]
    #[serde(default)]
    reason: String,
}

/// 已撤回.
#[derive(Serialize, ToSchema)]
struct Withdrawn {
    application_no: String,
}

/// 补充材料: errors are told at `text_<item>` and `file_<item>`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[schema(max_items = 50)]
    answers: Vec<AnswerLine>,
    #[schema(max_length = 1000)]
    #[serde(default)]
    note: String,
    /// 暂存: keep it and send it later.
    #[serde(default)]
    keep: bool,
}

/// 一项的文字说明.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerLine {
    item: Uuid,
    #[schema(max_length = 1000)]
    text: String,
}

/// 用哪个上传.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FromUpload {
    upload: Uuid,
}

pub(crate) fn doors() -> Vec<Door> {
    let own = Who::Enterprise;
    vec![
        Door::read(TAG, "申请记录", own, "/api/v1/applications", list),
        Door::read(
            TAG,
            "申请详情和进度",
            own,
            "/api/v1/applications/{id}",
            detail,
        ),
        Door::write(
            TAG,
            "撤回",
            own,
            (Method::POST, "/api/v1/applications/{id}/withdrawal"),
            withdraw,
        )
        .keyed(),
        Door::write(
            TAG,
            "一项补充材料只用这一个文件，替换已有的",
            own,
            (
                Method::PUT,
                "/api/v1/applications/{id}/supplement/{item}/file",
            ),
            attach,
        ),
        Door::act(
            TAG,
            "取消一项补充材料的全部文件",
            own,
            (
                Method::DELETE,
                "/api/v1/applications/{id}/supplement/{item}/file",
            ),
            detach,
        ),
        Door::write(
            TAG,
            "为一项补充材料添加一个文件，最多 9 个；重复添加同一个文件只保存一个",
            own,
            (
                Method::POST,
                "/api/v1/applications/{id}/supplement/{item}/files",
            ),
            add,
        ),
        Door::file(
            TAG,
            "查看一项补充材料的一个文件",
            own,
            "/api/v1/applications/{id}/supplement/{item}/files/{file}",
            open,
        )
        .conflicting(),
        Door::act(
            TAG,
            "删除一项补充材料的一个文件",
            own,
            (
                Method::DELETE,
                "/api/v1/applications/{id}/supplement/{item}/files/{file}",
            ),
            remove,
        ),
        Door::write(
            TAG,
            "补充提交，或暂存",
            own,
            (Method::POST, "/api/v1/applications/{id}/supplement"),
            answer,
        )
        .keyed(),
    ]
}

fn choice<T>(
    field: &'static str,
    code: Option<&String>,
    read: impl Fn(&str) -> Option<T>,
) -> UseResult<Option<T>> {
    code.map(|code| read(code).ok_or_else(|| UseError::field(field, "api.choice")))
        .transpose()
}

async fn list(api: Api, call: Call, ask: Ask) -> UseResult<RecordPage> {
    let most = limit(ask.limit)?;
    let after = read_mark(ask.cursor.as_deref())?;
    let filter = BoardFilter {
        intake: choice(
            "intake_status",
            ask.intake_status.as_ref(),
            IntakeStatus::from_code,
        )?,
        review: choice(
            "review_status",
            ask.review_status.as_ref(),
            ReviewStatus::from_code,
        )?,
        keyword: ask.words.unwrap_or_default(),
        ..BoardFilter::default()
    };
    let financing = &api.uses.financing;
    let (rows, more) = financing.after(call.actor()?, &filter, after, most).await?;
    let last = rows
        .last()
        .filter(|_| more)
        .map(FinancingApplication::record);
    let next_cursor = last.and_then(|r| Some(mark_of(r.submitted_at?, r.id.0)));
    Ok(RecordPage {
        items: rows.iter().map(line).collect(),
        next_cursor,
    })
}

fn intake(status: IntakeStatus) -> Word {
    Word::new(status.code(), status.zh())
}

fn review(status: ReviewStatus) -> Word {
    Word::new(status.code(), status.zh())
}

fn short(cents: domain::values::Cents) -> String {
    cents.format_wan_short().replace(',', "")
}

fn line(application: &FinancingApplication) -> RecordLine {
    let r = application.record();
    let (intake_status, review_status) = application
        .columns()
        .unwrap_or((IntakeStatus::Pending, ReviewStatus::Pending));
    let term = r.approved_term.unwrap_or(r.term);
    RecordLine {
        id: r.id.0,
        application_no: r.number.as_ref().map_or(String::new(), ToString::to_string),
        institution: r.handler_name.clone(),
        product: r.product.0,
        product_name: r.product_name.clone(),
        enterprise_name: r.enterprise_name.clone(),
        amount: short(r.approved_amount.unwrap_or(r.amount)),
        rate: r.approved_rate.unwrap_or(r.rate).percent(),
        term: term.value(),
        term_unit: Word::unit(term.unit()),
        applied_at: r.submitted_at.map(instant).unwrap_or_default(),
        intake_status: intake(intake_status),
        review_status: review(review_status),
        review_opinion: if r.review_opinion.is_empty() {
            "-".to_owned()
        } else {
            r.review_opinion.clone()
        },
    }
}

/// A step of the timeline; the two columns are derived from the stage it led to.
fn step(call: &Call, event: &ApplicationEvent, accepted: bool) -> TimelineEvent {
    let columns = domain::financing::columns(event.to, accepted);
    let city = &call.city;
    let reason = |code: &String| {
        let refused = city.rejection_reasons.iter().map(|r| (&r.code, &r.label));
        let declined = city.intake_refusals.iter().map(|r| (&r.code, &r.label));
        let mut known = refused.chain(declined);
        known
            .find(|(known, _)| *known == code)
            .map_or_else(|| code.clone(), |(_, label)| label.clone())
    };
    TimelineEvent {
        event: Word::new(event.verb.code(), event.verb.zh()),
        at: instant(event.at),
        actor: event.actor.role.zh().to_owned(),
        intake_status: columns.map(|(one, _)| intake(one)),
        review_status: columns.map(|(_, one)| review(one)),
        note: event.note.clone(),
        reasons: event.reason_codes.iter().map(reason).collect(),
    }
}

fn timeline(call: &Call, view: &ApplicationDetail) -> Vec<TimelineEvent> {
    let mut accepted = false;
    view.events
        .iter()
        .map(|event| {
            accepted |= event.verb == domain::financing::Verb::Accept;
            step(call, event, accepted)
        })
        .collect()
}

fn supplement(task: SupplementTask) -> Supplement {
    let kept = task.kept;
    let file = |id: &FileId| {
        let known = kept.iter().find(|file| file.id == *id);
        SupplementFile {
            id: id.0,
            media_type: known.map_or(String::new(), |file| file.media_type.clone()),
            size: known.map_or(0, |file| file.byte_size),
            added_at: known.map(|file| instant(file.at)),
        }
    };
    Supplement {
        round: task.round,
        due: task.due_at.map(instant),
        note: task.note,
        items: task
            .items
            .into_iter()
            .map(|item| SupplementLine {
                id: item.id.0,
                label: item.label,
                hint: item.hint,
                required: item.required,
                answer: item.answer,
                file: item.files.first().map(|file| file.0),
                files: item.files.iter().map(&file).collect(),
            })
            .collect(),
    }
}

fn promises(view: &ApplicationDetail) -> Vec<PromiseView> {
    let all = view.promises.iter();
    all.map(|promise| PromiseView {
        kind: promise.kind.code().to_owned(),
        due: promise.due.map(|(due, _)| instant(due)),
    })
    .collect()
}

async fn detail(api: Api, call: Call, _: NoQuery) -> UseResult<RecordDetail> {
    let id = FinancingApplicationId(call.id("id")?);
    let actor = call.actor()?;
    let view = api.uses.financing.detail(actor, id).await?;
    let record = view.application.record();
    let loan = loan::beside(&api, actor, record).await?;
    let draws = loan.as_ref().map(loan::draws).unwrap_or_default();
    let own = ratings::beside(&api, actor, record).await?;
    let mut deeds: Vec<RecordDeed> = view.deeds.iter().map(|deed| (*deed).into()).collect();
    for (deed, may) in [
        (RecordDeed::AnswerDraw, loan::asks(&draws)),
        (
            RecordDeed::GiveUp,
            loan.as_ref().is_some_and(|sheet| sheet.may_give_up),
        ),
        (
            RecordDeed::Rate,
            own.as_ref().is_some_and(|own| own.may_rate),
        ),
    ] {
        if may {
            deeds.push(deed);
        }
    }
    let task = view.task().filter(|_| view.may(Deed::Supplement));
    Ok(RecordDetail {
        line: line(&view.application),
        version: record.version,
        asked_amount: short(record.amount),
        asked_rate: record.rate.percent(),
        asked_term: record.term.value(),
        timeline: timeline(&call, &view),
        promises: promises(&view),
        may_withdraw: view.may(Deed::Withdraw),
        consent_withdrawn: record.stage.is_open() && !view.consent_stands,
        may_renew: view.may_renew,
        deeds,
        supplement: task.map(supplement),
        disbursement: loan::disbursement(record.stage),
        approval_valid_until: record.approval_valid_until.map(day),
        draws,
        move_asked: appeals::question(&view),
        refusal: appeals::refusal(&view, &call.city),
        appeal: appeals::appeal(&view),
        appeal_until: appeals::appeal_until(&view),
        rated: own.is_some_and(|own| own.rating.is_some()),
        unread_letters: view.letters.unread,
    })
}

async fn withdraw(api: Api, call: Call, ask: Withdraw) -> UseResult<Withdrawn> {
    let id = FinancingApplicationId(call.id("id")?);
    let (financing, once) = (&api.uses.financing, call.once()?);
    let application_no = financing
        .withdraw(call.actor()?, id, &ask.reason, &once)
        .await
        .map_err(|error| called(error, "withdraw_reason", "reason"))?;
    Ok(Withdrawn { application_no })
}

fn item(call: &Call) -> UseResult<ItemOf> {
    Ok(ItemOf {
        application: FinancingApplicationId(call.id("id")?),
        item: SupplementItemId(call.id("item")?),
    })
}

/// What is wrong with a file, at the key that names it here.
fn of_upload(of: ItemOf) -> impl Fn(UseError) -> UseError {
    move |error| called(error, &format!("file_{}", of.item), "upload")
}

async fn attach(api: Api, call: Call, ask: FromUpload) -> UseResult<Kept> {
    let (of, uses) = (item(&call)?, &api.uses);
    let file = uses
        .financing
        .set_file(&uses.files, call.actor()?, of, ask.upload)
        .await
        .map_err(of_upload(of))?;
    Ok(Kept { file: file.0 })
}

async fn detach(api: Api, call: Call) -> UseResult<Done> {
    let (of, uses) = (item(&call)?, &api.uses);
    uses.financing
        .remove_files(&uses.files, call.actor()?, of, None)
        .await?;
    Ok(Done)
}

/// An upload is its own key: asked the same again, it is the file that it became.
async fn add(api: Api, call: Call, ask: FromUpload) -> UseResult<Kept> {
    let (of, uses) = (item(&call)?, &api.uses);
    let from = FileFrom::Upload(ask.upload);
    let added = uses
        .financing
        .add_file(&uses.files, call.actor()?, of, from)
        .await
        .map_err(of_upload(of))?;
    Ok(Kept {
        file: added.kept.id.0,
    })
}

/// Before the answer is sent and afterwards.
async fn open(api: Api, call: Call, _: NoQuery) -> UseResult<Attached> {
    let (of, file) = (item(&call)?, FileId(call.id("file")?));
    let actor = call.actor()?;
    let view = api.uses.financing.detail(actor, of.application).await?;
    let mut items = view.items.iter();
    if !items.any(|one| one.id == of.item && one.files.contains(&file)) {
        return Err(UseError::not_found());
    }
    let opened = api.uses.files.open(actor, file).await?;
    Ok(Attached {
        media_type: opened.row.media_type,
        bytes: opened.bytes,
    })
}

async fn remove(api: Api, call: Call) -> UseResult<Done> {
    let (of, uses) = (item(&call)?, &api.uses);
    let file = FileId(call.id("file")?);
    uses.financing
        .remove_files(&uses.files, call.actor()?, of, Some(file))
        .await?;
    Ok(Done)
}

async fn answer(api: Api, call: Call, ask: Answer) -> UseResult<Done> {
    let once = call.once()?;
    let input = AnswerSupplement {
        application: FinancingApplicationId(call.id("id")?),
        answers: ask
            .answers
            .into_iter()
            .map(|one| ItemAnswer {
                item: SupplementItemId(one.item),
                text: one.text,
            })
            .collect(),
        note: ask.note,
        how: if ask.keep {
            Sending::Keep
        } else {
            Sending::Send
        },
        key: once.key,
        body_hash: once.body_hash,
    };
    api.uses.financing.answer(call.actor()?, input).await?;
    Ok(Done)
}
