//! What both profiles give: the two sides of the impact, points, floors.

use crate::risk::assessment::{BusinessImpact, Floor, Point, TechnicalImpact};
use crate::risk::level::Level;

/// Risk as one profile counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The business side.
    pub business: BusinessImpact,
    /// The technical side.
    pub technical: TechnicalImpact,
    /// Every point.
    pub points: Vec<Point>,
    /// What the level is never below.
    pub floors: Vec<Floor>,
}

impl Counted {
    /// The sum of the points (C25).
    #[must_use]
    pub fn score(&self) -> u32 {
        self.points.iter().map(|point| point.points).sum()
    }

    /// The level of the score (C26), or the highest floor.
    #[must_use]
    pub fn level(&self) -> Level {
        let highest_floor = self.floors.iter().map(|floor| floor.level).max().unwrap_or(Level::Low);
        Level::of_score(self.score()).max(highest_floor)
    }
}
