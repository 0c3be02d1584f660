"""Woonfraude: the chance that one inspection in a complex confirms a case.

Belongs here: what is particular to this prediction (cohort, rule, training, evaluation). Does not
belong here: mathematics that overlast shares (``models/risico``), features (``dbt_project``).
"""
