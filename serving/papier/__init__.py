"""Papers that others need of an algorithm: made from the facts of a run, never written by hand.

Belongs here: the register of algorithms, the input of a DPIA, the register of processing, and the
answer to "why this label". Does not belong here: gathering the facts (``orchestration.papieren``),
the model card (``models.risico.modelkaart``), showing any of it (``serving.pagina``).

Source: design paper on trust, "Transparency"; AVG art. 13, 30 and 35.
"""
