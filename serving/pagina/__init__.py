"""The Dutch pages: search, map, label card, areas, method. Server-rendered, no JavaScript.

Belongs here: templates, the style sheet, drawings (SVG), sentences in plain Dutch.
Does not belong here: reading the store (``serving.release.winkel``), data over HTTP
(``serving.api``).
"""
