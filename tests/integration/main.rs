//! Tests of several modules together, grouped by subject.
#![allow(
    missing_docs,
    reason = "tests are named after the behaviour they check"
)]

#[cfg(feature = "server")]
mod api_server;
#[cfg(feature = "voice")]
mod around_the_key;
mod client;
mod client_account;
mod client_and_original;
#[cfg(feature = "server")]
mod client_and_server;
#[cfg(feature = "server")]
mod client_extensions;
#[cfg(feature = "server")]
mod conformance;
mod cut_off_replies;
#[cfg(feature = "server")]
mod databases;
#[cfg(feature = "voice")]
mod doctor;
#[cfg(all(feature = "server", target_os = "linux"))]
mod hosted;
mod layers;
mod locales;
#[cfg(feature = "voice")]
mod long_answers;
#[cfg(all(feature = "server", target_os = "linux"))]
mod model_over_http2;
mod model_servers;
mod models;
mod narrator;
#[cfg(all(feature = "server", target_os = "linux"))]
mod nginx;
mod openai;
#[cfg(feature = "server")]
mod processes;
mod real_loop;
mod secrets;
#[cfg(feature = "server")]
mod server_account;
#[cfg(feature = "server")]
mod server_chat;
#[cfg(feature = "server")]
mod server_connections;
#[cfg(feature = "server")]
mod server_events;
#[cfg(feature = "server")]
mod server_interviews;
#[cfg(feature = "server")]
mod server_killed;
#[cfg(feature = "server")]
mod server_media;
#[cfg(feature = "server")]
mod server_operation;
#[cfg(feature = "server")]
mod server_options;
#[cfg(feature = "server")]
mod server_protocol;
#[cfg(feature = "server")]
mod server_proxies;
#[cfg(feature = "server")]
mod server_races;
#[cfg(feature = "server")]
mod server_registration;
#[cfg(feature = "server")]
#[cfg(feature = "server")]
mod server_upstream;
#[cfg(feature = "server")]
mod server_users;
#[cfg(all(feature = "server", target_os = "linux"))]
mod servers_behind_nginx;
#[cfg(feature = "server")]
mod servers_together;
#[cfg(all(feature = "server", target_os = "linux"))]
mod site_behind_nginx;
#[cfg(all(feature = "voice", target_os = "linux"))]
mod sound_card;
#[cfg(feature = "voice")]
mod voice;
