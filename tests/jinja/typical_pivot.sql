select {{ pivot('color', ['Dark Red', 'blue'], prefix='n_') }} from t
{{ tools.pivot_all(['a', 'b']) }}