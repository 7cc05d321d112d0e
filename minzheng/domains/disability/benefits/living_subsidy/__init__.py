"""困难残疾人生活补贴: a part of the 低保 standard, by kind of need."""
