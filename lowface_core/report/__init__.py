"""``lowface report``: what training runs and evaluations left behind, as one page to hand on.

``sources`` reads the folders, ``summaries`` makes tables of them, ``charts`` curves, ``galleries`` picture grids;
``page`` puts these into one HTML file, ``export`` writes the tables as Markdown, CSV and LaTeX, ``write`` does it all.
Nothing here imports torch.
"""
