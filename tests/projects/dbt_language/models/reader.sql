{{ config(materialized='table', pre_hook="insert into main.audit values ('before {{ this.name }}')") }}
{% set words = [] -%}
{% for word in ['a', 'b'] %}{% do words.append(word ~ loop.index) %}{% endfor -%}
select
    *,
    '{{ var("greeting") }}' as greeting,
    '{{ env_var("LANG_TEST", "nobody") }}' as who,
    '{{ words | join("-") }}' as words,
    '{{ last_word(words) }}' as last_word
from {{ ref('helper') }}
