#![doc = include_str!("../README.md")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places in a picture"
)]

pub mod camera;
pub mod company;
pub mod page;
pub mod pen;

use image::RgbImage;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use company::Company;
use page::Layout;

/// What was done to a picture, for the tables.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    pub layout: Layout,
    pub serif: bool,
    /// Degrees.
    pub rotation: f32,
    /// Gaussian, in pixels of the finished picture.
    pub blur: f32,
    pub shadow: bool,
    pub perspective: bool,
    /// Longest side of the finished picture.
    pub width: u32,
    pub quality: u8,
}

/// A photographed licence and what stands on it.
pub struct Paper {
    pub company: Company,
    pub conditions: Conditions,
    pub jpeg: Vec<u8>,
}

/// The licence of a number, not drawn.
pub fn facts(number: u64) -> Paper {
    invented(number).0
}

/// The licence of a number.
pub fn licence(number: u64) -> Paper {
    let (mut paper, mut rng) = invented(number);
    let conditions = paper.conditions;
    let page = page::draw(&paper.company, conditions.layout, conditions.serif);
    paper.jpeg = shot(&page, &conditions, &mut rng);
    paper
}

fn invented(number: u64) -> (Paper, StdRng) {
    let mut rng = StdRng::seed_from_u64(number);
    let company = Company::invented(&mut rng);
    let conditions = Conditions {
        layout: Layout::ALL[usize::try_from(number).expect("small") % Layout::ALL.len()],
        serif: rng.random_bool(0.6),
        rotation: rng.random_range(-8.0..8.0),
        blur: rng.random_range(0.0..1.0),
        shadow: rng.random_bool(0.6),
        perspective: rng.random_bool(0.4),
        width: rng.random_range(1_400..2_400),
        quality: 60,
    };
    let paper = Paper {
        company,
        conditions,
        jpeg: Vec::new(),
    };
    (paper, rng)
}

/// A photo of any page, taken with a steady hand in good light.
pub fn calm(page: &RgbImage, rotation: f32) -> Vec<u8> {
    let conditions = Conditions {
        layout: Layout::Duplicate,
        serif: true,
        rotation,
        blur: 0.3,
        shadow: false,
        perspective: false,
        width: 1_800,
        quality: 60,
    };
    shot(page, &conditions, &mut StdRng::seed_from_u64(1))
}

fn shot(page: &RgbImage, conditions: &Conditions, rng: &mut StdRng) -> Vec<u8> {
    camera::kept(
        &camera::photograph(page, conditions, rng),
        conditions.quality,
    )
}
