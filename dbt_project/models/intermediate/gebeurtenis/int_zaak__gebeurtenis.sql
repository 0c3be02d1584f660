-- Eén rij per zaak in een telset van het label (overlast, ongedierte) per versie die bekend was.
-- cluster_id is alleen gevuld waar de zaak ergens anders speelt dan bij de woning van wie meldde;
-- leeg = de zaak gaat mee met de woning, ook als haar complex later splitst.
with

zaak as (
    select * from {{ ref('stg_vera__zaak') }}
),

telset as (
    select * from {{ ref('telset') }}
    where telset_code in ('overlast', 'ongedierte')
),

lidmaatschap as (
    select * from {{ ref('int_complex__lidmaatschap') }}
)

select
    zaak.zaak_id,
    telset.telset_code,
    zaak.zaaktype_detail_soort_code as categorie_code,
    zaak.eenheid_id,
    {{ speelt_elders('zaak.cluster_id', 'lidmaatschap.complex_id') }} as cluster_id,
    zaak.begindatum as datum,
    zaak.bekend_vanaf,
    zaak.bekend_tot
from zaak
inner join telset
    on
        zaak.zaaktype_soort_code = telset.zaaktype_soort_code
        and zaak.zaaktype_detail_soort_code = telset.zaaktype_detail_soort_code
left join lidmaatschap
    on
        zaak.eenheid_id = lidmaatschap.eenheid_id
        and zaak.begindatum >= lidmaatschap.begindatum
        and zaak.begindatum < lidmaatschap.einddatum
