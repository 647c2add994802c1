//! What an export says of itself: to the terminal, to programs and to whoever opens the folder.

use postgres_adapter::leaving::{CityRow, OwnedTable};
use serde_json::json;
use time::OffsetDateTime;

use super::{
    ExportAsk,
    manifest::{FORMAT, Manifest},
    sealed::{Treated, treated},
    words,
};

/// What the terminal says at the end.
pub fn told(city: &CityRow, ask: &ExportAsk, manifest: &Manifest) -> Vec<String> {
    let mut lines = vec![format!(
        "{}: {} rows of {} tables and {} files are in {}, as of {}",
        city.slug,
        manifest.rows(),
        manifest.tables.len(),
        manifest.files.count,
        ask.to.display(),
        manifest.snapshot_at,
    )];
    if manifest.lost() > 0 {
        lines.push(format!(
            "note: {} sealed values did not open, {} files are not in the storage, {} files did not open: files.jsonl and null values",
            manifest.unreadable_values, manifest.files.missing, manifest.files.unreadable,
        ));
    }
    if manifest.files.left_out > 0 {
        lines.push(format!(
            "note: {} personal files were left out: --with-personal-data, into another folder",
            manifest.files.left_out
        ));
    }
    if city.status == "active" {
        lines.push("note: the city is open; what people do from now on is not in it".to_owned());
    }
    lines
}

/// `schema.json`: every column with its type, its meaning where it is known, and what was left out and why.
pub fn schema(tables: &[OwnedTable], personal: bool) -> anyhow::Result<serde_json::Value> {
    let mut told = serde_json::Map::new();
    for table in tables {
        let mut columns = Vec::new();
        for column in &table.columns {
            let how = treated(&table.name, &column.name, &column.kind)?;
            let (written, left_out, kind) = match how {
                Treated::Plain | Treated::SealedWithin(_) => {
                    (Some(column.name.as_str()), None, column.kind.as_str())
                }
                Treated::Secret(why) => (None, Some(why), column.kind.as_str()),
                Treated::Sealed { .. } if !personal => {
                    (None, Some("加密保存的个人信息"), column.kind.as_str())
                }
                Treated::Sealed { written, .. } => (Some(written), None, "text"),
            };
            columns.push(json!({
                "column": column.name,
                "written_as": written,
                "left_out": left_out,
                "type": kind,
                "required": column.required,
                "meaning": words::column(&column.name),
            }));
        }
        told.insert(
            table.name.clone(),
            json!({
                "meaning": words::table(&table.name),
                "file": format!("rows/{}.jsonl", table.name),
                "key": table.key,
                "columns": columns,
            }),
        );
    }
    Ok(json!({ "format": FORMAT, "tables": told }))
}

/// `说明.txt`.
pub fn readme(city: &CityRow, at: OffsetDateTime, personal: bool) -> String {
    let sealed = if personal {
        "本次导出包含加密保存的个人信息和文件的明文，请按照个人信息保护的要求保管，用完及时删除。"
    } else {
        "本次导出不包含加密保存的个人信息（证件号码、手机号、邮箱、企业资料）和个人文件；姓名、名称、金额和文字仍在各行中。"
    };
    format!(
        "{}（{}）全部数据\n数据时点：{at}（同一时点的一致快照）\n\n{sealed}\n\n\
         rows/<表>.jsonl      每行一条记录（JSON Lines，UTF-8，时间为 UTC，金额单位为分）\n\
         schema.json          各表各列的类型、含义，以及没有导出的列和原因\n\
         files.jsonl          哪条记录对应哪个文件；absent 说明文件缺少的原因\n\
         files/<表>/…         文件的明文\n\
         manifest.json        清单：各文件的行数、字节数和 SHA-256，操作日志链的末端\n\
         manifest.sig         平台对清单的签名\n\n\
         密码、密钥、令牌和检索用的哈希从不导出。\n\
         核对：yijianrong city verify-export <本文件夹>\n",
        city.name, city.slug
    )
}
