//! Reading: what a link shows. It writes nothing, for mail scanners open every link that they see.

use serde_json::Value;
use sunset_aws::ledger::LedgerError;
use sunset_aws::link_keys::LinkKeysError;
use sunset_domain::approval::approvers::Approvers;
use sunset_domain::approval::link::{Link, LinkKeys, Purpose, Token};
use sunset_domain::approval::page::decide::{Shown, confirm_end, known, usable};
use sunset_domain::approval::page::refused::{Kind, Refused};
use sunset_domain::approval::page::waiting::still_waits;
use sunset_domain::approval::vote::Vote;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::verify;
use sunset_domain::process::record::ProcessRecord;
use sunset_page::{
    Approval, FormError, FormOf, Page, Timeline, WaitingList, Waits, approval, respond, timeline, waiting,
};

use crate::refusal::{Asked, refuse, sentence};
use crate::settings::PageContext;

/// How long a link that only shows something works.
const SHOWN_SECONDS: u32 = 7 * 86_400;

/// A link whose signature is right, of somebody whom the policy file knows.
pub struct Opened {
    /// What it stands for.
    pub link: Link,
    /// The keys, for the links on the page.
    pub keys: LinkKeys,
}

/// Why a link was not opened, and the link itself where its signature is right.
pub struct Closed {
    /// Why.
    pub refused: Refused,
    /// The link.
    pub link: Option<Link>,
}

impl From<Refused> for Closed {
    fn from(refused: Refused) -> Self {
        Self { refused, link: None }
    }
}

/// Opens a link.
pub async fn open(context: &PageContext, token: &Token) -> Result<Opened, Closed> {
    let no_keys = |error: LinkKeysError| {
        tracing::error!(%error, "no link can be verified");
        Refused::unavailable()
    };
    let verified = context.keys.verify(token.as_str(), context.now()).await.map_err(no_keys)?;
    let link = verified.map_err(|bad| Closed { refused: Refused::from(&bad), link: bad.link().cloned() })?;
    let refused = |refused| Closed { refused, link: Some(link.clone()) };
    known(&link, approvers(context)?).map_err(refused)?;
    let keys = context.keys.get().await.map_err(no_keys)?;
    Ok(Opened { link, keys })
}

/// The policy file's people.
pub fn approvers(context: &PageContext) -> Result<&Approvers, Refused> {
    context.approvers.as_ref().map_err(|broken| {
        tracing::error!(broken, "nobody can be recognised");
        Refused::unavailable()
    })
}

/// Shows what a link leads to.
pub async fn read(context: &PageContext, source: &str, token: &Token, head: bool, done: bool) -> Value {
    let asked = Asked { source, token: None, link: None, head, allow: None };
    let opened = match open(context, token).await {
        Ok(opened) => opened,
        Err(closed) => {
            let token = closed.link.as_ref().map(|_| token);
            return refuse(context, Asked { token, link: closed.link.as_ref(), ..asked }, closed.refused).await;
        }
    };
    match show(context, &opened, token, done).await {
        Ok(page) => respond(&page, head),
        Err(refused) => refuse(context, Asked { token: Some(token), link: Some(&opened.link), ..asked }, refused).await,
    }
}

async fn show(context: &PageContext, opened: &Opened, token: &Token, done: bool) -> Result<Page, Refused> {
    let link = &opened.link;
    let Some(process_id) = &link.process_id else { return list(context, link).await };
    let (record, votes) = process(context, process_id, link.round).await?;
    match usable(link, &record, &votes, approvers(context)?, context.now())? {
        Shown::Timeline => trail(context, opened, &record, done).await,
        Shown::Form => document(context, opened, token, &record, Shows::Form).await,
        Shown::NoForm { because } => document(context, opened, token, &record, Shows::NoForm(because)).await,
    }
}

/// The process that a link is about, with the votes of its round.
pub async fn process(
    context: &PageContext,
    process_id: &ProcessId,
    round: u32,
) -> Result<(ProcessRecord, Vec<Vote>), Refused> {
    let found = context.processes.process(process_id).await.map_err(unavailable)?;
    let record = found.ok_or_else(|| Refused::link(Kind::Foreign))?;
    let votes = context.processes.votes(process_id, round).await.map_err(unavailable)?;
    Ok((record, votes))
}

/// What the ledger did not say is not known: nothing is shown instead.
pub fn unavailable(error: LedgerError) -> Refused {
    tracing::error!(%error, "the ledger could not be read");
    Refused::unavailable()
}

/// What stands at the end of the page.
pub enum Shows {
    /// The form, empty.
    Form,
    /// The form as it was filled in, and what is wrong with it.
    Again {
        /// What was typed as the end of the id.
        confirm: String,
        /// What was typed as the reason.
        reason: String,
        /// The field, and what would be right.
        error: (&'static str, String),
        /// The status that says so.
        status: u16,
    },
    /// Why there is no form.
    NoForm(String),
}

/// The page about one asking.
pub async fn document(
    context: &PageContext,
    opened: &Opened,
    token: &Token,
    record: &ProcessRecord,
    shows: Shows,
) -> Result<Page, Refused> {
    let Opened { link, keys } = opened;
    let now = context.now();
    let missing = |what: &str| {
        tracing::error!(process_id = %record.process_id, what, "the ledger does not hold it");
        Refused::unavailable()
    };
    let number = record.approved_assessment.unwrap_or(record.assessment);
    let assessment = context.processes.assessment(&record.process_id, number).await.map_err(unavailable)?;
    let assessment = assessment.ok_or_else(|| missing("assessment"))?;
    let plan = context.processes.plan(&record.process_id, record.plan).await.map_err(unavailable)?;
    let plan = plan.ok_or_else(|| missing("plan"))?;
    let votes = context.processes.all_votes(&record.process_id).await.map_err(unavailable)?;
    let address = |token: &str| format!("?l={token}");
    let until = now.plus_seconds(SHOWN_SECONDS);
    let sign = |link: &Link| keys.sign(link, now).map(|token| address(&token)).map_err(cannot_sign);
    let timeline_url = sign(&Link::timeline(&link.person, &record.process_id, until))?;
    let waiting_url = sign(&Link::waiting(&link.person, until))?;
    let action = address(token.as_str());
    let form_token = keys.form_token(token.as_str(), now);
    let (mut typed, mut error, mut because, mut status) = (("", ""), None, None, 200);
    match &shows {
        Shows::Form => {}
        Shows::Again { confirm, reason, error: (field, message), status: wrong } => {
            typed = (confirm, reason);
            error = Some((*field, sentence(message)));
            status = *wrong;
        }
        Shows::NoForm(why) => because = Some(sentence(why)),
    }
    let form = because.is_none().then(|| FormOf {
        action: &action,
        form_token: &form_token,
        confirm_end: confirm_end(&record.resource),
        reason: typed.1,
        answer: None,
        confirm: typed.0,
    });
    let mut page = approval(&Approval {
        record,
        assessment: &assessment,
        plan: &plan,
        votes: &votes,
        person: &link.person,
        purpose: link.purpose,
        now,
        form,
        no_form_because: because.as_deref(),
        timeline_url: &timeline_url,
        waiting_url: &waiting_url,
        error: error.as_ref().map(|(field, message)| FormError { field, message }),
    });
    page.status = status;
    Ok(page)
}

/// A link that cannot be signed is a defect, and no reason to show half a page.
pub fn cannot_sign(error: sunset_domain::approval::link::CannotSign) -> Refused {
    tracing::error!(%error, "a link could not be signed");
    Refused::unavailable()
}

async fn trail(context: &PageContext, opened: &Opened, record: &ProcessRecord, done: bool) -> Result<Page, Refused> {
    let Opened { link, keys } = opened;
    let now = context.now();
    let assessment = context.processes.assessment(&record.process_id, record.assessment).await.map_err(unavailable)?;
    let votes = context.processes.all_votes(&record.process_id).await.map_err(unavailable)?;
    let events = context.processes.audit_events(&record.process_id).await.map_err(unavailable)?;
    let defects = verify(&record.process_id, &events, &record.audit);
    let token = keys.sign(&Link::waiting(&link.person, now.plus_seconds(SHOWN_SECONDS)), now).map_err(cannot_sign)?;
    Ok(timeline(&Timeline {
        record,
        assessment: assessment.as_ref(),
        votes: &votes,
        events: &events,
        defects: &defects,
        person: &link.person,
        now,
        done,
        waiting_url: &format!("?l={token}"),
    }))
}

/// Where a browser is sent after an answer: to the process, where reloading sends nothing again.
pub fn after(context: &PageContext, opened: &Opened, process_id: &ProcessId) -> Result<String, Refused> {
    let now = context.now();
    let link = Link::timeline(&opened.link.person, process_id, now.plus_seconds(SHOWN_SECONDS));
    Ok(format!("?l={}&done=1", opened.keys.sign(&link, now).map_err(cannot_sign)?))
}

async fn list(context: &PageContext, link: &Link) -> Result<Page, Refused> {
    if link.purpose != Purpose::Waiting {
        return Err(Refused::link(Kind::Foreign));
    }
    let now = context.now();
    let (asked, more) = context.processes.waiting(&link.person).await.map_err(unavailable)?;
    let mut found = Vec::with_capacity(asked.len());
    for waiting in asked {
        if waiting.person != link.person || waiting.deadline <= now {
            continue;
        }
        let Some(record) = context.processes.process(&waiting.process_id).await.map_err(unavailable)? else { continue };
        let votes = context.processes.votes(&waiting.process_id, waiting.round).await.map_err(unavailable)?;
        if still_waits(&waiting, &record, &votes, now) {
            found.push((record, waiting.deadline));
        }
    }
    found.sort_by_key(|(_, deadline)| *deadline);
    // The list has no links: one that shows what waits must not be one that answers it.
    let items: Vec<Waits<'_>> =
        found.iter().map(|(record, deadline)| Waits { record, deadline: *deadline, url: None }).collect();
    Ok(waiting(&WaitingList { person: &link.person, items: &items, now, more }))
}
