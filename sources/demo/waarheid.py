def measure_kerncijfers(g): return {}
def schrijf_waarheid(*a): pass
