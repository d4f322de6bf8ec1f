select '{{ ref("moved") }}' as r, count(*) as n from {{ ref('moved') }}
