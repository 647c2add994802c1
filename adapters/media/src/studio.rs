//! The studio: who may work at the same time, and where.

use std::sync::Arc;
use std::time::Duration;

use application::ports::pictures::{
    DocumentFile, DocumentKind, Material, PdfFile, Picture, PictureStudio, UploadError,
};
use async_trait::async_trait;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::decode::{self, Kind, check_size, sniff};
use crate::reader::{DocumentReader, ReadsHere};
use crate::{document, pdf, watermark};

const AT_ONCE: usize = 2;
/// Shorter than the patience of a request.
const WAIT: Duration = Duration::from_secs(8);

/// Picture studio 图片处理: two uploads and two watermarks at a time, on blocking threads; documents go to its reader.
#[derive(Debug, Clone)]
pub struct Studio {
    uploads: Arc<Semaphore>,
    watermarks: Arc<Semaphore>,
    reader: Arc<dyn DocumentReader>,
}

/// Looks into documents itself: for tests.
impl Default for Studio {
    fn default() -> Self {
        Self::new(Arc::new(ReadsHere))
    }
}

impl Studio {
    pub fn new(reader: Arc<dyn DocumentReader>) -> Self {
        Self {
            uploads: Arc::new(Semaphore::new(AT_ONCE)),
            watermarks: Arc::new(Semaphore::new(AT_ONCE)),
            reader,
        }
    }

    /// The place is kept while the document is looked into, and for its fingerprint.
    async fn keep_pdf(&self, upload: Vec<u8>) -> Result<PdfFile, UploadError> {
        let place = a_place(&self.uploads).await?;
        let pages = self.reader.pdf(&upload).await?;
        work_at(place, UploadError::PdfBroken, move || {
            Ok(pdf::kept(upload, pages))
        })
        .await
    }

    async fn keep_docx(&self, upload: Vec<u8>) -> Result<DocumentFile, UploadError> {
        let place = a_place(&self.uploads).await?;
        self.reader.docx(&upload).await?;
        work_at(place, UploadError::DocxBroken, move || {
            Ok(document::kept(upload))
        })
        .await
    }
}

/// Waits for a place and works there.
async fn at_a_place<T: Send + 'static>(
    places: &Arc<Semaphore>,
    broken: UploadError,
    work: impl FnOnce() -> Result<T, UploadError> + Send + 'static,
) -> Result<T, UploadError> {
    work_at(a_place(places).await?, broken, work).await
}

async fn a_place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, UploadError> {
    timeout(WAIT, places.clone().acquire_owned())
        .await
        .map_err(|_| UploadError::Busy)?
        .map_err(|_| UploadError::Busy)
}

/// The place is kept until the work ends, even when nobody waits for it any more.
async fn work_at<T: Send + 'static>(
    place: OwnedSemaphorePermit,
    broken: UploadError,
    work: impl FnOnce() -> Result<T, UploadError> + Send + 'static,
) -> Result<T, UploadError> {
    let done = spawn_blocking(move || {
        let _place = place;
        work()
    });
    done.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a decoder stopped unexpectedly; the upload counts as damaged");
        Err(broken)
    })
}

#[async_trait]
impl PictureStudio for Studio {
    async fn accept(&self, upload: Vec<u8>) -> Result<Picture, UploadError> {
        check_size(&upload)?;
        match sniff(&upload) {
            Kind::Jpeg | Kind::Png => {
                at_a_place(&self.uploads, UploadError::Broken, move || {
                    decode::keep(&upload)
                })
                .await
            }
            Kind::Pdf | Kind::Other => Err(UploadError::NotAPicture),
        }
    }

    async fn accept_material(&self, upload: Vec<u8>) -> Result<Material, UploadError> {
        check_size(&upload)?;
        match sniff(&upload) {
            Kind::Jpeg | Kind::Png => self.accept(upload).await.map(Material::Picture),
            Kind::Pdf => self.keep_pdf(upload).await.map(Material::Pdf),
            Kind::Other => Err(UploadError::NotAMaterial),
        }
    }

    async fn accept_document(&self, upload: Vec<u8>) -> Result<DocumentFile, UploadError> {
        check_size(&upload)?;
        if sniff(&upload) == Kind::Pdf {
            let kept = self.keep_pdf(upload).await?;
            return Ok(DocumentFile {
                kind: DocumentKind::Pdf,
                bytes: kept.bytes,
                sha256: kept.sha256,
            });
        }
        if document::looks_packed(&upload) {
            return self.keep_docx(upload).await;
        }
        Err(UploadError::NotADocument)
    }

    async fn watermark(&self, jpeg: Vec<u8>, text: &str) -> Result<Vec<u8>, UploadError> {
        let text = text.to_owned();
        at_a_place(&self.watermarks, UploadError::Broken, move || {
            watermark::draw(&jpeg, &text)
        })
        .await
    }

    fn qr_svg(&self, text: &str) -> Result<String, UploadError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|_| UploadError::QrTooLong)?;
        let drawn = code
            .render::<svg::Color<'_>>()
            .min_dimensions(240, 240)
            .quiet_zone(true)
            .build();
        // Without the XML declaration it can stand in a page as well as alone.
        let svg = drawn.find("<svg").map_or(drawn.as_str(), |at| &drawn[at..]);
        Ok(svg.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn upload() -> Vec<u8> {
        decode::encode(&RgbImage::from_pixel(80, 60, Rgb([10, 90, 160])), 90)
            .expect("encoded")
            .jpeg
    }

    #[tokio::test]
    async fn a_field_for_pictures_takes_pictures_and_a_field_for_materials_takes_pdf_too() {
        let studio = Studio::default();
        assert!(studio.accept(upload()).await.is_ok());
        assert!(matches!(
            studio.accept_material(upload()).await,
            Ok(Material::Picture(_))
        ));
        let pdf = b"%PDF-1.7\n".to_vec();
        assert_eq!(
            studio.accept(pdf.clone()).await,
            Err(UploadError::NotAPicture)
        );
        assert_eq!(
            studio.accept_material(pdf).await,
            Err(UploadError::PdfBroken)
        );
        assert_eq!(
            studio.accept_material(b"MZ\x90".to_vec()).await,
            Err(UploadError::NotAMaterial)
        );
        assert_eq!(
            studio.accept_material(Vec::new()).await,
            Err(UploadError::Empty)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_third_upload_waits_and_is_told_to_come_back_if_nothing_gets_free() {
        let studio = Studio::default();
        let busy = studio
            .uploads
            .clone()
            .acquire_many_owned(2)
            .await
            .expect("places");
        assert_eq!(studio.accept(upload()).await, Err(UploadError::Busy));
        assert!(
            studio.watermark(upload(), "张三").await.is_ok(),
            "viewing goes on meanwhile"
        );
        drop(busy);
        assert!(studio.accept(upload()).await.is_ok());
    }

    #[tokio::test]
    async fn a_decoder_that_panics_is_a_damaged_upload_and_frees_its_place() {
        let places = Arc::new(Semaphore::new(1));
        let result: Result<(), _> = at_a_place(&places, UploadError::Broken, || {
            panic!("as a faulty decoder would")
        })
        .await;
        assert_eq!(result, Err(UploadError::Broken));
        assert_eq!(places.available_permits(), 1);
    }

    #[test]
    fn a_qr_code_is_plain_svg_and_a_text_too_long_is_refused() {
        let studio = Studio::default();
        let svg = studio
            .qr_svg("https://localhost/register?from=qr")
            .expect("drawn");
        assert!(svg.starts_with("<svg") && svg.contains("viewBox") && !svg.contains("<script"));
        assert_eq!(
            studio.qr_svg(&"x".repeat(5_000)),
            Err(UploadError::QrTooLong)
        );
    }
}
