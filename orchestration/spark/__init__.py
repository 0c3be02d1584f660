"""The same dbt project on Spark, and whether it says the same as DuckDB.

Belongs here: what a run on the second target needs, and the comparison. The SQL that differs
per engine is in dispatched macros of ``dbt_project``; nothing here knows SQL of a model.
"""
