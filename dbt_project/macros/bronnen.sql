{#
    Sources where no step of a run makes them. On DuckDB a run lands a delivery and makes a view of
    it; on another engine `dbt run-operation leg_bronnen` makes the same views over the same Parquet.
#}

{# The rows of one Parquet file, wherever a table may stand. #}
{% macro lees_parquet(pad) -%}
    {{ return(adapter.dispatch('lees_parquet', 'buurtpeil')(pad)) }}
{%- endmacro %}

{% macro default__lees_parquet(pad) -%}
    {{ exceptions.raise_compiler_error(
        "lees_parquet: no form for " ~ target.type ~ "; write " ~ target.type ~ "__lees_parquet"
    ) }}
{%- endmacro %}

{% macro duckdb__lees_parquet(pad) -%}
    read_parquet('{{ pad | replace("'", "''") }}')
{%- endmacro %}

{% macro spark__lees_parquet(pad) -%}
    parquet.`{{ pad | replace("`", "``") }}`
{%- endmacro %}

{#
    Make every table of `bronnen` a view. Each has
      schema, naam   where it is found
      kolommen       lists of name and type, as the contract has them
      delen          Parquet files, oldest first, with `constanten`: SQL per column that is the
                     same for the whole file. None = never delivered: a view without rows.
#}
{% macro leg_bronnen(bronnen) %}
    {%- for schema in bronnen | map(attribute='schema') | unique -%}
        {%- do adapter.create_schema(api.Relation.create(schema=schema)) -%}
    {%- endfor -%}
    {%- for bron in bronnen -%}
        {%- do run_query(bron_als_view(bron)) -%}
    {%- endfor -%}
{% endmacro %}

{% macro bron_als_view(bron) -%}
create or replace view {{ bron.schema }}.{{ bron.naam }} as
    {%- for deel in bron.delen %}
select
    {%- for kolom in bron.kolommen %}
    cast({{ deel.constanten.get(kolom[0], kolom[0]) }} as {{ als_type(kolom[1]) }})
        as {{ kolom[0] }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ lees_parquet(deel.pad) }}
    {%- if not loop.last %}
union all
    {%- endif %}
    {%- else %}
select
    {%- for kolom in bron.kolommen %}
    cast(null as {{ als_type(kolom[1]) }}) as {{ kolom[0] }}{{ ',' if not loop.last }}
    {%- endfor %}
where false
    {%- endfor %}
{%- endmacro %}

{# A type of the contract as the engine spells it. #}
{% macro als_type(soort) -%}
    {{- dbt.type_string() if soort | lower == 'varchar' else soort -}}
{%- endmacro %}
