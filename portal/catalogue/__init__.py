"""The catalogue for people: pages to browse its tables, edits with history, imports of prices."""
