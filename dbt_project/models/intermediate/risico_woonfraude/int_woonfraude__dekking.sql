-- Eén rij per dekkingsbron en maand, vanaf de eerste gedekte maand tot en met die van de klok:
-- wordt er in de hele corporatie vastgelegd? Alleen van wat het woonfraudemodel leest.
{%- set tabellen = {
    'woonfraude.toegang_geweigerd': ['stg_woonfraude__toegang_geweigerd', 'bekend_vanaf'],
    'woonfraude.advertentie_match': ['stg_woonfraude__advertentie_match', 'bekend_vanaf'],
    'woonfraude.onderzoek': ['stg_woonfraude__onderzoek', 'bekend_vanaf'],
} %}
{%- set samen = tabellen.keys() | list %}
{%- set bronnen = {
    'weigering': {
        'groepen': [samen],
        'vanaf': ['woonfraude.toegang_geweigerd'], 'gemeld_als': none, 'is_zelf': false
    },
    'advertentie': {
        'groepen': [samen],
        'vanaf': ['woonfraude.advertentie_match'], 'gemeld_als': none, 'is_zelf': false
    },
    'onderzoek': {
        'groepen': [samen],
        'vanaf': ['woonfraude.onderzoek'], 'gemeld_als': none, 'is_zelf': false
    },
} %}
{{ maanddekking(tabellen, bronnen) }}
