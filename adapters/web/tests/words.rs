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
