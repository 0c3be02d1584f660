{#
    Open data per buurt and wijk. The contract (sources YAML) says which columns there are and
    what for; these macros turn it into plain SQL, so that a new column is a row in the contract
    and a row in the catalogue, and the compiled SQL still names every column.
#}

{# The contract's columns of a source table; none while dbt only parses or unit-tests. #}
{% macro contract_kolom(bron, tabel) %}
    {%- set gevonden = [] -%}
    {%- if execute -%}
        {%- for beschrijving in graph.get('sources', {}).values()
            if beschrijving.source_name == bron and beschrijving.name == tabel -%}
            {%- for kolom in beschrijving.columns.values() -%}
                {%- do gevonden.append(
                    {'naam': kolom.name, 'type': kolom.data_type, 'meta': kolom.config.meta}
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(gevonden) }}
{% endmacro %}

{# `a, b, c`: the columns of a source table as the contract lists them. #}
{% macro contract_kolommen(bron, tabel) -%}
    {%- set kolommen = contract_kolom(bron, tabel) -%}
    {{- (kolommen | map(attribute='naam') | join(',\n        ')) if kolommen else '*' -}}
{%- endmacro %}

{# Per key the row of the newest delivery: an edition delivered again replaces itself. #}
{% macro jongste_per_sleutel(relatie, sleutel) %}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ sleutel | join(', ') }}
                order by _volgnummer desc, _regel desc
            ) as _rang
        from {{ relatie }}
    ) as gerangschikt
    where _rang = 1
{% endmacro %}

{#
    Long form of a publisher's table: one row per key and contract column. `soorten` keeps the
    columns of that `soort` in the contract, else every column that has `doel` and a `soort`,
    `weegkolom` or neither as asked. A column without the purpose is never touched.
#}
{% macro lange_vorm(relatie, bron, tabel, sleutel, doel, soorten=none, met_weging=false) %}
    {%- set kolommen = [] -%}
    {%- for kolom in contract_kolom(bron, tabel) -%}
        {%- set meta = kolom.meta -%}
        {%- set gevraagd = (meta.soort in soorten) if soorten else (doel in meta.doelen) -%}
        {%- if gevraagd and (meta.weegkolom if met_weging else meta.soort) -%}
            {%- do kolommen.append(kolom) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for kolom in kolommen %}
    select
        {{ sleutel | join(',\n        ') }},
        '{{ tabel }}' as tabel,
        '{{ kolom.naam }}' as kolom,
        cast({{ kolom.naam }} as double) as waarde
        {%- if met_weging %},
        cast({{ kolom.meta.weegkolom }} as double) as weging
        {%- endif %}
    from {{ relatie }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {{ sleutel | join(',\n        ') }},
        '{{ tabel }}' as tabel,
        '' as kolom,
        cast(null as double) as waarde
        {%- if met_weging %},
        cast(null as double) as weging
        {%- endif %}
    from {{ relatie }}
    where false
    {%- endfor %}
{% endmacro %}

{#
    Mean weighted by `weging` where every row with a value has a weight, else the plain mean
    (label.md step 11b: inhabitants where known). An aggregate; nulls are left out, never 0.
#}
{% macro gewogen_gemiddelde(waarde, weging) -%}
    case
        when
            count({{ waarde }}) = count(case when {{ waarde }} is not null then {{ weging }} end)
            and sum(case when {{ waarde }} is not null then {{ weging }} end) > 0
            then
                {{ som12(waarde ~ ' * ' ~ weging) }}
                / {{ som12('case when ' ~ waarde ~ ' is not null then ' ~ weging ~ ' end') }}
        else {{ som12(waarde) }} / count({{ waarde }})
    end
{%- endmacro %}

{# Wijkprofiel numbers: 4000-4013 are the gebieden (our wijken), 5000 the city (issue 2). #}
{% macro niveau_van_wijknr(wijknr) -%}
    case
        when {{ wijknr }} = 5000 then 'gemeente'
        when {{ wijknr }} between 4000 and 4999 then 'wijk'
        else 'buurt'
    end
{%- endmacro %}

{# CBS codes nest: BU + gemeente (4) + wijk (2) + buurt (2) lies in WK + gemeente + wijk. #}
{% macro wijkcode_van_buurtcode(buurtcode) -%}
    concat('WK', substring({{ buurtcode }}, 3, 6))
{%- endmacro %}

{# A name without case, spaces, hyphens and dots: publishers spell the same buurt differently. #}
{% macro kale_naam(naam) -%}
    {{ return(adapter.dispatch('kale_naam', 'buurtpeil')(naam)) }}
{%- endmacro %}

{% macro default__kale_naam(naam) -%}
    regexp_replace(lower({{ naam }}), '[^a-z0-9]', '')
{%- endmacro %}

{% macro duckdb__kale_naam(naam) -%}
    regexp_replace(lower({{ naam }}), '[^a-z0-9]', '', 'g')
{%- endmacro %}

{# Last day of the year of an edition: the only peildata on open ground (label.md step 11b). #}
{% macro laatste_dag_van_jaar(jaar) -%}
    cast(concat(cast({{ jaar }} as {{ dbt.type_string() }}), '-12-31') as date)
{%- endmacro %}

{#
    Values of Wijkprofiel areas as values of units: the weighted mean over the areas of a unit.
    `lang` is the CTE with jaar, wijknr, tabel, kolom, waarde.
#}
{% macro naar_meeteenheid(lang) %}
    select
        meeteenheid_gebied.niveau,
        meeteenheid_gebied.meeteenheid_id,
        {{ lang }}.jaar,
        'wijkprofiel' as bron,
        {{ lang }}.tabel,
        {{ lang }}.kolom,
        {{ gewogen_gemiddelde(lang ~ '.waarde', 'meeteenheid_gebied.inwoners_aantal') }} as waarde
    from {{ lang }}
    inner join {{ ref('int_openbaar__meeteenheid_gebied') }} as meeteenheid_gebied
        on {{ lang }}.wijknr = meeteenheid_gebied.wijknr
    where {{ lang }}.waarde is not null
    group by
        meeteenheid_gebied.niveau,
        meeteenheid_gebied.meeteenheid_id,
        {{ lang }}.jaar,
        {{ lang }}.tabel,
        {{ lang }}.kolom
{% endmacro %}
