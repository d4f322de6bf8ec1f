{#- A table that lies in a file: written there, and read through a view. -#}

{% materialization external, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set location = render(config.get('location', default=external_location(this, config))) -%}
  {%- set options = render_write_options(config) -%}
  {%- set write_options = adapter.external_write_options(location, options) -%}
  {%- set format = wh__external_format(options) -%}
  {%- set read_location = adapter.external_read_location(location, options) -%}
  {%- set language = model['language'] or 'sql' -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set temp_relation = make_intermediate_relation(this.incorporate(type='table'), suffix='__dbt_tmp') -%}
  {%- do drop_relation_if_exists(load_cached_relation(temp_relation)) -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks, inside_transaction=true) -}}
  {%- do adapter.ensure_transaction() -%}
  {%- call statement('create_table', language=language) -%}
    {{- create_table_as(false, temp_relation, compiled_code, language) -}}
  {%- endcall -%}
  {%- set columns = adapter.get_columns_in_relation(temp_relation) -%}
  {%- set is_empty = run_query('select count(*) from ' ~ temp_relation)[0][0] == 0 -%}
  {#- A file without rows would have no types: it gets a row of nulls, which the view leaves out. -#}
  {%- if is_empty -%}
    {%- call statement('one_row') -%}
insert into {{ temp_relation }} values ({% for column in columns %}null{% if not loop.last %}, {% endif %}{% endfor %})
    {%- endcall -%}
  {%- endif -%}
  {{- write_to_file(temp_relation, location, write_options) -}}
  {%- if existing_relation is not none and not existing_relation.is_view -%}
    {%- do adapter.drop_relation(existing_relation) -%}
  {%- endif -%}
  {%- call statement('main') -%}
create or replace view {{ target_relation }} as (
  select * from read_{{ format }}('{{ read_location }}'{{ wh__external_read_options(format, options) }})
    {%- if is_empty %}
  where true{% for column in columns %} and {{ column.quoted }} is not null{% endfor %}
    {%- endif %}
)
  {%- endcall -%}
  {%- do adapter.drop_relation(temp_relation) -%}
  {{- run_hooks(post_hooks, inside_transaction=true) -}}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {%- do adapter.commit() -%}
  {%- if config.get('glue_register', default=false) -%}
    {%- do store_relation('glue|' ~ config.get('glue_database', 'default'), target_relation, location, format, config) -%}
  {%- elif config.get('plugin') is not none -%}
    {%- do store_relation(config.get('plugin'), target_relation, location, format, config) -%}
  {%- endif -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}

{% macro wh__external_format(options) %}
  {%- set allowed = ['csv', 'parquet', 'json'] -%}
  {%- set configured = config.get('format') -%}
  {%- if configured and configured not in allowed -%}
    {%- do exceptions.raise_compiler_error('Invalid format: ' ~ configured ~ '. Allowed formats are: ' ~ allowed | join(', ')) -%}
  {%- endif -%}
  {%- set written = configured or options['format'] | lower -%}
  {%- do return(written if written in allowed else 'parquet') -%}
{% endmacro %}

{#- The reader's arguments after the location; a compression that was written is told to it, for it knows few suffixes. -#}
{% macro wh__external_read_options(format, options) -%}
  {%- set defaults = {'parquet': {'union_by_name': false}, 'json': {'auto_detect': true}, 'csv': {'auto_detect': true}} -%}
  {%- set given = dict(config.get(format ~ '_read_options', defaults[format])) -%}
  {%- if format != 'parquet' and options.get('compression') and 'compression' not in given -%}
    {%- do given.update({'compression': options['compression']}) -%}
  {%- endif -%}
  {%- for key, value in given.items() -%}
, {{ key }}={% if value is string %}'{{ value }}'{% else %}{{ value }}{% endif %}
  {%- endfor -%}
{%- endmacro %}

{% macro location_exists(location) %}
  {%- do return(adapter.location_exists(location)) -%}
{% endmacro %}

{% macro write_to_file(relation, location, options) -%}
  {%- call statement('write_to_file') -%}
copy {{ relation }} to '{{ location }}' ({{ options }})
  {%- endcall -%}
{%- endmacro %}

{% macro render_write_options(config) %}
  {%- set options = config.get('options', {}) -%}
  {%- if options is not mapping -%}
    {%- do exceptions.raise_compiler_error('The options argument must be a dictionary') -%}
  {%- endif -%}
  {%- set rendered = {} -%}
  {%- for key, value in options.items() -%}
    {%- do rendered.update({key: render(value | string)}) -%}
  {%- endfor -%}
  {%- for key in ['format', 'delimiter'] if config.get(key) -%}
    {%- do rendered.update({key: render(config.get(key))}) -%}
  {%- endfor -%}
  {%- do return(rendered) -%}
{% endmacro %}
