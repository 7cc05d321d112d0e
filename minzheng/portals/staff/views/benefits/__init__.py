"""待遇发放: runs, why an amount is what it is, reviews, claims, pauses, the matrix."""
