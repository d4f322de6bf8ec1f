select 'ü' as "größe", '{{ "日本".upper() }}' as 日本
