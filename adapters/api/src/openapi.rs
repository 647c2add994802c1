//! The OpenAPI document 接口文档, made from the doors.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use utoipa::openapi::{
    Components, Content, HttpMethod, Info, OpenApi, Paths, Ref, RefOr, Required,
    path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem},
    request_body::RequestBodyBuilder,
    response::{Response, ResponseBuilder},
    schema::{ObjectBuilder, Schema, Type},
    security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    tag::Tag,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::{
    call::{DEVICE_FORM, KEY_FORM},
    door::{Answers, Attached, Door, Sheet, Takes, Who},
    doors,
    problem::Problem,
};

const INTRODUCTION: &str = "一键融服务小程序与平台之间的接口。城市由访问的域名决定。\n\n\
登录后得到一对令牌：`access_token` 放在 `Authorization: Bearer` 里，两小时有效；`refresh_token` 只能用一次，用它换下一对。\
同一个 `refresh_token` 出现第二次，说明它被复制过，这台设备的全部令牌立即失效。每个请求都带同一个 `X-Device-Id`。\n\n\
写操作可以放心重发：带 `Idempotency-Key` 的，同一个键、同样的内容只办理一次，得到第一次的结果；换了内容是 422。\n\n\
出错时回答 `application/problem+json`：`code` 不变，`detail` 可以直接给用户看，`errors` 指出字段。\
金额以万元为单位，利率以百分数为单位，都写成字符串；时间是 RFC 3339。";

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn text(pattern: Option<String>) -> Schema {
    Schema::Object(
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(pattern)
            .build(),
    )
}

fn parameter(
    name: &str,
    place: ParameterIn,
    required: bool,
    meaning: &str,
    schema: Schema,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(if required {
            Required::True
        } else {
            Required::False
        })
        .description(Some(meaning))
        .schema(Some(schema))
        .build()
}

fn path_parameters(path: &str) -> Vec<Parameter> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let (meaning, schema) = match name {
                "code" | "kind" => ("代码", text(None)),
                _ => (
                    "编号",
                    Schema::Object(
                        ObjectBuilder::new()
                            .schema_type(Type::String)
                            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                                utoipa::openapi::KnownFormat::Uuid,
                            )))
                            .build(),
                    ),
                ),
            };
            parameter(name, ParameterIn::Path, true, meaning, schema)
        })
        .collect()
}

fn headers(sheet: &Sheet) -> Vec<Parameter> {
    let form = |range: std::ops::RangeInclusive<usize>, signs: &str| {
        text(Some(format!(
            "^{signs}{{{},{}}}$",
            range.start(),
            range.end()
        )))
    };
    let mut all = Vec::new();
    let signed = sheet.demand.who == Who::Enterprise;
    if sheet.demand.device || signed {
        all.push(parameter(
            "X-Device-Id",
            ParameterIn::Header,
            true,
            "设备标识：首次启动时生成的随机串，此后不变",
            form(DEVICE_FORM, "[A-Za-z0-9_-]"),
        ));
    }
    if sheet.demand.key {
        all.push(parameter(
            "Idempotency-Key",
            ParameterIn::Header,
            true,
            "每次办理不同，重发时不变",
            form(KEY_FORM, "[!-~]"),
        ));
    }
    if sheet.cached {
        all.push(parameter(
            "If-None-Match",
            ParameterIn::Header,
            false,
            "上次回答的 ETag",
            text(None),
        ));
    }
    if let Some((name, meaning)) = sheet.header {
        all.push(parameter(
            name,
            ParameterIn::Header,
            true,
            meaning,
            text(Some("^[0-9]{1,9}$".to_owned())),
        ));
    }
    all
}

/// Every refusal that the door may answer with.
fn refusals(door: &Door) -> BTreeSet<u16> {
    let sheet = &door.sheet;
    let mut all = BTreeSet::from([404, 429, 500, 503]);
    if sheet.demand.device || door.who == Who::Enterprise {
        all.insert(400);
    }
    if door.who == Who::Enterprise {
        all.extend([401, 403]);
    }
    if !sheet.query.is_empty() {
        all.insert(422);
    }
    if door.method != Method::GET {
        all.extend([401, 403, 409, 422]);
    }
    if sheet.may_conflict {
        all.insert(409);
    }
    if !matches!(sheet.takes, Takes::Nothing) {
        all.extend([400, 413, 415]);
    }
    all
}

fn refused(status: u16) -> Response {
    let meaning = match status {
        400 => "请求不完整",
        401 => "没有登录，或者令牌已失效",
        403 => "没有权限，或者需要先验证身份",
        404 => "没有这一项，或者不属于您",
        409 => "状态已经变化",
        413 => "内容太大",
        415 => "内容类型不对",
        422 => "需要修改",
        429 => "太频繁，见 Retry-After",
        503 => "暂时不可用，见 Retry-After",
        _ => "平台出错",
    };
    let schema: RefOr<Schema> = Ref::from_schema_name(Problem::name()).into();
    ResponseBuilder::new()
        .description(meaning)
        .content("application/problem+json", Content::new(Some(schema)))
        .build()
}

fn binary() -> Schema {
    let bytes = ObjectBuilder::new().schema_type(Type::String).format(Some(
        utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Binary),
    ));
    Schema::Object(bytes.build())
}

fn success(sheet: &Sheet) -> Response {
    let builder = ResponseBuilder::new();
    let done = match &sheet.gives {
        Answers::Nothing => builder.description("成功，没有内容"),
        Answers::Json(schema) => builder
            .description("成功")
            .content("application/json", Content::new(Some((**schema).clone()))),
        Answers::File => Attached::KINDS
            .iter()
            .fold(builder.description("文件"), |builder, kind| {
                builder.content(*kind, Content::new(Some(binary())))
            }),
    };
    done.build()
}

/// `POST /api/v1/tokens/refresh` is `post_tokens_refresh`.
fn operation_id(door: &Door) -> String {
    let path = door.path.trim_start_matches("/api/v1/");
    let path: String = path
        .chars()
        .filter(|sign| !"{}".contains(*sign))
        .map(|sign| {
            if sign.is_ascii_alphanumeric() {
                sign
            } else {
                '_'
            }
        })
        .collect();
    format!("{}_{path}", door.method.as_str().to_ascii_lowercase())
}

fn operation(door: &Door) -> Operation {
    let sheet = &door.sheet;
    let mut parameters = path_parameters(door.path);
    parameters.extend(sheet.query.clone());
    parameters.extend(headers(sheet));
    let body = match &sheet.takes {
        Takes::Nothing => None,
        Takes::Json(schema) => Some(("application/json", (**schema).clone())),
        Takes::Bytes(_) => Some(("application/octet-stream", binary().into())),
    };
    let body = body.map(|(kind, schema)| {
        RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content(kind, Content::new(Some(schema)))
            .build()
    });
    let mut builder = OperationBuilder::new()
        .tag(sheet.tag)
        .summary(Some(sheet.summary))
        .operation_id(Some(operation_id(door)))
        .parameters(Some(parameters))
        .request_body(body)
        .response(sheet.status.as_u16().to_string(), success(sheet));
    if sheet.cached {
        let unchanged = ResponseBuilder::new().description("没有变化");
        builder = builder.response("304", unchanged.build());
    }
    for status in refusals(door) {
        builder = builder.response(status.to_string(), refused(status));
    }
    if door.who == Who::Enterprise {
        let none: [&str; 0] = [];
        builder = builder.security(SecurityRequirement::new("token", none));
    }
    builder.build()
}

/// The document as it is served.
pub fn document() -> Value {
    let mut paths = Paths::new();
    let mut components = Components::new();
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    schemas.push((Problem::name().into_owned(), Problem::schema()));
    let mut tags: Vec<&str> = Vec::new();
    for door in doors() {
        if !tags.contains(&door.sheet.tag) {
            tags.push(door.sheet.tag);
        }
        let item = PathItem::new(method(&door.method), operation(&door));
        match paths.paths.get_mut(door.path) {
            Some(there) => there.merge_operations(item),
            None => {
                paths.paths.insert(door.path.to_owned(), item);
            }
        }
        schemas.extend(door.sheet.schemas.iter().cloned());
    }
    components.schemas.extend(schemas);
    let token = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("access_token"));
    components.add_security_scheme("token", SecurityScheme::Http(token.build()));
    let mut info = Info::new("一键融服务接口", "1");
    info.description = Some(INTRODUCTION.to_owned());
    let mut api = OpenApi::new(info, paths);
    api.components = Some(components);
    api.tags = Some(tags.into_iter().map(Tag::new).collect());
    let mut value = serde_json::to_value(&api).unwrap_or_default();
    say_on_every_answer(&mut value);
    value
}

/// Rate limits stand on every answer, `Retry-After` on those that ask to wait.
fn say_on_every_answer(document: &mut Value) {
    let number = |meaning: &str| json!({ "description": meaning, "schema": { "type": "integer" } });
    let all = [
        ("RateLimit-Limit", "一分钟内的次数上限"),
        ("RateLimit-Remaining", "还剩几次"),
        ("RateLimit-Reset", "几秒后重新计数"),
    ];
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, item) in paths {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            let answers = operation["responses"].as_object_mut().into_iter().flatten();
            for (status, answer) in answers {
                for (name, meaning) in all {
                    answer["headers"][name] = number(meaning);
                }
                if status == "429" || status == "503" {
                    answer["headers"]["Retry-After"] = number("几秒后再试");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(to)) = fields.get("$ref") {
                    found.insert(to.clone());
                }
                fields.values().for_each(|one| references(one, found));
            }
            Value::Array(items) => items.iter().for_each(|one| references(one, found)),
            _ => {}
        }
    }

    #[test]
    fn whatever_the_document_refers_to_is_in_it() {
        let document = document();
        let mut all = BTreeSet::new();
        references(&document, &mut all);
        assert!(!all.is_empty());
        for one in all {
            let pointer = one.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{one}");
        }
    }

    #[test]
    fn every_door_is_in_the_document_under_a_name_of_its_own() {
        let document = document();
        let mut names = BTreeSet::new();
        for door in doors() {
            let method = door.method.as_str().to_ascii_lowercase();
            let told = &document["paths"][door.path][&method];
            let name = told["operationId"].as_str().expect(door.path);
            assert!(names.insert(name.to_owned()), "{name} twice");
            assert!(!told["summary"].as_str().unwrap_or_default().is_empty());
            assert_eq!(
                told["security"].is_array(),
                door.who == Who::Enterprise,
                "{}",
                door.path
            );
        }
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn two_types_of_one_name_do_not_hide_each_other() {
        let mut known: std::collections::BTreeMap<String, Value> =
            std::collections::BTreeMap::new();
        for door in doors() {
            for (name, schema) in &door.sheet.schemas {
                let schema = serde_json::to_value(schema).expect("a schema");
                let first = known.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*first, schema, "{name}");
            }
        }
    }
}
