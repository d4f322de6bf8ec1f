a{# comment {{ x }} {% if %} #}b{#- trimmed -#}  c {# multi
line #}d
{#- e #}
f