-- Makes the history of a feature view. other: what stands in its place and is of another kind; kind: table or view; output, input: relations; entity, timestamp, created: columns, the last may be none; features: name, dtype and whether to cast.
{% if other %}drop {{ other }} if exists {{ output }};
{% endif %}create or replace {{ kind }} {{ output }} as
select
    {% for name in entity %}{{ name | ident }},
    {% endfor %}{{ timestamp | ident }}{% for feature in features %},
    {% if feature.cast %}cast({{ feature.name | ident }} as {{ feature.dtype }}) as {% endif %}{{ feature.name | ident }}{% endfor %}
from {{ input }}
{% if created %}qualify row_number() over (
    partition by {% for name in entity %}{{ name | ident }}, {% endfor %}{{ timestamp | ident }}
    order by {{ created | ident }} desc nulls last
) = 1
{% endif %}
