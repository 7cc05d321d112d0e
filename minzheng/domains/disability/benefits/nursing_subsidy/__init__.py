"""重度残疾人护理补贴: for those who need long-term care."""
