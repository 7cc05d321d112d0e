"""Reports of the plan: figures frozen at the moment they were asked for, words from templates, the same paper as Word, PDF and Excel."""
