"""最低生活保障: the household's income is topped up to the standard."""
