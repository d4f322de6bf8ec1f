-- Returns whether no whole number of a column is beyond $1 in size.
select coalesce(max(abs({{ column | ident }}::hugeint)) <= $1, true) as is_exact from {{ table }}
