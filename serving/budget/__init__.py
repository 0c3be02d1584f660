"""A proposal for dividing the budget of liveability over areas, by a rule that is printed with it.

Belongs here: the rule, what it reads of a release and of last year's budget, the API and the page.
Does not belong here: the label itself. A proposal is not published and decides nothing.
"""
