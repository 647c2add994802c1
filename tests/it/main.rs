//! Journeys, walls, doors and fences of the running system.

mod doors;
mod fences;
mod health;
mod portal;
