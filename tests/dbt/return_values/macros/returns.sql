{% macro early(n) %}
    before
    {% if n > 1 %}{{ return('more') }}{% endif %}
    {% for i in range(5) %}{% if i == n %}{% do return([i, 'in loop']) %}{% endif %}{% endfor %}
    after
{% endmacro %}
{% macro typed(what) -%}
    {%- if what == 'dict' %}{{ return({'a': [1, 2]}) }}
    {%- elif what == 'none' %}{{ return(none) }}
    {%- elif what == 'number' %}{% do return(41) %}
    {%- elif what == 'bool' %}{{ return(false) }}
    {%- elif what == 'nested' %}{{ return(typed('number') + 1) }}
    {%- elif what == 'set' %}{% set x = return('from set') %}
    {%- elif what == 'inline' %}{{ return('yes') if what else 'no' }}
    {%- elif what == 'text' %}just text
    {%- elif what == 'call' %}{% call through() %}{{ return('from the caller') }}{% endcall %}
    {%- endif -%}
{%- endmacro %}
{% macro through() %}[{{ caller() }}]{% endmacro %}
