select '{{ target.name }}' as target, '{{ target.schema }}' as s, {{ target.threads }} as threads, '{{ this }}' as this, current_setting('default_null_order') as setting
