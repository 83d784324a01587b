//! The demo: the real template, state machine and functions clean up an account full of images, and every claim is held against
//! what EC2 answers afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::account::{MISSED, POLICY, account, fates};
use crate::error::{Error, Result, plain};
use crate::report::{Listed, Report};
use crate::screen::{Look, Screen, wrap};
use crate::seed::image_id;
use crate::stack::{Image, Options, Stack};
use crate::table::{Cell, Table};

const NOTICE_LINES: usize = 12;

/// What EC2 holds at one moment.
struct Seen {
    images: BTreeMap<String, Image>,
    snapshots: BTreeSet<String>,
}

/// The story as it goes on, and what did not hold of it.
struct Story {
    screen: Screen,
    stack: Stack,
    before: Seen,
    broken: Vec<String>,
}

/// Shows the whole workflow. The functions must have been built.
///
/// # Errors
/// When something fails, or when anything but the expected images went.
pub fn demo(screen: Screen) -> Result<()> {
    let mut stack = screen.step("starting the emulators and filling an account", None, || {
        Stack::up(Options::new("demo").seed(account()))
    })?;
    let log = stack.folder().join("sam-deploy.log");
    screen.step("deploying template.yaml with sam deploy", Some(&log), || stack.deploy(&POLICY))?;

    let before = Seen::now(&stack)?;
    let mut story = Story { screen, stack, before, broken: Vec::new() };
    story.tell()?;
    let Story { stack, broken, .. } = story;
    screen.heading("Stopping");
    screen.step("stopping everything that was started", None, || stack.down())?;
    if broken.is_empty() {
        screen.say(&screen.paint(Look::Green, "\nEverything that was to go went, and everything else stayed."));
        return Ok(());
    }
    Err(Error::Plain(format!("this did not hold:\n  {}", broken.join("\n  "))))
}

impl Story {
    fn tell(&mut self) -> Result<()> {
        self.dry()?;
        self.disable()?;
        self.restore()?;
        self.deregister()?;
        self.once_more()
    }

    fn dry(&mut self) -> Result<()> {
        self.screen.heading("1. A dry run: what would happen, and why");
        let report = self.run("running the workflow, dry", &json!({"schema": 1}))?;
        self.screen.say("");
        for line in verdicts(&report).lines(self.screen) {
            self.screen.say(&line);
        }
        self.screen.say("");
        for fate in fates() {
            let listed = report.images.iter().find(|listed| listed.name == fate.image.name());
            let goes = listed.is_some_and(|listed| listed.verdict != "keep");
            self.expect(listed.is_some(), &format!("the report does not speak of {}", fate.image.name()));
            self.expect(goes == fate.goes, &format!("the verdict over {} is the wrong one", fate.image.name()));
        }
        let now = Seen::now(&self.stack)?;
        let untouched = now.images == self.before.images && now.snapshots == self.before.snapshots;
        self.expect(untouched, "the dry run changed something");
        self.screen.say("  Nothing has changed: EC2 still answers with every image and every snapshot.");
        Ok(())
    }

    fn disable(&mut self) -> Result<()> {
        self.screen.heading("2. A live run with a week of grace: the step that can be taken back");
        self.run(
            "running the workflow, live, with grace_days 7",
            &json!({"schema": 1, "mode": "live", "grace_days": 7}),
        )?;
        let now = Seen::now(&self.stack)?;
        let mut disabled = Vec::new();
        for fate in fates() {
            let name = fate.image.name();
            let is_disabled = now.state(name) == Some("disabled");
            if is_disabled {
                disabled.push(name.to_owned());
            }
            self.expect(now.images.contains_key(name), &format!("{name} went before its grace"));
            self.expect(is_disabled == fate.goes, &format!("{name} is {}", now.state(name).unwrap_or("gone")));
        }
        self.expect(now.snapshots == self.before.snapshots, "a snapshot went before the grace of its image");
        self.screen.say(&format!("  EC2 says that {} images are disabled: {}.", disabled.len(), disabled.join(", ")));
        self.screen.say("  Nothing can be launched from them, everything that runs goes on, and no snapshot is gone.");
        self.show_the_notice_about(MISSED)
    }

    fn show_the_notice_about(&mut self, name: &str) -> Result<()> {
        let notices = self.stack.notices()?;
        let about = notices.iter().find(|notice| notice.contains(name));
        self.expect(about.is_some(), &format!("nobody was told that {name} is disabled"));
        self.screen.say(&format!("  The topic heard {} notices. The one about {name}:", notices.len()));
        for line in
            about.iter().flat_map(|notice| wrap(notice, self.screen.width().saturating_sub(6))).take(NOTICE_LINES)
        {
            self.screen.say(&format!("    {}", self.screen.paint(Look::Dim, &line)));
        }
        Ok(())
    }

    fn restore(&mut self) -> Result<()> {
        self.screen.heading(&format!("3. Somebody misses {MISSED}: restore"));
        let event = json!({"schema": 1, "image_id": image_id(MISSED), "mode": "live"});
        let answer = self.screen.step("calling the restore function", None, || self.stack.invoke("restore", &event))?;
        if let Some(error) = answer.error_type {
            return Err(plain(format!("restore failed: {error}: {}", answer.payload)));
        }
        let now = Seen::now(&self.stack)?;
        self.expect(now.state(MISSED) == Some("available"), &format!("{MISSED} was not restored"));
        let state = now.state(MISSED).unwrap_or("gone");
        self.screen
            .say(&format!("  EC2 says that {MISSED} is {state}. No later run touches what somebody brought back."));
        Ok(())
    }

    fn deregister(&mut self) -> Result<()> {
        self.screen.heading("4. A live run without grace: the step that cannot be taken back");
        self.run("running the workflow, live", &json!({"schema": 1, "mode": "live"}))?;
        let now = Seen::now(&self.stack)?;
        self.screen.say("");
        for line in went_and_stayed(&self.before, &now).lines(self.screen) {
            self.screen.say(&line);
        }
        self.screen.say("");
        self.only_the_unwanted_are_gone(&now);
        let images = self.before.images.len() - now.images.len();
        let snapshots = self.before.snapshots.len() - now.snapshots.len();
        self.screen.say(&format!(
            "  As EC2 answers now: {images} images and {snapshots} snapshots are gone, {} images stay.",
            now.images.len()
        ));
        Ok(())
    }

    fn only_the_unwanted_are_gone(&mut self, now: &Seen) {
        for fate in fates() {
            let name = fate.image.name();
            let gone = now.state(name).is_none();
            let to_go = fate.goes && name != MISSED;
            self.expect(gone == to_go, &format!("{name} is {}", now.state(name).unwrap_or("gone")));
            let snapshots = self.before.images.get(name).map(|image| image.snapshot_ids.clone()).unwrap_or_default();
            let left = snapshots.iter().filter(|id| now.snapshots.contains(*id)).count();
            self.expect(left == if to_go { 0 } else { snapshots.len() }, &format!("{name} has {left} snapshots left"));
            if !to_go {
                let state = now.state(name).unwrap_or("gone");
                self.expect(state == "available", &format!("{name} is {state}, and it was to be left alone"));
            }
        }
    }

    fn once_more(&mut self) -> Result<()> {
        self.screen.heading("5. Once more: nothing is left to do");
        let before = Seen::now(&self.stack)?;
        let report = self.run("running the workflow, live", &json!({"schema": 1, "mode": "live"}))?;
        let due = report.images.iter().filter(|listed| listed.verdict != "keep").count();
        self.expect(due == 0, &format!("{due} images are still due"));
        let now = Seen::now(&self.stack)?;
        self.expect(now.images == before.images && now.snapshots == before.snapshots, "the last run changed something");
        self.only_the_unwanted_are_gone(&now);
        self.screen.say(&format!("  {due} images are due, and nothing has changed."));
        Ok(())
    }

    fn run(&self, what: &str, input: &Value) -> Result<Report> {
        let finished = self.screen.step(what, None, || self.stack.run(input))?;
        self.stack.report(&finished)
    }

    fn expect(&mut self, holds: bool, otherwise: &str) {
        if !holds {
            self.screen.say(&format!("  {} {otherwise}", self.screen.paint(Look::Red, "✗")));
            self.broken.push(otherwise.to_owned());
        }
    }
}

impl Seen {
    fn now(stack: &Stack) -> Result<Self> {
        Ok(Self {
            images: stack.images()?.into_iter().map(|image| (image.name.clone(), image)).collect(),
            snapshots: stack.snapshots()?.into_iter().map(|snapshot| snapshot.id).collect(),
        })
    }

    fn state(&self, name: &str) -> Option<&str> {
        self.images.get(name).map(|image| image.state.as_str())
    }
}

/// A report as a table: what goes first, and the oldest first.
#[must_use]
pub fn verdicts(report: &Report) -> Table<4> {
    let mut images: Vec<&Listed> = report.images.iter().collect();
    images.sort_by(|a, b| {
        (a.verdict == "keep").cmp(&(b.verdict == "keep")).then_with(|| a.created_at.cmp(&b.created_at))
    });
    let mut table = Table::new(["image", "created", "verdict", "why"]);
    for image in images {
        let look = if image.verdict == "keep" { Look::Green } else { Look::Red };
        let day = image.created_at.chars().take(10).collect::<String>();
        table.row([image.name.clone().into(), day.into(), Cell::new(look, image.verdict.clone()), image.why().into()]);
    }
    table
}

fn went_and_stayed(before: &Seen, now: &Seen) -> Table<4> {
    let mut table = Table::new(["image", "before", "now", "its snapshots"]);
    let mut rows: Vec<(&String, &Image)> = before.images.iter().collect();
    rows.sort_by_key(|(name, _)| now.state(name).is_some());
    for (name, image) in rows {
        let (look, state) = now.state(name).map_or((Look::Red, "gone"), |state| (Look::Green, state));
        let left = image.snapshot_ids.iter().filter(|id| now.snapshots.contains(*id)).count();
        let snapshots = format!("{left} of {}", image.snapshot_ids.len());
        table.row([name.as_str().into(), image.state.as_str().into(), Cell::new(look, state), snapshots.into()]);
    }
    table
}
