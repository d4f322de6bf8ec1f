-- {{ 'comment' }}
/* {% if true %}x{% endif %} */
select '{' || '}' , '{{ '{' }}', 5 % 2, "a{b}c" -- {# gone #}
where a like '%{{ 'x' }}%'
