"""Risk models: the mathematics that overlast and woonfraude share.

Belongs here: estimators, splits in time, metrics, calibration, explanation, uncertainty; arrays
in, arrays out. Does not belong here: features and targets (``dbt_project``), what one domain alone
knows (``models/overlast``, ``models/woonfraude``), MLflow (``models/registry.py``).
"""
