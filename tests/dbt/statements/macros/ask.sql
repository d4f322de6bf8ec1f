{% macro prices() %}
    {% set found = run_query('select name, price from ' ~ ref('fruit') ~ ' where price is not null order by name') %}
    {{ return(found) }}
{% endmacro %}
{% macro all_of_it() %}
    {%- call statement('every', fetch_result=true) -%}
        select * from {{ ref('fruit') }} order by id
    {%- endcall -%}
    {{ return(load_result('every')) }}
{% endmacro %}
