//! The approval page as it is deployed: read by people and by scanners, answered by personal links, and tried by whoever has
//! none. What is refused leaves one line in the audit and nothing else; what counts is one vote and one event.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod answers;
mod as_told;
mod asked;
mod at_once;
mod bound;
mod forged;
mod forms;
mod levels;
mod other_peoples_text;
mod outages;
mod permissions;
mod rate;
mod reading;
mod refused;
mod requests;
mod rotation;
mod secrets;
mod stored;
mod too_late;
mod two_thousand_visits;
