{{ config(tags=['file']) }}
{{ config(materialized='view', meta={'level': 4}) }}
select '{{ config.get("materialized") }}' as how, '{{ config.get("nothing", "a default") }}' as nothing,
    '{{ config.require("materialized") }}' as required, '{{ model.alias }}' as alias
