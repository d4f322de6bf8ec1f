{{ config(enabled=false) }} select 'disabled' as x
