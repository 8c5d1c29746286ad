"""Cap tables and figures as files: Open Cap Format packages in and out, workbooks with live formulas."""
