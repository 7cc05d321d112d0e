"""进展报告: made as a job, read with all its frozen figures, taken out as Word, PDF or Excel."""
