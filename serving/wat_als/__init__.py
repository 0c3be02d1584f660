"""What-if: the labels that other weights of themes would give, from what a release holds.

Belongs here: the arithmetic on arrays, what of an exact score may be in a release for it, the
file in the release, the question. Nothing here changes or publishes a label.
Does not belong here: HTTP (``serving.api.wat_als``), HTML (``serving.pagina.wat_als``).
"""
