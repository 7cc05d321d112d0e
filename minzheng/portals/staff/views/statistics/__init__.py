"""统计月报: months, a month by programme and place, balance checks, down to rows; preparing, confirming, correcting."""
