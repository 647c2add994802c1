//! Captcha 图形验证码: drawn on the server, with a way that needs no eyes (section 6 of the security rules).

use async_trait::async_trait;

/// A drawn captcha; only the picture leaves the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptchaDrawing {
    /// The picture, PNG.
    pub png: Vec<u8>,
    /// The answer, already normalised.
    pub answer: String,
}

/// A small sum in words, for people who cannot see the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptchaQuestion {
    /// The question in Chinese words, such as `三加五等于几`.
    pub question: String,
    /// The answer, already normalised.
    pub answer: String,
}

/// Captcha artist 图形验证码: draws and asks; binding, time and use-once are the caller's.
#[async_trait]
pub trait CaptchaArtist: Send + Sync {
    /// Draws a new picture.
    async fn draw(&self) -> CaptchaDrawing;
    /// Asks a new question.
    fn ask(&self) -> CaptchaQuestion;
    /// Brings what a person typed into the form of the answers: case, width, spaces, Chinese numerals.
    fn normalise(&self, typed: &str) -> String;
}
