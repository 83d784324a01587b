//! The demo: the real template, state machines and functions clean up an account full of images and retire an instance, and
//! every claim is held against what EC2 answers afterwards.

mod cleanup;
mod decommission;
mod people;
mod rolled_back;
mod seen;
mod story;
mod tables;

use crate::account::{APPROVERS, PATIENCE, PATIENCE_OF_PEOPLE, POLICY, account};
use crate::error::{Error, Result};
use crate::screen::{Look, Screen};
use crate::stack::{Options, Stack};
use cleanup::Cleanup;
use decommission::whole_way;
use rolled_back::back_again;
use seen::Seen;
use story::Story;

pub use tables::verdicts;

/// Shows the workflows. The functions must have been built. Where it waits, people at this machine approve in their own browser
/// the one process that asks by link; otherwise the demo does it by itself.
///
/// # Errors
/// When something fails, or when a claim of the story did not hold.
pub fn demo(screen: Screen, waits: bool) -> Result<()> {
    // What waits for minutes between two looks at AWS need not wait for what an emulator does at once.
    let options = Options::new("demo").seed(account()).approvers(APPROVERS).wait_scale(0.05);
    let mut stack = screen.step("starting the emulators and filling an account", None, || Stack::up(options))?;
    let log = stack.folder().join("sam-deploy.log");
    let parameters: Vec<_> = POLICY.into_iter().chain(if waits { PATIENCE_OF_PEOPLE } else { PATIENCE }).collect();
    screen.step("deploying template.yaml with sam deploy", Some(&log), || stack.deploy(&parameters))?;

    let before = Seen::now(&stack)?;
    let mut story = Story::new(screen, stack, waits);
    screen.heading("ami-cleanup: expired images, all at once");
    Cleanup { story: &mut story, before }.tell()?;
    screen.heading("decommission: one resource, governed");
    whole_way(&mut story)?;
    back_again(&mut story)?;

    let Story { stack, broken, .. } = story;
    screen.heading("Stopping");
    screen.step("stopping everything that was started", None, || stack.down())?;
    if broken.is_empty() {
        screen.say(&screen.paint(Look::Green, "\nEverything that was to go went, and everything else stayed."));
        return Ok(());
    }
    Err(Error::Plain(format!("this did not hold:\n  {}", broken.join("\n  "))))
}
