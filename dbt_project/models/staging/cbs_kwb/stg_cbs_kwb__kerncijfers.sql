-- Eén rij per jaar en regio (gemeente, wijk of buurt) van de CBS Kerncijfers.
with

levering as (
    select * from {{ source('cbs_kwb', 'kerncijfers') }}
),

jongste as (
    {{ jongste_per_sleutel('levering', ['jaar', 'regio_code']) }}
),

benoemd as (
    select
        {{ contract_kolommen('cbs_kwb', 'kerncijfers') }},
        -- 2014 gives a percentage, later editions a count: one column, one unit
        coalesce(
            eenpersoonshuishouden_pct,
            100.0 * eenpersoonshuishouden_aantal / nullif(huishoudens_aantal, 0)
        ) as eenpersoonshuishouden_aandeel_pct
    from jongste
)

select * from benoemd
