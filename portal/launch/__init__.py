"""Set-up and start: what happens before Django runs. Standard library only, so that starting stays quick.

``python -m portal.launch install`` brings everything up to date, ``python -m portal.launch start`` also runs it.
"""
