"""Feeds whose rows are a register's: what came in is carried into 机构台账 and 设施台账."""
