"""
Signals that other apps can listen to.

A receiver's exception is logged and swallowed: a run is not lost because of a listener.
"""

from django.dispatch import Signal

run_finished = Signal()
"""
Sent once for each run that has reached a final status.

Arguments: ``sender`` is the class of the run, ``run`` the history row.
"""

run_decided = Signal()
"""
Sent when a person has decided what becomes of an output.

Arguments: ``sender`` is the class of the run, ``run`` the history row.
"""
