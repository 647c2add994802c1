//! Scene 小程序码场景: what a mini-program code leads to, as the 32 signs that fit into one.

use uuid::Uuid;

use crate::ids::{ProductId, TenantId};

/// Where a code leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scene {
    /// 点击登录/注册.
    Register,
    /// 支行: its page with what it offers.
    Branch(TenantId),
    /// 融资产品: its page.
    Product(ProductId),
}

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Digits of base 36 that hold 128 bits.
const LENGTH: usize = 25;

impl Scene {
    /// The text inside the code: `r`, or one letter and an id.
    pub fn text(&self) -> String {
        match self {
            Self::Register => "r".to_owned(),
            Self::Branch(id) => format!("b{}", short(id.0)),
            Self::Product(id) => format!("p{}", short(id.0)),
        }
    }

    /// Reads a text; `None` for anything that we never write.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "r" {
            return Some(Self::Register);
        }
        let (kind, rest) = text.split_at_checked(1)?;
        match kind {
            "b" => Some(Self::Branch(TenantId(long(rest)?))),
            "p" => Some(Self::Product(ProductId(long(rest)?))),
            _ => None,
        }
    }

    /// The page of the mini-program that reads it.
    pub const fn page(&self) -> &'static str {
        match self {
            Self::Register => "pages/register/register",
            Self::Branch(_) => "pages/branch/branch",
            Self::Product(_) => "pages/product/product",
        }
    }
}

fn short(id: Uuid) -> String {
    let mut left = id.as_u128();
    let mut text = ['0'; LENGTH];
    for place in text.iter_mut().rev() {
        let digit = usize::try_from(left % 36).unwrap_or_default();
        *place = char::from(DIGITS[digit]);
        left /= 36;
    }
    text.iter().collect()
}

fn long(text: &str) -> Option<Uuid> {
    if text.len() != LENGTH {
        return None;
    }
    let mut id: u128 = 0;
    for sign in text.bytes() {
        let digit = DIGITS.iter().position(|d| *d == sign)?;
        id = id
            .checked_mul(36)?
            .checked_add(u128::try_from(digit).ok()?)?;
    }
    Some(Uuid::from_u128(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_is_read_back_and_fits_into_a_code() {
        for id in [0, 7, u128::MAX, 0x0198_1234_5678_7abc_8def_0123_4567_89ab] {
            let id = Uuid::from_u128(id);
            for scene in [
                Scene::Register,
                Scene::Branch(TenantId(id)),
                Scene::Product(ProductId(id)),
            ] {
                let text = scene.text();
                assert!(text.len() <= 32);
                assert!(text.bytes().all(|b| b.is_ascii_alphanumeric()));
                assert_eq!(Scene::parse(&text), Some(scene));
            }
        }
    }

    #[test]
    fn what_we_never_wrote_is_not_read() {
        for foreign in [
            "",
            "r1",
            "b",
            "x0000000000000000000000000",
            "b000000000000000000000000",
            "b00000000000000000000000000",
            "bzzzzzzzzzzzzzzzzzzzzzzzzz",
            "B0000000000000000000000000",
            "b00000000000000000000000é",
            "é",
        ] {
            assert_eq!(Scene::parse(foreign), None, "{foreign}");
        }
    }
}
