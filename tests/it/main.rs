//! Journeys, walls, doors and fences of the running system.

mod account;
mod api;
mod bank_api;
mod branch;
mod catalogue;
mod city_list;
mod clocks;
mod deliveries;
mod demonstration;
mod desk;
mod doors;
mod fences;
mod financing;
mod health;
mod hq;
mod orphans;
mod portal;
mod profile;
mod retention;
mod sheets;
mod sms;
mod staff;
mod statistics;
mod team;
mod walls;
mod wechat;
