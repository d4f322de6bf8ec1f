select {{ dbt_utils_free() }} as x
