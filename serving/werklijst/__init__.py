"""Worklists, scores and what runs in a place, over HTTP.

``dienst`` is what API and page share: which rows somebody sees, and how much of each. The rules
themselves are in ``serving.besluit.werklijst`` (ADR 0022), who may peek at a score is in
``score`` (ADR 0034), composing a list is ``orchestration.werklijst``.
"""
