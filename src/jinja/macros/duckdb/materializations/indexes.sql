{#- Indexes of tables: `indexes: [{columns: […], unique: true}]`. -#}

{#- The name of an index has the time in it, for the index of the table before may still be there. -#}
{% macro duckdb__get_create_index_sql(relation, index_dict) -%}
  {%- set index = adapter.parse_index(index_dict) -%}
  {%- set unique = index.unique | default(false) -%}
  {%- set moment = run_started_at | string ~ py_current_timestring() -%}
  {%- set name = local_md5((index.columns + [relation.render(), unique | string, moment]) | join('_')) -%}
create {% if unique %}unique {% endif %}index "{{ name }}" on {{ relation }} ({{ index.columns | join(', ') }})
{%- endmacro %}

{% macro drop_indexes_on_relation(relation) %}
  {%- call statement('get_indexes_on_relation', fetch_result=true, auto_begin=false) -%}
select index_name
from duckdb_indexes()
where database_name = '{{ relation.database }}'
  and schema_name = '{{ relation.schema }}'
  and table_name = '{{ relation.identifier }}'
  {%- endcall -%}
  {%- for row in load_result('get_indexes_on_relation').table -%}
    {%- call statement('drop_index', auto_begin=false) -%}
drop index "{{ relation.database }}"."{{ relation.schema }}"."{{ row[0] }}"
    {%- endcall -%}
  {%- endfor -%}
{% endmacro %}
