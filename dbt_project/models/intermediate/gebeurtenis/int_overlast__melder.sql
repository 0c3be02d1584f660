-- Eén rij per niveau, object en peildatum met overlastmeldingen: van hoeveel adressen zij
-- effectief komen, 1 gedeeld door de som van de gekwadrateerde aandelen (label.md stap 1). Even
-- grote aandelen van vier adressen geven vier, alles van één adres geeft één. Een melding zonder
-- adres telt als een adres apart: zij mag niet de indruk wekken van één bron.
with

wijk as (
    select * from {{ ref('stg_vera__wijk') }}
),

complex as (
    select
        complex.complex_id,
        complex.peildatum,
        complex.beheereenheid_id,
        complex.buurt_id,
        coalesce(wijk.id_gegevensbeheerder, complex.eigen_wijk_id) as wijk_id
    from {{ ref('int_complex__beheereenheid') }} as complex
    left join wijk on complex.eigen_wijk_id = wijk.wijk_id
    where complex.beheereenheid_id is not null
),

episode as (
    select
        complex.peildatum,
        complex.beheereenheid_id,
        complex.buurt_id,
        complex.wijk_id,
        episode.eenheid_id,
        episode.episodes
    from {{ ref('int_overlast__episode') }} as episode
    inner join complex
        on episode.complex_id = complex.complex_id and episode.peildatum = complex.peildatum
),

per_object as (
    {%- for niveau, kolom in [
        ('complex', 'beheereenheid_id'), ('buurt', 'buurt_id'), ('wijk', 'wijk_id')
    ] %}
        select
            '{{ niveau }}' as niveau,
            {{ kolom }} as object_id,
            peildatum,
            eenheid_id,
            cast(sum(episodes) as bigint) as episodes
        from episode
        where {{ kolom }} is not null
        group by 1, 2, 3, 4
        {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    niveau,
    object_id,
    peildatum,
    cast(sum(episodes) as bigint) as episodes,
    {{ rond12(
        'cast(sum(episodes) * sum(episodes) as double) / cast(sum(case when eenheid_id is null '
        ~ 'then episodes else episodes * episodes end) as double)'
    ) }} as aantal_melders_effectief
from per_object
group by 1, 2, 3
