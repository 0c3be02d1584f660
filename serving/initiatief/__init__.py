"""The register of bewonersinitiatieven: what residents do for their place, with its budget.

Belongs here: the words, the store, and its routes and pages. Does not belong here: the indicator
that counts them (dbt, from the delivery ``wijkbeheer.bewonersinitiatief``); how the register
becomes that delivery, and a delivery comes into the register, is ``orchestration.initiatief``.

Source: design paper on the mission ("Meedoen en invloed"); ADR 0030.
"""
