{% macro about(node, connection) %}{{ return(tojson({'node': node.name if node is not none else connection, 'of': target.name})) }}{% endmacro %}
