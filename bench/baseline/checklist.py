"""The decommissioning checklist as far as it is known when a plan is made."""

ITEMS = (
    ("pre-1", "pre_decommissioning", "machine", "Verify resource identification and ownership",
     "EC2 shows the resource in this account, and a tag or ResourceTracking names its owner"),
    ("pre-2", "pre_decommissioning", "person", "Confirm business justification for decommissioning",
     "the reason given justifies that the resource goes"),
    ("pre-3", "pre_decommissioning", "machine", "Complete impact assessment and risk analysis",
     "the assessment read every source completely, and nothing in it blocks"),
    ("pre-4", "pre_decommissioning", "machine", "Obtain required approvals and sign-offs",
     "the approved hash is the hash of the newest plan"),
    ("pre-5", "pre_decommissioning", "person", "Schedule decommissioning window",
     "the time is fit: what can be taken back follows the approval, and what cannot begins only in a change window"),
    ("pre-6", "pre_decommissioning", "machine", "Notify affected stakeholders",
     "the record says that the notice of the newest asking, or of the approval by rule, went out"),
    ("data-1", "data_protection", "person", "Identify data retention requirements",
     "it is known how long what the resource holds has to be kept"),
    ("data-2", "data_protection", "machine", "Create necessary data backups",
     "the plan's backup step is recorded as done; without one, a person attests that none is needed"),
    ("data-3", "data_protection", "machine", "Verify backup integrity and accessibility",
     "the plan's verification step is recorded as done: complete, same size, same encryption (C113)"),
    ("data-4", "data_protection", "machine", "Document data archival locations",
     "the backup step's record names the backup"),
    ("data-5", "data_protection", "person", "Confirm compliance with retention policies",
     "the time that backups are kept satisfies every policy that applies"),
    ("dep-1", "dependency_management", "machine", "Map all resource dependencies",
     "the assessment read every source of dependents completely"),
    ("dep-2", "dependency_management", "machine", "Identify dependent services and applications",
     "the assessment names each dependent, or none after reading every source"),
    ("dep-3", "dependency_management", "person", "Plan for dependency migration or updates",
     "every dependent has somewhere to go, or may fail"),
    ("dep-4", "dependency_management", "person", "Test dependency changes in non-production",
     "what the dependents change to was tried where it does no harm"),
    ("dep-5", "dependency_management", "machine", "Prepare rollback procedures",
     "the checker finds no error: every reversible step has its way back"),
    ("exe-1", "execution", "machine", "Follow planned decommissioning sequence",
     "the ledger's step records are the plan's steps, begun in its order"),
    ("exe-2", "execution", "machine", "Monitor for errors or unexpected issues",
     "every step's record holds what went wrong with it, if anything did"),
    ("exe-3", "execution", "machine", "Validate each step before proceeding",
     "no step was begun before every earlier one was proved done"),
    ("exe-4", "execution", "machine", "Document any deviations from plan",
     "skipped, repeated, failed and taken back steps, an ended soak and a person's decisions are recorded"),
    ("exe-5", "execution", "person", "Maintain communication with stakeholders",
     "those whom it concerns were kept informed beyond the notices that were sent"),
    ("post-1", "post_decommissioning", "machine", "Verify successful resource removal",
     "EC2 was asked until it showed the resource as gone"),
    ("post-2", "post_decommissioning", "person", "Confirm cost savings achievement",
     "the bill of the next billing cycle shows the estimated savings"),
    ("post-3", "post_decommissioning", "person", "Update documentation and inventory",
     "documents, diagrams, inventories and code no longer name the resource"),
    ("post-4", "post_decommissioning", "person", "Conduct lessons learned review",
     "the report's lessons were filled in and shared"),
    ("post-5", "post_decommissioning", "machine", "Archive process documentation",
     "the report is stored; the ledger and the audit trail do not expire"),
)


def answers(book, assessment, record, findings):
    """How far each item is, and what that stands on."""
    resource = f"{book['resource']['resource_type']} {book['resource']['resource_id']}"
    dependents = [f"{one['kind']} {one['id']} {one['relation']}" for one in assessment["observation"]["dependents"]]
    read = f"{len(assessment['observation']['coverages'])} sources were read completely"
    back = sum(1 for step in book["steps"] if step["rollback"])
    errors = [one["message"] for one in findings if one["severity"] == "error"]
    ledger, later = ("open", "the ledger will show it"), ("open", "comes after the process")

    def attested(what):
        return "attested_needed", f"{what}: who approves the plan attests it"

    def about_dependents(what):
        return attested(what) if dependents else ("not_applicable", "nothing depends on it")

    assessed = f"assessment {assessment['number']}: risk {assessment['level']}, {assessment['score']} points"
    complete = "done" if assessment["evidence_complete"] else "open"
    return [
        ("done", f"{resource} exists, and is owned by {record['resource_owner']}")
        if record["resource_owner"]
        else ("open", f"{resource} exists, and nothing names its owner"),
        attested(f"{record['initiator']} gives as reason \"{record['reason']}\""),
        (complete, assessed),
        ("open", "not approved"),
        attested("its irreversible steps begin only in a change window"),
        ("open", "nobody was told yet"),
        attested("how long its data has to be kept"),
        ("open", "create-image will do it"),
        ("open", "verify-backup will do it"),
        ("open", "the record of create-image will name it"),
        attested(f"backups are kept for {book['backup_retention_days']} days"),
        (complete, read),
        (complete, "; ".join(dependents) or "nothing depends on it"),
        about_dependents("what depends on it goes on without it, or may fail"),
        about_dependents("what its dependents change to was tried elsewhere first"),
        ("open", errors[0]) if errors else ("done", f"{back} steps before the soak can be taken back"),
        ledger,
        ledger,
        ledger,
        ledger,
        later,
        ("open", "is looked for once the steps are taken"),
        later,
        later,
        later,
        ("open", "the report is stored at the end"),
    ]


def when_planned(book, assessment, record, findings):
    return [
        {"id": name, "group": group, "text": text, "checked_by": by, "how": how, "state": state, "evidence": evidence}
        for (name, group, by, text, how), (state, evidence) in zip(ITEMS, answers(book, assessment, record, findings))
    ]
