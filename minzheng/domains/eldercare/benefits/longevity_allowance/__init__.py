"""尊老金: respect paid by age, without an application."""
