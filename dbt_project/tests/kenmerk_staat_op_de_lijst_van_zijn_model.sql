-- Eén rij per kolom die een risicomodel aanbiedt en die niet op zijn lijst staat, of andersom: een
-- kenmerk erbij is een keuze die in seed risico_kenmerk wordt gemaakt, niet in een select.
{%- set tabellen = {
    'overlast': ref('int_overlast__kenmerk'),
    'woonfraude': ref('int_woonfraude__kenmerk'),
} %}
{#- Keys, the size that a rate needs, and the counts of the rule. #}
{%- set geen_kenmerk = {
    'overlast': [
        'complex_id', 'peildatum', 'buurt_id', 'aantal_eenheden', 'aantal_meldingen_3m',
        'aantal_meldingen_6m', 'aantal_meldingen_12m', 'aantal_ernstig_6m',
        'aantal_escalaties_ooit'
    ],
    'woonfraude': ['complex_id', 'peildatum', 'aantal_eenheden'],
} %}
with

lijst as (
    select
        model as voor,
        kenmerk
    from {{ ref('risico_kenmerk') }}
),

aangeboden as (
    {%- for model, tabel in tabellen.items() %}
        {%- set kolommen = adapter.get_columns_in_relation(tabel) if execute else [] %}
        {%- for kolom in kolommen if kolom.name not in geen_kenmerk[model] %}
            select
                '{{ model }}' as voor,
                '{{ kolom.name }}' as kenmerk
            union all
        {%- endfor %}
    {%- endfor %}
    select
        voor,
        kenmerk
    from lijst
    where false
)

select
    coalesce(lijst.voor, aangeboden.voor) as voor,
    coalesce(lijst.kenmerk, aangeboden.kenmerk) as kenmerk
from lijst
full outer join aangeboden
    on lijst.voor = aangeboden.voor and lijst.kenmerk = aangeboden.kenmerk
where lijst.kenmerk is null or aangeboden.kenmerk is null
