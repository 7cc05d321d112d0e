"""The living allowances of children as rules: a folder each, with `rule.py` and `parameters.yaml`. Free of Django.

What they share: `inputs` (what is known of a child and its parents), `law` (the documents), `counting` (who is a child here, the
chain from the institution's standard to the others), `shared.yaml` (their parameters).
"""
