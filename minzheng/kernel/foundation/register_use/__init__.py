"""How registers are used: saved views, and what goes on record."""
