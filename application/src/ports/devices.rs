//! Devices 登录设备: phones that hold a token pair; what renews the access token works once (S-14).

use async_trait::async_trait;
use domain::ids::UserId;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{accounts::DoorEntry, store::StoreError};

/// A device of somebody who has just signed in on it.
#[derive(Clone, Debug)]
pub struct NewDevice {
    pub id: Uuid,
    /// The session that the sign-in opened: the access token.
    pub session: [u8; 32],
    pub device: [u8; 32],
    pub refresh: [u8; 32],
    pub at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    /// Devices of this person at once, the new one included; the oldest are ended.
    pub at_once: i64,
    pub ip: String,
    pub agent: String,
}

/// A refresh token is presented.
#[derive(Clone, Debug)]
pub struct Renewal {
    pub refresh: [u8; 32],
    pub device: [u8; 32],
    pub next_refresh: [u8; 32],
    pub next_session: [u8; 32],
    pub public_id: Uuid,
    pub at: OffsetDateTime,
    pub session_ends: OffsetDateTime,
    pub ip: String,
    pub agent: String,
    /// What is noted when the token turns out to be copied.
    pub entry: DoorEntry,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewed {
    Fresh {
        user: UserId,
        ends: OffsetDateTime,
    },
    /// Used before, or on another device: everything of the device has ended with this.
    Copied,
    /// Unknown, over or ended.
    Over,
}

/// Before anybody is signed in.
#[async_trait]
pub trait Devices: Send + Sync {
    /// The session becomes the device's; one that the person had under the same name ends. False when there is no such session.
    async fn pair(&self, new: &NewDevice) -> Result<bool, StoreError>;
    async fn renew(&self, ask: &Renewal) -> Result<Renewed, StoreError>;
    /// 退出: the device and whatever it holds.
    async fn sign_out(&self, device: Uuid, at: OffsetDateTime) -> Result<(), StoreError>;
}
