"""The two subsidies of disabled people (残疾人两项补贴) as rules: a folder each, with `rule.py` and `parameters.yaml`. Free of Django.

What they share: `inputs` (what is known of people), `law` (the documents), `holders` (who holds a certificate here, and whether an
application is needed), `shared.yaml` (their parameters).
"""
