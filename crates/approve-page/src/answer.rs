//! Answering: the one thing that the page changes, and only by adding a vote.

use serde_json::{Value, json};
use sunset_domain::approval::link::Token;
use sunset_domain::approval::page::decide::may_answer;
use sunset_domain::approval::page::form::Form;
use sunset_domain::approval::page::refused::{Kind, Refused};
use sunset_domain::approval::vote::Vote;
use sunset_page::{redirect, respond};

use crate::read::{Opened, Shows, after, approvers, document, open, process, unavailable};
use crate::refusal::{Asked, allows, note, refuse};
use crate::settings::PageContext;

/// How often a vote is written anew because somebody else wrote the process at the same moment.
const TRIES: u32 = 5;

/// Takes an answer, and sends the browser to what became of it.
pub async fn answer(context: &PageContext, source: &str, token: &Token, form: &Form) -> Value {
    let asked = Asked { source, token: None, link: None, head: false, allow: None };
    let opened = match open(context, token).await {
        Ok(opened) => opened,
        Err(closed) => {
            let token = closed.link.as_ref().map(|_| token);
            return refuse(context, Asked { token, link: closed.link.as_ref(), ..asked }, closed.refused).await;
        }
    };
    let asked = Asked { token: Some(token), link: Some(&opened.link), ..asked };
    match take(context, &opened, token, form).await {
        Ok(location) => redirect(&location),
        Err(refused) if matches!(refused.kind, Kind::Confirm | Kind::Reason) => {
            let told = note(context, asked, refused).await;
            match again(context, &opened, token, form, &told).await {
                Ok(answer) => answer,
                Err(refused) => refuse(context, asked, refused).await,
            }
        }
        Err(refused) => refuse(context, asked, refused).await,
    }
}

async fn take(context: &PageContext, opened: &Opened, token: &Token, form: &Form) -> Result<String, Refused> {
    if !allows(context, token).await.map_err(unavailable)? {
        return Err(Refused::rate());
    }
    let link = &opened.link;
    let process_id = link.process_id.as_ref().ok_or_else(|| Refused::link(Kind::Foreign))?;
    if !opened.keys.check_form(token.as_str(), form.form_token.as_str(), context.now()) {
        return Err(Refused::form());
    }
    let mut tried: Vec<Vote> = Vec::new();
    for _ in 0..TRIES {
        let (before, votes) = process(context, process_id, link.round)
            .await
            .map_err(|refused| if tried.is_empty() { refused } else { Refused::unknown() })?;
        // The answer to an earlier try was lost, not the vote.
        if votes.iter().any(|vote| tried.contains(vote)) {
            return after(context, opened, process_id);
        }
        let now = context.now();
        let vote = may_answer(link, form, &before, &votes, approvers(context)?, now)?.vote;
        let data = json!({"vote": vote});
        let actor = format!("person:{}", link.person);
        match context.processes.cast(&before, &vote, &actor, now, data).await {
            Ok(_) => {
                tracing::info!(%process_id, person = link.person, answer = ?vote.answer, round = vote.round, "voted by link");
                return after(context, opened, process_id);
            }
            Err(error) => {
                tracing::warn!(%process_id, person = link.person, %error, "the vote is tried again");
                tried.push(vote);
            }
        }
    }
    Err(Refused::unknown())
}

/// The page again, with what was typed and what was wrong with it.
async fn again(
    context: &PageContext,
    opened: &Opened,
    token: &Token,
    form: &Form,
    refused: &Refused,
) -> Result<Value, Refused> {
    let Some((field, process_id)) = refused.field().zip(opened.link.process_id.as_ref()) else {
        return Err(refused.clone());
    };
    let (record, _) = process(context, process_id, opened.link.round).await?;
    let shows = Shows::Again {
        confirm: form.confirm.clone(),
        reason: form.reason.clone().unwrap_or_default(),
        error: (field, refused.message.clone()),
        status: refused.status,
    };
    Ok(respond(&document(context, opened, token, &record, shows).await?, false))
}
