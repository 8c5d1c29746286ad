"""Cap tables to and from the Open Cap Format 1.2.0, and figures as workbooks whose formulas a spreadsheet recomputes.

``reading.read`` turns the files of a package into the events of ``portal.planning.equity.events`` and says what they
cannot carry; ``writing.write`` does the reverse. Nothing here touches a disk: a package is a mapping of file names to
what was read of them.
"""
