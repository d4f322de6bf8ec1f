{{ config(enabled=false) }}
select nothing
