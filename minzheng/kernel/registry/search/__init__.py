"""Finding known people by name, pinyin, digits of the ID number, and address (docs/adr/0004-search.md)."""
