select {{ one() }} as id, '{{ this }}' as this
