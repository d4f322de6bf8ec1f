{#- What `dbt` is to a model that is a program in Python. -#}

{% macro resolve_model_name(input_model_name) %}
  {%- do return(adapter.dispatch('resolve_model_name', 'dbt')(input_model_name)) -%}
{% endmacro %}

{% macro default__resolve_model_name(input_model_name) -%}
{{ input_model_name | string | replace('"', '\"') }}
{%- endmacro %}

{#- Relations by what the program calls them: the arguments of `dbt.ref`, joined by points. -#}
{% macro build_ref_function(model) -%}
  {%- set relations = {} -%}
  {%- for item in model.refs -%}
    {%- set words = [item.package, item.name] if item.package else [item.name] -%}
    {%- set found = ref(*words, v=item.version) -%}
    {%- if found.render is defined and found.render is callable -%}
      {%- set found = found.render() -%}
    {%- endif -%}
    {%- if item.version -%}
      {%- do words.append('v' ~ item.version) -%}
    {%- endif -%}
    {%- do relations.update({words | join('.'): resolve_model_name(found)}) -%}
  {%- endfor -%}
def ref(*args, **kwargs):
    relations = {{ relations | tojson }}
    version = kwargs.get("v") or kwargs.get("version")
    key = ".".join(args) + (f".v{version}" if version else "")
    return kwargs["dbt_load_df_function"](relations[key])
{%- endmacro %}

{% macro build_source_function(model) -%}
  {%- set relations = {} -%}
  {%- for item in model.sources -%}
    {%- do relations.update({item | join('.'): resolve_model_name(source(*item))}) -%}
  {%- endfor -%}
def source(*args, dbt_load_df_function):
    relations = {{ relations | tojson }}
    return dbt_load_df_function(relations[".".join(args)])
{%- endmacro %}

{% macro build_config_dict(model) -%}
config_dict = {{ model.config }}
meta_dict = {{ model.config.meta or {} }}
{%- endmacro %}

{% macro py_script_postfix(model) -%}
# What follows is not the model's: it is what `dbt` is to it.

{{ build_ref_function(model) }}


{{ build_source_function(model) }}


{{ build_config_dict(model) }}


class config:
    def __init__(self, *args, **kwargs):
        pass

    @staticmethod
    def get(key, default=None):
        found = config_dict.get(key)
        return default if found is None else found

    @staticmethod
    def meta_get(key, default=None):
        return meta_dict.get(key, default)


class this:
    """dbt.this, and its parts such as dbt.this.identifier"""
    database = "{{ this.database }}"
    schema = "{{ this.schema }}"
    identifier = "{{ this.identifier }}"

    def __repr__(self):
        return '{{ resolve_model_name(this) }}'


class dbtObj:
    def __init__(self, load_df_function) -> None:
        self.source = lambda *args: source(*args, dbt_load_df_function=load_df_function)
        self.ref = lambda *args, **kwargs: ref(*args, **kwargs, dbt_load_df_function=load_df_function)
        self.config = config
        self.this = this()
        self.is_incremental = {{ is_incremental() }}

{{ py_script_comment() }}
{%- endmacro %}

{#- For a project to add lines of its own. -#}
{% macro py_script_comment() %}
{%- endmacro %}
