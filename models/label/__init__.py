"""The label outside SQL: draws, signals, and what is said of the method as a whole.

Belongs here: arrays in, arrays out. Does not belong here: what is published (``dbt_project``).
"""
