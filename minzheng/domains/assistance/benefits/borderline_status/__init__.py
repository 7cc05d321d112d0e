"""低保边缘家庭: a status without money."""
