"""``modellen``: versions in the registry, stopping, starting, signing, MLflow's own page."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from orchestration.cli.leeslog import note_handeling
from orchestration.instellingen import Instellingen
from serving.besluit.modeltekening import Tekening
from serving.besluit.werklijst import Modelstand, Stand
from serving.besluit.werklijstregister import Werklijstregister
from vera.errors import GebruikFout
from vera.werklijst import MODELLEN, Model


def list_versions(instellingen: Instellingen, *, als_json: bool) -> None:
    """Print the versions of both models, which one scores, and what the gate said."""
    from models.registry import Modelregister
    from models.risico.poort import CONCLUSIES

    register = Modelregister(instellingen.mlflow_adres, instellingen.modellen_map)
    standen = _read_standen(instellingen)
    versies = {model: register.list_versies(model) for model in MODELLEN}
    tekeningen = _read_tekeningen(instellingen)
    if als_json:
        inhoud: dict[str, Any] = {
            model: {
                "isGestopt": _is_gestopt(standen[model]),
                "versies": [
                    {
                        "modelversie": v.modelversie,
                        "isKampioen": v.is_kampioen,
                        "gemaaktOp": v.gemaakt_op.isoformat(),
                        "kampioenSinds": v.kampioen_sinds and v.kampioen_sinds.isoformat(),
                        "poort": v.conclusie,
                        "nietVoldaan": list(v.gezakt),
                    }
                    for v in versies[model]
                ],
                "tekeningen": [
                    {
                        "modelversie": t.modelversie,
                        "naKampioen": t.kampioen,
                        "reden": t.reden,
                        "door": t.door,
                        "vastgelegdOp": t.vastgelegd_op.isoformat(),
                    }
                    for t in tekeningen[model]
                ],
            }
            for model in MODELLEN
        }
        print(json.dumps(inhoud, ensure_ascii=False, indent=2))
        return
    for model in MODELLEN:
        print(_say_stand(model, standen[model], any(v.is_kampioen for v in versies[model])))
        if not versies[model]:
            continue
        tabel = Table()
        for kop in ("versie", "", "gemaakt op", "poort", "niet voldaan"):
            tabel.add_column(kop, overflow="fold")
        for v in versies[model]:
            tabel.add_row(
                v.modelversie,
                "kampioen" if v.is_kampioen else "",
                f"{v.gemaakt_op:%Y-%m-%d}",
                CONCLUSIES[v.conclusie] if v.conclusie else "nog niet beoordeeld",
                "\n".join(v.gezakt),
            )
        Console(highlight=False, markup=False).print(tabel)
        for t in tekeningen[model]:
            print(
                f"Getekend voor de lijst van {t.modelversie} na {t.kampioen}: {t.door}, "
                f"{t.vastgelegd_op:%Y-%m-%d} ({t.reden})"
            )


def set_stand(
    instellingen: Instellingen, model: Model, stand: Stand, reden: str, door: str
) -> None:
    """Stop or start a model, with who and why."""
    register = Werklijstregister(instellingen.besluiten_adres)
    wat = "stop" if stand == "gestopt" else "start"
    with note_handeling(instellingen, f"modellen {wat}", "beheer", door=door):
        register.set_modelstand(model, stand, reden, door)
    register.close()
    if stand == "gestopt":
        print(
            f"Het model {model} is stilgezet. De werklijst toont nu alleen wat door loting is "
            "gekozen; een volgende run kiest niets op score. De labels blijven."
        )
    else:
        print(f"Het model {model} is weer in gebruik.")


def sign_list(instellingen: Instellingen, model: Model, versie: str, reden: str, door: str) -> None:
    """Sign for the list of a version that the gate held up because it differs much.

    Raises
    ------
    GebruikFout
        When there is no such version, or its list is not what it was held up for.
    """
    from models.registry import Modelregister
    from models.risico.poort import ONDERDEEL_LIJST

    versies = Modelregister(instellingen.mlflow_adres, instellingen.modellen_map).list_versies(
        model
    )
    eigen = next((v for v in versies if v.modelversie == versie), None)
    kampioen = next((v for v in versies if v.is_kampioen), None)
    if eigen is None:
        raise GebruikFout(
            f"Er is geen versie {versie} van {model}.",
            remedie="`buurtpeil modellen list` toont ze alle",
        )
    if kampioen is None or ONDERDEEL_LIJST not in eigen.gezakt_onderdelen:
        raise GebruikFout(
            f"Bij versie {versie} van {model} valt niets te tekenen.",
            verwacht="een versie die de poort tegenhield omdat de lijst te veel verandert, terwijl "
            "een ander model nog kiest",
            remedie="kijk met `buurtpeil modellen list` wat niet gehaald is",
        )
    register = Werklijstregister(instellingen.besluiten_adres)
    with note_handeling(instellingen, "modellen teken", "beheer", door=door):
        tekening = register.add_tekening(model, versie, kampioen.modelversie, reden, door)
    register.close()
    print(
        f"{tekening.door} tekende voor de lijst van versie {versie}, na die van "
        f"{kampioen.modelversie}. De volgende run legt deze versie opnieuw langs de poort."
    )
    andere = [
        zin
        for zin, onderdeel in zip(eigen.gezakt, eigen.gezakt_onderdelen, strict=True)
        if onderdeel != ONDERDEEL_LIJST
    ]
    if andere:
        print("Dat is niet genoeg. Ook niet gehaald: " + " ".join(andere))


def serve_registry(instellingen: Instellingen, *, port: int) -> None:
    """Serve MLflow's page on this machine, until interrupted; it asks nothing of the network."""
    from models.registry import Modelregister

    # Tables are made here, by one process: two that make them at once break the database.
    Modelregister(instellingen.mlflow_adres, instellingen.modellen_map).prepare()
    omgeving = {
        **os.environ,
        # Not on the command line, where everybody on this machine could read a password.
        "MLFLOW_BACKEND_STORE_URI": instellingen.mlflow_adres,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "DO_NOT_TRACK": "true",
    }
    opdracht = [
        str(Path(sys.executable).with_name("mlflow")),
        "server",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    print(
        f"MLflow: http://127.0.0.1:{port}  (opstarten duurt een kwart minuut; stoppen met Ctrl-C)",
        flush=True,
    )
    # In the folder of the models: MLflow puts what it wants to keep where it is started.
    proces = subprocess.Popen(  # noqa: S603 - our own interpreter's mlflow
        opdracht, env=omgeving, cwd=instellingen.modellen_map
    )
    for soort in (signal.SIGINT, signal.SIGTERM):
        signal.signal(soort, lambda nummer, _: proces.send_signal(nummer))
    sys.exit(proces.wait())


def _read_standen(instellingen: Instellingen) -> dict[Model, Modelstand | None]:
    register = Werklijstregister(instellingen.besluiten_adres)
    standen = {model: register.read_modelstand(model) for model in MODELLEN}
    register.close()
    return standen


def _read_tekeningen(instellingen: Instellingen) -> dict[Model, tuple[Tekening, ...]]:
    register = Werklijstregister(instellingen.besluiten_adres)
    tekeningen = {model: register.list_tekeningen(model) for model in MODELLEN}
    register.close()
    return tekeningen


def _is_gestopt(stand: Modelstand | None) -> bool:
    return stand is not None and stand.stand == "gestopt"


def _say_stand(model: Model, stand: Modelstand | None, heeft_kampioen: bool) -> str:
    if stand is not None and _is_gestopt(stand):
        return (
            f"{model}: stilgezet door {stand.door} op {stand.vastgelegd_op:%Y-%m-%d} "
            f"({stand.reden})"
        )
    return f"{model}: in gebruik, {'met een model' if heeft_kampioen else 'met de vaste regel'}"
