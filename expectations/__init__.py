"""Great Expectations, at the two borders only: what we refuse, and what we refuse to publish.

Belongs here: the rules of the gate in (:mod:`expectations.poort_in`) and of the gate out
(:mod:`expectations.poort_uit`), and the one door to Great Expectations
(:mod:`expectations.poort`).
Does not belong here: tests inside the warehouse (dbt has those), reading deliveries
(``sources``), stopping the run or showing it in Dagster (``orchestration``).
"""
