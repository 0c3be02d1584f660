"""Overlast: the chance that nuisance around a complex escalates within six months.

Belongs here: what is particular to this prediction (cohort, rule, training, evaluation). Does not
belong here: mathematics that woonfraude shares (``models/risico``), features (``dbt_project``).
"""
