{{ config(materialized='table') }}
{% set fail = exceptions.raise_compiler_error %}
{% set other = api.Relation.create(database='d', schema='s', identifier='i', type='table') %}
select
  '{{ [target.extensions, target.attach, target.plugins, target.settings, target.disable_transactions, target.use_credential_provider] }}' as of_target,
  '{{ "filesystems" in target.keys() }} {{ target.get("remote", 3) }}' as has_key,
  '{{ sql }} {{ compiled_code }} {{ defer_relation }}' as in_place,
  '{{ exceptions.warn is defined }} {{ exceptions["missing_relation"] is defined }} {{ exceptions.nothing is defined }} {{ fail is defined }}' as of_exceptions,
  '{{ flags.TARGET_PATH }} {{ flags.USE_EXPERIMENTAL_PARSER }} {{ flags.LOG_CACHE_EVENTS }} {{ flags.NO_PRINT }}' as of_flags,
  '{{ other.to_dict(omit_none=true) | tojson }}' as as_dict
