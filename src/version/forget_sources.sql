-- Removes what a record of ingestion says of some sources. relation; sources (source and table each).
delete from {{ relation }}
where {% for of in sources %}(source = {{ of.source | literal }} and table_name = {{ of.table | literal }}){{ " or " if not loop.last }}{% endfor %}
