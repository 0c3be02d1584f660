{# What dbt-spark does otherwise than dbt promises: its own macros, written anew for this project. #}

{# Types in contracts are written as DuckDB and the delivery contract do (`varchar`). #}
{% macro spark__get_empty_schema_sql(columns) %}
    {%- set vertaald = {} -%}
    {%- for sleutel, kolom in columns.items() -%}
        {%- do vertaald.update({sleutel: dict(kolom, data_type=als_type(kolom.data_type))}) -%}
    {%- endfor -%}
    {{ return(default__get_empty_schema_sql(vertaald)) }}
{% endmacro %}

{#
    Rows of a seed. The stock macro writes a text between quotes as it stands, so that an
    apostrophe ends it, and makes an empty cell the text None.
#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set typen = model['config'].get('column_types', {}) -%}
    {%- set opdrachten = [] -%}
    {%- for deel in agate_table.rows | batch(get_batch_size()) -%}
        {%- set opdracht -%}
insert into {{ this.render() }} values
            {%- for rij in deel %}
({% for kolom in agate_table.column_names -%}
cast({{ spark_letterlijk(rij[kolom]) }}
                {{- ' as ' ~ typen.get(kolom, adapter.convert_type(agate_table, loop.index0)) }})
                {{- ', ' if not loop.last }}
            {%- endfor %}){{ ',' if not loop.last }}
            {%- endfor -%}
        {%- endset -%}
        {%- do adapter.add_query(opdracht, abridge_sql_log=True) -%}
        {%- do opdrachten.append(opdracht) -%}
    {%- endfor -%}
    {{ return(opdrachten[0]) }}
{% endmacro %}

{% macro spark_letterlijk(waarde) -%}
    {%- if waarde is none -%}
        null
    {%- elif waarde is number or waarde is boolean -%}
        {{ waarde }}
    {%- else -%}
        '{{ waarde | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}
