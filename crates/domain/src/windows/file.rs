//! Reads `policy/windows.yaml`.

#[cfg(test)]
mod tests;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::approval::approvers::same_name;
use crate::approval::text::readable;
use crate::policy_file::{InvalidPolicy, Node};
use crate::windows::stretches::DAYS;
use crate::windows::{Freeze, WINDOWS_SCHEMA, Window, Windows};

const ZONE: &str = "the IANA name of a time zone, such as Europe/Berlin or UTC";
const FROM: &str = "a time from 00:00 to 23:59, such as 09:30";
const TO: &str = "a time from 00:00 to 24:00, such as 16:30";
const DATE: &str = "a date, such as 2026-12-25";
const LOCAL: &str = "a local date and time without a time zone, such as 2026-12-20T00:00";
const CALENDAR: &str = "the name of an SSM document (3 to 128 letters, digits and _ - .) or its ARN";

impl Windows {
    /// Reads the policy file.
    ///
    /// # Errors
    /// [`InvalidPolicy`] names the line, the field, what was found and what would be right.
    pub fn parse(yaml: &str) -> Result<Self, InvalidPolicy> {
        let mut root = Node::document(yaml)?;
        let schema = root.required("schema", "1")?;
        if schema.count().ok() != Some(WINDOWS_SCHEMA) {
            return Err(schema.wrong("1"));
        }
        let zone = zone(&root.required("time_zone", ZONE)?)?;
        let mut windows: Vec<Window> = Vec::new();
        for node in root.required("windows", "a list of windows")?.list("a list of windows")? {
            windows.push(window(node, &windows)?);
        }
        let mut holidays: Vec<Date> = Vec::new();
        for node in optional_list(root.take("holidays"), "a list of dates")? {
            let day = date(node.text(DATE)?).ok_or_else(|| node.wrong(DATE))?;
            if holidays.contains(&day) {
                return Err(node.refused(format!("{day} again"), "another date, or left out"));
            }
            holidays.push(day);
        }
        let freezes = optional_list(root.take("freezes"), "a list of freezes")?;
        let freezes = freezes.into_iter().map(freeze).collect::<Result<_, _>>()?;
        let mut calendars: Vec<String> = Vec::new();
        for node in optional_list(root.take("calendars"), "a list of SSM Change Calendars")? {
            let name = node.text(CALENDAR)?;
            if !is_calendar(name) {
                return Err(node.wrong(CALENDAR));
            }
            if calendars.iter().any(|known| known == name) {
                return Err(node.refused(format!("{name} again"), "another calendar, or left out"));
            }
            calendars.push(name.to_owned());
        }
        root.finish()?;
        Ok(Self { zone, windows, holidays, freezes, calendars })
    }
}

fn optional_list(node: Option<Node>, expected: &str) -> Result<Vec<Node>, InvalidPolicy> {
    node.map_or_else(|| Ok(Vec::new()), |node| node.list(expected))
}

/// Reads it from what this program was built with, so that every machine reads the same.
fn zone(node: &Node) -> Result<TimeZone, InvalidPolicy> {
    let known = TimeZoneDatabase::bundled().get(node.text(ZONE)?).ok();
    known.filter(|zone| zone.iana_name().is_some()).ok_or_else(|| node.wrong(ZONE))
}

fn window(node: Node, others: &[Window]) -> Result<Window, InvalidPolicy> {
    let mut fields = node.fields()?;
    let expected = "a name of 1 to 64 printable characters";
    let node = fields.required("name", expected)?;
    let name = readable(node.text(expected)?, 64).ok_or_else(|| node.wrong(expected))?;
    if let Some(other) = others.iter().find(|other| same_name(&other.name, &name)) {
        let expected = "a name of its own: upper and lower case are the same";
        return Err(node.refused(format!("the same as {}", other.name), expected));
    }
    let expected = format!("a list of at least one of {}", DAYS.map(|(written, _)| written).join(", "));
    let node = fields.required("days", &expected)?;
    let nothing = node.refused("empty", expected.as_str());
    let mut days: Vec<Weekday> = Vec::new();
    for item in node.list(&expected)? {
        let one_of = format!("one of {}", DAYS.map(|(written, _)| written).join(", "));
        let text = item.text(&one_of)?;
        let (written, day) =
            DAYS.into_iter().find(|(written, _)| *written == text).ok_or_else(|| item.wrong(&one_of))?;
        if days.contains(&day) {
            return Err(item.refused(format!("{written} again"), "another day, or left out"));
        }
        days.push(day);
    }
    if days.is_empty() {
        return Err(nothing);
    }
    let node = fields.required("from", FROM)?;
    let from = time(node.text(FROM)?).ok_or_else(|| node.wrong(FROM))?;
    let node = fields.required("to", TO)?;
    let to = match node.text(TO)? {
        "24:00" => Time::midnight(),
        text => time(text).ok_or_else(|| node.wrong(TO))?,
    };
    fields.finish()?;
    Ok(Window { name, days, from, to })
}

fn freeze(node: Node) -> Result<Freeze, InvalidPolicy> {
    let mut fields = node.fields()?;
    let node = fields.required("from", LOCAL)?;
    let from = local(node.text(LOCAL)?).ok_or_else(|| node.wrong(LOCAL))?;
    let node = fields.required("to", LOCAL)?;
    let to = local(node.text(LOCAL)?).ok_or_else(|| node.wrong(LOCAL))?;
    if to <= from {
        return Err(node.wrong("later than from"));
    }
    let expected = "a reason of 1 to 200 printable characters";
    let node = fields.required("because", expected)?;
    let because = readable(node.text(expected)?, 200).ok_or_else(|| node.wrong(expected))?;
    fields.finish()?;
    Ok(Freeze { from, to, because })
}

/// Digits in the shape of `pattern`, where `0` stands for one.
fn has_shape(text: &str, pattern: &str) -> bool {
    let fits = |(found, wanted): (u8, u8)| if wanted == b'0' { found.is_ascii_digit() } else { found == wanted };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fits)
}

fn time(text: &str) -> Option<Time> {
    has_shape(text, "00:00").then(|| text.parse().ok()).flatten()
}

fn date(text: &str) -> Option<Date> {
    has_shape(text, "0000-00-00").then(|| text.parse().ok()).flatten()
}

fn local(text: &str) -> Option<DateTime> {
    let (day, clock) = text.split_once('T')?;
    Some(date(day)?.to_datetime(time(clock)?))
}

fn is_calendar(text: &str) -> bool {
    let is_name = |name: &str| {
        (3..=128).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    };
    if !text.starts_with("arn:") {
        return is_name(text);
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, partition, service, region, account, resource] = parts.as_slice() else { return false };
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    partition.starts_with("aws")
        && plain(partition)
        && *service == "ssm"
        && !region.is_empty()
        && plain(region)
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && resource.strip_prefix("document/").is_some_and(is_name)
}
