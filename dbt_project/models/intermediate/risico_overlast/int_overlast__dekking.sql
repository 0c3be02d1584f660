-- Eén rij per dekkingsbron en maand, vanaf de eerste gedekte maand tot en met die van de klok:
-- wordt er in de hele corporatie vastgelegd? Alleen van wat het overlastmodel leest.
{%- set tabellen = {
    'vera.zaak': ['int_overlast__melding', 'bekend_vanaf'],
    'zaakverloop.zaak_ernst': ['stg_zaakverloop__zaak_ernst', 'bekend_vanaf'],
    'zaakverloop.zaak_stap': ['stg_zaakverloop__zaak_stap', 'bekend_vanaf'],
    'wijkbeheer.schouw': ['stg_wijkbeheer__schouw', 'bekend_vanaf'],
    'wijkbeheer.maatregel': ['stg_wijkbeheer__maatregel', 'bekend_vanaf'],
    'vera.huurovereenkomst': ['int_huur__einde', 'bekend_vanaf'],
    'vera.onderhoudsverzoek': ['stg_vera__onderhoudsverzoek', 'bekend_vanaf'],
    'vera.defect': ['stg_vera__defect', 'bekend_vanaf'],
} %}
{%- set bronnen = {
    'melding': {
        'groepen': [['vera.zaak']],
        'vanaf': ['vera.zaak'], 'gemeld_als': 'overlast', 'is_zelf': true
    },
    'ernst': {
        'groepen': [['vera.zaak'], ['zaakverloop.zaak_ernst', 'zaakverloop.zaak_stap']],
        'vanaf': ['vera.zaak', 'zaakverloop.zaak_ernst'], 'gemeld_als': 'overlast', 'is_zelf': false
    },
    'dossier': {
        'groepen': [['vera.zaak'], ['zaakverloop.zaak_stap', 'zaakverloop.zaak_ernst']],
        'vanaf': ['vera.zaak', 'zaakverloop.zaak_stap'], 'gemeld_als': 'overlast', 'is_zelf': false
    },
    'schouw': {
        'groepen': [['wijkbeheer.schouw']],
        'vanaf': ['wijkbeheer.schouw'], 'gemeld_als': 'schouw', 'is_zelf': true
    },
    'maatregel': {
        'groepen': [['wijkbeheer.maatregel']],
        'vanaf': ['wijkbeheer.maatregel'], 'gemeld_als': none, 'is_zelf': false
    },
    'mutatie': {
        'groepen': [['vera.huurovereenkomst']],
        'vanaf': ['vera.huurovereenkomst'], 'gemeld_als': 'huur', 'is_zelf': true
    },
    'onderhoud': {
        'groepen': [['vera.onderhoudsverzoek'], ['vera.defect']],
        'vanaf': ['vera.onderhoudsverzoek', 'vera.defect'],
        'gemeld_als': 'onderhoud', 'is_zelf': true
    },
} %}
{{ maanddekking(tabellen, bronnen) }}
