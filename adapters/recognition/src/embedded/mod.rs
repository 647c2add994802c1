//! Embedded 内置识别: needs no contract, and the picture stays on this machine. Tesseract reads; what stands before and after it,
//! the light, the slant, the labels and the checks, is ours.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places in a picture are whole numbers of a few thousand"
)]

mod card;
mod engine;
mod judge;
mod licence;
mod regions;
mod script;
mod sheet;
mod vote;
mod words;

use std::{path::PathBuf, sync::Arc, time::Duration};

use application::ports::{
    clock::Clock,
    recognition::{Recognised, RecognitionError, Recognizer},
};
use async_trait::async_trait;
use domain::{calendar::SHANGHAI, enterprise::ProfileFile, values::Cents};
use engine::{Engine, Look, Model};
use pixels::GrayImage;
use regions::Regions;
pub use regions::SharedRegions;
use time::Date;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};
use words::{Area, Sign};

use crate::{money, numbers, texts::Text};

pub const KIND: &str = "embedded";

/// One picture at a time: reading keeps a processor busy, and pages need the other one.
const AT_ONCE: usize = 1;
/// How long a picture waits for its turn.
const WAIT: Duration = Duration::from_secs(3);
/// How long one picture may take, so that the answer comes before the patience of its request ends.
const WHOLE: Duration = Duration::from_secs(10);
/// Signs of a credit code (GB 32100).
const CODE_SIGNS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const NUMBER_SIGNS: &str = "0123456789X";
/// Longest sides when read: the print is then about 30 pixels high.
const SHEET_SIDE: u32 = 2_600;
const CARD_SIDE: u32 = 1_400;
/// Print of these heights is read once more, once by the other model.
const LINE_LOOKS: [(f32, Look); 3] = [
    (40.0, Look::Line),
    (56.0, Look::Line),
    (40.0, Look::LineOtherwise),
];
/// The name of a company is read with its print at each of these heights, and so many times as wide as it is, by every model: a sign
/// that is not known is taken for another one each time, a sign that is known remains the same.
const NAME_SIZES: [(f32, f32); 5] = [
    (32.0, 1.0),
    (40.0, 1.0),
    (48.0, 1.0),
    (56.0, 1.0),
    (40.0, 1.08),
];
const LINE_HEIGHT: f32 = 40.0;
const CAPITAL_HEIGHTS: [f32; 3] = [40.0, 56.0, 72.0];
/// A text that is an amount from its first sign to its last is hardly anything else, but it is to be looked at.
const AMOUNT_SURENESS: u8 = 65;

/// Settings of the section `[recognition]`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddedSettings {
    pub kind: String,
    /// Where the program is, if it is not on the path.
    #[serde(default = "tesseract")]
    pub program: PathBuf,
    /// How long one picture may take.
    #[serde(default = "whole")]
    pub seconds: u64,
}

impl Default for EmbeddedSettings {
    fn default() -> Self {
        Self {
            kind: KIND.to_owned(),
            program: tesseract(),
            seconds: whole(),
        }
    }
}

fn whole() -> u64 {
    WHOLE.as_secs()
}

fn tesseract() -> PathBuf {
    PathBuf::from("tesseract")
}

/// The places of a machine: whoever reads on it takes one.
#[derive(Clone, Debug)]
pub struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// Reads with the tesseract of this machine.
pub struct EmbeddedRecognizer {
    engine: Engine,
    clock: Arc<dyn Clock>,
    places: Places,
    whole: Duration,
    regions: SharedRegions,
}

impl EmbeddedRecognizer {
    pub fn new(
        settings: EmbeddedSettings,
        clock: Arc<dyn Clock>,
        places: Places,
        regions: SharedRegions,
    ) -> Self {
        Self {
            regions,
            engine: Engine::new(settings.program),
            clock,
            whole: Duration::from_secs(settings.seconds),
            places,
        }
    }
}

#[async_trait]
impl Recognizer for EmbeddedRecognizer {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn recognise(
        &self,
        document: ProfileFile,
        jpeg: Vec<u8>,
    ) -> Result<Recognised, RecognitionError> {
        let place = timeout(WAIT, self.places.0.clone().acquire_owned())
            .await
            .map_err(|_| RecognitionError::Busy)?
            .map_err(|_| RecognitionError::Busy)?;
        let until = Instant::now() + self.whole;
        let longest = if document == ProfileFile::Licence {
            SHEET_SIDE
        } else {
            CARD_SIDE
        };
        // The place goes along: the thread works on even when nobody waits for it any more.
        let (picture, _place) =
            tokio::task::spawn_blocking(move || (pixels::prepared(&jpeg, longest), place))
                .await
                .map_err(|error| RecognitionError::Unclear(error.to_string()))?;
        let picture = picture.map_err(|pixels::Unreadable| RecognitionError::Unreadable)?;
        let today = self.clock.now().to_offset(SHANGHAI).date();
        timeout_at(until, self.read(document, picture, today))
            .await
            .map_err(|_| RecognitionError::Unreachable("reading took too long".to_owned()))?
    }

    async fn self_check(&self) -> Result<(), RecognitionError> {
        self.engine.check().await
    }
}

impl EmbeddedRecognizer {
    /// A sheet lies upright or is turned by a quarter, a half or three quarters: the first way in which labels are found is taken.
    async fn read(
        &self,
        document: ProfileFile,
        picture: GrayImage,
        today: Date,
    ) -> Result<Recognised, RecognitionError> {
        let mut picture = picture;
        let mut print = 0;
        for _ in 0..4 {
            let words = self.engine.read(pixels::pgm(&picture), Look::Sheet).await?;
            let signs = words::signs(&words);
            print = print.max(signs.iter().filter(|s| s.confidence > 60.0).count());
            let sheet = Sheet {
                engine: &self.engine,
                regions: &self.regions,
                picture: &picture,
                signs: &signs,
            };
            let read = match document {
                ProfileFile::Licence => sheet.licence(today).await?,
                ProfileFile::IdFront => sheet.card_front(today).await?,
                ProfileFile::IdBack => sheet.card_back()?,
            };
            if let Some(read) = read {
                return Ok(read);
            }
            picture = pixels::quarter_turned(&picture);
        }
        // Where hardly anything can be read there is nothing to say about what it shows.
        Err(if print < 12 {
            RecognitionError::Unreadable
        } else {
            RecognitionError::OtherDocument
        })
    }
}

/// A picture and what a first look at it gave.
struct Sheet<'a> {
    engine: &'a Engine,
    regions: &'a Regions,
    picture: &'a GrayImage,
    signs: &'a [Sign],
}

impl Sheet<'_> {
    fn size(&self) -> (f32, f32) {
        (self.picture.width() as f32, self.picture.height() as f32)
    }

    /// Nothing if it lies wrongly, or is no licence.
    async fn licence(&self, today: Date) -> Result<Option<Recognised>, RecognitionError> {
        let mut seen = self.looked_at().await?;
        let code = self.number(&seen.codes, CODE_SIGNS, code_rank).await?;
        if seen.labels.len() < 3 && code.is_none() {
            return Ok(None);
        }
        let division = code.as_ref().and_then(|code| code.text.get(2..8));
        for value in &mut seen.values {
            self.reread(value).await?;
            if let Some(judge) = judge::of(value.slot) {
                value.text = judge(std::mem::take(&mut value.text), self.regions, division);
            }
            value.text.confidence = value.text.confidence.min(value.at_best);
        }
        licence::texts(seen.values, code).read(today).map(Some)
    }

    /// What a licence shows. One on which something is missing is looked at once more without any grey, for what the first look did
    /// not find.
    async fn looked_at(&self) -> Result<licence::Seen, RecognitionError> {
        let seen = licence::seen(self.signs, self.size());
        if !seen.lacks_something() {
            return Ok(seen);
        }
        let plain = pixels::plain(self.picture);
        let words = self.engine.read(pixels::pgm(&plain), Look::Sheet).await?;
        let second = licence::seen(&words::signs(&words), self.size());
        Ok(seen.completed(second, |one, other| {
            judge::of(one.slot).is_some_and(|judge| {
                let whole = |value: &licence::Value| {
                    let sure = Text::new(value.text.text.clone(), 100);
                    judge(sure, self.regions, None).confidence == 100
                };
                whole(one) && !whole(other)
            })
        }))
    }

    /// Reads lines again by themselves where that helps.
    async fn reread(&self, value: &mut licence::Value) -> Result<(), RecognitionError> {
        match (value.slot, value.lines.as_slice()) {
            (licence::Slot::Name, [line]) => {
                value.text = self.often(&value.text, *line).await?;
            }
            (licence::Slot::Person, [line]) => {
                value.text = self.once_more(&value.text, *line).await?;
            }
            (licence::Slot::Capital, [line]) if money::capital(&value.text.text).is_none() => {
                value.text = self.capital(&value.text, *line).await?;
            }
            (licence::Slot::Address, lines) => {
                value.text = self.lines_once_more(&value.text, lines).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn card_front(&self, today: Date) -> Result<Option<Recognised>, RecognitionError> {
        let mut seen = card::front(self.signs, self.size());
        let number = self
            .number(&seen.numbers, NUMBER_SIGNS, resident_rank)
            .await?;
        if seen.labels < 2 && number.is_none() {
            return Ok(None);
        }
        if let Some((text, line)) = seen.name.take() {
            seen.texts.name = Some(self.once_more(&text, line).await?);
        }
        seen.texts.number = number;
        seen.texts.read(today).map(Some)
    }

    fn card_back(&self) -> Result<Option<Recognised>, RecognitionError> {
        card::back(self.signs, self.size())
            .map(crate::texts::IdBackTexts::read)
            .transpose()
    }

    /// A number that carries its own check: read on the sheet, and by itself with only its signs allowed. The best by `rank` is
    /// taken; what has no rank is none.
    async fn number(
        &self,
        places: &[(String, Area)],
        only: &'static str,
        rank: fn(&str) -> Option<u8>,
    ) -> Result<Option<Text>, RecognitionError> {
        let mut best: Option<(u8, String)> = None;
        for (text, area) in places.iter().take(3) {
            let mut readings = vec![text.clone()];
            if rank(text) != Some(0) {
                let cut = self.cut(*area, 44.0, 1.0);
                let words = self
                    .engine
                    .read(pixels::pgm(&cut), Look::Signs(only))
                    .await?;
                readings.push(words.iter().map(|w| w.text.as_str()).collect());
            }
            for reading in readings {
                if let Some(rank) = rank(&reading)
                    && best.as_ref().is_none_or(|(least, _)| rank < *least)
                {
                    best = Some((rank, reading));
                }
            }
        }
        Ok(best.map(|(rank, text)| Text::new(text, 95 - 15 * rank)))
    }

    /// A line read again by itself; the readings vote sign by sign.
    async fn once_more(&self, text: &Text, line: Area) -> Result<Text, RecognitionError> {
        let mut readings = vec![vote::Reading::of_text(text)];
        for (height, look) in LINE_LOOKS {
            let cut = self.cut(line, height, 1.0);
            let words = self.engine.read(pixels::pgm(&cut), look).await?;
            readings.push(vote::Reading::of_words(&words));
        }
        Ok(vote::agreed(&readings))
    }

    /// A name read again at several sizes by every model. The first look has no vote, but what it read otherwise is to be looked at.
    async fn often(&self, text: &Text, line: Area) -> Result<Text, RecognitionError> {
        let pages = NAME_SIZES.map(|(height, wider)| self.cut(line, height, wider));
        let pages =
            pixels::pages(&pages).map_err(|error| RecognitionError::Unclear(error.to_string()))?;
        let mut readings = Vec::new();
        for model in Model::ALL {
            let lines = self.engine.read_lines(pages.clone(), model).await?;
            readings.extend(
                lines
                    .into_iter()
                    .map(|signs| vote::Reading::by(model, signs)),
            );
        }
        Ok(vote::most_backed(&readings).map_or_else(
            || text.clone(),
            |backed| vote::confirmed(backed, &vote::Reading::of_text(text)),
        ))
    }

    /// Several lines read again one by one; the two readings vote.
    async fn lines_once_more(&self, text: &Text, lines: &[Area]) -> Result<Text, RecognitionError> {
        let mut again = Vec::new();
        for line in lines {
            let cut = self.cut(*line, LINE_HEIGHT, 1.0);
            again.extend(self.engine.read(pixels::pgm(&cut), Look::Line).await?);
        }
        Ok(vote::agreed(&[
            vote::Reading::of_text(text),
            vote::Reading::of_words(&again),
        ]))
    }

    /// 注册资本 in words, whose numerals are rare print: of several readings, the first that is an amount as it stands, or else
    /// the first that becomes one when what resembles a numeral is put right. To be looked at either way.
    async fn capital(&self, text: &Text, line: Area) -> Result<Text, RecognitionError> {
        let mut readings = vec![text.text.clone()];
        for height in CAPITAL_HEIGHTS {
            let cut = self.cut(line, height, 1.0);
            let words = self.engine.read(pixels::pgm(&cut), Look::Line).await?;
            readings.push(words.iter().map(|w| w.text.as_str()).collect());
        }
        let whole = |parse: fn(&str) -> Option<Cents>| readings.iter().find(|r| parse(r).is_some());
        let best = whole(money::capital).or_else(|| whole(money::misread_capital));
        Ok(best.map_or_else(
            || text.clone(),
            |amount| Text::new(amount.clone(), AMOUNT_SURENESS),
        ))
    }

    /// The place with some air around it, so large that its print has this height, and so many times as wide as it is.
    fn cut(&self, area: Area, height: f32, wider: f32) -> GrayImage {
        let air = area.height() * 0.35;
        let (w, h) = (self.picture.width(), self.picture.height());
        let left = ((area.left - air).max(0.0) as u32).min(w - 1);
        let top = ((area.top - air).max(0.0) as u32).min(h - 1);
        let right = ((area.right + air) as u32).clamp(left + 1, w);
        let bottom = ((area.bottom + air) as u32).clamp(top + 1, h);
        let larger = (height / area.height().max(1.0)).clamp(0.5, 3.0);
        pixels::part(
            self.picture,
            (left, top, right - left, bottom - top),
            (larger * wider, larger),
        )
    }
}

/// Sound before repaired before merely of the right form.
fn code_rank(text: &str) -> Option<u8> {
    let reading = numbers::credit_code(text)?;
    Some(match (numbers::is_sound(&reading), reading.code.doubt()) {
        (true, _) => 0,
        (false, None) => 1,
        (false, Some(_)) => 2,
    })
}

fn resident_rank(text: &str) -> Option<u8> {
    numbers::resident_number(text).map(|_| 0)
}
