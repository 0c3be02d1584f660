{#
    The strata of one level, drawn to the level above as far as their distance can be chance
    (ADR 0018): the CTEs of int_referentie__stratum for level 2 (building type) and 1 (with size band).
    They read CTE `ligging` and `gekrompen_<niveau + 1>`; the last, `gekrompen_<niveau>`, is the result.
#}
{% macro leun_stratum(niveau) -%}
afstand_{{ niveau }} as (
    select
        eigen.*,
        boven.gekrompen as boven_gekrompen,
        boven.variantie as boven_variantie,
        boven.verwacht as boven_verwacht,
        boven.waarde as boven_waarde,
        eigen.ligging - ouder.ligging as afstand,
        coalesce(
            eigen.is_genoeg and eigen.variantie is not null
            and eigen.ligging is not null and ouder.ligging is not null, false
        ) as telt_zelf
    from ligging as eigen
    inner join ligging as ouder
        on eigen.indicator_code = ouder.indicator_code and eigen.ouder_code = ouder.stratum_code
    inner join gekrompen_{{ niveau + 1 }} as boven
        on eigen.indicator_code = boven.indicator_code and eigen.ouder_code = boven.stratum_code
    where eigen.niveau = {{ niveau }}
),

-- hoe ver strata echt uiteenlopen: wat zij meer afwijken dan bij toeval
tussen_{{ niveau }} as (
    select
        indicator_code,
        greatest(0.0, {{ rond12(
            som12('som_noemer * (afstand * afstand - variantie)') ~ ' / sum(som_noemer)'
        ) }}) as tau2
    from afstand_{{ niveau }}
    where telt_zelf
    group by indicator_code
),

deel_{{ niveau }} as (
    select
        eigen.*,
        coalesce(tussen.tau2, 0.0) as tau2,
        case
            when eigen.telt_zelf and tussen.tau2 > 0
                then tussen.tau2 / (tussen.tau2 + eigen.variantie)
            else 0.0
        end as deel
    from afstand_{{ niveau }} as eigen
    left join tussen_{{ niveau }} as tussen on eigen.indicator_code = tussen.indicator_code
),

ligging_{{ niveau }} as (
    select
        *,
        case
            when deel > 0 then boven_gekrompen + deel * (ligging - boven_gekrompen)
            else boven_gekrompen
        end as gekrompen
    from deel_{{ niveau }}
),

waarde_{{ niveau }} as (
    select
        *,
        case
            when deel = 0 then boven_waarde
            when soort_meting = 'telling' then exp(gekrompen)
            when soort_meting = 'aandeel' then 1.0 / (1.0 + exp(-gekrompen))
            else gekrompen
        end as waarde
    from ligging_{{ niveau }}
),

-- wat de empirische logit hoger ligt, komt van de omvang van de complexen in het stratum (ADR 0010)
gekrompen_{{ niveau }} as (
    select
        indicator_code,
        stratum_code,
        aantal_beheereenheden,
        gekrompen,
        tau2 * (1.0 - deel) + (1.0 - deel) * (1.0 - deel) * boven_variantie as variantie,
        case
            when soort_meting != 'aandeel' then waarde
            when telt_zelf then som_logit / som_noemer + gekrompen - ligging
            else boven_verwacht
        end as verwacht,
        waarde
    from waarde_{{ niveau }}
),
{%- endmacro %}
