"""A study's models and tables in the form that others read. Submissions to benchmarks: `xstilts.submission`."""
