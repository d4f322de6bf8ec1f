-- depends_on: {{ ref('asked') }}
{% set ns = namespace(n=0) %}
{% call statement('numbers', fetch_result=True, auto_begin=False) %}select unnest([1, 2, 3]) as n{% endcall %}
{% set got = load_result('numbers') %}
{% if execute %}
{% for row in got.data %}{% set ns.n = ns.n + row[0] %}{% endfor %}
{% do store_raw_result('mine', message='a message', code='OK', rows_affected='3', agate_table=none) %}
{% endif %}
select {{ ns.n }} as total, '{{ load_result("mine").response.message if execute }}' as stored, {{ load_result('nothing') is none }} as nothing
{% do run_query("create table if not exists side_effect as select 1 as x") if execute %}
