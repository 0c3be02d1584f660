"""The commands about risk models and their worklists, and the options of these."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.opties import Data, Door, Json, read_settings
from orchestration.instellingen import STANDAARD_POORT_MLFLOW
from vera.werklijst import MODELLEN, OORDELEN, REDENEN, UITKOMSTEN, Model, check_model

modellen_app = typer.Typer(
    help="De risicomodellen: versies, stilzetten, tekenen, MLflow.", no_args_is_help=True
)
werklijst_app = typer.Typer(
    help="Werklijsten: bekijken, oordelen, besluiten, cijfers.", no_args_is_help=True
)

Naam = Annotated[str, typer.Argument(metavar="MODEL", help=" of ".join(MODELLEN))]
Reden = Annotated[str, typer.Option("--reden", metavar="TEKST", help="Waarom; niets over personen")]
Nummer = Annotated[int, typer.Argument(metavar="NR", help="Nummer in de werklijst")]

_UITKOMSTEN = "; ".join(f"{model}: {', '.join(codes)}" for model, codes in UITKOMSTEN.items())


@modellen_app.command("list")
def modellen_list(data: Data = None, als_json: Json = False) -> None:
    """Toon de versies: welke telt, wanneer gemaakt, wat de poort ervan zei."""
    from orchestration.cli.modellen import list_versions

    list_versions(read_settings(data), als_json=als_json)


@modellen_app.command("stop")
def modellen_stop(model: Naam, reden: Reden, door: Door, data: Data = None) -> None:
    """Zet een model stil: de werklijst toont alleen nog wat door loting is gekozen."""
    from orchestration.cli.modellen import set_stand

    set_stand(read_settings(data), check_model(model), "gestopt", reden, door)


@modellen_app.command("start")
def modellen_start(model: Naam, reden: Reden, door: Door, data: Data = None) -> None:
    """Neem een stilgezet model weer in gebruik."""
    from orchestration.cli.modellen import set_stand

    set_stand(read_settings(data), check_model(model), "in_gebruik", reden, door)


@modellen_app.command("teken")
def modellen_teken(
    model: Naam,
    versie: Annotated[str, typer.Option("--versie", metavar="VERSIE", help="Versie die komt")],
    reden: Reden,
    door: Door,
    data: Data = None,
) -> None:
    """Teken voor een nieuw model waarvan de lijst sterk verandert; telt bij de volgende run."""
    from orchestration.cli.modellen import sign_list

    sign_list(read_settings(data), check_model(model), versie, reden, door)


@modellen_app.command("serve")
def modellen_serve(
    data: Data = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = STANDAARD_POORT_MLFLOW,
) -> None:
    """Start de pagina van MLflow: trainingen, maten, plaatjes, modelkaarten."""
    from orchestration.cli.modellen import serve_registry

    serve_registry(read_settings(data), port=port)


def _add_werklijst(model: Model) -> None:
    """Give a model its commands; both have the same."""
    groep = typer.Typer(help=f"De werklijst {model}; zonder opdracht: wat er wacht.")

    @groep.callback(invoke_without_command=True)
    def show(
        ctx: typer.Context,
        door: Annotated[
            str | None,
            typer.Option(
                "--door", metavar="NAAM", help="Toon waarom, bij wat u al hebt beoordeeld"
            ),
        ] = None,
        data: Data = None,
        als_json: Json = False,
    ) -> None:
        if ctx.invoked_subcommand is None:
            from orchestration.cli.werklijst import show as show_lijst

            show_lijst(read_settings(data), model, door, als_json=als_json)

    @groep.command("maak")
    def compose(
        capaciteit: Annotated[int, typer.Option(min=1, help="Hoeveel regels u aankunt")],
        k: Annotated[
            int | None,
            typer.Option(min=1, help="Langste deel op score [evenveel als de capaciteit]"),
        ] = None,
        gelogd: Annotated[
            int | None,
            typer.Option(
                min=0,
                help="Gelogde onderzoeken op eigen initiatief (woonfraude) [zoveel als geleverd]",
            ),
        ] = None,
        data: Data = None,
    ) -> None:
        """Stel de lijst van de laatste peildatum samen uit de scores van de release."""
        from orchestration.cli.werklijst import compose as compose_lijst
        from orchestration.cli.werklijst import make_opdracht

        instellingen = read_settings(data)
        opdracht = make_opdracht(instellingen, model, k or capaciteit, capaciteit, gelogd)
        compose_lijst(instellingen, model, opdracht)

    @groep.command("beoordeel")
    def assess(
        nummer: Nummer,
        oordeel: Annotated[str, typer.Argument(metavar="OORDEEL", help=" of ".join(OORDELEN))],
        door: Door,
        data: Data = None,
    ) -> None:
        """Geef uw eigen oordeel; daarna ziet u waarom het complex op de lijst staat."""
        from orchestration.cli.werklijst import assess as assess_regel

        assess_regel(read_settings(data), model, nummer, oordeel, door)

    @groep.command("besluit")
    def decide(
        nummer: Nummer,
        reden: Annotated[
            str, typer.Option("--reden", metavar="CODE", help=f"Een van: {', '.join(REDENEN)}")
        ],
        door: Door,
        toelichting: Annotated[
            str, typer.Option(metavar="TEKST", help="Wat er speelt; niets over personen")
        ] = "",
        data: Data = None,
    ) -> None:
        """Leg een besluit vast; alleen zo gaat een regel van de lijst."""
        from orchestration.cli.werklijst import decide as decide_regel

        decide_regel(read_settings(data), model, nummer, reden, toelichting, door)

    @groep.command("uitkomst")
    def add_outcome(
        nummer: Nummer,
        uitkomst: Annotated[str, typer.Argument(metavar="UITKOMST", help=_UITKOMSTEN)],
        door: Door,
        adres: Annotated[int, typer.Option(min=1, help="Hoeveelste adres van de regel")] = 1,
        data: Data = None,
    ) -> None:
        """Leg vast wat ervan kwam, ook als er niets is gevonden."""
        from orchestration.cli.werklijst import add_outcome as add_uitkomst

        add_uitkomst(read_settings(data), model, nummer, uitkomst, door, adres)

    @groep.command("cijfers")
    def show_figures(data: Data = None, als_json: Json = False) -> None:
        """Toon hoe vaak mensen het eens zijn, hoe vaak niet, en wat lijst en loting vinden."""
        from orchestration.cli.werklijst import show_figures as show_cijfers

        show_cijfers(read_settings(data), model, als_json=als_json)

    @groep.command("besluiten")
    def list_decisions(
        scoreversie: Annotated[
            str | None, typer.Option(metavar="VERSIE", help="Alleen van deze versie van de score")
        ] = None,
        data: Data = None,
        als_json: Json = False,
    ) -> None:
        """Toon de besluiten, met de score die toen gold."""
        from orchestration.cli.werklijst import list_decisions as list_besluiten

        list_besluiten(read_settings(data), model, scoreversie, als_json=als_json)

    werklijst_app.add_typer(groep, name=model)


for _model in MODELLEN:
    _add_werklijst(_model)
