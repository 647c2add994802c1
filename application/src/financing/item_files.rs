//! 补充材料 of one item: several files, in order, added and taken away until the answer is sent. A file that no item names any more is no
//! longer the enterprise's either: it frees the place that it took.

use domain::ids::{FileId, FinancingApplicationId, SupplementItemId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Financing, answer::waiting};
use crate::{
    access::{Action, Actor, Room},
    error::{FieldError, Kind, UseError, UseResult},
    files::{Files, KeptFile, UploadFor},
    ports::{
        dossiers::{ITEM_FILES, SupplementItem},
        enterprise_files::FileRow,
        store::UnitOfWork,
    },
};

/// The kind under which these files are stored.
const MATERIAL: &str = "supplement";

/// One item of the round that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemOf {
    pub application: FinancingApplicationId,
    pub item: SupplementItemId,
}

impl ItemOf {
    /// Where errors of its files are told.
    fn field(self) -> String {
        format!("file_{}", self.item)
    }
}

/// Where a file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFrom {
    /// It came whole.
    Bytes(Vec<u8>),
    /// It was put up in pieces.
    Upload(Uuid),
}

/// What became of a file that was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedFile {
    pub kept: KeptFile,
    /// The item had this very file before; it is there once.
    pub again: bool,
}

/// Whether an item takes so many files more.
pub fn has_room(item: &SupplementItem, more: usize) -> UseResult<()> {
    if item.files.len() + more <= ITEM_FILES {
        return Ok(());
    }
    let field = FieldError::new(format!("file_{}", item.id), "supplement.too_many_files")
        .with("label", &item.label)
        .with("max", ITEM_FILES)
        .with("have", item.files.len());
    Err(UseError::invalid(vec![field]))
}

impl Financing {
    /// One more file of an item, behind those that are there. The same one again is there once.
    pub async fn add_file(
        &self,
        files: &Files,
        actor: &Actor,
        to: ItemOf,
        from: FileFrom,
    ) -> UseResult<AddedFile> {
        let item = self.item(actor, to).await?;
        // Asked the same again, an upload answers the file that it became.
        let known = match &from {
            FileFrom::Upload(id) => files.upload(actor, *id).await?.file,
            FileFrom::Bytes(_) => None,
        };
        let file = if let Some(file) = known.filter(|file| item.files.contains(file)) {
            file
        } else {
            // Before anything is stored for it.
            has_room(&item, 1)?;
            keep(files, actor, to, from).await?
        };
        match self.note_file(actor, to, file).await {
            Ok((added, gone)) => {
                files.discard_rows(actor, &gone).await;
                Ok(added)
            }
            Err(error) => {
                // Refused for good, and not an unclear commit: nothing names it.
                if matches!(error.kind, Kind::Invalid | Kind::NotFound | Kind::Conflict) {
                    files.take_back(actor, file).await?;
                }
                Err(error)
            }
        }
    }

    /// An upload as the only file of an item; those before it go.
    pub async fn set_file(
        &self,
        files: &Files,
        actor: &Actor,
        to: ItemOf,
        upload: Uuid,
    ) -> UseResult<FileId> {
        // Whoever may not answer this request keeps no file for it.
        self.item(actor, to).await?;
        let file = keep(files, actor, to, FileFrom::Upload(upload)).await?;
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Answer)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let mut item = find(&mut *work, to).await?;
        let stored = work.enterprise_files().current_file(file).await?;
        stored.ok_or_else(UseError::not_found)?;
        let before = std::mem::replace(&mut item.files, vec![file]);
        work.dossiers().answer_item(to.application, &item).await?;
        let others: Vec<_> = before.into_iter().filter(|one| *one != file).collect();
        let gone = retire(&mut *work, &others, self.clock.now()).await?;
        work.commit().await?;
        files.discard_rows(actor, &gone).await;
        Ok(file)
    }

    /// Takes one file of an item away again, or all of them. Removing what is not there is fine.
    pub async fn remove_files(
        &self,
        files: &Files,
        actor: &Actor,
        from: ItemOf,
        which: Option<FileId>,
    ) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Answer)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let mut item = find(&mut *work, from).await?;
        let goes = |file: &FileId| which.is_none_or(|one| one == *file);
        let (going, staying): (Vec<_>, Vec<_>) = item.files.into_iter().partition(goes);
        item.files = staying;
        work.dossiers().answer_item(from.application, &item).await?;
        let gone = retire(&mut *work, &going, self.clock.now()).await?;
        work.commit().await?;
        files.discard_rows(actor, &gone).await;
        Ok(())
    }

    /// The item as it stands, for whoever may answer it.
    async fn item(&self, actor: &Actor, of: ItemOf) -> UseResult<SupplementItem> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Answer)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        find(&mut *work, of).await
    }

    /// Notes a kept file as the last one of an item; answers also what is of no use then.
    async fn note_file(
        &self,
        actor: &Actor,
        to: ItemOf,
        file: FileId,
    ) -> UseResult<(AddedFile, Vec<FileRow>)> {
        let enterprise = actor.enterprise.ok_or_else(UseError::not_found)?;
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Answer)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let mut item = find(&mut *work, to).await?;
        let rows = work.enterprise_files().current_files(enterprise).await?;
        let stored = rows
            .iter()
            .find(|row| row.id == file)
            .ok_or_else(UseError::not_found)?;
        if item.files.contains(&file) {
            let kept = KeptFile::from(stored);
            return Ok((AddedFile { kept, again: true }, Vec::new()));
        }
        let same = rows
            .iter()
            .find(|row| item.files.contains(&row.id) && row.sha256 == stored.sha256);
        if let Some(same) = same {
            let kept = KeptFile::from(same);
            let gone = retire(&mut *work, &[file], self.clock.now()).await?;
            work.commit().await?;
            return Ok((AddedFile { kept, again: true }, gone));
        }
        has_room(&item, 1)?;
        item.files.push(file);
        work.dossiers().answer_item(to.application, &item).await?;
        work.commit().await?;
        let kept = KeptFile::from(stored);
        Ok((AddedFile { kept, again: false }, Vec::new()))
    }
}

async fn keep(files: &Files, actor: &Actor, to: ItemOf, from: FileFrom) -> UseResult<FileId> {
    let (what, field) = (UploadFor::Material(MATERIAL.to_owned()), to.field());
    match from {
        FileFrom::Bytes(bytes) => Ok(files.keep(actor, what, &field, bytes).await?.id),
        FileFrom::Upload(id) => files.finish_upload(actor, id, what, &field).await,
    }
}

async fn find(work: &mut dyn UnitOfWork, of: ItemOf) -> UseResult<SupplementItem> {
    let (_, task) = waiting(work, of.application).await?;
    task.items
        .into_iter()
        .find(|one| one.id == of.item)
        .ok_or_else(UseError::not_found)
}

/// Takes files out of use that no item names any more; those that an application holds stay.
async fn retire(
    work: &mut dyn UnitOfWork,
    files: &[FileId],
    at: OffsetDateTime,
) -> UseResult<Vec<FileRow>> {
    let mut gone = Vec::new();
    for file in files {
        gone.extend(work.enterprise_files().retire_file(*file, at).await?);
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(files: usize) -> SupplementItem {
        SupplementItem {
            id: SupplementItemId(Uuid::nil()),
            round: 1,
            position: 1,
            label: "近三个月银行流水".into(),
            hint: String::new(),
            required: true,
            files: (0..files).map(|_| FileId(Uuid::nil())).collect(),
            answer: String::new(),
            answered_at: None,
        }
    }

    #[test]
    fn an_item_takes_nine_files_and_names_itself_when_there_would_be_a_tenth() {
        assert!(has_room(&item(8), 1).is_ok());
        assert!(has_room(&item(0), ITEM_FILES).is_ok());
        let refused = has_room(&item(7), 3).expect_err("a tenth");
        let field = &refused.fields[0];
        assert_eq!(field.code, "supplement.too_many_files");
        assert!(
            field
                .params
                .contains(&("label", "近三个月银行流水".to_owned()))
        );
        assert!(field.params.contains(&("have", "7".to_owned())));
    }
}
