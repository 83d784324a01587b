//! One request as an action sees it.

use super::error::ApiError;
use super::paging::{Limits, Page, PageRule};
use super::params::Params;

pub(super) struct Ask<'a> {
    pub(super) params: &'a Params,
    pub(super) pages: PageRule,
}

impl Ask<'_> {
    pub(super) fn page(&self, limits: Limits) -> Result<Page, ApiError> {
        Page::of(self.params, limits, self.pages)
    }
}
