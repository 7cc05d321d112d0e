"""统计月报: the bureau's monthly tables, balanced, confirmed by a second person, locked, and corrected only by visible revisions."""
