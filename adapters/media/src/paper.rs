//! Papers 演示文件: one drawn page as a PDF, for the demonstration's downloads.

use application::ports::pictures::{Picture, UploadError};

use crate::sample::sample_card;

/// A page with a title and lines of text as a PDF: the drawing is its only picture.
pub fn sample_pdf(title: &str, lines: &[String]) -> Result<Vec<u8>, UploadError> {
    Ok(one_page(&sample_card(title, lines)?))
}

fn one_page(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width, picture.height);
    let draw = format!("q {width} 0 0 {height} 0 0 cm /Im Do Q");
    let heads = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Resources<</XObject<</Im 5 0 R>>>>/Contents 4 0 R>>"
        ),
        format!("<</Length {}>>", draw.len()),
        format!(
            "<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length {}>>",
            picture.jpeg.len()
        ),
    ];
    let bodies: [&[u8]; 5] = [b"", b"", b"", draw.as_bytes(), &picture.jpeg];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, (head, body)) in (1..).zip(heads.iter().zip(bodies)) {
        places.push(out.len());
        out.extend(format!("{number} 0 obj\n{head}\n").into_bytes());
        if !body.is_empty() {
            out.extend(b"stream\n");
            out.extend(body);
            out.extend(b"\nendstream\n");
        }
        out.extend(b"endobj\n");
    }
    let start = out.len();
    out.extend(b"xref\n0 6\n0000000000 65535 f \n");
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    out.extend(
        format!("trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").into_bytes(),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_is_a_pdf_that_our_own_check_takes() {
        let pdf = sample_pdf("申报指南", &["一、登录平台".to_owned()]).expect("drawn");
        let checked = crate::pdf::keep(pdf).expect("harmless");
        assert_eq!(checked.pages, 1);
    }
}
