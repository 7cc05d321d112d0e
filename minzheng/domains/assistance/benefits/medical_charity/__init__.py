"""慈善助医: a part of what remains to be paid for treatment inside the catalogue."""
