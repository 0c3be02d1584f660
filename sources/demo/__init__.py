"""The demo association: "Stichting Voorbeeldwonen" in the fictional city of Voorbeeldstad.

Belongs here: the latent world (``wereld``), its geography (``geografie``), what the
association would have recorded of it (``bezit``, ``huur``, ``zaken``, ``onderhoud``,
``beheer``, ``openbaar``), the writing of delivery files (``leveringen``), the truth kept
apart (``waarheid``) and the one public entry (``genereer.generate``).
Does not belong here: reading deliveries (``sources``), features, labels or models. Nothing
but the evaluation may read what ``waarheid`` writes.
"""
