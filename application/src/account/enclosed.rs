//! What lies in the archive beside the data (S-34): the enterprise's own files, and those that its branches sent it and that it
//! may open in the portal.

use domain::ids::{FileId, TenantId};
use serde_json::{Value, json};

use crate::{
    files::{self, BYTES_PER_ENTERPRISE},
    ports::{enterprise_files::FileRow, letters::LetterFile, scanner::Scan, sealing::Place},
};

/// What the files of branches have room for beside however many own ones.
const SENT_LEAST: i64 = BYTES_PER_ENTERPRISE / 5;

/// What the files of branches take at most beside the own ones: an archive is made in memory, and their number grows with every
/// application.
pub(super) fn room_beside(own: &[FileRow]) -> i64 {
    let taken: i64 = own.iter().map(|file| i64::from(file.byte_size)).sum();
    (BYTES_PER_ENTERPRISE - taken).max(SENT_LEAST)
}

/// A stored file, with its name in the archive.
pub(super) struct Enclosed {
    id: FileId,
    pub name: String,
    pub object_key: String,
    pub byte_size: i32,
    pub place: Place,
}

/// A file of a branch that stays where it is, and why.
pub(super) struct LeftOut {
    id: FileId,
    why: &'static str,
}

fn ending(media_type: &str) -> &'static str {
    if media_type == "application/pdf" {
        "pdf"
    } else {
        "jpg"
    }
}

/// The enterprise's own: `files/1-licence.jpg`.
pub(super) fn own(city: TenantId, files: &[FileRow]) -> Vec<Enclosed> {
    let named = (1..).zip(files).map(|(n, file)| {
        let kind: String = file
            .kind
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
            .take(40)
            .collect();
        Enclosed {
            id: file.id,
            name: format!("files/{n}-{kind}.{}", ending(&file.media_type)),
            object_key: file.object_key.clone(),
            byte_size: file.byte_size,
            place: files::place(city, file.id),
        }
    });
    named.collect()
}

/// Those of branches, `bank-files/1.pdf`: what the thread withholds is withheld here, and of many the newest come along for which
/// there is room.
pub(super) fn sent(
    city: TenantId,
    files: &[LetterFile],
    room: i64,
) -> (Vec<Enclosed>, Vec<LeftOut>) {
    let (mut along, mut left) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for (n, file) in files.iter().enumerate().rev() {
        let more = bytes + i64::from(file.byte_size);
        let why = match file.scan {
            Scan::Infected => Some("infected"),
            Scan::Unknown => Some("unknown"),
            Scan::Clean | Scan::Unscanned => (more > room).then_some("too_large"),
        };
        if let Some(why) = why {
            left.push(LeftOut { id: file.id, why });
            continue;
        }
        bytes = more;
        along.push(Enclosed {
            id: file.id,
            name: format!("bank-files/{}.{}", n + 1, ending(&file.media_type)),
            object_key: file.object_key.clone(),
            byte_size: file.byte_size,
            place: LetterFile::place(city, file.id),
        });
    }
    (along, left)
}

/// Says in the rows of a chapter which file is which.
pub(super) fn name_files(rows: &mut Value, along: &[Enclosed]) {
    for row in rows.as_array_mut().into_iter().flatten() {
        let id = row["id"].as_str().unwrap_or_default();
        let found = along.iter().find(|file| file.id.to_string() == id);
        row["file"] = json!(found.map(|file| file.name.as_str()));
    }
}

/// Says in the rows of a chapter why a file is not there.
pub(super) fn name_left_out(rows: &mut Value, left: &[LeftOut]) {
    for row in rows.as_array_mut().into_iter().flatten() {
        let id = row["id"].as_str().unwrap_or_default();
        let found = left.iter().find(|file| file.id.to_string() == id);
        row["left_out"] = json!(found.map(|file| file.why));
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{EnterpriseId, UserId};
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;

    fn file(n: u128, scan: Scan, byte_size: i32) -> LetterFile {
        LetterFile {
            id: FileId(Uuid::from_u128(n)),
            object_key: n.to_string(),
            media_type: "application/pdf".to_owned(),
            byte_size,
            sha256: Vec::new(),
            scan,
            added_by: UserId(Uuid::nil()),
            added_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_the_thread_withholds_is_left_out_and_of_many_the_newest_come_along() {
        let half = 60 * 1024 * 1024;
        let files = [
            file(1, Scan::Clean, half),
            file(2, Scan::Infected, 1),
            file(3, Scan::Unknown, 1),
            file(4, Scan::Unscanned, half),
        ];
        let (along, left) = sent(TenantId(Uuid::nil()), &files, room_beside(&[]));
        let names: Vec<&str> = along.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["bank-files/4.pdf"]);
        let why: Vec<&str> = left.iter().map(|file| file.why).collect();
        assert_eq!(why, ["unknown", "infected", "too_large"]);
    }

    fn own_file(byte_size: i32) -> FileRow {
        FileRow {
            id: FileId(Uuid::nil()),
            enterprise: EnterpriseId(Uuid::nil()),
            kind: "licence".to_owned(),
            object_key: String::new(),
            media_type: "image/jpeg".to_owned(),
            byte_size,
            width: None,
            height: None,
            sha256: Vec::new(),
            scan: Scan::Clean,
            created_by: UserId(Uuid::nil()),
            created_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn own_files_come_first_and_those_of_branches_have_what_is_left_of_one_archive() {
        let mb = 1024 * 1024;
        assert_eq!(room_beside(&[]), BYTES_PER_ENTERPRISE);
        let half = room_beside(&[own_file(30 * mb), own_file(20 * mb)]);
        assert_eq!(half, BYTES_PER_ENTERPRISE / 2);
        assert_eq!(room_beside(&[own_file(99 * mb)]), SENT_LEAST);
    }

    #[test]
    fn a_row_says_which_file_it_is_or_why_there_is_none() {
        let files = [file(1, Scan::Clean, 1), file(2, Scan::Infected, 1)];
        let (along, left) = sent(TenantId(Uuid::nil()), &files, room_beside(&[]));
        let mut rows = json!([{ "id": Uuid::from_u128(1).to_string() }, { "id": Uuid::from_u128(2).to_string() }]);
        name_files(&mut rows, &along);
        name_left_out(&mut rows, &left);
        assert_eq!(rows[0]["file"], "bank-files/1.pdf");
        assert_eq!(rows[0]["left_out"], Value::Null);
        assert_eq!(rows[1]["file"], Value::Null);
        assert_eq!(rows[1]["left_out"], "infected");
    }
}
