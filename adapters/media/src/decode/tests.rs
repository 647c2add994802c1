use image::{ExtendedColorType, ImageEncoder, Rgb};

use super::*;

/// Left half red, right half blue.
fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 {
            Rgb([200, 0, 0])
        } else {
            Rgb([0, 0, 200])
        }
    })
}

fn jpeg_of(picture: &RgbImage) -> Vec<u8> {
    encode(picture, 90).expect("encoded").jpeg
}

fn png_of(bytes: &[u8], width: u32, height: u32, color: ExtendedColorType) -> Vec<u8> {
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(bytes, width, height, color)
        .expect("encoded");
    png
}

/// An EXIF segment with this orientation and a GPS block, put behind the start of the JPEG.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x02".to_vec();
    tiff.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend_from_slice(&[0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    tiff.extend_from_slice(&[0, 0, 0, 0]);
    tiff.extend_from_slice(&[0, 1, 0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0, 0, 0, 0, 0]);
    tiff.extend_from_slice(b"GPS-CANGZHOU-38.3N");
    let length = u16::try_from(2 + 6 + tiff.len()).expect("short");
    let mut file = jpeg[..2].to_vec();
    file.extend_from_slice(&[0xff, 0xe1]);
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(b"Exif\0\0");
    file.extend_from_slice(&tiff);
    file.extend_from_slice(&jpeg[2..]);
    file
}

/// A PNG that claims to be huge and holds next to nothing.
fn bomb(width: u32, height: u32, depth: u8, color: u8) -> Vec<u8> {
    let mut png = PNG.to_vec();
    let mut header = Vec::new();
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&[depth, color, 0, 0, 0]);
    for (kind, data) in [
        (b"IHDR", &header[..]),
        (b"IDAT", &[0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]),
        (b"IEND", &[]),
    ] {
        png.extend_from_slice(&u32::try_from(data.len()).expect("short").to_be_bytes());
        let named = [kind, data].concat();
        png.extend_from_slice(&named);
        png.extend_from_slice(&crc32fast::hash(&named).to_be_bytes());
    }
    png
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_picture_is_encoded_again_and_its_hash_is_that_of_the_new_bytes() {
    let kept = keep(&jpeg_of(&flag(300, 200))).expect("kept");
    assert_eq!((kept.width, kept.height), (300, 200));
    assert_eq!(sniff(&kept.jpeg), Kind::Jpeg);
    assert_eq!(kept.sha256, <[u8; 32]>::from(Sha256::digest(&kept.jpeg)));
}

#[test]
fn the_place_in_the_exif_data_is_dropped() {
    let upload = with_exif(&jpeg_of(&flag(64, 48)), 1);
    assert!(has(&upload, b"GPS-CANGZHOU"));
    let kept = keep(&upload).expect("kept");
    assert!(!has(&kept.jpeg, b"GPS") && !has(&kept.jpeg, b"Exif"));
}

#[test]
fn a_picture_taken_sideways_is_kept_upright() {
    let kept = keep(&with_exif(&jpeg_of(&flag(64, 32)), 6)).expect("kept");
    assert_eq!((kept.width, kept.height), (32, 64));
    let seen = image::load_from_memory(&kept.jpeg)
        .expect("decodes")
        .into_rgb8();
    let (top, bottom) = (seen.get_pixel(16, 8), seen.get_pixel(16, 56));
    assert!(
        top[0] > 150 && top[2] < 60,
        "red turned to the top: {top:?}"
    );
    assert!(
        bottom[2] > 150 && bottom[0] < 60,
        "blue turned to the bottom: {bottom:?}"
    );
}

#[test]
fn a_large_picture_is_kept_at_2400_pixels() {
    let kept = keep(&jpeg_of(&flag(4_800, 1_200))).expect("kept");
    assert_eq!((kept.width, kept.height), (2_400, 600));
}

#[test]
fn a_transparent_picture_is_laid_on_white() {
    let clear = vec![0_u8; 40 * 40 * 4];
    let kept = keep(&png_of(&clear, 40, 40, ExtendedColorType::Rgba8)).expect("kept");
    let seen = image::load_from_memory(&kept.jpeg)
        .expect("decodes")
        .into_rgb8();
    assert!(seen.get_pixel(20, 20).0.iter().all(|part| *part > 250));
}

#[test]
fn forty_megapixels_pass_and_one_row_more_does_not() {
    let side = vec![90_u8; 8_000 * 5_000];
    let kept = keep(&png_of(&side, 8_000, 5_000, ExtendedColorType::L8)).expect("kept");
    assert_eq!((kept.width, kept.height), (2_400, 1_500));
    assert_eq!(
        keep(&bomb(8_000, 5_001, 8, 0)),
        Err(UploadError::TooManyPixels)
    );
}

#[test]
fn picture_bombs_are_refused_by_their_header() {
    for huge in [
        bomb(12_000, 12_000, 8, 6),
        bomb(10_001, 10, 8, 2),
        bomb(10, 10_001, 8, 2),
        bomb(2_000_000_000, 2_000_000_000, 1, 0),
        bomb(6_300, 6_300, 16, 6), // 39.7 megapixels, but 317 MB
    ] {
        assert_eq!(keep(&huge), Err(UploadError::TooManyPixels));
    }
}

#[test]
fn a_jpeg_that_claims_to_be_huge_is_refused_by_its_header() {
    let mut jpeg = jpeg_of(&flag(16, 16));
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .expect("frame header");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(keep(&jpeg), Err(UploadError::TooManyPixels));
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x18, 0x9c, 0x18, 0x9c]); // 6,300 a side
    jpeg[frame + 1] = 0xc2;
    assert_eq!(
        keep(&jpeg),
        Err(UploadError::TooManyPixels),
        "progressive needs more memory"
    );
}

#[test]
fn a_jpeg_with_endless_scans_is_refused() {
    let jpeg = jpeg_of(&flag(16, 16));
    let scan = jpeg
        .windows(2)
        .position(|pair| pair == [0xff, 0xda])
        .expect("scan");
    let end = jpeg.len() - 2;
    let mut many = jpeg[..end].to_vec();
    for _ in 0..100 {
        many.extend_from_slice(&jpeg[scan..end]);
    }
    many.extend_from_slice(&jpeg[end..]);
    assert_eq!(keep(&many), Err(UploadError::Broken));
}

#[test]
fn what_is_no_picture_is_refused_whatever_its_name() {
    for liar in [
        &b"MZ\x90\0\x03\0\0\0 This program cannot be run in DOS mode"[..],
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        b"<?xml version=\"1.0\"?><svg/>",
        b"GIF89a\x01\0\x01\0",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"%PDF-1.7\n",
        b"<html>",
        b"\xff\xd8",
    ] {
        assert_eq!(keep(liar), Err(UploadError::NotAPicture), "{liar:?}");
    }
}

#[test]
fn empty_and_oversized_uploads_are_told_apart() {
    assert_eq!(keep(b""), Err(UploadError::Empty));
    let mut large = jpeg_of(&flag(16, 16));
    large.resize(MAX_UPLOAD_BYTES + 1, 0);
    assert_eq!(keep(&large), Err(UploadError::TooLarge));
    large.truncate(MAX_UPLOAD_BYTES);
    assert!(
        keep(&large).is_ok(),
        "exactly 10 MB, with something behind the end of the picture"
    );
}

#[test]
fn pictures_cut_short_anywhere_are_broken_and_never_panic() {
    let jpeg = jpeg_of(&flag(64, 64));
    let pixels = flag(64, 64).into_raw();
    let png = png_of(&pixels, 64, 64, ExtendedColorType::Rgb8);
    for whole in [jpeg, png] {
        for length in (9..whole.len() - 12).step_by(7) {
            assert_eq!(
                keep(&whole[..length]),
                Err(UploadError::Broken),
                "{length} of {}",
                whole.len()
            );
        }
    }
}

#[test]
fn something_hidden_behind_the_picture_does_not_survive() {
    let mut upload = jpeg_of(&flag(32, 32));
    upload.extend_from_slice(b"<script>alert(1)</script>");
    let kept = keep(&upload).expect("kept");
    assert!(!has(&kept.jpeg, b"script"));
}
