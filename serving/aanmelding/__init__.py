"""Who somebody is, as their own organisation's OpenID provider says it (ADR 0032)."""
