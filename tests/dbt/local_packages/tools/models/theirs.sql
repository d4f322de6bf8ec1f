select '{{ var("size") }}' as size, '{{ var("colour") }}' as colour, '{{ shout("x") }}' as shout,
    '{{ project_name }}' as project, '{{ model.package_name }}' as package
from {{ ref('shared') }}, {{ ref('numbers') }}
