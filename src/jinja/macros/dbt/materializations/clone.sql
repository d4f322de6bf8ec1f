{#- What another environment holds, under a node's name here: a copy of a table where the warehouse can make one, else a view. -#}

{% materialization clone, default %}
  {%- if not defer_relation -%}
    {%- do log('No relation found in state manifest for ' ~ model.unique_id, info=true) -%}
    {%- do return({'relations': []}) -%}
  {%- endif -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- if existing_relation and not flags.FULL_REFRESH -%}
    {%- do log('Relation ' ~ existing_relation ~ ' already exists', info=true) -%}
    {%- do return({'relations': []}) -%}
  {%- endif -%}
  {%- set other_relation = load_cached_relation(defer_relation) -%}
  {%- set is_copied = other_relation and other_relation.type == 'table' and can_clone_table() -%}
  {%- if not is_copied -%}
    {%- set view = 'materialization_view_' ~ adapter.type() -%}
    {%- do return(context[view if view in context else 'materialization_view_default']()) -%}
  {%- endif -%}
  {%- do adapter.ensure_transaction() -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- if existing_relation is not none and not existing_relation.is_table -%}
    {%- do drop_relation_if_exists(existing_relation) -%}
  {%- endif -%}
  {%- call statement('main') -%}{{ create_or_replace_clone(target_relation, defer_relation) }}{%- endcall -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}
