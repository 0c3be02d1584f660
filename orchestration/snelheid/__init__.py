"""How fast the service is: a made release, servers to compare with, load, ratios within one run.

Belongs here: measuring the running service from outside. Does not belong here: the service itself
(``serving``), how long a run takes (``orchestration.cli.bench``).
"""
