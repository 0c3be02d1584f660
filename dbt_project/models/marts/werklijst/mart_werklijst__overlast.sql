-- Eén rij per complex (of beheercluster) dat nu bestaat: wat bij een regel van de werklijst
-- overlast staat, voor wie nog zelf moet oordelen. Uit de twee jaar voor deze maand; geen score.
with

maand as (
    select * from {{ ref('int_overlast__complexmaand') }}
),

laatste as (
    select max(maand) as nu from maand
),

venster as (
    select
        maand.*,
        laatste.nu,
        maand.maand >= {{ tel_maanden('laatste.nu', -12) }} as is_recent
    from maand
    cross join laatste
    where maand.maand >= {{ tel_maanden('laatste.nu', -24) }} and maand.maand < laatste.nu
),

geteld as (
    select
        complex_id,
        count(case when is_recent then aantal_meldingen end) as maanden_bekend,
        sum(case when is_recent then aantal_meldingen end) as meldingen,
        count(case when not is_recent then aantal_meldingen end) as maanden_bekend_eerder,
        sum(case when not is_recent then aantal_meldingen end) as meldingen_eerder,
        sum(case when is_recent then aantal_ernstig end) as ernstig
    from venster
    group by complex_id
),

schouw as (
    select
        complex_id,
        maand as schouw_maand,
        schouw_score,
        row_number() over (partition by complex_id order by maand desc) as plaats
    from venster
    where schouw_score is not null
)

select
    maand.complex_id,
    laatste.nu as peildatum,
    cast(coalesce(geteld.maanden_bekend, 0) as integer) as maanden_bekend,
    cast(geteld.meldingen as integer) as meldingen,
    cast(coalesce(geteld.maanden_bekend_eerder, 0) as integer) as maanden_bekend_eerder,
    cast(geteld.meldingen_eerder as integer) as meldingen_eerder,
    cast(geteld.ernstig as integer) as ernstig,
    schouw.schouw_maand,
    cast(round(schouw.schouw_score, 1) as double) as schouw_cijfer
from maand
inner join laatste on maand.maand = laatste.nu
left join geteld on maand.complex_id = geteld.complex_id
left join schouw on maand.complex_id = schouw.complex_id and schouw.plaats = 1
where maand.aantal_eenheden > 0
