"""The commands and their options. What they do is in the modules beside this one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.bewaren import purge
from orchestration.cli.goedkeuring import release_afwijzen, release_goedkeuren
from orchestration.cli.herberekening import herbereken
from orchestration.cli.initiatief import initiatief_app
from orchestration.cli.leeslog import leeslog_app
from orchestration.cli.maatregel import maatregel_app
from orchestration.cli.opendata import ophalen_open
from orchestration.cli.ophalen import ophalen
from orchestration.cli.opties import Data, Door, Json, Leveringen, read_settings
from orchestration.cli.reproductie import reproduce
from orchestration.cli.reservekopie import reservekopie_app
from orchestration.cli.risico_opdrachten import modellen_app, werklijst_app
from orchestration.cli.signaal import signaal_app
from orchestration.cli.sleutel import sleutel_app
from orchestration.cli.toegang import issue_demo, toegang_app
from orchestration.instellingen import STANDAARD_POORT, STANDAARD_POORT_DAGSTER
from vera.duiding import REDENEN

app = typer.Typer(
    help="Buurtpeil: het Sociaal Beheer Label van complexen, buurten en wijken.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
release_app = typer.Typer(help="Releases: lijst, controle, goedkeuren.", no_args_is_help=True)
methode_app = typer.Typer(help="De methode: waaruit het label bestaat.", no_args_is_help=True)
app.add_typer(release_app, name="release")
duiding_app = typer.Typer(help="Duidingen: het label een hoger of lager.", no_args_is_help=True)
app.add_typer(methode_app, name="methode")
app.add_typer(duiding_app, name="duiding")
app.add_typer(werklijst_app, name="werklijst")
app.add_typer(modellen_app, name="modellen")
app.add_typer(maatregel_app, name="maatregel")
app.add_typer(signaal_app, name="signaal")
app.add_typer(initiatief_app, name="initiatief")
app.add_typer(toegang_app, name="toegang")
app.add_typer(leeslog_app, name="leeslog")
app.add_typer(sleutel_app, name="sleutel")
app.add_typer(reservekopie_app, name="reservekopie")

app.command()(purge)
app.command()(ophalen)
app.command("ophalen-open")(ophalen_open)
app.command()(reproduce)
app.command()(herbereken)
release_app.command("goedkeuren")(release_goedkeuren)
release_app.command("afwijzen")(release_afwijzen)

Eenheden = Annotated[int, typer.Option(min=100, max=5_000_000, help="Aantal woningen")]
Jaren = Annotated[int, typer.Option(min=1, max=40, help="Aantal jaren")]
Seed = Annotated[int, typer.Option(min=0, help="Zelfde seed, zelfde bytes")]


@app.command()
def demo(eenheden: Eenheden = 60_000, jaren: Jaren = 10, seed: Seed = 1, data: Data = None) -> None:
    """Maak de synthetische voorbeeldcorporatie, draai alles en vat samen."""
    from orchestration.cli.verversing import run_demo

    run_demo(read_settings(data), eenheden=eenheden, jaren=jaren, seed=seed)
    issue_demo(read_settings(data))


@app.command()
def generate(
    out: Annotated[Path, typer.Option("--out", help="Map voor de leveringen")],
    eenheden: Eenheden = 60_000,
    jaren: Jaren = 10,
    seed: Seed = 1,
) -> None:
    """Maak alleen de synthetische leveringen; de waarheid komt apart in OUT/waarheid."""
    from orchestration.cli.verversing import generate_leveringen

    generate_leveringen(out, eenheden=eenheden, jaren=jaren, seed=seed)


@app.command()
def run(
    zonder_ophalen: Annotated[
        bool,
        typer.Option("--zonder-ophalen", help="Lees nu niet uit databases, ook al staan zij klaar"),
    ] = False,
    leveringen: Leveringen = None,
    data: Data = None,
) -> None:
    """Lees een map met leveringen, bereken de labels en publiceer een release."""
    from orchestration.cli.verversing import run_verversing

    run_verversing(read_settings(data, leveringen), ophalen=not zonder_ophalen)


@app.command()
def papieren(
    naar: Annotated[Path, typer.Option("--naar", help="Map voor de papieren")] = Path("papieren"),
    data: Data = None,
) -> None:
    """Zet klaar: inschrijving Algoritmeregister, invoer DPIA, verwerkingsregister, uitleg."""
    from orchestration.cli.papieren import copy_papieren

    copy_papieren(read_settings(data), naar)


@app.command()
def label(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Complex, buurt of wijk")],
    peildatum: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Het label dat op deze dag gold"),
    ] = None,
    als_json: Json = False,
    data: Data = None,
) -> None:
    """Toon het label van één complex, buurt of wijk uit de huidige release."""
    from orchestration.cli.opzoeken import show_label

    show_label(read_settings(data), id_, peildatum.date() if peildatum else None, als_json=als_json)


@app.command()
def dekking(data: Data = None) -> None:
    """Toon per thema welke indicatoren gegevens hebben, en uit welke levering zij komen."""
    from orchestration.cli.dekking import show_dekking

    show_dekking(read_settings(data))


@app.command()
def evaluate(
    label: Annotated[
        bool, typer.Option("--label", help="Het label, tegen de waarheid van twee werelden")
    ] = False,
    risico: Annotated[
        bool, typer.Option("--risico", help="De risicomodellen, tegen de waarheid van demowerelden")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Aantal werelden van elke soort")] = 8,
    wereld: Annotated[str, typer.Option(help="Bij --label: vast, demo of beide")] = "beide",
    snel: Annotated[
        bool, typer.Option("--snel", help="Bij --risico: vier vensters, grenzen 5 % ruimer")
    ] = False,
    bouw_plafond: Annotated[
        bool,
        typer.Option("--bouw-plafond", help="Bij --risico: train het plafond op andere werelden"),
    ] = False,
    ablatie: Annotated[
        bool,
        typer.Option("--ablatie", help="Bij --risico: wat keuzes schelen, op wereld 100"),
    ] = False,
    data: Data = None,
    als_json: Json = False,
) -> None:
    """Beproef de methode op werelden waarvan de waarheid bekend is."""
    if label == risico:
        raise typer.BadParameter(
            "zeg wat er beproefd wordt: --label of --risico", param_hint="--label"
        )
    if risico:
        from orchestration.cli import evaluatie_risico

        if ablatie:
            evaluatie_risico.ablate()
            return
        evaluatie_risico.evaluate(
            data=read_settings(data).data,
            seeds=seeds,
            snel=snel,
            bouw_plafond=bouw_plafond,
            als_json=als_json,
        )
        return
    from orchestration.cli.evaluatie import evaluate_label, read_wereld

    evaluate_label(seeds=seeds, wereld=read_wereld(wereld), als_json=als_json)


@app.command("beproef")
def beproef_leveringen(
    aantal: Annotated[int, typer.Option(min=1, max=1_000_000, help="Aantal gevallen")] = 10_000,
    seed: Seed = 1,
    geval: Annotated[
        int | None, typer.Option("--geval", min=0, help="Alleen het geval met dit nummer")
    ] = None,
    keten: Annotated[
        int, typer.Option(min=0, help="Bouw labels van elk zoveelste geval per mutatie; 0 = geen")
    ] = 0,
    werkers: Annotated[int, typer.Option(min=1, max=64, help="Processen naast elkaar")] = 1,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="PAD", help="Schrijf de tabel als Markdown")
    ] = None,
    bewaar: Annotated[
        Path | None,
        typer.Option("--bewaar", metavar="MAP", help="Bij --geval: bewaar de levering hier"),
    ] = None,
    als_json: Json = False,
) -> None:
    """Beproef inlezen en poort in op verminkte leveringen; elk geval heeft een eigen nummer."""
    from orchestration.cli.beproeving import beproef

    beproef(
        aantal=aantal,
        seed=seed,
        geval=geval,
        keten=keten,
        werkers=werkers,
        als_json=als_json,
        markdown=markdown,
        bewaar=bewaar,
    )


@app.command()
def ontregel(
    aantal: Annotated[int, typer.Option(min=1, max=100_000, help="Aantal proeven")] = 60,
    seed: Seed = 1,
    soort: Annotated[
        list[str] | None,
        typer.Option("--soort", help="Alleen deze soort; vaker te geven (stap, levering: traag)"),
    ] = None,
    geval: Annotated[
        int | None, typer.Option("--geval", min=0, help="Alleen de proef met dit nummer")
    ] = None,
    map_: Annotated[
        Path | None,
        typer.Option("--map", metavar="MAP", help="Werk hier, en gebruik wat er al klaarstaat"),
    ] = None,
    als_json: Annotated[
        Path | None, typer.Option("--json", metavar="PAD", help="Voeg hier een regel per proef toe")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="PAD", help="Schrijf de tabel als Markdown")
    ] = None,
) -> None:
    """Dood processen, vul de schijf, neem de database weg, en kijk wat er overblijft."""
    from orchestration.cli.ontregeling import ontregel

    ontregel(
        aantal=aantal,
        seed=seed,
        soorten=soort or [],
        geval=geval,
        map_=map_,
        als_json=als_json,
        markdown=markdown,
    )


@app.command()
def valideer(
    data: Data = None,
    als_json: Json = False,
    beeld: Annotated[
        Path | None, typer.Option("--beeld", metavar="PAD", help="Schrijf ook een plaatje (PNG)")
    ] = None,
) -> None:
    """Leg het label op openbare gegevens naast de officiële indexen die er niet in zitten."""
    from orchestration.cli.validatie import validate_openbaar

    validate_openbaar(read_settings(data), als_json=als_json, beeld=beeld)


@app.command()
def contract(
    tabel: Annotated[str | None, typer.Argument(help="bron of bron.tabel")] = None,
    voorbeeld: Annotated[
        bool, typer.Option("--voorbeeld", help="Alleen een voorbeeldbestand (CSV)")
    ] = False,
) -> None:
    """Toon hoe een levering eruit moet zien: kolommen, typen, codes, doelen, een voorbeeld."""
    from orchestration.cli.contract import show_contract

    show_contract(tabel, alleen_voorbeeld=voorbeeld)


@app.command()
def doelbinding(
    product: Annotated[
        str | None, typer.Option(metavar="NAAM", help="Alleen dit product, met al zijn wegen")
    ] = None,
    als_json: Json = False,
    data: Data = None,
) -> None:
    """Toon van welke bronkolommen elk product is gemaakt, en of hun doel dat toelaat."""
    from orchestration.cli.doelbinding import show_doelbinding

    show_doelbinding(read_settings(data), product, als_json=als_json)


@app.command()
def scan(
    termen: Annotated[
        Path | None,
        typer.Option(metavar="PAD", help="Zoek ook deze teksten (namen), één per regel"),
    ] = None,
    als_json: Json = False,
    data: Data = None,
) -> None:
    """Zoek persoonsgegevens in alles wat een run achterliet; toont waar, nooit wat."""
    from orchestration.cli.scan import show_scan

    show_scan(read_settings(data), termen, als_json=als_json)


@app.command()
def serve(
    data: Data = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = STANDAARD_POORT,
    host: Annotated[str, typer.Option(help="Adres om op te luisteren")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Aantal processen")] = 1,
) -> None:
    """Start de pagina en de API."""
    from orchestration.cli.diensten import serve_release

    serve_release(read_settings(data), host=host, port=port, werkers=workers)


@app.command()
def dev(
    data: Data = None,
    leveringen: Leveringen = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = STANDAARD_POORT_DAGSTER,
) -> None:
    """Start de Dagster-pagina's: herkomst, controles, planning, runs."""
    from orchestration.cli.diensten import start_dagster

    start_dagster(read_settings(data, leveringen), port=port)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def dbt(ctx: typer.Context, data: Data = None) -> None:
    """Geef een opdracht aan dbt op het warehouse van de datamap, bijvoorbeeld `dbt test`."""
    from orchestration.cli.diensten import call_dbt

    call_dbt(read_settings(data), ctx.args)


@app.command()
def bench(
    ctx: typer.Context,
    eenheden: Eenheden = 60_000,
    jaren: Jaren = 10,
    seed: Seed = 1,
    dienst: Annotated[bool, typer.Option("--dienst", help="Meet de dienst, niet een run")] = False,
    complexen: Annotated[int, typer.Option(min=100, help="Met --dienst: complexen")] = 2_000,
    adressen: Annotated[int, typer.Option(min=0, help="Met --dienst: adressen")] = 60_000,
    seconden: Annotated[int, typer.Option(min=1, help="Met --dienst: per meting")] = 5,
    ronden: Annotated[int, typer.Option(min=1, help="Met --dienst: keer per meting")] = 3,
    sector: Annotated[
        bool, typer.Option("--sector", help="Meet drie groottes, tot die van de hele sector")
    ] = False,
    minuten: Annotated[
        int, typer.Option(min=1, help="Met --sector: stop een grootte die langer duurt")
    ] = 120,
    schrijf: Annotated[Path | None, typer.Option(help="Maak ook deze pagina")] = None,
) -> None:
    """Meet een run tegen dezelfde SQL en schattingen zonder iets eromheen, of dienst of schaal."""
    from orchestration.cli.bench import measure, measure_dienst
    from orchestration.cli.schaal import measure_schaal

    if sector:
        bron = ctx.get_parameter_source("eenheden")
        is_gegeven = bron is not None and bron.name != "DEFAULT"
        measure_schaal(eenheden if is_gegeven else None, jaren, seed, minuten, schrijf)
    elif dienst:
        measure_dienst(complexen, adressen, seconden, ronden, schrijf)
    else:
        measure(eenheden, jaren, seed, schrijf)


@app.command("spark-gelijk")
def spark_gelijk(
    data: Data = None,
    kies: Annotated[
        list[str] | None, typer.Option(help="Alleen deze modellen, zoals dbt ze kiest")
    ] = None,
    los: Annotated[
        bool, typer.Option("--los", help="Met --kies: lees wat een model nodig heeft uit DuckDB")
    ] = False,
    python: Annotated[Path | None, typer.Option(help="Python met dbt-spark")] = None,
    werkmap: Annotated[Path | None, typer.Option(help="Bewaar hier wat Spark maakte")] = None,
) -> None:
    """Bouw dezelfde SQL op Spark en vergelijk elke tabel met die van DuckDB."""
    from orchestration.cli.spark import compare

    compare(read_settings(data), python, werkmap, kies or [], los=los)


@release_app.command("list")
def release_list(data: Data = None, als_json: Json = False) -> None:
    """Toon alle releases, de nieuwste eerst."""
    from orchestration.cli.releases import list_all

    list_all(read_settings(data), als_json=als_json)


@release_app.command("verify")
def release_verify(
    release_id: Annotated[str | None, typer.Argument(metavar="[ID]")] = None, data: Data = None
) -> None:
    """Controleer een release (zonder ID: de huidige) tegen haar eigen manifest."""
    from orchestration.cli.releases import verify_one

    verify_one(read_settings(data), release_id)


@release_app.command("rollback")
def release_rollback(
    release_id: Annotated[str, typer.Argument(metavar="ID")], data: Data = None
) -> None:
    """Toon weer een eerdere release."""
    from orchestration.cli.releases import rollback_to

    rollback_to(read_settings(data), release_id)


@methode_app.command("freeze")
def methode_freeze(leveringen: Leveringen = None, data: Data = None) -> None:
    """Schat de referentie één keer en bevries haar, zonder te publiceren."""
    from orchestration.cli.methode import freeze

    freeze(read_settings(data, leveringen))


@methode_app.command("rebase")
def methode_rebase(
    vanaf: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Eerste peildatum van de nieuwe referentie"),
    ] = None,
    grondslag: Annotated[str, typer.Option(help="eigen of openbaar")] = "eigen",
    leveringen: Leveringen = None,
    data: Data = None,
) -> None:
    """Maak een nieuwe referentie naast de oude, met een tabel van oude naar nieuwe labels."""
    from orchestration.cli.methode import rebase

    rebase(read_settings(data, leveringen), grondslag, vanaf.date() if vanaf else None)


@methode_app.command("activate")
def methode_activate(
    referentie_id: Annotated[str, typer.Argument(metavar="ID")], data: Data = None
) -> None:
    """Neem een referentie in gebruik; wat gepubliceerd is, blijft zoals het is."""
    from orchestration.cli.methode import activate

    activate(read_settings(data), referentie_id)


@methode_app.command("show")
def methode_show(data: Data = None) -> None:
    """Toon waaruit het label bestaat: thema's, indicatoren, instellingen, referentie."""
    from orchestration.cli.methode import show

    show(read_settings(data))


Nummer = Annotated[int, typer.Argument(metavar="NR", help="Nummer van de duiding")]


@duiding_app.command("add")
def duiding_add(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Complex of beheercluster")],
    delta: Annotated[int, typer.Option(help="+1 (grotere opgave) of -1 (kleinere)")],
    reden: Annotated[str, typer.Option(metavar="CODE", help=f"Een van: {', '.join(REDENEN)}")],
    toelichting: Annotated[
        str, typer.Option(metavar="TEKST", help="Wat er speelt; niets over personen")
    ],
    door: Door,
    tweede: Annotated[
        str | None, typer.Option(metavar="NAAM", help="Wie haar als tweede bevestigt")
    ] = None,
    data: Data = None,
) -> None:
    """Zet het label van een complex twee kwartalen lang een hoger of lager."""
    from orchestration.cli.duiding import add
    from serving.besluit.duiding import Voorstel

    add(read_settings(data), Voorstel(id_, delta, reden, toelichting, door), tweede)


@duiding_app.command("list")
def duiding_list(
    alleen_open: Annotated[
        bool, typer.Option("--open", help="Alleen wat nog telt, gaat tellen of wacht")
    ] = False,
    data: Data = None,
) -> None:
    """Toon de duidingen, met wie ze heeft vastgelegd."""
    from orchestration.cli.duiding import list_all

    list_all(read_settings(data), alleen_open=alleen_open)


@duiding_app.command("confirm")
def duiding_confirm(nummer: Nummer, door: Door, data: Data = None) -> None:
    """Bevestig als tweede persoon een duiding die op een eerdere volgt."""
    from orchestration.cli.duiding import confirm

    confirm(read_settings(data), nummer, door)


@duiding_app.command("withdraw")
def duiding_withdraw(nummer: Nummer, door: Door, data: Data = None) -> None:
    """Trek een duiding in; wat gepubliceerd is, blijft zoals het is."""
    from orchestration.cli.duiding import withdraw

    withdraw(read_settings(data), nummer, door)


@duiding_app.command("kpi")
def duiding_kpi(data: Data = None) -> None:
    """Toon bij welk deel van de complexen het label met een duiding is aangepast."""
    from orchestration.cli.duiding import show_kpi

    show_kpi(read_settings(data))
