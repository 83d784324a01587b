//! What retiring the resource saves, net of its backups.

use maud::{Markup, html};
use sunset_domain::process::report::dollars;
use sunset_domain::risk::assessment::CostLine;
use sunset_domain::runbook::plan_document::Savings;

use crate::words::{said, signed};

/// The sums, line by line.
pub(crate) fn savings(savings: &Savings) -> Markup {
    let days = savings.backups_kept_days;
    let price = |line: &CostLine, sign: i64| dollars(line.micro_dollars_a_month.map(|cost| signed(cost) * sign));
    html! {
        table {
            caption { "Dollars a month. An estimate at the public prices of us-east-1, never a bill." }
            thead { tr { th scope="col" { "What" } th.number scope="col" { "A month" } } }
            tbody {
                @for line in &savings.cost.saved {
                    tr { th scope="row" { (said(&line.what)) } td.number { (price(line, 1)) } }
                }
                @for line in &savings.cost.backups {
                    tr {
                        th scope="row" { (said(&line.what)) ", kept for " (days) " days" }
                        td.number { (price(line, -1)) }
                    }
                }
            }
            tfoot {
                tr {
                    th scope="row" { "Saved while the backups are kept" }
                    td.number { strong { (dollars(Some(savings.net_micro_dollars_a_month))) } }
                }
                tr {
                    th scope="row" { "Saved after that" }
                    td.number { strong { (dollars(Some(signed(savings.saved_micro_dollars_a_month)))) } }
                }
            }
        }
        @if !savings.complete { p { "What has no known price is left out of the sums." } }
    }
}
