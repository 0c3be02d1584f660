"""The label outside SQL: the draws of step 7, step 9's distribution, and what is said of the method.

Belongs here: arrays in, arrays out. Does not belong here: what is published (``dbt_project``).
"""
