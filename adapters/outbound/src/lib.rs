#![doc = include_str!("../README.md")]

mod address;
mod examine;
mod fault;
mod gate;
mod hosts;
mod line;
mod notebook;
mod resolver;
mod secret;
pub mod sign;
mod switchboard;
#[cfg(feature = "testing")]
pub mod testing;

pub use address::is_public;
pub use application::ports::providers::Reason;
pub use examine::{Account, examine};
pub use fault::{Fault, NotReached};
pub use gate::{Breaker, GateState};
pub use hosts::{Endpoint, EndpointError, Reach};
pub use line::{Answer, Ask, Line};
pub use notebook::Noted;
pub use secret::{Secret, SecretError};
pub use switchboard::{Manners, Switchboard, SwitchboardError};
