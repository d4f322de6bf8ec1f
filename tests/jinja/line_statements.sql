# for x in y
## comment
  % if
select 1 -- # no
