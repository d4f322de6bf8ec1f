select '{{ exceptions.warn("x") }}' as nothing
