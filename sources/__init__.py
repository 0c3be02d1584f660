"""How deliveries get in.

Belongs here: the delivery contract, readers, pseudonymisation, quarantine, landing, and the
generator of the demo association (``sources.demo``).
Does not belong here: refusing a delivery (``expectations``), transformation (``dbt_project``).
"""
