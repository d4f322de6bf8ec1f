-- Returns the rows of one table of a report.
select candidate, actual, predicted, n_rows as "rows", round(share, 4) as share from ml_report_confusion
