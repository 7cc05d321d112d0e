"""养老护理补贴: for elders in need who cannot care for themselves."""
