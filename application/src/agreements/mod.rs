//! Agreements 协议 in force (A-15, O7): which version a city's people read now, and who is asked to accept again.

mod in_force;
mod reconsent;

pub use in_force::InForce;
pub use reconsent::Reconsent;
pub(crate) use reconsent::check;
