{{ config(materialized='table') }}
-- depends_on: {{ ref('first') }}
{% if execute %}
{% set first = graph.nodes['model.shop.first'] %}
{{ said([
    ('nodes', graph.nodes.keys() | sort),
    ('sources', graph.sources.values() | map(attribute='name') | sort),
    ('exposures', graph.exposures.keys() | list),
    ('models', graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | map(attribute='name') | sort),
    ('tagged', graph['nodes'].values() | selectattr('tags', 'contains', 'x') | map(attribute='unique_id') | list if false else '-'),
    ('config', first.config.materialized), ('meta', first.config.meta), ('fqn', first.fqn), ('tags', first.tags), ('path', first.path), ('file', first.original_file_path),
    ('columns', first.columns), ('column', first.columns.id.description if first.columns.id else '-'), ('description', first.description), ('relation', first.relation_name), ('depends', model.depends_on.nodes), ('refs', model.refs),
    ('package', first.package_name), ('schema', first.schema), ('alias', first.alias), ('raw', first.raw_code | length), ('language', first.language),
    ('model', model.name), ('unique', model.unique_id), ('model config', model.config.materialized), ('resource', model.resource_type), ('model keys', 'compiled_code' in model.keys()),
    ('this', this), ('this parts', [this.database, this.schema, this.identifier, this.name, this.table, this.type]),
    ('context', context['model']['name']), ('context ref', context.ref('first')), ('builtins', builtins.ref('first')), ('builtin var', builtins.var('none', 'd')),
    ('flags', [flags.FULL_REFRESH, flags.WHICH, flags.STORE_FAILURES]), ('execute', execute), ('full', should_full_refresh()),
    ('target', [target.name, target.schema, target.type, target.profile_name, target.database, target.threads]), ('project', project_name),
    ('selected', selected_resources | sort), ('version', dbt_version.split('.')[0]), ('started', run_started_at is not none), ('started year', run_started_at.strftime('%Y') | int > 2023), ('invocation', invocation_id | length), ('thread', thread_id.startswith('Thread')),
    ('md5', local_md5('hello')), ('metadata', dbt_metadata_envs), ('is sql', model.language), ('dialect', adapter.type()), ('macro name', model.config.get('nothing') is none),
]) }}
{% else %}
select 1 as what, 2 as said
{% endif %}
