select
    '{{ shout("a") }}' as own_shout,
    '{{ tools.shout("a") }}' as their_shout,
    '{{ tools.greet("me") }}' as greeted,
    '{{ tools.colour() }}' as colour,
    '{{ tools.helper() }}' as not_overridden
from {{ ref('theirs') }}, {{ ref('tools', 'shared') }}
