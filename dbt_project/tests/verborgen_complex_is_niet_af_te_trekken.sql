-- Eén rij per buurt waarvan een kleine som overblijft als een lezer alle getoonde complexen van de
-- getoonde buurt aftrekt (trust.md, "Small counts": differencing).
with

cel as (
    select
        gestandaardiseerd.niveau,
        gestandaardiseerd.object_id,
        gestandaardiseerd.peildatum,
        gestandaardiseerd.indicator_code,
        gestandaardiseerd.teller,
        coalesce(afscherming.is_verborgen, false) as is_verborgen
    from {{ ref('int_label__gestandaardiseerd') }} as gestandaardiseerd
    left join {{ ref('int_label__afscherming') }} as afscherming
        on
            gestandaardiseerd.niveau = afscherming.niveau
            and gestandaardiseerd.object_id = afscherming.object_id
            and gestandaardiseerd.peildatum = afscherming.peildatum
            and gestandaardiseerd.indicator_code = afscherming.indicator_code
    where gestandaardiseerd.grondslag = 'eigen' and gestandaardiseerd.thema_code = 'FIN'
),

per_buurt as (
    select
        omvang.buurt_id,
        cel.peildatum,
        cel.indicator_code,
        sum(case when not cel.is_verborgen then cel.teller else 0 end) as getoond,
        count(case when cel.is_verborgen then 1 end) as aantal_verborgen
    from cel
    inner join {{ ref('int_beheereenheid__omvang') }} as omvang
        on cel.object_id = omvang.beheereenheid_id and cel.peildatum = omvang.peildatum
    where cel.niveau = 'complex'
    group by 1, 2, 3
)

select
    cel.object_id as buurt_id,
    cel.peildatum,
    cel.indicator_code,
    cel.teller - per_buurt.getoond as rest
from cel
inner join per_buurt
    on
        cel.object_id = per_buurt.buurt_id
        and cel.peildatum = per_buurt.peildatum
        and cel.indicator_code = per_buurt.indicator_code
where
    cel.niveau = 'buurt'
    and not cel.is_verborgen
    and per_buurt.aantal_verborgen > 0
    and cel.teller - per_buurt.getoond < 5
