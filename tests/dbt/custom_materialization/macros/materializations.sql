{% materialization twice, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set other = api.Relation.create(database=this.database, schema=this.schema, identifier=this.identifier ~ '_two', type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- do adapter.drop_relation(load_relation(other)) if load_relation(other) -%}
    {% call statement('main') -%}
        create or replace table {{ target_relation }} as {{ sql }};
        create table {{ other }} as select *, {{ config.get('plus', 1) }} as plus from {{ target_relation }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation, other]}) }}
{% endmaterialization %}

{% materialization noted_view, default %}
    {% set found = load_cached_relation(this) %}
    {% if found is not none %}{% do drop_relation_if_exists(found) %}{% endif %}
    {% call statement('main') %}{{ get_create_view_as_sql(this, compiled_code) }}{% endcall %}
    {% do persist_docs(this, model) %}
    {% do return({'relations': [this.incorporate(type='view')]}) %}
{% endmaterialization %}
