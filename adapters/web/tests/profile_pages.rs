//! 完善信息, 人脸核验 and 柜面核验: every page in every shape is drawn and escapes what it is given.

use serde_json::json;

#[test]
fn every_sample_of_profile_and_identity_is_drawn_and_escaped() {
    let tera = web::templates::load().expect("the templates load");
    let page = json!({
        "title": "页", "tenant": {
            "name": "平台", "short_name": "台", "brand_line": "", "hotline": "0317-1100100", "hotline_hours": "", "icp": "",
            "operator_name": "运营单位", "address": "", "year": 2026, "public_security_record": "", "mini_program_name": "",
        },
        "user": { "name": "张三", "kind": "enterprise", "href": "/enterprise" }, "unread": 0, "csrf": "x", "demo": true,
        "large_type": false, "css_url": "/a.css", "js_url": "/a.js", "path": "/", "notice": null, "nav": [], "side": [],
        "foot": [], "session_seconds": 60,
    });
    let samples = [web::profile::samples(), web::identity::samples()].concat();
    assert!(samples.len() > 15);
    for (template, content) in samples {
        let mut context = tera::Context::from_serialize(&content).expect("a page is a map");
        context.insert("page", &page);
        let html = tera
            .render(template, &context)
            .unwrap_or_else(|error| panic!("{template}: {error:?}"));
        assert!(!html.contains("<b>\"'"), "{template} lets markup through");
    }
}

#[test]
fn everything_that_the_profile_form_refuses_has_its_words() {
    use application::ports::reference::{IndustryChoiceError, RegionChoiceError};
    use domain::values::{
        AddressError, CompanyNameError, EmailAddressError, FreeTextError, MoneyError,
        PasswordError, PersonNameError, PhoneNumberError, ResidentIdError, SmsCodeError,
        UnifiedSocialCreditCodeError,
    };
    let codes = [
        AddressError::CODES,
        CompanyNameError::CODES,
        EmailAddressError::CODES,
        FreeTextError::CODES,
        MoneyError::CODES,
        PasswordError::CODES,
        PersonNameError::CODES,
        PhoneNumberError::CODES,
        ResidentIdError::CODES,
        SmsCodeError::CODES,
        UnifiedSocialCreditCodeError::CODES,
        RegionChoiceError::CODES,
        IndustryChoiceError::CODES,
    ]
    .concat();
    let silent: Vec<_> = codes.into_iter().filter(|c| !web::words::has(c)).collect();
    assert_eq!(silent, Vec::<&str>::new());
}
