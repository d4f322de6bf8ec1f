-- Notes which tests a report is about. $1 unique ids of tests, as a JSON list.
insert into quality_selected
select unnest(from_json($1, '["varchar"]'))
