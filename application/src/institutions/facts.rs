//! What is typed of an institution, and what is wrong with it.

use domain::values::{CompanyName, CompanyNameError, FreeText};

use super::{HOLDING, HOLDING_LABEL, InstitutionRoom};
use crate::{
    error::{Checks, FieldError},
    ports::institution_desk::InstitutionFacts,
};

/// The form.
#[derive(Clone, Debug, Default)]
pub struct InstitutionForm {
    pub name: String,
    pub short_name: String,
    /// A code of `institution_type`.
    pub kind: String,
    pub licence_no: String,
    pub hotline: String,
    pub address: String,
    pub intro: String,
}

/// A licence number is written in letters, digits and dashes, sometimes with brackets and Chinese words of the province.
fn licence_is_sound(text: &str) -> bool {
    let length = text.chars().count();
    let sign = |c: char| c.is_alphanumeric() || "-（）()〔〕[]第号".contains(c);
    (4..=40).contains(&length) && text.chars().all(sign)
}

fn phone_is_sound(text: &str) -> bool {
    (5..=20).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"-+ ".contains(&b))
}

/// The full name by the rule of every company's name, in its one spelling.
fn name_of(typed: &str) -> Result<String, &'static str> {
    match CompanyName::parse(typed) {
        Ok(name) if (4..=60).contains(&name.as_str().chars().count()) => {
            Ok(name.as_str().to_owned())
        }
        Err(CompanyNameError::ForeignSign) => Err("institution.name_foreign_sign"),
        _ => Err("institution.name_malformed"),
    }
}

/// The short name: of one sign or more, by the same rule of signs.
fn short_name_of(typed: &str) -> Result<String, &'static str> {
    let short = typed.trim();
    if CompanyName::parse(short) == Err(CompanyNameError::ForeignSign) {
        return Err("institution.short_name_foreign_sign");
    }
    if short.is_empty() || FreeText::<30>::parse(short).is_err() {
        return Err("institution.short_name_malformed");
    }
    Ok(short.to_owned())
}

/// The value, or its code noted under the field; empty where it is wrong.
fn noted(checks: &mut Checks, field: &str, read: Result<String, &'static str>) -> String {
    read.unwrap_or_else(|code| {
        checks.push(FieldError::new(field, code));
        String::new()
    })
}

impl InstitutionRoom {
    /// What is typed, checked before anything else of the form; `None` with every error noted.
    pub(super) fn facts(
        &self,
        checks: &mut Checks,
        form: &InstitutionForm,
        was_holding: bool,
    ) -> Option<InstitutionFacts> {
        let name = noted(checks, "name", name_of(&form.name));
        let short = noted(checks, "short_name", short_name_of(&form.short_name));
        let kind = form.kind.trim();
        let label = if kind == HOLDING && was_holding {
            Some(HOLDING_LABEL)
        } else {
            self.words.label("institution_type", kind)
        };
        if label.is_none() {
            checks.push(FieldError::new("kind", "institution.kind_missing"));
        }
        let licence = form.licence_no.trim();
        if !licence.is_empty() && !licence_is_sound(licence) {
            checks.push(FieldError::new(
                "licence_no",
                "institution.licence_malformed",
            ));
        }
        let hotline = form.hotline.trim();
        if !hotline.is_empty() && !phone_is_sound(hotline) {
            checks.push(FieldError::new("hotline", "institution.hotline_malformed"));
        }
        let address = checks.take("address", FreeText::<100>::parse_optional(&form.address));
        let intro = checks.take("intro", FreeText::<1000>::parse_optional(&form.intro));
        let text = |found: Option<Option<String>>| found.flatten().unwrap_or_default();
        checks.is_empty().then(|| InstitutionFacts {
            name,
            short_name: short,
            kind: kind.to_owned(),
            kind_label: label.unwrap_or_default().to_owned(),
            licence_no: licence.to_owned(),
            hotline: hotline.to_owned(),
            address: text(address.map(|a| a.map(|a| a.as_str().to_owned()))),
            intro: text(intro.map(|i| i.map(|i| i.as_str().to_owned()))),
        })
    }
}

/// A licence must be named where people fill the form in.
pub(super) fn demand_licence(checks: &mut Checks, form: &InstitutionForm) {
    if form.licence_no.trim().is_empty() && form.kind.trim() != HOLDING {
        checks.push(FieldError::new("licence_no", "institution.licence_missing"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_number_is_letters_digits_and_a_few_signs() {
        for sound in [
            "B0134H213090001",
            "冀金融担保（2021）第 09 号".replace(' ', "").as_str(),
            "X-2021-0001",
        ] {
            assert!(licence_is_sound(sound), "{sound}");
        }
        for wrong in ["", "B01", "B0134<b>", "B0134 H2"] {
            assert!(!licence_is_sound(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_name_is_a_companys_name_in_one_spelling() {
        assert_eq!(
            name_of(" 沧州市渤海(集团)融资担保有限公司 ").as_deref(),
            Ok("沧州市渤海（集团）融资担保有限公司")
        );
        for (wrong, code) in [
            ("", "institution.name_malformed"),
            ("渤海", "institution.name_malformed"),
            ("沧州<b>银行</b>", "institution.name_foreign_sign"),
            ("沧州🏦银行", "institution.name_foreign_sign"),
        ] {
            assert_eq!(name_of(wrong), Err(code), "{wrong}");
        }
        assert_eq!(short_name_of("渤海担保").as_deref(), Ok("渤海担保"));
        for (wrong, code) in [
            ("", "institution.short_name_malformed"),
            ("渤海<b>", "institution.short_name_foreign_sign"),
            ("渤海🏦", "institution.short_name_foreign_sign"),
        ] {
            assert_eq!(short_name_of(wrong), Err(code), "{wrong}");
        }
    }

    #[test]
    fn a_hotline_may_be_short_and_is_no_word() {
        assert!(phone_is_sound("95588") && phone_is_sound("0317-1100100"));
        assert!(!phone_is_sound("客服热线") && !phone_is_sound("12"));
    }
}
