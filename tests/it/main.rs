//! Journeys, walls, doors and fences of the running system.

mod fences;
mod health;
