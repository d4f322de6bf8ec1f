{{ config(alias=env_var('SHOP_NAME') ~ '_a') }}
select '{{ env_var("SHOP_NAME") }}' as name, {{ env_var("SHOP_SIZE", "3") | int + 1 }} as size,
    '{{ env_var("SHOP_NONE", "") }}' as none_of_it, '{{ target.schema }}' as schema_name, {{ target.threads }} as threads
