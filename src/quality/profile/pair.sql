-- The second of two classes as 1, the first as 0; an expression.
(_wh_split = (select max(split) from profile_splits))::integer::double
