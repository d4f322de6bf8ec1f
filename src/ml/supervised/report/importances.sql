-- Returns what a report says of the importances.
select candidate, feature, kind, round(importance, 4) as importance from ml_report_importances
