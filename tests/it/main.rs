//! Journeys, walls, doors and fences of the running system.

mod doors;
mod financing;
mod fences;
mod health;
mod portal;
