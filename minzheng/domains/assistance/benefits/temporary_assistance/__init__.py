"""临时救助: an amount for one grant."""
