"""特困人员供养: basic living and care for those who have nothing and nobody."""
