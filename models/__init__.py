"""Models: cohort, time splits, training, calibration, fairness, explanation, model cards.

Belongs here: scikit-learn estimators and their evaluation; one module is the door to MLflow.
Does not belong here: Dagster, file paths, the environment, features (``dbt_project``).
Empty until the risk models come in.
"""
