{#- Tables of foreign keys. DuckDB neither renames nor drops a table that a key refers to, so the tables that refer to it go first:
    only those that this run makes again. -#}

{#- Returns the types of the constraints that the contract of this model declares. -#}
{% macro enforced_constraint_types() %}
  {%- set types = [] -%}
  {%- if (config.get('contract') or {}).get('enforced') -%}
    {%- for constraint in model.get('constraints') or [] -%}
      {%- do types.append(constraint.type | string) -%}
    {%- endfor -%}
    {%- for column in (model.get('columns') or {}).values() -%}
      {%- for constraint in column.get('constraints') or [] -%}
        {%- do types.append(constraint.type | string) -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return(types) -%}
{% endmacro %}

{% macro existing_constraint_types(relation) %}
  {%- if relation is none or not relation.is_table -%}
    {%- do return([]) -%}
  {%- endif -%}
  {%- do return(adapter.existing_key_constraint_types(relation)) -%}
{% endmacro %}

{% macro has_foreign_key_constraints(relation=none) %}
  {%- do return(
    adapter.catalog_supports_foreign_keys(this.database)
    and 'foreign_key' in enforced_constraint_types() + existing_constraint_types(relation)
  ) -%}
{% endmacro %}

{% macro may_be_foreign_key_target(relation=none) %}
  {%- set types = enforced_constraint_types() + existing_constraint_types(relation) -%}
  {%- do return(adapter.catalog_supports_foreign_keys(this.database) and ('primary_key' in types or 'unique' in types)) -%}
{% endmacro %}

{#- Drops a relation within the model's transaction, and before it what refers to it; returns what was dropped besides. -#}
{% macro drop_relation_for_rebuild(relation) %}
  {%- if target.get('disable_transactions') -%}
    {%- do log('disable_transactions is set, but dbt-duckdb uses a transaction to make tables of foreign keys again, as wh does', info=true) -%}
  {%- endif -%}
  {%- do adapter.ensure_transaction() -%}
  {%- set dropped = drop_foreign_key_dependents(relation) if relation.is_table and may_be_foreign_key_target(relation) else [] -%}
  {%- do adapter.drop_relation(relation) -%}
  {%- do return(dropped) -%}
{% endmacro %}

{#- Returns the tables that refer to a table, through others too, the farthest first: one row a table and one that it refers to. -#}
{% macro wh__foreign_key_dependents(relation) %}
  {%- set database = adapter.escape_sql_string(relation.database) -%}
  {%- set schema = adapter.escape_sql_string(relation.schema) -%}
  {%- set identifier = adapter.escape_sql_string(relation.identifier) -%}
  {%- call statement('get_foreign_key_dependents', fetch_result=true) -%}
with recursive keys as (
  select table_name, referenced_table
  from duckdb_constraints()
  where constraint_type = 'FOREIGN KEY'
    and lower(database_name) = lower('{{ database }}')
    and lower(schema_name) = lower('{{ schema }}')
    and lower(table_name) <> lower(referenced_table)
),
dependents(table_name, depth) as (
  select table_name, 1 from keys where lower(referenced_table) = lower('{{ identifier }}')
  union
  select keys.table_name, dependents.depth + 1
  from keys join dependents on lower(keys.referenced_table) = lower(dependents.table_name)
),
farthest as (
  select table_name, max(depth) as depth from dependents group by table_name
)
select farthest.table_name, lower(keys.referenced_table) as referenced_table
from farthest join keys using (table_name)
order by farthest.depth desc, farthest.table_name, keys.referenced_table
  {%- endcall -%}
  {%- do return(load_result('get_foreign_key_dependents').table) -%}
{% endmacro %}

{% macro drop_foreign_key_dependents(relation) %}
  {%- set refers_to = {} -%}
  {%- for row in wh__foreign_key_dependents(relation) -%}
    {%- do refers_to.setdefault(row[0], []).append(row[1]) -%}
  {%- endfor -%}
  {%- if not refers_to -%}
    {%- do return([]) -%}
  {%- endif -%}
  {%- do wh__check_rebuilt(relation, refers_to) -%}
  {%- set dropped = [] -%}
  {%- for table in refers_to -%}
    {%- set dependent = api.Relation.create(database=relation.database, schema=relation.schema, identifier=table, type='table') -%}
    {%- set backup = dependent.incorporate(path={'identifier': table ~ '__dbt_fk_backup'}, type='table') -%}
    {%- do adapter.drop_relation(backup) -%}
    {%- call statement('backup_foreign_key_dependent') -%}
create table {{ backup }} as select * from {{ dependent }}
    {%- endcall -%}
    {%- do log('dropping ' ~ dependent ~ ', which refers to ' ~ relation ~ ' by a foreign key and is made again later in this run', info=true) -%}
    {%- do adapter.drop_relation(dependent) -%}
    {%- do dropped.append({'relation': dependent, 'backup': backup}) -%}
  {%- endfor -%}
  {%- do return(dropped) -%}
{% endmacro %}

{#- Puts the rows of dropped tables back, without constraints, until their models make them again. -#}
{% macro restore_foreign_key_dependents(dropped) %}
  {%- for item in dropped | reverse -%}
    {%- do adapter.rename_relation(item['backup'], item['relation']) -%}
  {%- endfor -%}
{% endmacro %}

{#- Refuses to drop a table that this run does not make again after this model. -#}
{% macro wh__check_rebuilt(relation, refers_to) %}
  {%- set chain = {relation.identifier | lower: model.unique_id} -%}
  {%- set nodes = {} -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model'
        and (node.database or '') | lower == (relation.database or '') | lower
        and node.schema | lower == relation.schema | lower -%}
    {%- for table in refers_to if (node.alias or node.name) | lower == table | lower -%}
      {%- do nodes.update({table: node}) -%}
      {%- do chain.update({table | lower: node.unique_id}) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- set problems = [] -%}
  {%- for table, referenced in refers_to.items() -%}
    {%- set problem = wh__rebuild_problem(nodes.get(table), referenced, chain) -%}
    {%- if problem -%}
      {%- do problems.append(table ~ ' (' ~ problem ~ ')') -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if problems -%}
    {%- do exceptions.raise_compiler_error(
      'Cannot replace ' ~ relation ~ ' because DuckDB does not allow replacing a table that a foreign key references, '
      ~ 'and only referencing tables that this run will rebuild can be dropped. Problem tables: ' ~ problems | join('; ')
    ) -%}
  {%- endif -%}
{% endmacro %}

{% macro wh__rebuild_problem(node, referenced, chain) %}
  {%- if node is none -%}
    {%- do return('not built by a dbt model in this project') -%}
  {%- elif node.unique_id not in selected_resources -%}
    {%- do return('model ' ~ node.name ~ ' is not selected in this run') -%}
  {%- endif -%}
  {%- set above = [] -%}
  {%- for name in referenced if name in chain and chain[name] in node.depends_on.nodes -%}
    {%- do above.append(name) -%}
  {%- endfor -%}
  {%- if not above -%}
    {%- do return('model ' ~ node.name ~ ' does not ref() the table its foreign key points at; use `to: ref(...)` in the constraint') -%}
  {%- endif -%}
  {%- set full_refresh = node.config.full_refresh if node.config.full_refresh is not none else flags.FULL_REFRESH -%}
  {%- set kind = node.config.materialized -%}
  {%- if kind != 'table' and not (kind == 'incremental' and full_refresh) -%}
    {%- do return('model ' ~ node.name ~ ' is materialized as ' ~ kind ~ ' and would lose its data; run with --full-refresh') -%}
  {%- endif -%}
  {%- do return('') -%}
{% endmacro %}
