-- Returns the rows of one table of a report.
select * from ml_report_params
