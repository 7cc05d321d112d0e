"""江苏其他类困境儿童生活费: the province's other classes, as parts of the scattered orphans' standard."""
