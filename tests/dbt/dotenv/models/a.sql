select
  $$ {{ env_var('DOTTED_NAME') }} $$ as name,
  '{{ env_var("DOTTED_BOTH") }}' as both_of,
  '{{ env_var("DOTTED_SET") }}' as set_outside,
  '{{ env_var("ALONE", "not set") }}' as alone
