//! The chapters of ami-cleanup: expired images are shown, disabled, one is restored, the others deregistered.

use serde_json::{Value, json};

use crate::account::{MISSED, fates};
use crate::demo::seen::Seen;
use crate::demo::story::Story;
use crate::demo::tables::{verdicts, went_and_stayed};
use crate::error::{Result, plain};
use crate::report::Report;
use crate::seed::image_id;

/// ami-cleanup, told on an account with images of every fate.
pub(super) struct Cleanup<'a> {
    pub(super) story: &'a mut Story,
    pub(super) before: Seen,
}

impl Cleanup<'_> {
    pub(super) fn tell(&mut self) -> Result<()> {
        self.dry()?;
        self.disable()?;
        self.restore()?;
        self.deregister()?;
        self.once_more()
    }

    fn dry(&mut self) -> Result<()> {
        self.story.screen.heading("1. A dry run: what would happen, and why");
        let report = self.run("running the workflow, dry", &json!({"schema": 1}))?;
        self.story.show(&verdicts(&report));
        for fate in fates() {
            let listed = report.images.iter().find(|listed| listed.name == fate.image.name());
            let goes = listed.is_some_and(|listed| listed.verdict != "keep");
            self.story.expect(listed.is_some(), &format!("the report does not speak of {}", fate.image.name()));
            self.story.expect(goes == fate.goes, &format!("the verdict over {} is the wrong one", fate.image.name()));
        }
        let now = Seen::now(&self.story.stack)?;
        let untouched = now.images == self.before.images && now.snapshots == self.before.snapshots;
        self.story.expect(untouched, "the dry run changed something");
        self.story.say("Nothing has changed: EC2 still answers with every image and every snapshot.");
        Ok(())
    }

    fn disable(&mut self) -> Result<()> {
        self.story.screen.heading("2. A live run with a week of grace: the step that can be taken back");
        self.run(
            "running the workflow, live, with grace_days 7",
            &json!({"schema": 1, "mode": "live", "grace_days": 7}),
        )?;
        let now = Seen::now(&self.story.stack)?;
        let mut disabled = Vec::new();
        for fate in fates() {
            let name = fate.image.name();
            let is_disabled = now.state(name) == Some("disabled");
            if is_disabled {
                disabled.push(name.to_owned());
            }
            self.story.expect(now.images.contains_key(name), &format!("{name} went before its grace"));
            self.story.expect(is_disabled == fate.goes, &format!("{name} is {}", now.state(name).unwrap_or("gone")));
        }
        self.story.expect(now.snapshots == self.before.snapshots, "a snapshot went before the grace of its image");
        self.story.say(&format!("EC2 says that {} images are disabled: {}.", disabled.len(), disabled.join(", ")));
        self.story.say("Nothing can be launched from them, everything that runs goes on, and no snapshot is gone.");
        self.story.show_the_notice_about(MISSED)
    }

    fn restore(&mut self) -> Result<()> {
        self.story.screen.heading(&format!("3. Somebody misses {MISSED}: restore"));
        let event = json!({"schema": 1, "image_id": image_id(MISSED), "mode": "live"});
        let answer = self
            .story
            .screen
            .step("calling the restore function", None, || self.story.stack.invoke("restore", &event))?;
        if let Some(error) = answer.error_type {
            return Err(plain(format!("restore failed: {error}: {}", answer.payload)));
        }
        let now = Seen::now(&self.story.stack)?;
        self.story.expect(now.state(MISSED) == Some("available"), &format!("{MISSED} was not restored"));
        let state = now.state(MISSED).unwrap_or("gone");
        self.story.say(&format!("EC2 says that {MISSED} is {state}. No later run touches what somebody brought back."));
        Ok(())
    }

    fn deregister(&mut self) -> Result<()> {
        self.story.screen.heading("4. A live run without grace: the step that cannot be taken back");
        self.run("running the workflow, live", &json!({"schema": 1, "mode": "live"}))?;
        let now = Seen::now(&self.story.stack)?;
        self.story.show(&went_and_stayed(&self.before, &now));
        self.only_the_unwanted_are_gone(&now);
        let images = self.before.images.len() - now.images.len();
        let snapshots = self.before.snapshots.len() - now.snapshots.len();
        self.story.say(&format!(
            "As EC2 answers now: {images} images and {snapshots} snapshots are gone, {} images stay.",
            now.images.len()
        ));
        Ok(())
    }

    fn only_the_unwanted_are_gone(&mut self, now: &Seen) {
        for fate in fates() {
            let name = fate.image.name();
            let gone = now.state(name).is_none();
            let to_go = fate.goes && name != MISSED;
            self.story.expect(gone == to_go, &format!("{name} is {}", now.state(name).unwrap_or("gone")));
            let snapshots = self.before.images.get(name).map(|image| image.snapshot_ids.clone()).unwrap_or_default();
            let left = snapshots.iter().filter(|id| now.snapshots.contains(*id)).count();
            self.story
                .expect(left == if to_go { 0 } else { snapshots.len() }, &format!("{name} has {left} snapshots left"));
            if !to_go {
                let state = now.state(name).unwrap_or("gone");
                self.story.expect(state == "available", &format!("{name} is {state}, and it was to be left alone"));
            }
        }
    }

    fn once_more(&mut self) -> Result<()> {
        self.story.screen.heading("5. Once more: nothing is left to do");
        let before = Seen::now(&self.story.stack)?;
        let report = self.run("running the workflow, live", &json!({"schema": 1, "mode": "live"}))?;
        let due = report.images.iter().filter(|listed| listed.verdict != "keep").count();
        self.story.expect(due == 0, &format!("{due} images are still due"));
        let now = Seen::now(&self.story.stack)?;
        self.story
            .expect(now.images == before.images && now.snapshots == before.snapshots, "the last run changed something");
        self.only_the_unwanted_are_gone(&now);
        self.story.say(&format!("{due} images are due, and nothing has changed."));
        Ok(())
    }

    fn run(&self, what: &str, input: &Value) -> Result<Report> {
        let finished = self.story.screen.step(what, None, || self.story.stack.run(input))?;
        self.story.stack.report(&finished)
    }
}
