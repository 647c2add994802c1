//! 证照识别: a photo fills what is empty, never what was typed, and a photo that cannot be read loses nothing.

use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

use super::*;

/// Lines of a licence as the engine would tell them: text, left, top.
pub(crate) const LICENCE: [(&str, u32, u32); 13] = [
    ("统一社会信用代码", 100, 60),
    ("91130900PDY00001XR", 100, 100),
    ("名称", 100, 200),
    ("沧州市瀚岳澜管道装备有限公司", 300, 200),
    ("注册资本", 900, 200),
    ("伍仟万元整", 1_100, 200),
    ("类型", 100, 260),
    ("有限责任公司", 300, 260),
    ("住所", 900, 260),
    ("沧州市盐山县庆云镇装备大街108号", 1_100, 260),
    ("法定代表人", 100, 320),
    ("顾屹舟", 300, 320),
    ("经营范围", 100, 380),
];

/// A stand-in for the engine that always reads the same sheet.
fn engine(lines: &[(&str, u32, u32)]) -> PathBuf {
    let mut table = String::from(
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n",
    );
    for (line, (text, left, top)) in lines.iter().enumerate() {
        let width = 30 * text.chars().count();
        table.push_str(&format!(
            "5\t1\t{line}\t1\t1\t1\t{left}\t{top}\t{width}\t30\t95\t{text}\n"
        ));
    }
    let path = std::env::temp_dir().join(format!("yjr-engine-{}", uuid::Uuid::new_v4()));
    let said = path.with_extension("tsv");
    std::fs::write(&said, table).expect("a table");
    // A single line that is looked at once more says nothing.
    let script = format!(
        "#!/bin/sh\n/bin/cat >/dev/null\ncase \"$*\" in *'--psm 11'*) exec /bin/cat {} ;; esac\n",
        said.display()
    );
    std::fs::write(&path, script).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("a program");
    path
}

pub(crate) async fn world(lines: &[(&str, u32, u32)]) -> World {
    let program = engine(lines);
    World::with(|city| {
        city.plugs.insert(
            "recognition".to_owned(),
            serde_json::json!({ "kind": "embedded", "program": program.to_string_lossy(), "seconds": 60 }),
        );
    })
    .await
}

fn says(page: &Answer, words: &str) {
    let text = page.text();
    assert!(text.contains(words), "{words} is not on the page:\n{text}");
}

/// Large enough to hold print.
pub(crate) fn sheet() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::from_pixel(
        1_300,
        900,
        image::Rgb([240, 240, 240]),
    ))
    .write_to(&mut bytes, ImageFormat::Jpeg)
    .expect("it encodes");
    bytes.into_inner()
}

async fn owner(world: &World) -> EnterpriseFixture {
    world
        .new_enterprise(world.cangzhou.id, "沧州市自填商贸有限公司", "13900001001")
        .await
}

/// The form as a browser without script sends it, photo and all.
async fn read_photos(
    owner: &EnterpriseFixture,
    typed: &[(&str, &str)],
    photo: Option<Vec<u8>>,
) -> Answer {
    let page = owner
        .browser
        .get("/enterprise/profile?edit=1")
        .await
        .expect(200);
    let (csrf, version) = (page.csrf(), page.input("version").expect("a version"));
    let mut fields = vec![
        ("_csrf", csrf.as_str()),
        ("_action", "read_photos"),
        ("version", version.as_str()),
    ];
    fields.extend_from_slice(typed);
    let files: Vec<_> = photo
        .map(|bytes| ("licence", "a.jpg", bytes))
        .into_iter()
        .collect();
    owner
        .browser
        .upload("/enterprise/profile", &fields, &files)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_a_photo_fills_what_is_empty_and_marks_it() {
    let world = world(&LICENCE).await;
    let owner = owner(&world).await;
    let typed = [
        ("name", "沧州市自填商贸有限公司"),
        ("email", "a@hanyuelan.example"),
        ("unified_social_credit_code", ""),
        ("registered_capital", " "),
        ("legal_representative", ""),
        ("address", ""),
    ];
    let page = read_photos(&owner, &typed, Some(sheet())).await.expect(200);
    let value = |name: &str| page.input(name).unwrap_or_default();
    assert_eq!(value("name"), "沧州市自填商贸有限公司", "typed");
    assert_eq!(value("email"), "a@hanyuelan.example", "typed");
    assert_eq!(value("unified_social_credit_code"), "91130900PDY00001XR");
    assert_eq!(value("registered_capital"), "5000");
    assert_eq!(value("legal_representative"), "顾屹舟");
    assert_eq!(value("address"), "沧州市盐山县庆云镇装备大街108号");
    says(&page, "已按照片填写 4 项，请逐项核对后保存。");
    says(&page, "已识别");
    says(&page, "请核对：照片上为“沧州市瀚岳澜管道装备有限公司”");
    let text = page.text();
    let (_, mark) = text
        .split_once("id=\"f-address-mark\">")
        .expect("the address is marked");
    let mark = mark.split('<').next().unwrap_or_default();
    // The marks stay when the page is drawn again for another reason.
    let marks = value("marks");
    let again = owner
        .browser
        .submit_from(
            &page,
            "/enterprise/profile",
            &[
                ("_action", "next_level"),
                ("marks", &marks),
                ("address", "沧州市盐山县庆云镇装备大街108号"),
            ],
        )
        .await
        .expect(200);
    again.says(&format!("id=\"f-address-mark\">{mark}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_is_told_each_field_with_its_mark() {
    let world = world(&LICENCE).await;
    let owner = owner(&world).await;
    put(&owner.browser, "licence", "a.jpg", sheet())
        .await
        .expect(200);
    let csrf = owner.browser.get("/enterprise/profile?edit=1").await.csrf();
    let ask = [("_csrf", csrf.as_str()), ("name", "licence")];
    let answer = owner
        .browser
        .post("/enterprise/profile/files/read", &ask)
        .await
        .expect(200);
    let json: serde_json::Value = serde_json::from_str(&answer.text()).expect("JSON");
    let fields = json["fields"].as_array().expect("fields");
    let code = fields
        .iter()
        .find(|f| f["name"] == "unified_social_credit_code")
        .expect("a code");
    assert_eq!(
        (code["value"].as_str(), code["mark"].as_str()),
        (Some("91130900PDY00001XR"), Some("已识别"))
    );
    let missing = [("_csrf", csrf.as_str()), ("name", "id_front")];
    owner
        .browser
        .post("/enterprise/profile/files/read", &missing)
        .await
        .expect(422)
        .says("请先上传照片");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_cannot_be_read_says_so_and_loses_nothing() {
    let world = world(&[("沧州", 100, 100)]).await;
    let owner = owner(&world).await;
    let typed = [
        ("name", "沧州市自填商贸有限公司"),
        ("address", "解放西路 12 号"),
    ];
    for photo in [sheet(), jpeg()] {
        let page = read_photos(&owner, &typed, Some(photo)).await.expect(422);
        says(&page, "照片已上传，但文字无法识别。请手工填写");
        assert_eq!(page.input("address").as_deref(), Some("解放西路 12 号"));
        says(&page, "已上传 ");
    }
    let once_more = read_photos(&owner, &typed, None).await.expect(422);
    once_more.says("照片已上传，但文字无法识别");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_the_engine_leaves_the_form_to_be_typed() {
    let world = World::with(|city| {
        let nowhere = serde_json::json!({ "kind": "embedded", "program": "/nowhere/tesseract" });
        city.plugs.insert("recognition".to_owned(), nowhere);
    })
    .await;
    let owner = owner(&world).await;
    let page = read_photos(&owner, &[("address", "解放西路 12 号")], Some(sheet()))
        .await
        .expect(503);
    says(&page, "识别暂时不可用。请手工填写");
    assert_eq!(page.input("address").as_deref(), Some("解放西路 12 号"));
    save_all_by_hand(&world, &owner).await;
}

async fn save_all_by_hand(world: &World, owner: &EnterpriseFixture) {
    for name in ["id_front", "id_back"] {
        put(&owner.browser, name, "a.jpg", jpeg()).await.expect(200);
    }
    save(world, &owner.browser, &[]).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_without_a_reader_offers_none() {
    let world = World::with(|city| {
        city.plugs.remove("recognition");
    })
    .await;
    let owner = owner(&world).await;
    let page = owner
        .browser
        .get("/enterprise/profile?edit=1")
        .await
        .expect(200);
    assert!(!page.text().contains("识别照片并填写"));
    assert!(!page.text().contains("data-upload-read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_has_a_limit_per_person() {
    let world = world(&[("沧州", 100, 100)]).await;
    let owner = owner(&world).await;
    put(&owner.browser, "licence", "a.jpg", jpeg())
        .await
        .expect(200);
    let csrf = owner.browser.get("/enterprise/profile?edit=1").await.csrf();
    let ask = [("_csrf", csrf.as_str()), ("name", "licence")];
    let door = "/enterprise/profile/files/read";
    for _ in 0..application::recognition::READINGS_PER_HOUR {
        owner.browser.post(door, &ask).await.expect(422);
    }
    owner
        .browser
        .post(door, &ask)
        .await
        .expect(429)
        .says("一小时内识别次数过多");
}
