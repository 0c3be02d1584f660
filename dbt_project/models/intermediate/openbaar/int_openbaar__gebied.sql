-- Eén rij per wijknr van het Wijkprofiel, met de namen van de jongste editie die het noemt.
with

{%- for tabel in ['vi', 'si', 'fi_obj', 'fi_subj'] %}

    {{ tabel }} as (
        select * from {{ ref('stg_wijkprofiel__' ~ tabel) }}
    ),
{%- endfor %}

genoemd as (
    {%- for tabel in ['vi', 'si', 'fi_obj', 'fi_subj'] %}
        select
            jaar,
            wijknr,
            niveau,
            naam,
            gebied_naam
        from {{ tabel }}
        {{ 'union' if not loop.last }}
    {%- endfor %}
),

gerangschikt as (
    select
        *,
        row_number() over (partition by wijknr order by jaar desc, naam asc) as rang
    from genoemd
),

jongste as (
    select * from gerangschikt
    where rang = 1
),

-- a buurt lies in the gebied whose name stands in its row
met_gebied as (
    select
        jongste.wijknr,
        jongste.niveau,
        jongste.naam,
        jongste.gebied_naam,
        min(gebied.wijknr) as gebied_wijknr
    from jongste
    left join jongste as gebied
        on
            jongste.gebied_naam = gebied.gebied_naam
            and gebied.niveau = 'wijk'
    group by jongste.wijknr, jongste.niveau, jongste.naam, jongste.gebied_naam
)

select * from met_gebied
