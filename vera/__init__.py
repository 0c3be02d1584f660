"""The vocabulary of Buurtpeil: names that cross a border between rooms.

Belongs here: the shapes of the delivery contract, of a finding at a gate, code lists of
VERA that the code itself names, what personal data looks like, error classes. Standard
library only.
Does not belong here: logic (``sources``, ``expectations``), SQL (``dbt_project``).
"""
