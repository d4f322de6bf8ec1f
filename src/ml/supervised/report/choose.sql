-- Names the version a report is about. $1 model (text), $2 version (integer).
create or replace temp table ml_chosen as
select $1::varchar as model, $2::integer as version
