"""The look-up API under ``/v1``: prepared answers of the current release over HTTP.

Belongs here: routes, problem+json, headers, the OpenAPI document.
Does not belong here: what an answer says (``serving.release.weergave``), HTML
(``serving.pagina``), any computation of a score.
"""
