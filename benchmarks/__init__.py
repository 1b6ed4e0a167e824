"""
What this package costs, each figure against a baseline that is measured in the same run.

``make bench`` runs all of them, ``python -m benchmarks edit_page`` one.
"""
