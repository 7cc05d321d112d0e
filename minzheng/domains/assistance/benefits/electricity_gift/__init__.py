"""冬暖夏凉: a gift towards the electricity bill."""
