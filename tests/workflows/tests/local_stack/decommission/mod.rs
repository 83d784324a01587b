//! decommission, scenario by scenario. Those on moto run side by side; what needs EC2 to fail runs on the loopback.

mod audited;
mod blocked;
mod by_link;
mod change_window;
mod cleanup;
mod completed;
mod dry_run;
mod duplicate;
mod expired;
mod forged;
mod held;
mod loopback;
mod notice_period;
mod rejected;
mod released;
mod reminded;
mod rolled_back;
mod scanner;
mod types;
mod unstaffed;
mod vote_script;
mod waiting;
