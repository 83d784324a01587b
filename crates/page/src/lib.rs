//! The approval page: what people see, from what the rules say.
//!
//! Data and a time come in, HTML comes out. Every page is complete without a script, a picture or a font of anybody else:
//! its only style sheet is in it, and [`answer`]'s headers allow nothing more. Names, tags and reasons are other people's
//! text: they are escaped, on one line, and without characters that change how their neighbours show.

pub mod answer;
pub mod approval;
mod checks;
#[cfg(test)]
mod fixtures;
pub mod form;
mod home;
mod layout;
mod people;
pub mod refused;
mod risk;
mod savings;
mod steps;
mod style;
#[cfg(test)]
mod tests;
pub mod timeline;
pub mod waiting;
mod words;

pub use answer::{Page, redirect, respond};
pub use approval::{Approval, approval};
pub use form::{FormError, FormOf};
pub use home::home;
pub use refused::{Refusal, refused};
pub use timeline::{Timeline, timeline};
pub use waiting::{WaitingList, Waits, waiting};
