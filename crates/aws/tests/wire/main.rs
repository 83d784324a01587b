//! What is read from AWS and done to it, on the wire: pages, faults, and every way in which an image is used.

mod acting;
mod images;
mod looking_again;
mod recycle_bin;
mod references;
mod snapshots;
mod support;
mod uses;
