select 1 as id -- a comment at the end
