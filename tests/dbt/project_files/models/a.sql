select '{{ var('of') }}' as of_, {{ var('list') | length }} as n, {{ var('own') }} as own
