//! Journeys, walls, doors and fences of the running system.

mod account;
mod branch;
mod doors;
mod financing;
mod fences;
mod health;
mod portal;
mod profile;
mod walls;
