"""Papers in a household's file: scans and photographs, sealed at rest, read on record."""
