-- Eén rij per complex, peildatum en indicator op eigen gegevens, zoals de modellen per indicator
-- ze geven. Welke modellen dat zijn, staat in de catalogus: `buurtpeil` leest de seed en geeft de
-- codes mee als var indicatoren. Een meting waarvan het venster leeg is, wordt doorgetrokken van
-- de jongste kwartaalpeildatum die er wel een had (label.md, "Missing data": schouw en
-- huurdersonderzoek, hooguit 4 kwartalen); leeftijd_kwartalen zegt hoe lang geleden dat was.
{% set codes = var('indicatoren') %}
{% if not codes and execute and flags.WHICH not in ['parse', 'list', 'docs'] %}
    {{ exceptions.raise_compiler_error(
        'De var indicatoren is leeg: bouw met `buurtpeil run` of `buurtpeil dbt`, die de catalogus lezen.'
    ) }}
{% endif %}
with

gemeten as (
    select
        cast(null as {{ dbt.type_string() }}) as complex_id,
        cast(null as date) as peildatum,
        cast(null as {{ dbt.type_string() }}) as indicator_code,
        cast(null as decimal(18, 4)) as teller,
        cast(null as bigint) as noemer,
        cast(null as decimal(18, 4)) as som_kwadraat
    where 1 = 0
    {%- for code in codes %}
        union all
        select * from {{ ref('int_indicator__' ~ code | lower) }}
    {%- endfor %}
),

indicator as (
    select * from {{ ref('indicator_eigen') }}
),

peildatum as (
    select
        peildatum,
        cast(volgnummer as integer) as volgnummer
    from {{ ref('int_tijd__peildatum') }}
),

oud as (
    select leeftijd.kwartalen
    from (values (0), (1), (2), (3), (4)) as leeftijd (kwartalen)
),

genummerd as (
    select
        gemeten.*,
        indicator.doortrekken_kwartalen,
        peildatum.volgnummer,
        lead(peildatum.volgnummer) over (
            partition by gemeten.complex_id, gemeten.indicator_code order by peildatum.volgnummer
        ) as volgend_volgnummer
    from gemeten
    inner join indicator on gemeten.indicator_code = indicator.indicator_code
    inner join peildatum on gemeten.peildatum = peildatum.peildatum
    where indicator.doortrekken_kwartalen > 0
),

doorgetrokken as (
    select
        genummerd.complex_id,
        peildatum.peildatum,
        genummerd.indicator_code,
        genummerd.teller,
        genummerd.noemer,
        genummerd.som_kwadraat,
        oud.kwartalen as leeftijd_kwartalen
    from genummerd
    cross join oud
    inner join peildatum on genummerd.volgnummer + oud.kwartalen = peildatum.volgnummer
    where
        oud.kwartalen <= genummerd.doortrekken_kwartalen
        and (
            genummerd.volgend_volgnummer is null
            or genummerd.volgnummer + oud.kwartalen < genummerd.volgend_volgnummer
        )
)

select
    gemeten.complex_id,
    gemeten.peildatum,
    gemeten.indicator_code,
    gemeten.teller,
    gemeten.noemer,
    gemeten.som_kwadraat,
    0 as leeftijd_kwartalen
from gemeten
inner join indicator on gemeten.indicator_code = indicator.indicator_code
where indicator.doortrekken_kwartalen = 0
union all
select
    complex_id,
    peildatum,
    indicator_code,
    teller,
    noemer,
    som_kwadraat,
    leeftijd_kwartalen
from doorgetrokken
