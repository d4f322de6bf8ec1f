x * 2 + {{ var('more', 0) }}
