"""The result model through templates: one self-contained HTML page, one LaTeX article."""
