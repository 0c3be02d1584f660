-- Eén rij per huurovereenkomst en complex waarin de woning lag, met de periode.
select
    huur.overeenkomst_id,
    lidmaatschap.complex_id,
    greatest(huur.begindatum, lidmaatschap.begindatum) as begindatum,
    least(coalesce(huur.einddatum, date '9999-12-31'), lidmaatschap.einddatum) as einddatum
from {{ ref('stg_vera__huurovereenkomst') }} as huur
inner join {{ ref('int_complex__lidmaatschap') }} as lidmaatschap
    on huur.eenheid_id = lidmaatschap.eenheid_id
where
    huur.status_code not in ('GEA', 'VER')
    and huur.begindatum < lidmaatschap.einddatum
    and coalesce(huur.einddatum, date '9999-12-31') > lidmaatschap.begindatum
