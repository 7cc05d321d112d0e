"""养老服务补贴: services for elders in need, as money by class and grade."""
