//! Journeys, walls, doors and fences of the running system.

mod health;
