select l.id as line, i.id as item, '{{ source("raw", "lines").identifier }}' as identifier, '{{ source("raw", "plain") }}' as plain
from {{ source('raw', 'lines') }} as l, {{ source('raw', 'items') }} as i
