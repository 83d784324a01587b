//! One function in a process of its own, as Lambda would run it, and what the process costs.

mod proc_fs;
mod process;
mod program;

pub use proc_fs::Cpu;
pub use process::Sandbox;
pub use program::Program;
