//! Values 值: parsed once at the door, valid ever after.
//!
//! Every type keeps its field private, is born in `parse` and never re-checked. What is personal prints masked.

pub(crate) mod error;

mod address;
mod application_number;
mod codes;
mod company_name;
mod complaint_number;
mod decimal;
mod email_address;
mod free_text;
mod headcount;
mod money;
mod password;
mod person_name;
mod phone_number;
mod rate;
mod ratio;
mod resident_id;
mod sms_code;
mod term;
mod unified_social_credit_code;
mod width;

pub use address::{Address, AddressError};
pub use application_number::{ApplicationNumber, ApplicationNumberError};
pub use codes::{
    IndustryCode, IndustryCodeError, IndustryLevel, RegionCode, RegionCodeError, RegionLevel,
};
pub use company_name::{CompanyName, CompanyNameError};
pub use complaint_number::ComplaintNumber;
pub use email_address::{EmailAddress, EmailAddressError};
pub use error::{Params, ValueError};
pub use free_text::{FreeText, FreeTextError};
pub use headcount::{Headcount, HeadcountError};
pub use money::{Cents, MoneyError, format_sum_in_wan};
pub use password::{ForbiddenInPassword, Password, PasswordError};
pub use person_name::{PersonName, PersonNameError};
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use rate::{Rate, RateError};
pub use ratio::{Ratio, RatioError};
pub use resident_id::{ADULT_AGE, ResidentId, ResidentIdError};
pub use sms_code::{SmsCode, SmsCodeError};
pub use term::{Term, TermError, TermUnit, TermUnitError};
pub use unified_social_credit_code::{
    CodeDoubt, UnifiedSocialCreditCode, UnifiedSocialCreditCodeError,
};
pub use width::half_width;

/// Every error code 错误代码 that a value can answer with, so that the words can be checked for completeness.
pub fn error_codes() -> Vec<&'static str> {
    [
        AddressError::CODES,
        ApplicationNumberError::CODES,
        CompanyNameError::CODES,
        EmailAddressError::CODES,
        FreeTextError::CODES,
        HeadcountError::CODES,
        IndustryCodeError::CODES,
        MoneyError::CODES,
        PasswordError::CODES,
        PersonNameError::CODES,
        PhoneNumberError::CODES,
        RateError::CODES,
        RatioError::CODES,
        RegionCodeError::CODES,
        ResidentIdError::CODES,
        SmsCodeError::CODES,
        TermError::CODES,
        TermUnitError::CODES,
        UnifiedSocialCreditCodeError::CODES,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::error_codes;
    use std::collections::HashSet;

    #[test]
    fn every_error_code_is_dotted_and_said_by_one_value_only() {
        let codes = error_codes();
        assert!(codes.iter().all(|code| code.split('.').count() == 2));
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
    }
}
