//! Pictures 图片: what people upload, made safe; watermarks and QR codes (S-23 to S-25).

use async_trait::async_trait;

/// Largest upload in bytes (10 MB).
pub const MAX_UPLOAD_BYTES: usize = 10 * 1024 * 1024;

/// A picture as we keep it: upright, at most 2,400 pixels a side, JPEG, without any metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The encoded picture.
    pub jpeg: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// SHA-256 of `jpeg`.
    pub sha256: [u8; 32],
}

/// A PDF that passed the check: no script, no attachment, not encrypted, at most ten pages. Only ever a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfFile {
    /// The file, as uploaded.
    pub bytes: Vec<u8>,
    /// Number of pages.
    pub pages: u32,
    /// SHA-256 of `bytes`.
    pub sha256: [u8; 32],
}

/// Material 材料: what a field that allows both may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Material {
    /// JPEG or PNG, encoded again.
    Picture(Picture),
    /// PDF, checked.
    Pdf(PdfFile),
}

/// What a document may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    Pdf,
    Docx,
}

/// Document 文件 that the city offers for download: checked, the bytes as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFile {
    pub kind: DocumentKind,
    pub bytes: Vec<u8>,
    /// SHA-256 of `bytes`.
    pub sha256: [u8; 32],
}

/// Picture studio 图片处理: looks at content, never at names; two at a time, off the async threads.
#[async_trait]
pub trait PictureStudio: Send + Sync {
    /// Takes a JPEG or PNG; everything else is refused.
    async fn accept(&self, upload: Vec<u8>) -> Result<Picture, UploadError>;
    /// Takes a JPEG, PNG or harmless PDF, for the fields that allow PDF.
    async fn accept_material(&self, upload: Vec<u8>) -> Result<Material, UploadError>;
    /// Takes a harmless PDF or DOCX, for what the city offers for download.
    async fn accept_document(&self, upload: Vec<u8>) -> Result<DocumentFile, UploadError>;
    /// Draws a visible diagonal watermark (`仅供××支行办理融资业务使用`, viewer, date) over one of our own pictures.
    async fn watermark(&self, jpeg: Vec<u8>, text: &str) -> Result<Vec<u8>, UploadError>;
    /// QR code as SVG, black on white, with its quiet zone.
    fn qr_svg(&self, text: &str) -> Result<String, UploadError>;
}

/// Why an upload was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// Nothing was sent.
    #[error("the upload is empty")]
    Empty,
    /// More than 10 MB.
    #[error("the upload is larger than 10 MB")]
    TooLarge,
    /// Neither JPEG nor PNG by content.
    #[error("the upload is neither JPEG nor PNG")]
    NotAPicture,
    /// Neither JPEG nor PNG nor PDF by content, where PDF is allowed.
    #[error("the upload is neither JPEG nor PNG nor PDF")]
    NotAMaterial,
    /// Neither PDF nor DOCX by content.
    #[error("the upload is neither PDF nor DOCX")]
    NotADocument,
    /// A DOCX that does not unpack, or unpacks to too much.
    #[error("the DOCX is damaged")]
    DocxBroken,
    /// A DOCX with macros, embedded objects or templates from elsewhere.
    #[error("the DOCX contains something that runs")]
    DocxActive,
    /// A side over 10,000 pixels, over 40 megapixels, or over the memory limit.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// A picture that does not decode.
    #[error("the picture is damaged")]
    Broken,
    /// A PDF that does not parse.
    #[error("the PDF is damaged")]
    PdfBroken,
    /// A PDF with a password or restrictions.
    #[error("the PDF is encrypted")]
    PdfEncrypted,
    /// A PDF with script or an action that starts something.
    #[error("the PDF contains script")]
    PdfActive,
    /// A PDF with files inside.
    #[error("the PDF contains attachments")]
    PdfAttachments,
    /// A PDF with more than ten pages.
    #[error("the PDF has more than ten pages")]
    PdfTooManyPages,
    /// Text for a QR code that is too long.
    #[error("the text is too long for a QR code")]
    QrTooLong,
    /// The waiting line for pictures is full: answer 503 with `Retry-After`.
    #[error("too many pictures are being worked on at this moment")]
    Busy,
}

impl UploadError {
    /// Stable code, key of the message.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "upload.empty",
            Self::TooLarge => "upload.too_large",
            Self::NotAPicture => "upload.not_a_picture",
            Self::NotAMaterial => "upload.not_a_material",
            Self::NotADocument => "upload.not_a_document",
            Self::DocxBroken => "upload.docx_broken",
            Self::DocxActive => "upload.docx_active",
            Self::TooManyPixels => "upload.too_many_pixels",
            Self::Broken => "upload.broken",
            Self::PdfBroken => "upload.pdf_broken",
            Self::PdfEncrypted => "upload.pdf_encrypted",
            Self::PdfActive => "upload.pdf_active",
            Self::PdfAttachments => "upload.pdf_attachments",
            Self::PdfTooManyPages => "upload.pdf_too_many_pages",
            Self::QrTooLong => "upload.qr_too_long",
            Self::Busy => "upload.busy",
        }
    }
}
