{{ settings('x') }}
select '{{ config.get("meta").own }}' as own
