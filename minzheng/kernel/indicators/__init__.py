"""Indicators: the yearly plan, alive. A figure is its rows: numerator, denominator, unit, and the rows themselves."""
