//! 退回补充 and its answer: what the branch asks for, and the sample papers that the enterprise hands in.

use anyhow::Context as _;
use application::ports::{
    dossiers::{DossierFile, SupplementItem},
    enterprise_files::FileRow,
    scanner::Scan,
};
use domain::{
    financing::SupplementAsk,
    ids::{FileId, SupplementItemId},
};
use time::Duration;

use super::{super::plan::Dice, Story, Teller, phrase};

impl Teller<'_> {
    pub(super) async fn send_back(
        &self,
        story: &mut Story<'_>,
        dice: &mut Dice,
    ) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(3, 26)), self.now);
        let asked: Vec<_> = {
            let templates: Vec<_> = self
                .city
                .supplement_templates
                .iter()
                .filter(|t| t.code != "other")
                .collect();
            let first = usize::try_from(dice.between(0, 5))?;
            let count = usize::try_from(dice.between(1, 3))?;
            templates.into_iter().skip(first).take(count).collect()
        };
        let ask = SupplementAsk {
            labels: asked.iter().map(|t| t.label.clone()).collect(),
            note: phrase(&self.phrases.supplement_notes, dice),
        };
        let calendar = story.calendar.clone();
        let event = story.application.ask_supplement(
            story.cast.manager.clone(),
            ask,
            &self.clocks(&calendar),
            story.at,
        )?;
        let round = i32::from(story.application.record().supplement_rounds);
        let items: Vec<SupplementItem> = asked
            .into_iter()
            .zip(1..)
            .map(|(template, position)| SupplementItem {
                id: SupplementItemId(self.parts.clock.new_id()),
                round,
                position,
                label: template.label.clone(),
                hint: template.hint.clone(),
                required: true,
                files: Vec::new(),
                answer: String::new(),
                answered_at: None,
            })
            .collect();
        let id = story.application.record().id;
        story.work.dossiers().ask_items(id, &items).await?;
        story.save(event).await
    }

    pub(super) async fn answer(
        &self,
        story: &mut Story<'_>,
        dice: &mut Dice,
    ) -> anyhow::Result<()> {
        story.pass(Duration::hours(dice.between(4, 40)), self.now);
        let id = story.application.record().id;
        let mut items = story.work.dossiers().items(id).await?;
        let note = phrase(&self.phrases.supplement_answers, dice);
        let asked = items.iter_mut().filter(|i| i.answered_at.is_none());
        for (number, item) in asked.enumerate() {
            // The first one has three pages, as a statement of account has.
            let pages = if number == 0 { 3 } else { 1 };
            for page in 1..=pages {
                let label = if pages == 1 {
                    item.label.clone()
                } else {
                    format!("{}（{page}/{pages}）", item.label)
                };
                let file = self.paper(story, &label, item.round).await?;
                item.files.push(file);
            }
            item.answered_at = Some(story.at);
            story.work.dossiers().answer_item(id, item).await?;
        }
        let owner = story.cast.applicant.owner.clone();
        let calendar = story.calendar.clone();
        let event = story.application.answer_supplement(
            owner,
            Vec::new(),
            note,
            &self.clocks(&calendar),
            story.at,
        )?;
        story.save(event).await
    }

    /// A sample paper, stored and handed over as an upload is.
    async fn paper(
        &self,
        story: &mut Story<'_>,
        label: &str,
        round: i32,
    ) -> anyhow::Result<FileId> {
        let applicant = story.cast.applicant;
        let title = label.to_owned();
        let lines = vec![
            format!("企业名称：{}", applicant.name),
            "本样张由演示程序绘制，内容虚构".to_owned(),
        ];
        let picture = tokio::task::spawn_blocking(move || media::sample_card(&title, &lines))
            .await?
            .context("a sample paper could not be drawn")?;
        let id = FileId(self.parts.clock.new_id());
        let sealed = self
            .parts
            .sealer
            .seal(&DossierFile::place(self.city.id, id), &picture.jpeg)?;
        let key = self.parts.files.put(self.city.id.0, sealed).await?;
        let row = FileRow {
            id,
            enterprise: applicant.id,
            kind: "supplement".to_owned(),
            object_key: key.as_str().to_owned(),
            media_type: "image/jpeg".to_owned(),
            byte_size: i32::try_from(picture.jpeg.len())?,
            width: i32::try_from(picture.width).ok(),
            height: i32::try_from(picture.height).ok(),
            sha256: picture.sha256.to_vec(),
            scan: Scan::Clean,
            created_by: applicant.owner.id.context("an owner has an id")?,
            created_at: story.at,
        };
        story.work.enterprise_files().insert_file(&row).await?;
        let given = DossierFile {
            id,
            kind: row.kind,
            label: label.to_owned(),
            object_key: row.object_key,
            media_type: row.media_type,
            round,
            added_at: story.at,
            scan: row.scan,
        };
        let application = story.application.record().id;
        story.work.dossiers().add_file(application, &given).await?;
        Ok(id)
    }
}
