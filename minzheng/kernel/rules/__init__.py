"""Rules as code: one text for one citizen at the counter and the whole city at night. Free of Django.

`language` says what a rule is, `arithmetic` what its formulas may do, `evaluation` runs it on Polars, DuckDB or Spark,
`explanation` puts one household's result into words, `inputs` names what is known of people.
"""
