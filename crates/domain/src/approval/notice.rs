//! What people are told of a process.
