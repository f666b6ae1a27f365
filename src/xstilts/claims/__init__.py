"""Claims about a study's results: reading them, checking them against the results, and showing the verdicts."""

from xstilts.claim_spec import Claim
from xstilts.claims.file import load_claims
from xstilts.claims.verdicts import Verdict, check_claims

__all__ = ["Claim", "Verdict", "check_claims", "load_claims"]
