"""台账 that this room brings."""
