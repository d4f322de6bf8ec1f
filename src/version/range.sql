{#- The condition of one range: values after one cut and up to another, NULL in the first. value (expression), value_type; after, until (text, or none). -#}
{% if after is none and until is none %}true
{%- elif after is none %}({{ value }} is null or {{ value }} <= cast({{ until | literal }} as {{ value_type }}))
{%- elif until is none %}{{ value }} > cast({{ after | literal }} as {{ value_type }})
{%- else %}{{ value }} > cast({{ after | literal }} as {{ value_type }}) and {{ value }} <= cast({{ until | literal }} as {{ value_type }})
{%- endif %}
