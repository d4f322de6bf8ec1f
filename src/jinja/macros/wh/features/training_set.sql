{#- Training sets from feature views. -#}

{#- Selects every row of `labels` with the values its features had at its own time.

    labels              a relation: ref('churn_labels'). Each of its rows is in the result once, with all its columns.
    entity              column of `labels`, or list of columns, that says whose row it is; named as in the feature views.
    timestamp           column of `labels`: the moment at which the prediction would have been made.
    features            list of 'view:feature' and 'view:*'.
    full_feature_names  names columns `view__feature`, as Feast does, for features that share a name.

    A value is the one of the latest row at or before `timestamp`; a later row is never seen. It is NULL when the entity has
    no row by then, when that row is older than the view's ttl, and when it is NULL in that row. A time without a zone
    counts as UTC where it meets one with a zone. -#}
{% macro training_set(labels, entity, timestamp, features, full_feature_names=false) -%}
  {%- set views = feature_views(features) -%}
  {%- set histories = {} -%}
  {%- for view in views -%}
    {%- do histories.update({view.name: ref(view.name)}) -%}
  {%- endfor -%}
  {%- set entity = [entity] if entity is string else entity -%}
  {%- do training_set_names(labels, entity, timestamp, views, full_feature_names) -%}
select
    labels.*
  {%- for view in views %}
    {%- set known_at, asked_at = training_set_times(labels, timestamp, view, histories[view.name]) -%}
    {%- for feature in view.features %}
      {%- set value = adapter.quote(view.name) ~ '.' ~ adapter.quote(feature) %},
    {% if view.ttl %}case when {{ known_at }} >= {{ asked_at }} - {{ view.ttl }} then {{ value }} end{% else %}{{ value }}{% endif %} as {{ adapter.quote(training_set_name(view, feature, full_feature_names)) }}
    {%- endfor %}
  {%- endfor %}
from {{ labels }} as labels
  {%- for view in views %}
    {%- set known_at, asked_at = training_set_times(labels, timestamp, view, histories[view.name]) %}
asof left join {{ histories[view.name] }} as {{ adapter.quote(view.name) }}
    on {% for column in view.entity %}labels.{{ adapter.quote(column) }} = {{ adapter.quote(view.name) }}.{{ adapter.quote(column) }}
    and {% endfor %}{{ asked_at }} >= {{ known_at }}
  {%- endfor %}
{%- endmacro %}

{#- The name of a feature's column in a training set. -#}
{% macro training_set_name(view, feature, full_feature_names) %}
  {%- do return(view.name ~ '__' ~ feature if full_feature_names else feature) -%}
{% endmacro %}

{#- Refuses names that do not fit together: a view of another entity, a column that `labels` lacks or whose type is wrong, two columns of one name. -#}
{% macro training_set_names(labels, entity, timestamp, views, full_feature_names) %}
  {%- set taken = {} -%}
  {%- if execute -%}
    {%- if labels.is_cte -%}
      {%- do exceptions.raise_compiler_error('the labels of a training set are ephemeral: make ' ~ labels ~ ' a table or view') -%}
    {%- endif -%}
    {%- for column in adapter.get_columns_in_relation(labels) -%}
      {%- do taken.update({column.name | lower: 'the labels'}) -%}
      {%- if column.name | lower == timestamp | lower and not (column.dtype == 'DATE' or column.dtype.startswith('TIMESTAMP')) -%}
        {%- do exceptions.raise_compiler_error('the timestamp `' ~ timestamp ~ '` of the labels ' ~ labels ~ ' is ' ~ column.dtype ~ ', no date or time') -%}
      {%- endif -%}
    {%- endfor -%}
    {%- for column in entity + [timestamp] if taken and column | lower not in taken -%}
      {%- do exceptions.raise_compiler_error('the labels ' ~ labels ~ ' have no column `' ~ column ~ '`') -%}
    {%- endfor -%}
  {%- endif -%}
  {%- for view in views -%}
    {%- for column in view.entity if column not in entity -%}
      {%- do exceptions.raise_compiler_error('feature view `' ~ view.name ~ '` is of the entity ' ~ (view.entity | join(', ')) ~ ', the training set of ' ~ (entity | join(', '))) -%}
    {%- endfor -%}
    {%- for feature in view.features -%}
      {%- set name = training_set_name(view, feature, full_feature_names) -%}
      {%- if name | lower in taken -%}
        {%- do exceptions.raise_compiler_error('both ' ~ taken[name | lower] ~ ' and `' ~ view.name ~ '` have a column `' ~ name ~ '`: say full_feature_names=true') -%}
      {%- endif -%}
      {%- do taken.update({name | lower: '`' ~ view.name ~ '`'}) -%}
    {%- endfor -%}
  {%- endfor -%}
{% endmacro %}

{#- Returns when a row of the view became known and when one of the labels asks, as expressions that compare as instants. -#}
{% macro training_set_times(labels, timestamp, view, history) %}
  {%- set known_at = adapter.quote(view.name) ~ '.' ~ adapter.quote(view.timestamp) -%}
  {%- set asked_at = 'labels.' ~ adapter.quote(timestamp) -%}
  {%- set known_zoned = column_has_zone(history, view.timestamp) -%}
  {%- set asked_zoned = column_has_zone(labels, timestamp) -%}
  {%- if known_zoned and not asked_zoned -%}
    {%- set asked_at = "(cast(" ~ asked_at ~ " as timestamp) at time zone 'UTC')" -%}
  {%- elif asked_zoned and not known_zoned -%}
    {%- set known_at = "(cast(" ~ known_at ~ " as timestamp) at time zone 'UTC')" -%}
  {%- endif -%}
  {%- do return([known_at, asked_at]) -%}
{% endmacro %}

{#- Says whether a column holds times with a zone; while templates are parsed, no. -#}
{% macro column_has_zone(relation, name) %}
  {%- if execute -%}
    {%- for column in adapter.get_columns_in_relation(relation) if column.name | lower == name | lower -%}
      {%- do return(column.dtype == 'TIMESTAMP WITH TIME ZONE') -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return(false) -%}
{% endmacro %}
