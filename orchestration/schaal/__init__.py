"""Time and memory of the whole line at several sizes, each in a process of its own.

Belongs here: measuring one size (``stap``, ``proces``), and what follows from several
(``verslag``). Does not belong here: how fast the service is (``orchestration.snelheid``), or what a
step does.
"""
