"""Who may do what with which data for what, decided by Cedar: read once, sliced, never cached."""

from __future__ import annotations

from tocsin.accounting.policy.cedar import CedarPolicy, Closed, policy_of
from tocsin.accounting.policy.digest import digest_of, with_digest
from tocsin.accounting.policy.faults import find_faults

__all__ = ["CedarPolicy", "Closed", "digest_of", "find_faults", "policy_of", "with_digest"]
