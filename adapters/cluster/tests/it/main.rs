//! The cluster on real PostgreSQL: every way it may be killed, and every refusal.

mod kit;
mod refusals;
mod survival;
mod throwaway;
