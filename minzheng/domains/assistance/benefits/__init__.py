"""The programmes of social assistance as rules: a folder each, with `rule.py` and `parameters.yaml`. Free of Django.

What several of them share: `inputs` (what is known of people), `law` (the documents), `counting` (who counts), `income` (what comes
in, deductions, supporters), `assets` (property), `shared.yaml` (their parameters).
"""
