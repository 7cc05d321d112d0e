"""Accounts and the three administrators (等保“三员”): who opens them, who grants, who looks afterwards."""
