-- Fails where nothing can be read at a place. `location`: path or URL.
select 1 from {{ location | literal }} where false
