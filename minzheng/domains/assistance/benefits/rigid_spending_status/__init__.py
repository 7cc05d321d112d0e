"""刚性支出困难家庭: a status without money."""
