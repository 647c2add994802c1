//! The lists of imports, one of them with its bad rows, and the files to download.

use uuid::Uuid;

use super::{Imports, MOST_ROWS, cells_place, columns, room_of};
use crate::{
    access::{Action, Actor},
    error::{UseError, UseResult},
    ports::{
        imports::{BadRow, ImportKind, StoredImport},
        workbooks::{SheetCell, SheetColumn, SheetPlan},
    },
};

/// Imports on the page.
const MOST: i64 = 30;
/// Bad rows on the page; the file has all of them.
pub const SHOWN: i64 = 100;

/// A bad row, opened.
#[derive(Clone, Debug)]
pub struct SeenRow {
    pub row: BadRow,
    /// As typed, in the order of the template.
    pub cells: Vec<String>,
}

/// One import as its page shows it.
#[derive(Clone, Debug)]
pub struct ImportCase {
    pub import: StoredImport,
    pub bad: Vec<SeenRow>,
}

impl Imports {
    pub async fn list(&self, actor: &Actor, kinds: &[ImportKind]) -> UseResult<Vec<StoredImport>> {
        let first = kinds.first().copied().unwrap_or(ImportKind::Draws);
        let permit = self
            .permit(actor, first, Action::View, actor.tenant.0)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.imports().imports(kinds, MOST).await?)
    }

    /// The files of a 走访清单.
    pub async fn of_list(&self, actor: &Actor, list: Uuid) -> UseResult<Vec<StoredImport>> {
        let permit = self
            .permit(actor, ImportKind::Visits, Action::View, list)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.imports().imports_of_list(list, MOST).await?)
    }

    /// One of these kinds, which are of one room; any other is not there.
    pub async fn look(
        &self,
        actor: &Actor,
        kinds: &[ImportKind],
        id: Uuid,
    ) -> UseResult<ImportCase> {
        self.opened(actor, kinds, id, SHOWN).await
    }

    async fn opened(
        &self,
        actor: &Actor,
        kinds: &[ImportKind],
        id: Uuid,
        most: i64,
    ) -> UseResult<ImportCase> {
        let first = kinds.first().copied().unwrap_or(ImportKind::Draws);
        let permit = self.permit(actor, first, Action::View, id).await?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.imports().import(id).await?;
        let Some(import) = found.filter(|import| kinds.contains(&import.kind)) else {
            drop(work);
            let (_, room) = room_of(first);
            return Err(self.watch.missing(actor, room, Action::View, id).await);
        };
        let rows = work.imports().bad_rows(id, most).await?;
        drop(work);
        let mut bad = Vec::with_capacity(rows.len());
        for row in rows {
            let place = cells_place(actor.city, row.id);
            let plain = self.sealer.open(&place, &row.cells_sealed)?;
            let cells = serde_json::from_slice(&plain).map_err(UseError::bug)?;
            bad.push(SeenRow { row, cells });
        }
        Ok(ImportCase { import, bad })
    }

    /// An empty file to fill in, with a line that explains it.
    pub async fn template(&self, actor: &Actor, kind: ImportKind) -> UseResult<Vec<u8>> {
        self.permit(actor, kind, Action::Import, actor.tenant.0)
            .await?;
        let must: Vec<&str> = super::layout::needed(kind).to_vec();
        let plan = SheetPlan {
            name: kind.zh().to_owned(),
            lead: vec![format!(
                "请从表头下一行开始填写，每行一笔，最多 10,000 行。必填：{}。请粘贴为数值，不要使用公式。",
                must.join("、")
            )],
            mark: String::new(),
            columns: columns(kind).iter().map(|(_, column)| *column).collect(),
        };
        Ok(self.workbooks.begin(&plan)?.finish().await?)
    }

    /// The bad rows as a file to correct and send again, the cause in the last column.
    pub async fn bad_file(
        &self,
        actor: &Actor,
        kinds: &[ImportKind],
        id: Uuid,
        cause: fn(&BadRow) -> String,
    ) -> UseResult<(StoredImport, Vec<u8>)> {
        let most = i64::try_from(MOST_ROWS).unwrap_or(i64::MAX);
        let case = self.opened(actor, kinds, id, most).await?;
        let kind = case.import.kind;
        let mut heads: Vec<SheetColumn> = columns(kind).iter().map(|(_, c)| *c).collect();
        let width = heads.len();
        heads.push(SheetColumn::new("原行号", 10));
        heads.push(SheetColumn::new("未导入原因", 60));
        let plan = SheetPlan {
            name: kind.zh().to_owned(),
            lead: Vec::new(),
            mark: String::new(),
            columns: heads,
        };
        let mut writer = self.workbooks.begin(&plan)?;
        for bad in &case.bad {
            let mut cells: Vec<SheetCell> = bad.cells.iter().map(SheetCell::text).collect();
            cells.resize(width, SheetCell::Empty);
            cells.push(SheetCell::Count(bad.row.number.into()));
            cells.push(SheetCell::text(cause(&bad.row)));
            writer.row(&cells)?;
        }
        Ok((case.import, writer.finish().await?))
    }
}
