"""Looking up what was published: the release's format, the API and the pages.

Belongs here: how a release folder is written and read (``release``), the ``/v1`` API (``api``)
and the Dutch pages (``pagina``).
Does not belong here: the warehouse (``dbt_project``), models, the computation of a score.
A release is made from the tables that ``release.schema`` names, and from nothing else.
"""
