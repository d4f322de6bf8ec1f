{#- Relations that are files. -#}

{% macro external_location(relation, config) -%}
  {%- set location = adapter.external_root() ~ '/' ~ relation.identifier -%}
  {%- if config.get('options', {}).get('partition_by') is none -%}
    {{- location }}.{{ config.get('format', 'parquet') -}}
  {%- else -%}
    {{- location -}}
  {%- endif -%}
{%- endmacro %}

{% macro store_relation(plugin, relation, location, format, config) -%}
  {%- do adapter.store_relation(plugin, relation, adapter.get_columns_in_relation(relation), location, format, config) -%}
{%- endmacro %}

{#- Makes views of the files that external models outside of the selection wrote before. -#}
{% macro register_upstream_external_models() -%}
  {%- if execute -%}
    {%- set seen = [] -%}
    {%- set schemas = [] -%}
    {%- for node in selected_resources if node in graph['nodes'] -%}
      {%- for id in graph['nodes'][node]['depends_on']['nodes'] if id not in seen and id not in selected_resources -%}
        {%- do seen.append(id) -%}
        {%- set upstream = graph['nodes'].get(id) -%}
        {%- if upstream and upstream.resource_type in ('model', 'seed') and upstream.config.materialized == 'external' -%}
          {%- set relation = api.Relation.create(database=upstream['database'], schema=upstream['schema'], identifier=upstream['alias']) -%}
          {%- set location = upstream.config.get('location', external_location(relation, upstream.config)) -%}
          {%- set read = adapter.external_read_location(location, render_write_options(upstream.config)) -%}
          {%- if relation.schema not in schemas -%}
            {%- do schemas.append(relation.schema) -%}
            {%- call statement('main', language='sql') -%}
create schema if not exists {{ relation.without_identifier() }}
            {%- endcall -%}
          {%- endif -%}
          {%- call statement('main', language='sql') -%}
create or replace view {{ relation }} as (
    select * from '{{ read }}'
);
          {%- endcall -%}
        {%- endif -%}
      {%- endfor -%}
    {%- endfor -%}
    {%- if schemas -%}
      {%- do adapter.commit() -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}

{% macro flight_name(parsed_model) -%}
  {%- do return(adapter.dispatch('flight_name', 'dbt')(parsed_model)) -%}
{%- endmacro %}

{% macro default__flight_name(parsed_model) -%}
  {{- parsed_model['unique_id'] -}}
{%- endmacro %}

{% macro duckdb__flight_name(parsed_model) -%}
  {{- parsed_model['unique_id'] -}}
{%- endmacro %}
