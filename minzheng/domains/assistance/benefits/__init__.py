"""The programmes of social assistance as rules: a folder each, with `rule.py` and `parameters.yaml`. Free of Django.

What several of them share: `inputs` (what is known of people), `counting` (who counts), `means` (income, deductions, supporters), `property` (assets).
"""
