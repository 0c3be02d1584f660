"""Open data from the publishers' own addresses, made into the files that the readers take.

Belongs here: asking politely (``klant``), keeping what was answered (``voorraad``), OData of CBS
(``odata``), which areas are asked (``regio``), one module per publisher, and laying a file with the
deliveries when the reader takes it (``levering``).
Does not belong here: reading such files (:mod:`sources.uitgever`), settings and the clock
(``orchestration``). Nothing here runs unless somebody asks for it.
"""

from __future__ import annotations
