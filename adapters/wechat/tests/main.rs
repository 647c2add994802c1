//! The mini-program against a platform that answers in every documented way, and in every way that is not.

mod calls;
mod misbehaving;
mod stage;
mod tokens;
