def schrijf_openbaar(*a): return {}
