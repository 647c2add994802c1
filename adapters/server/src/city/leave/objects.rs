//! Which rows name a file, and where it lies in an export.

use application::ports::sealing::Place;
use domain::ids::TenantId;
use postgres_adapter::leaving::NamedObject;
use uuid::Uuid;

/// The files of one table.
pub struct Objects {
    pub table: &'static str,
    /// The table and column under whose name they are sealed.
    place: (&'static str, &'static str),
    /// Left out of an export without personal data.
    pub personal: bool,
    /// Answers the row that they are sealed under, the key, whose they are and what they are.
    pub sql: &'static str,
}

const fn personal(table: &'static str, sql: &'static str) -> Objects {
    Objects {
        table,
        place: (table, "object"),
        personal: true,
        sql,
    }
}

const fn public(table: &'static str, sql: &'static str) -> Objects {
    Objects {
        personal: false,
        ..personal(table, sql)
    }
}

/// Every table that names objects. What one row of `application_files` names is the same object as that of `enterprise_files`, and is
/// kept longer.
pub const OBJECTS: [Objects; 11] = [
    personal(
        "enterprise_files",
        "select f.id as row, f.object_key, coalesce(e.name, '') as owner, f.kind as label from enterprise_files f
         left join enterprises e on e.tenant_id = f.tenant_id and e.id = f.enterprise_id
         where f.object_key is not null order by f.id",
    ),
    Objects {
        place: ("enterprise_files", "object"),
        ..personal(
            "application_files",
            "select f.file_id as row, f.object_key, coalesce(a.application_no, a.id::text) as owner, f.label from application_files f
             join financing_applications a on a.tenant_id = f.tenant_id and a.id = f.application_id
             where f.object_key is not null order by a.id, f.file_id",
        )
    },
    public(
        "article_attachments",
        "select f.id as row, f.object_key, f.article_id::text as owner, f.title as label from article_attachments f
         where f.object_key is not null order by f.id",
    ),
    public(
        "content_pictures",
        "select f.id as row, f.object_key, '' as owner, '' as label from content_pictures f
         where f.object_key is not null order by f.id",
    ),
    personal(
        "due_diligence_photos",
        "select f.id as row, f.object_key, coalesce(a.application_no, a.id::text) as owner, f.caption as label
         from due_diligence_photos f join financing_applications a on a.tenant_id = f.tenant_id and a.id = f.application_id
         where f.object_key is not null order by f.id",
    ),
    Objects {
        place: ("exports", "object_key"),
        ..personal(
            "exports",
            "select f.id as row, f.object_key, f.node_name as owner, f.number as label from exports f
             where f.object_key is not null order by f.id",
        )
    },
    personal(
        "face_reviews",
        "select f.id as row, f.object_key, f.enterprise_name as owner, f.reference as label from face_reviews f
         where f.object_key is not null order by f.id",
    ),
    Objects {
        place: ("imports", "object_key"),
        ..personal(
            "imports",
            "select f.id as row, f.object_key, f.kind as owner, f.asked_name as label from imports f
             where f.object_key is not null order by f.id",
        )
    },
    personal(
        "letter_files",
        "select f.id as row, f.object_key, coalesce(a.application_no, a.id::text) as owner, '' as label from letter_files f
         join financing_applications a on a.tenant_id = f.tenant_id and a.id = f.application_id
         where f.object_key is not null order by f.id",
    ),
    personal(
        "own_data_exports",
        "select f.id as row, f.object_key, coalesce(e.name, '') as owner, '' as label from own_data_exports f
         left join enterprises e on e.tenant_id = f.tenant_id and e.id = f.enterprise_id
         where f.object_key is not null order by f.id",
    ),
    public(
        "wechat_codes",
        "select f.id as row, f.object_key, f.edition as owner, f.scene as label from wechat_codes f
         where f.object_key is not null order by f.id",
    ),
];

impl Objects {
    pub fn place(&self, city: TenantId, row: Uuid) -> Place {
        Place {
            tenant: city.0,
            table: self.place.0,
            row,
            column: self.place.1,
        }
    }

    /// `files/<table>/<whose>/<what>-<row>.<kind>`: to be read by people, and told apart by the id.
    pub fn path(&self, object: &NamedObject, bytes: &[u8]) -> String {
        let owner = plain(&object.owner);
        let owner = if owner.is_empty() { owner } else { owner + "/" };
        let label = plain(&object.label);
        let label = if label.is_empty() { label } else { label + "-" };
        let kind = self.kind(bytes);
        format!("files/{}/{owner}{label}{}.{kind}", self.table, object.row)
    }

    /// By what is inside, never by a name.
    fn kind(&self, bytes: &[u8]) -> &'static str {
        let sheets = ["exports", "imports"].contains(&self.table);
        match bytes {
            [0xff, 0xd8, ..] => "jpg",
            [0x89, b'P', b'N', b'G', ..] => "png",
            [b'%', b'P', b'D', b'F', ..] => "pdf",
            [b'P', b'K', ..] if sheets => "xlsx",
            [b'P', b'K', ..] if self.table == "article_attachments" => "docx",
            [b'P', b'K', ..] => "zip",
            _ if sheets => "csv",
            _ => "bin",
        }
    }
}

/// Letters and digits of any script; everything else might mean something to a file system.
fn plain(text: &str) -> String {
    let kept = |sign: char| {
        if sign.is_alphanumeric() || sign == '-' {
            sign
        } else {
            '_'
        }
    };
    let name: String = text.chars().take(40).map(kept).collect();
    name.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(owner: &str, label: &str) -> NamedObject {
        NamedObject {
            row: Uuid::from_u128(7),
            object_key: "k".to_owned(),
            owner: owner.to_owned(),
            label: label.to_owned(),
        }
    }

    #[test]
    fn a_path_is_read_by_people_and_leads_nowhere_else() {
        let files = &OBJECTS[0];
        let id = Uuid::from_u128(7);
        assert_eq!(
            files.path(
                &object("沧州市瀚岳澜管道装备有限公司", "licence"),
                &[0xff, 0xd8, 0xff]
            ),
            format!("files/enterprise_files/沧州市瀚岳澜管道装备有限公司/licence-{id}.jpg")
        );
        assert_eq!(
            files.path(&object("../../etc", "a/b\\c\n"), b"%PDF-1.7"),
            format!("files/enterprise_files/etc/a_b_c-{id}.pdf")
        );
        let long = files.path(&object(&"长".repeat(300), ""), b"");
        assert!(long.len() < 255, "{long}");
    }
}
