"""Who may have an export and until when, for whoever finds the file later."""

from __future__ import annotations

from tocsin.accounting.approvals import Export


def slip_of(approved: Export) -> str:
    """The page APPROVAL.md of an export's file."""
    agreed = "\n".join(f"- {vote.role}, {vote.office}: entry {vote.entry} of the ledger" for vote in approved.approvals)
    until = approved.expires.strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"# Approval\n\nExport {approved.id}, for {approved.recipient}, for the purpose {approved.purpose} on the "
        f"basis {approved.basis}. It is to be deleted by {until}.\n\nAgreed to by:\n\n{agreed}\n"
    )
