"""台账: the one list, record, form and export that serve every register."""
