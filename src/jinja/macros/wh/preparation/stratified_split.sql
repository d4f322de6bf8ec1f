{#- Splitting rows into those a model learns from and those it is judged by. -#}

{#- Selects every row of `relation` with a column `split`: 'test' for a share of the rows of each class, else 'train'.

    relation    a relation: ref('customers').
    key         column, or list of columns, that tells rows apart.
    by          column, or list of columns, whose values are the classes; a missing value is a class too.
    test_share  share of each class that is for testing, 0 to 1; rounded to whole rows.
    seed        another seed gives another split.

    The split depends on the rows' keys and the seed alone: not on their order, and not on the machine. -#}
{% macro stratified_split(relation, key, by, test_share=0.2, seed=42) -%}
  {%- set key = [key] if key is string else key -%}
  {%- set by = [by] if by is string else by -%}
  {%- if not (0 <= test_share <= 1) -%}
    {%- do exceptions.raise_compiler_error('`test_share` is ' ~ test_share ~ ', where a share from 0 to 1 belongs') -%}
  {%- endif -%}
  {%- if execute and not relation.is_cte and 'split' in (adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower')) -%}
    {%- do exceptions.raise_compiler_error(relation ~ ' has a column `split` already') -%}
  {%- endif -%}
with
numbered as (
    select
        *,
        row_number() over (
            partition by {{ get_quoted_csv(by) }}
            order by md5(concat_ws(':', {{ seed }}{% for column in key %}, cast({{ adapter.quote(column) }} as varchar){% endfor %})), {{ get_quoted_csv(key) }}
        ) as number_in_class,
        count(*) over (partition by {{ get_quoted_csv(by) }}) as size_of_class
    from {{ relation }}
)
select
    * exclude (number_in_class, size_of_class),
    case when number_in_class <= round({{ test_share }} * size_of_class) then 'test' else 'train' end as split
from numbered
{%- endmacro %}
