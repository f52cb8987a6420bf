"""Statistics of the study: from tables of runs to intervals, comparisons and verdicts."""
