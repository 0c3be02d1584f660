"""The service as a process: counting and telling what it does, whether it is ready, its workers.

Belongs here: figures for those who run it (``meting``), its log of requests and errors
(``verslag``), the layer that feeds both (``waarneming``), the addresses where they are asked
(``loket``) and starting it (``draaien``). Does not belong here: what is answered (``serving.api``,
``serving.pagina``), who read what that is restricted (``serving.leeslog``).
"""
