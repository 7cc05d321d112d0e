"""The allowances of elders as rules: a folder each, with `rule.py` and `parameters.yaml`. Free of Django.

What they share: `inputs` (what is known of people), `means` (who is an elder of this city, economic class, assessment),
`shared.yaml` (their parameters).
"""
