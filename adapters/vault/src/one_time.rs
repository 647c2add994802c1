//! TOTP 动态验证码 by RFC 6238: SHA-1, six digits, thirty seconds, which is what every authenticator app takes.

use application::ports::second_factor::{OneTimePasswords, STEP_SECONDS};
use rand::{Rng as _, TryRngCore as _, rngs::OsRng};
use totp_rs::{Algorithm, Builder, Secret};

/// Letters of a recovery code: none that is taken for another one.
const LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
const SECRET_BYTES: usize = 20;

/// The arithmetic of TOTP.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totp;

impl OneTimePasswords for Totp {
    fn secret(&self) -> Vec<u8> {
        let mut bytes = vec![0; SECRET_BYTES];
        OsRng
            .try_fill_bytes(&mut bytes)
            .expect("the system's random generator answers");
        bytes
    }

    fn letters(&self, secret: &[u8]) -> String {
        Secret::from(secret.to_vec()).to_base32()
    }

    fn code(&self, secret: &[u8], step: i64) -> Option<String> {
        let seconds = u64::try_from(step.checked_mul(STEP_SECONDS)?).ok()?;
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_secret(secret.to_vec())
            .build()
            .ok()?;
        Some(totp.generate(seconds).to_string())
    }

    fn recovery_code(&self) -> String {
        let mut random = OsRng.unwrap_err();
        let mut code = String::with_capacity(11);
        for place in 0..10 {
            if place == 5 {
                code.push('-');
            }
            code.push(char::from(LETTERS[random.random_range(0..LETTERS.len())]));
        }
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, cut to six digits.
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000_i64, "353130"),
        ] {
            let step = seconds / STEP_SECONDS;
            assert_eq!(Totp.code(secret, step).as_deref(), Some(code));
        }
    }

    #[test]
    fn an_app_takes_the_letters_of_a_secret_and_no_two_secrets_are_alike() {
        assert_eq!(
            Totp.letters(b"12345678901234567890"),
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
        assert_ne!(Totp.secret(), Totp.secret());
        assert_eq!(Totp.secret().len(), 20);
    }

    #[test]
    fn a_recovery_code_has_ten_signs_that_are_not_mistaken_for_each_other() {
        let code = Totp.recovery_code();
        assert_eq!(code.len(), 11);
        for sign in ['0', 'o', '1', 'l', 'i'] {
            assert!(!code.contains(sign), "{code}");
        }
    }
}
