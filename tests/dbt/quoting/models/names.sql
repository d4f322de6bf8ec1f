-- depends_on: {{ ref('lower') }} {{ ref('quoted') }} {{ ref('things') }} {{ source('raw', 'Visits') }} {{ source('raw', 'other') }}
{% if execute %}
{{ said([
    ('this', this), ('ref', ref('lower')), ('quoted', ref('quoted')), ('seed', ref('things')), ('source', source('raw', 'Visits')), ('table', source('raw', 'other')),
    ('create', api.Relation.create(database='d', schema='s', identifier='i')), ('create said', api.Relation.create(database='d', schema='s', identifier='i', quote_policy={'identifier': true})),
    ('adapter', adapter.Relation.create(schema='s', identifier='I')), ('policy', this.quote_policy.identifier), ('include', this.include(database=false)), ('quote', this.quote(identifier=true)),
    ('get', adapter.get_relation(this.database, this.schema, 'quoted')), ('get policy', adapter.get_relation(this.database, this.schema, 'quoted').quote_policy.schema),
    ('load', load_relation(ref('quoted'))), ('intermediate', make_intermediate_relation(ref('quoted'))),
    ('as configured', adapter.quote_as_configured('x', 'identifier')), ('schema', adapter.quote_as_configured('x', 'schema')), ('database', adapter.quote_as_configured('x', 'database')), ('column', adapter.quote_as_configured('x', 'column')),
    ('information', this.information_schema('tables')),
    ('relations', adapter.get_columns_in_relation(ref('lower')) | map(attribute='name') | list), ('model', model.relation_name),
]) }}
{% else %} select 1 as what, 2 as said {% endif %}
