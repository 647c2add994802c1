//! Words: whatever a form refuses is said in Chinese.

#[test]
fn what_the_values_of_the_forms_answer_has_its_words() {
    let own = [
        "company_name.",
        "person_name.",
        "phone_number.",
        "sms_code.",
        "password.",
        "region.",
    ];
    for code in domain::values::error_codes() {
        if own.iter().any(|start| code.starts_with(start)) {
            assert!(web::words::has(code), "{code}");
        }
    }
}

#[test]
fn a_screen_names_a_field_as_it_prints_it() {
    use application::error::FieldError;
    use web::words::field_text_on;
    let name = FieldError::new("legal_representative", "person_name.empty");
    for (screen, words) in [
        ("register", "请输入法人姓名"),
        ("profile", "请输入法定代表人姓名"),
        ("", "请输入法定代表人/经营者姓名"),
    ] {
        assert_eq!(field_text_on(screen, &name), words, "{screen}");
    }
    let own = ["empty", "malformed", "none", "wrong", "over", "used"];
    for code in own.map(|kind| format!("profile/sms_code:sms_code.{kind}")) {
        assert!(
            web::words::text(&code, &[]).contains("手机验证码"),
            "{code}"
        );
    }
}

#[test]
fn the_script_asks_for_what_is_missing_in_the_words_of_the_server() {
    let script = include_str!("../assets/js/30-fields.js");
    for code in ["captcha.empty", "phone_number.empty"] {
        let words = format!("'{}'", web::words::text(code, &[]));
        assert!(script.contains(&words), "{words}");
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
