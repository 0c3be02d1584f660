"""Maatregelen: what they do to the number of reports.

Belongs here: estimates of effect and of what can be measured at all; arrays in, arrays out. Does
not belong here: the register of maatregelen (``dbt_project``), predicting who needs one
(``models/overlast``).
"""
