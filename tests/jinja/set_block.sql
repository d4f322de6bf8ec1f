{% set x %}  hello {{ 1 + 1 }} {% endset %}[{{ x }}]{% set y | upper %}abc{% endset %}{{ y }}{{ x | trim | length }}{% set q %}select
  1{% endset %}{{ q }}{{ q is string }}