"""``lowface report``: what training runs and results left behind, as one page to hand on.

``inputs`` reads the folders; ``summaries`` asks each kind of result for its tables and charts (``result_report`` is
what a kind extends); ``charts`` draws curves, ``galleries`` makes picture grids; ``export`` writes the tables as
Markdown, CSV and LaTeX, ``write`` puts everything into one HTML file and does it all.
Nothing here imports torch.
"""

#: What a report can be written as; the first is the page, the others hold its tables.
FORMATS = ("html", "md", "csv", "latex")
