-- Eén rij per niveau, grondslag en thema: kappa, hoe ver complexen (of buurten) in R op een thema
-- echt uiteenlopen: de variantie van z gewogen naar verhuureenheden, plus wat van z gemiddeld niet
-- bekend is (label.md stap 4, ADR 0014). Per niveau, want een buurt middelt complexen uit en zou
-- met de kappa van complexen bijna altijd label 3 krijgen; wijken zijn te weinig in getal en
-- gebruiken die van buurten (ADR 0006).
with

bevroren as (
    select * from {{ source('buurtpeil', 'referentie_schaal') }}
),

in_r as (
    select
        thema.niveau,
        thema.grondslag,
        thema.thema_code,
        cast(thema.verhuureenheden_aantal as decimal(9, 0)) as gewicht,
        thema.z,
        thema.var_z
    from {{ ref('int_label__thema_z') }} as thema
    inner join {{ ref('int_referentie__periode') }} as periode
        on
            thema.grondslag = periode.grondslag
            and thema.peildatum between periode.eerste_peildatum and periode.laatste_peildatum
    where thema.verhuureenheden_aantal > 0 and thema.z is not null and thema.niveau != 'wijk'
),

midden as (
    select
        niveau,
        grondslag,
        thema_code,
        cast(sum(gewicht * z) as double) / cast(sum(gewicht) as double) as gemiddelde
    from in_r
    group by 1, 2, 3
),

geschat as (
    select
        in_r.niveau,
        in_r.grondslag,
        in_r.thema_code,
        {{ rond12(
            'sqrt('
            ~ som12(
                'cast(in_r.gewicht as double) '
                ~ '* power(cast(in_r.z as double) - midden.gemiddelde, 2)'
            )
            ~ ' / cast(sum(in_r.gewicht) as double) + '
            ~ som12('cast(in_r.gewicht as double) * in_r.var_z')
            ~ ' / cast(sum(in_r.gewicht) as double))'
        ) }} as kappa
    from in_r
    inner join midden
        on
            in_r.niveau = midden.niveau
            and in_r.grondslag = midden.grondslag
            and in_r.thema_code = midden.thema_code
    group by 1, 2, 3
),

met_wijk as (
    select
        niveau,
        grondslag,
        thema_code,
        kappa
    from geschat
    union all
    select
        'wijk' as niveau,
        grondslag,
        thema_code,
        kappa
    from geschat
    where niveau = 'buurt'
)

select
    niveau,
    grondslag,
    thema_code,
    kappa
from bevroren
union all
select
    niveau,
    grondslag,
    thema_code,
    kappa
from met_wijk
where kappa > 0 and grondslag not in (select bevroren.grondslag from bevroren)
