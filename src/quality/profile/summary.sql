-- Returns the summary of a profile, one column a row, in the columns' order.
select
    columns.column_name as "column",
    columns.data_type as "type",
    columns.n_missing as missing,
    columns.n_distinct as "distinct",
    columns.minimum as "min",
    round(columns.quartiles[1], 4) as q1,
    round(columns.quartiles[2], 4) as median,
    round(columns.mean, 4) as mean,
    round(columns.quartiles[3], 4) as q3,
    columns.maximum as "max",
    round(columns.sd, 4) as sd,
    most.top
from profile_columns as columns
left join (
    select column_name, string_agg(value || ' (' || n_value || ')', ', ' order by rank) as top
    from (select distinct column_name, value, n_value, rank from profile_values where rank <= 3)
    group by column_name
) as most on columns.column_name = most.column_name
order by columns.position
