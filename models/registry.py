"""The only door to MLflow: runs, versions of a model, and which version is the champion.

MLflow keeps a record of every training (parameters, metrics per window, pictures, model card,
dataset hash) and the registry in which one version carries the alias ``kampioen``. What a version
*is* we say ourselves: ``modelversie`` is a hash of data, features, parameters and code, so that
the same training gives the same version and a repeat adds nothing.

A model is kept as a skops file: no code in it, and only the types named here are made when it is
read. The list is ours and not the file's own. With it goes a small trial, rows of no complex
with the probabilities that were computed of them: a model that computes otherwise on this machine,
or with other libraries, is not used.

Belongs here: everything that imports ``mlflow`` or ``skops``. Does not belong here: training
(``models.<domain>.training``), who wins (``models.risico.poort``), the text of a card
(``models.risico.modelkaart``), stopping a model (``serving.besluit``), settings (the caller hands
address and folder in).
"""

from __future__ import annotations

import fcntl
import hashlib
import inspect
import json
import logging
import os
import shutil
import tempfile
import threading
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
import numpy.typing as npt
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import SADeprecationWarning, SQLAlchemyError

from models.bewaren import NOOIT_GEKOZEN
from models.risico.ijking import Ijking, Verschuiving
from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Paneel
from models.risico.poort import Conclusie, Poortbesluit
from vera.bewaren import Verwijdering
from vera.errors import BuurtpeilError
from vera.werklijst import MODELLEN, Model

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion
    from sklearn.pipeline import Pipeline

Getal: TypeAlias = npt.NDArray[np.float64]
Parameter: TypeAlias = str | int | float | bool | None

KAMPIOEN: Final = "kampioen"
"""Alias of the version that scores."""
PLEK: Final = "modellen"
VERTROUWDE_TYPEN: Final = (
    "models.risico.schatters.LegeKolom",
    "models.risico.tekenlogistiek.TekenLogistiek",
    "numpy.dtype",
    # What scikit-learn's boosted trees and splines are made of; skops knows them not by itself.
    "scipy._lib.array_api_compat.numpy._aliases.asarray",
    "scipy.interpolate._bsplines.BSpline",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)
"""Types that a model may be made of, besides those that skops trusts by itself."""
PAKKETTEN: Final = ("numpy", "scikit-learn", "scipy", "skops")
"""Libraries that a model needs, recorded with their versions."""
MAXIMALE_AFWIJKING: Final = 1e-9
"""How far a probability of the trial may be off."""
_PROEFRIJEN: Final = 20
_PROEFBRON: Final = 1000
_LENGTE: Final = 12
_RIJEN_PER_KEER: Final = 262_144
_MODELBESTAND: Final = "model.skops"
_PROEF: Final = "proef.npz"
_HERKOMST: Final = "herkomst.json"
_KAART: Final = "modelkaart.md"
_TOTALEN: Final = "totalen.json"
_BESTANDEN: Final = (_MODELBESTAND, _PROEF, _HERKOMST, _KAART, _TOTALEN)


class RegisterFout(BuurtpeilError):
    """The registry cannot be reached, or a model in it cannot be used."""


@dataclass(frozen=True)
class Herkomst:
    """All that decides what a training yields.

    Parameters
    ----------
    data_sha256, code_sha256
        Of ``hash_data`` and ``hash_code``.
    kenmerken
        Features in the order of the columns; name and sign count, texts do not.
    parameters
        Settings of estimator and training, the name of the estimator included.
    ijking
        What turns the model's probability into the published one; numbers count, texts do not.
    """

    data_sha256: str
    code_sha256: str
    kenmerken: tuple[Kenmerk, ...]
    parameters: Mapping[str, Parameter]
    ijking: Ijking = field(default_factory=Ijking)

    def as_dict(self) -> dict[str, Any]:
        """Return what counts, as JSON values."""
        return {
            "data_sha256": self.data_sha256,
            "code_sha256": self.code_sha256,
            "kenmerken": [[k.naam, k.teken] for k in self.kenmerken],
            "parameters": dict(sorted(self.parameters.items())),
            "ijking": [
                self.ijking.intercept,
                self.ijking.helling,
                [[v.vanaf, v.tot, v.omvang] for v in self.ijking.verschuivingen],
            ],
        }


@dataclass(frozen=True)
class Venstermaten:
    """Metrics of one test window; NaN is unknown.

    Parameters
    ----------
    peildatum
        Test date.
    maten
        By name.
    """

    peildatum: date
    maten: Mapping[str, float]


@dataclass(frozen=True)
class Modelrun:
    """A training that is to be recorded.

    Parameters
    ----------
    model
        ``overlast`` or ``woonfraude``.
    schatter : Pipeline
        Fitted; takes (R, F) with NaN for unknown and has ``predict_proba``.
    proef : ndarray, shape (R, F)
        Rows of the training set. Twenty are kept as a trial after the values of each column were
        shuffled on their own: what is kept is of no complex.
    herkomst
        What it was trained from.
    vensters
        Metrics per test window.
    totalen
        Metrics over all windows.
    kaart
        Model card in Markdown.
    bestanden
        Pictures and tables by file name.
    """

    model: Model
    schatter: Pipeline
    proef: Getal
    herkomst: Herkomst
    vensters: tuple[Venstermaten, ...]
    totalen: Mapping[str, float]
    kaart: str
    bestanden: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def modelversie(self) -> str:
        """Version that this training yields."""
        return compute_modelversie(self.model, self.herkomst)


@dataclass(frozen=True)
class Versie:
    """A version of a model in the registry.

    Parameters
    ----------
    modelversie
        Hash of data, features, parameters and code.
    nummer
        MLflow's own number of it.
    gemaakt_op
        When it was registered.
    is_kampioen
        Whether it scores now.
    conclusie
        What the gate last concluded of it; None when it never was at the gate.
    gezakt
        Conditions that it did not meet, in Dutch.
    gezakt_onderdelen
        Letters of those conditions (``models.risico.poort.Voorwaarde.onderdeel``), in that order.
    kampioen_sinds
        When it last became champion, or None.
    gestopt_omdat
        Why it had to make room for the rule, in Dutch; empty when it had not.
    """

    model: Model
    modelversie: str
    nummer: int
    gemaakt_op: datetime
    is_kampioen: bool
    conclusie: Conclusie | None
    gezakt: tuple[str, ...]
    kampioen_sinds: datetime | None
    gestopt_omdat: tuple[str, ...] = ()
    gezakt_onderdelen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Geladen:
    """A version that is ready to score.

    Parameters
    ----------
    schatter : Pipeline
        Fitted.
    kenmerken
        Names of the features in the order of its columns; columns that training adds itself
        (the reason of an inspection) come after these.
    ijking
        To be applied to what the estimator says.
    kaart, totalen
        Model card and metrics over all windows, as they were recorded.
    """

    versie: Versie
    schatter: Pipeline
    kenmerken: tuple[str, ...]
    ijking: Ijking
    kaart: str
    totalen: Mapping[str, float]


def compute_modelversie(model: Model, herkomst: Herkomst) -> str:
    """Return the version of a training: twelve hexadecimal digits.

    Examples
    --------
    >>> compute_modelversie("overlast", Herkomst("a" * 64, "b" * 64, (), {"alpha": 100.0}))
    'c88cdf7469b6'
    """
    tekst = json.dumps(
        {"model": model, **herkomst.as_dict()}, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(tekst.encode()).hexdigest()[:_LENGTE]


def hash_data(kolommen: Mapping[str, npt.NDArray[Any]]) -> str:
    """Return the hash of columns: names, shapes, values, in the order of the rows.

    Parameters
    ----------
    kolommen
        Arrays of numbers, booleans or text. Every NaN is the same, and so are 0 and -0.
    """
    som = hashlib.sha256()
    for naam, waarden in sorted(kolommen.items()):
        som.update(f"{naam}|{waarden.shape}|{waarden.dtype.kind}\0".encode())
        # A part at a time: a panel of the sector need not be in memory twice.
        for van in range(0, len(waarden), _RIJEN_PER_KEER):
            deel = waarden[van : van + _RIJEN_PER_KEER]
            if waarden.dtype.kind == "f":
                vast = np.ascontiguousarray(deel + 0.0, dtype="<f8")
                vast[np.isnan(vast)] = np.nan
                som.update(vast.data)
            elif waarden.dtype.kind in "iub":
                som.update(np.ascontiguousarray(deel, dtype="<i8").data)
            else:
                tekst = "\0".join(map(str, deel.ravel().tolist()))
                som.update(f"\0{tekst}".encode() if van else tekst.encode())
    return som.hexdigest()


def hash_paneel(paneel: Paneel) -> str:
    """Return the hash of what a panel trains on, whatever the order of its rows.

    The buurt is left out: it is an index for grouping, and no model sees it.
    """
    orde: slice | npt.NDArray[np.intp] = slice(None)
    if not _is_op_volgorde(paneel):
        orde = np.lexsort((paneel.complex_id, paneel.peilmaand))
    return hash_data(
        {
            "complex_id": paneel.complex_id[orde],
            "peilmaand": paneel.peilmaand[orde],
            "eenheden": paneel.eenheden[orde],
            "x": paneel.x[orde],
            "y": paneel.y[orde],
        }
    )


def _is_op_volgorde(paneel: Paneel) -> bool:
    """Return whether rows stand by month and then by complex."""
    maand, complex_id = paneel.peilmaand, paneel.complex_id
    later, zelfde = maand[1:] > maand[:-1], maand[1:] == maand[:-1]
    return bool((later | (zelfde & (complex_id[1:] >= complex_id[:-1]))).all())


def hash_code(*modules: ModuleType) -> str:
    """Return the hash of the source of modules, in the order of their names."""
    som = hashlib.sha256()
    for module in sorted(modules, key=lambda module: module.__name__):
        som.update(f"{module.__name__}\0{inspect.getsource(module)}\0".encode())
    return som.hexdigest()


class Modelregister:
    """The door to MLflow. Nothing is opened before the first question.

    Parameters
    ----------
    url
        Database of runs and registry: ``sqlite:///…`` or ``postgresql+psycopg://…``.
    artefacten
        Folder of models, cards and pictures; it may be moved, as long as it is handed in.
    nu
        Gives the moment that a champion is chosen.
    """

    def __init__(self, url: str, artefacten: Path, *, nu: datetime | None = None) -> None:
        self._url = url
        self._artefacten = artefacten.expanduser().resolve()
        self._nu = nu
        self._client: MlflowClient | None = None
        self._slot = threading.RLock()

    def prepare(self) -> None:
        """Make the tables, for a server that is to be started on them.

        Raises
        ------
        RegisterFout
            When the registry cannot be reached.
        """
        with self._alone():
            pass

    def log_run(self, run: Modelrun) -> str:
        """Record a training with its model; return its ``modelversie``.

        The same version a second time is not recorded again.

        Raises
        ------
        RegisterFout
            When the registry cannot be reached, or the model holds a type that is not trusted.
        """
        with self._alone() as client:
            if self._find_run(client, run.model, run.modelversie) is None:
                self._write_run(client, run)
        return run.modelversie

    def register_versie(
        self, model: Model, modelversie: str, poort: Poortbesluit | None = None
    ) -> Versie:
        """Make a recorded training a version, and keep what the gate said of it.

        A version that is there stays the same one; the gate's last word replaces the one before.

        Raises
        ------
        RegisterFout
            When the training was never recorded, or the registry cannot be reached.
        """
        with self._alone() as client:
            gevonden = self._find_versie(client, model, modelversie)
            if gevonden is None:
                gevonden = self._create_versie(client, model, modelversie)
            if poort is not None:
                gezakt = json.dumps([v.zin for v in poort.gezakt], ensure_ascii=False)
                client.set_model_version_tag(model, gevonden.version, "poort", poort.conclusie)
                client.set_model_version_tag(model, gevonden.version, "gezakt", gezakt)
                onderdelen = json.dumps([v.onderdeel for v in poort.gezakt])
                client.set_model_version_tag(
                    model, gevonden.version, "gezakt_onderdelen", onderdelen
                )
            return self._get_versie(client, model, modelversie)

    def set_kampioen(self, model: Model, modelversie: str) -> Versie:
        """Make a version the one that scores.

        Raises
        ------
        RegisterFout
            When the gate did not let it through, or there is no such version.
        """
        with self._alone() as client:
            versie = self._get_versie(client, model, modelversie)
            if versie.conclusie != "uitdager_wordt_kampioen":
                raise RegisterFout(
                    f"Modelversie {modelversie} van {model} is niet door de poort.",
                    verwacht="een versie waarvan de poort zegt dat zij kampioen wordt",
                    remedie="laat de poort oordelen; voldoet geen model, dan doet de vaste regel "
                    "het werk",
                )
            if not versie.is_kampioen:
                nu = (self._nu or datetime.now(UTC)).isoformat()
                client.set_model_version_tag(model, str(versie.nummer), "kampioen_sinds", nu)
                client.set_registered_model_alias(model, KAMPIOEN, str(versie.nummer))
            return self._get_versie(client, model, modelversie)

    def drop_kampioen(self, model: Model, redenen: Sequence[str] = ()) -> None:
        """Leave the work to the rule: no version scores any more. Versions stay.

        Parameters
        ----------
        redenen
            Why the champion had to make room, in Dutch; kept with it.

        Raises
        ------
        RegisterFout
            When the registry cannot be reached.
        """
        with self._alone() as client:
            nummer = self._find_kampioen(client, model)
            if nummer is not None:
                if redenen:
                    tekst = json.dumps(list(redenen), ensure_ascii=False)
                    client.set_model_version_tag(model, nummer, "gestopt_omdat", tekst)
                client.delete_registered_model_alias(model, KAMPIOEN)

    def load_kampioen(self, model: Model) -> Geladen | None:
        """Return the version that scores; None when the rule does the work.

        Raises
        ------
        RegisterFout
            When it cannot be read, is not as it was recorded, or computes otherwise here.
        """
        with self._alone() as client:
            nummer = self._find_kampioen(client, model)
            if nummer is None:
                return None
            return self._load(client.get_model_version(model, nummer), is_kampioen=True)

    def load_versie(self, model: Model, modelversie: str) -> Geladen:
        """Return a version by its hash, so that an old score can be computed again.

        Raises
        ------
        RegisterFout
            As ``load_kampioen``, and when there is no such version.
        """
        with self._alone() as client:
            versie = self._get_versie(client, model, modelversie)
            gevonden = client.get_model_version(model, str(versie.nummer))
            return self._load(gevonden, is_kampioen=versie.is_kampioen)

    def list_versies(self, model: Model) -> tuple[Versie, ...]:
        """Return the versions of a model, the newest first.

        Raises
        ------
        RegisterFout
            When the registry cannot be reached.
        """
        if self._is_nieuw:
            return ()
        with self._alone() as client:
            return self._list_versies(client, model)

    def rewind(
        self, model: Model, kampioen: str | None, versies: Mapping[str, Sequence[str]]
    ) -> None:
        """Leave a copy of the registry as it once was, to make a release again.

        Never on the registry of an association: later versions are taken out of it.

        Parameters
        ----------
        kampioen
            The version that scored, or None when none did.
        versies
            The versions there were, each with why it had to make room (empty: it had not).

        Raises
        ------
        RegisterFout
            When the champion is gone, or the registry cannot be reached.
        """
        if self._is_nieuw and not versies:
            return
        with self._alone() as client:
            for versie in self._list_versies(client, model):
                nummer = str(versie.nummer)
                if versie.modelversie not in versies:
                    client.delete_model_version(model, nummer)
                elif tuple(versies[versie.modelversie]) != versie.gestopt_omdat:
                    redenen = json.dumps(list(versies[versie.modelversie]), ensure_ascii=False)
                    client.set_model_version_tag(model, nummer, "gestopt_omdat", redenen)
            if kampioen is not None:
                nummer = str(self._get_versie(client, model, kampioen).nummer)
                client.set_registered_model_alias(model, KAMPIOEN, nummer)
            elif self._find_kampioen(client, model) is not None:
                client.delete_registered_model_alias(model, KAMPIOEN)

    def drop_versies(
        self, voor: date, *, behoud: Collection[str] = (), dry_run: bool = False
    ) -> tuple[Verwijdering, ...]:
        """Remove trainings of before a day that never scored: models, cards and pictures.

        The last training of each model stays, as does every version that is or was champion. Of
        what goes MLflow keeps a tombstone with its figures, none of them about anybody; the same
        training can be recorded again.

        Parameters
        ----------
        voor
            First day that is kept.
        behoud
            Versions that something else points at.
        dry_run
            Only say what would go.

        Raises
        ------
        RegisterFout
            When the registry cannot be reached.
        """
        if self._is_nieuw:
            return ()
        grens = int(datetime.combine(voor, time(), UTC).timestamp() * 1000)
        weg: list[Verwijdering] = []
        with self._alone() as client:
            for model in MODELLEN:
                oud = self._find_oude_runs(client, model, grens, behoud)
                if not oud:
                    continue
                hashes = (hashlib.sha256(f"{model} {run.info.run_id}".encode()) for run in oud)
                sleutels = tuple(sorted(som.hexdigest()[:_LENGTE] for som in hashes))
                weg.append(Verwijdering(PLEK, model, NOOIT_GEKOZEN.regel, "", sleutels))
                if not dry_run:
                    for run in oud:
                        self._remove_run(client, model, run)
        return tuple(weg)

    def _find_oude_runs(
        self, client: MlflowClient, model: Model, grens: int, behoud: Collection[str]
    ) -> list[Run]:
        """Return the trainings that may go, those that died half-way among them."""
        runs = self._list_runs(client, model)
        af = [run for run in runs if run.info.status == "FINISHED"]
        blijft = {*behoud, *(run.data.tags["modelversie"] for run in af[:1])} | {
            versie.modelversie
            for versie in self._list_versies(client, model)
            if versie.is_kampioen or versie.kampioen_sinds is not None
        }
        heel = {run.info.run_id for run in af if run.data.tags["modelversie"] in blijft}
        return [run for run in runs if run.info.start_time < grens and run.info.run_id not in heel]

    def _list_runs(self, client: MlflowClient, model: Model) -> list[Run]:
        """Return all trainings of a model, the newest first."""
        experimenten = client.search_experiments(filter_string=f"name LIKE '{model}%'")
        runs: list[Run] = []
        token: str | None = None
        while experimenten:
            bladzijde = client.search_runs(
                [experiment.experiment_id for experiment in experimenten],
                order_by=["attributes.start_time DESC"],
                page_token=token,
            )
            runs += bladzijde
            token = bladzijde.token
            if not token:
                break
        return runs

    def _remove_run(self, client: MlflowClient, model: Model, run: Run) -> None:
        versie = run.data.tags.get("modelversie", "")
        # First what could still be loaded; last what the next purge finds it by.
        gevonden = self._find_versie(client, model, versie)
        if gevonden is not None and gevonden.run_id == run.info.run_id:
            client.delete_model_version(model, gevonden.version)
        for gemaakt in client.search_logged_models(
            [run.info.experiment_id], f"source_run_id = '{run.info.run_id}'"
        ):
            self._remove_map(self._artefacten / model / "models" / str(gemaakt.model_id))
            client.delete_logged_model(gemaakt.model_id)
        self._remove_map(self._artefacten / model / str(run.info.run_id))
        client.delete_run(run.info.run_id)

    def _remove_map(self, map_: Path) -> None:
        """Remove a folder of ours: by its name here, not by the path that MLflow remembers."""
        if map_.resolve().is_relative_to(self._artefacten) and map_.is_dir():
            shutil.rmtree(map_)

    @property
    def _is_nieuw(self) -> bool:
        """Whether there is no database yet; looking makes none."""
        return self._url.startswith("sqlite:///") and not Path(self._url[10:]).exists()

    @contextmanager
    def _alone(self) -> Iterator[MlflowClient]:
        """Give the client, while no other process opens or writes.

        MLflow makes and migrates its tables at the first touch, and two that do so at once break
        the database; "recorded already?" and recording must not be split either.
        """
        with self._slot, _told(), warnings.catch_warnings():
            # MLflow's own queries; SQLAlchemy 2.1 warns of them once per process.
            warnings.simplefilter("ignore", SADeprecationWarning)
            self._artefacten.mkdir(parents=True, exist_ok=True)
            with (self._artefacten / "register.slot").open("a") as bestand:
                fcntl.flock(bestand, fcntl.LOCK_EX)
                if self._client is None:
                    self._client = self._connect()
                yield self._client

    def _connect(self) -> MlflowClient:
        if self._is_nieuw:
            pad = Path(self._url[10:])
            pad.parent.mkdir(parents=True, exist_ok=True)
            pad.touch(mode=0o600)
        # MLflow itself goes on trying for minutes.
        motor = create_engine(self._url, poolclass=NullPool)
        motor.connect().close()
        client: MlflowClient = _import_mlflow().MlflowClient(
            tracking_uri=self._url, registry_uri=self._url
        )
        client.search_experiments(max_results=1)
        client.search_registered_models(max_results=1)
        return client

    def _find_run(self, client: MlflowClient, model: Model, modelversie: str) -> Any | None:
        # Of a folder that was moved there are more than one: see _find_experiment.
        experimenten = client.search_experiments(filter_string=f"name LIKE '{model}%'")
        if not experimenten:
            return None
        gevonden = client.search_runs(
            [experiment.experiment_id for experiment in experimenten],
            f"tags.modelversie = '{modelversie}' and attributes.status = 'FINISHED'",
            max_results=1,
        )
        return gevonden[0] if gevonden else None

    def _write_run(self, client: MlflowClient, run: Modelrun) -> None:
        with tempfile.TemporaryDirectory(prefix="buurtpeil-model-") as naam:
            map_ = Path(naam)
            _save_model(run, map_ / "model")
            experiment_id = self._find_experiment(client, run.model)
            titel = f"{run.model} {run.modelversie}"
            run_id: str = client.create_run(
                experiment_id, tags={"modelversie": run.modelversie}, run_name=titel
            ).info.run_id
            _log_feiten(client, run_id, run)
            for bestand, inhoud in _list_bestanden(run).items():
                (map_ / bestand).write_bytes(inhoud)
                client.log_artifact(run_id, str(map_ / bestand))
            gemaakt = client.create_logged_model(
                experiment_id,
                name=run.model,
                source_run_id=run_id,
                tags={"modelversie": run.modelversie},
            )
            client.log_model_artifacts(gemaakt.model_id, str(map_ / "model"))
            gemaakt = client.finalize_logged_model(gemaakt.model_id, "READY")
            client.set_tag(run_id, "map", self._find_map(gemaakt.artifact_location))
            client.set_tag(run_id, "inhoud_sha256", _hash_bestanden(map_ / "model"))
            # The last step: a run that died half-way is not "recorded already".
            client.set_terminated(run_id, "FINISHED")

    def _find_experiment(self, client: MlflowClient, model: Model) -> str:
        """Return the experiment that new trainings go to, of the folder as it stands now.

        MLflow keeps the whole path with an experiment and cannot change it: after a move it would
        write in the old place, which may be another's by then. The old one stays, by its number.
        """
        plaats = (self._artefacten / model).as_uri()
        experiment = client.get_experiment_by_name(model)
        if experiment is not None and experiment.artifact_location == plaats:
            return str(experiment.experiment_id)
        if experiment is not None:
            client.rename_experiment(
                experiment.experiment_id, f"{model} {experiment.experiment_id}"
            )
        return str(client.create_experiment(model, artifact_location=plaats))

    def _find_map(self, uri: str) -> str:
        """Return the folder of a model within the artefacts, so that these may be moved."""
        pad = Path(url2pathname(urlsplit(uri).path))
        return pad.relative_to(self._artefacten).as_posix()

    def _create_versie(self, client: MlflowClient, model: Model, modelversie: str) -> ModelVersion:
        run = self._find_run(client, model, modelversie)
        if run is None:
            raise RegisterFout(
                f"Er is geen training van {model} met modelversie {modelversie}.",
                remedie="leg de training eerst vast met log_run",
            )
        if not client.search_registered_models(f"name = '{model}'", max_results=1):
            client.create_registered_model(model)
        tags = {naam: run.data.tags[naam] for naam in ("modelversie", "map", "inhoud_sha256")}
        return client.create_model_version(
            model,
            # A path: by "models:/…" MLflow would look it up in a database of its own choice.
            source=(self._artefacten / tags["map"]).as_uri(),
            run_id=run.info.run_id,
            tags=tags,
        )

    def _find_versie(
        self, client: MlflowClient, model: Model, modelversie: str
    ) -> ModelVersion | None:
        gevonden = client.search_model_versions(
            f"name = '{model}' and tag.modelversie = '{modelversie}'", max_results=1
        )
        return gevonden[0] if gevonden else None

    def _find_kampioen(self, client: MlflowClient, model: Model) -> str | None:
        gevonden = client.search_registered_models(f"name = '{model}'", max_results=1)
        nummer = gevonden[0].aliases.get(KAMPIOEN) if gevonden else None
        return None if nummer is None else str(nummer)

    def _list_versies(self, client: MlflowClient, model: Model) -> tuple[Versie, ...]:
        kampioen = self._find_kampioen(client, model)
        versies = []
        token: str | None = None
        while True:
            bladzijde = client.search_model_versions(f"name = '{model}'", page_token=token)
            versies += [_read_versie(v, is_kampioen=str(v.version) == kampioen) for v in bladzijde]
            token = bladzijde.token
            if not token:
                return tuple(sorted(versies, key=lambda versie: versie.nummer, reverse=True))

    def _get_versie(self, client: MlflowClient, model: Model, modelversie: str) -> Versie:
        for versie in self._list_versies(client, model):
            if versie.modelversie == modelversie:
                return versie
        raise RegisterFout(
            f"Er is geen modelversie {modelversie} van {model}.",
            remedie="`buurtpeil modellen list` toont ze alle",
        )

    def _load(self, gevonden: ModelVersion, *, is_kampioen: bool) -> Geladen:
        versie = _read_versie(gevonden, is_kampioen=is_kampioen)
        map_ = (self._artefacten / gevonden.tags["map"]).resolve()
        is_compleet = all((map_ / naam).is_file() for naam in _BESTANDEN)
        if not map_.is_relative_to(self._artefacten) or not is_compleet:
            raise RegisterFout(
                f"Van modelversie {versie.modelversie} van {versie.model} ontbreken de bestanden.",
                verwacht="de map met modellen naast de database waarin zij staan",
                remedie="zet de map terug uit de back-up",
            )
        if _hash_bestanden(map_) != gevonden.tags["inhoud_sha256"]:
            raise RegisterFout(
                f"De bestanden van modelversie {versie.modelversie} van {versie.model} zijn niet "
                "de bestanden die zijn vastgelegd.",
                remedie="zet de map met modellen terug uit de back-up, of train opnieuw",
            )
        inhoud = json.loads((map_ / _HERKOMST).read_text(encoding="utf-8"))
        schatter = _load_schatter(map_ / _MODELBESTAND)
        _check_proef(schatter, map_ / _PROEF, versie)
        kenmerken = tuple(naam for naam, _ in inhoud["kenmerken"])
        return Geladen(
            versie=versie,
            schatter=schatter,
            kenmerken=kenmerken,
            ijking=_read_ijking(inhoud["ijking_voluit"]),
            kaart=(map_ / _KAART).read_text(encoding="utf-8"),
            totalen=json.loads((map_ / _TOTALEN).read_text(encoding="utf-8")),
        )


def _import_mlflow() -> ModuleType:
    """Import MLflow, which takes seconds; it takes these settings from the environment alone."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    # Its connections would stay open as long as the process: it has no way to close them.
    os.environ.setdefault("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")
    import mlflow

    for naam in ("mlflow", "alembic"):
        logging.getLogger(naam).setLevel(logging.WARNING)
    module: ModuleType = mlflow
    return module


@contextmanager
def _told() -> Iterator[None]:
    """Say in Dutch what went wrong, without the address: it may hold a password."""
    mlflow = _import_mlflow()
    try:
        yield
    except (
        mlflow.exceptions.MlflowException,
        SQLAlchemyError,
        CommandError,
        OSError,
        ImportError,
    ) as fout:
        raise RegisterFout(
            f"Het modelregister is niet te lezen of te schrijven ({type(fout).__name__}).",
            verwacht="een bereikbare database en een map waarin geschreven mag worden",
            remedie="kijk of BUURTPEIL_MLFLOW_URL klopt en of de database draait",
        ) from fout


def _save_model(run: Modelrun, map_: Path) -> None:
    """Write the model in MLflow's own layout, with its trial and what it was made from."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of MLflow to itself, about its own type hints
        import mlflow.pyfunc
        import mlflow.sklearn
    from skops.io import dumps, get_untrusted_types  # type: ignore[import-untyped]

    vreemd = set(get_untrusted_types(data=dumps(run.schatter))) - set(VERTROUWDE_TYPEN)
    if vreemd:
        raise RegisterFout(
            f"Het model bestaat uit typen die niet vertrouwd zijn: {', '.join(sorted(vreemd))}.",
            verwacht=", ".join(VERTROUWDE_TYPEN),
            remedie="voeg het type toe aan VERTROUWDE_TYPEN als het geen code uitvoert",
        )
    mlflow.sklearn.save_model(
        run.schatter,
        str(map_),
        serialization_format="skops",
        skops_trusted_types=list(VERTROUWDE_TYPEN),
        pip_requirements=[f"{naam}=={version(naam)}" for naam in PAKKETTEN],
        pyfunc_predict_fn="predict_proba",
    )
    x = _make_proef(run.proef)
    np.savez(map_ / _PROEF, x=x, kans=run.schatter.predict_proba(x)[:, 1])
    inhoud = {**run.herkomst.as_dict(), "ijking_voluit": asdict(run.herkomst.ijking)}
    tekst = json.dumps(inhoud, indent=1, ensure_ascii=False)
    (map_ / _HERKOMST).write_text(tekst, encoding="utf-8")
    (map_ / _KAART).write_text(run.kaart, encoding="utf-8")
    totalen = {naam: float(w) for naam, w in sorted(run.totalen.items()) if np.isfinite(w)}
    (map_ / _TOTALEN).write_text(json.dumps(totalen, indent=1), encoding="utf-8")


def _make_proef(rijen: Getal) -> Getal:
    """Return the rows of the trial: values as they occur, none of them with those of its complex.

    The registry is no place for rows of the warehouse: it knows no roles, and a champion stays in
    it when its time is over.
    """
    bron = np.asarray(rijen[:: max(1, len(rijen) // _PROEFBRON)], dtype=np.float64)
    return np.random.default_rng(0).permuted(bron, axis=0)[:_PROEFRIJEN]


def _read_ijking(inhoud: dict[str, Any]) -> Ijking:
    verschuivingen = tuple(Verschuiving(**v) for v in inhoud["verschuivingen"])
    return Ijking(**(inhoud | {"verschuivingen": verschuivingen}))


def _load_schatter(pad: Path) -> Pipeline:
    from skops.io import load
    from skops.io.exceptions import (  # type: ignore[import-untyped]
        UntrustedTypesFoundException,
    )

    try:
        return load(pad, trusted=list(VERTROUWDE_TYPEN))
    except UntrustedTypesFoundException as fout:
        raise RegisterFout(
            f"Het model bestaat uit typen die niet vertrouwd zijn: {fout}",
            remedie="train het model opnieuw",
        ) from fout


def _check_proef(schatter: Pipeline, pad: Path, versie: Versie) -> None:
    with np.load(pad, allow_pickle=False) as proef:
        x, verwacht = proef["x"], proef["kans"]
    afwijking = float(np.abs(schatter.predict_proba(x)[:, 1] - verwacht).max(initial=0.0))
    if not afwijking <= MAXIMALE_AFWIJKING:
        raise RegisterFout(
            f"Modelversie {versie.modelversie} van {versie.model} rekent hier anders dan toen "
            f"zij werd gemaakt (verschil {afwijking:.2g}).",
            verwacht="dezelfde kansen bij dezelfde rijen",
            remedie="gebruik de versies van requirements.lock, of train opnieuw",
        )


def _log_feiten(client: MlflowClient, run_id: str, run: Modelrun) -> None:
    from mlflow.entities import Dataset, DatasetInput, Metric, Param, RunTag

    nu = int(datetime.now(UTC).timestamp() * 1000)
    # Charts have steps or time on their axis: windows are evenly apart on both.
    maten = [
        Metric(naam, float(waarde), _to_milliseconden(venster.peildatum), nummer)
        for nummer, venster in enumerate(run.vensters, start=1)
        for naam, waarde in venster.maten.items()
        if np.isfinite(waarde)
    ] + [
        Metric(f"totaal.{naam}", float(waarde), nu, 0)
        for naam, waarde in run.totalen.items()
        if np.isfinite(waarde)
    ]
    parameters = [Param(naam, str(w)) for naam, w in sorted(run.herkomst.parameters.items())]
    tags = [RunTag("code_sha256", run.herkomst.code_sha256)]
    client.log_batch(run_id, metrics=maten, params=parameters, tags=tags)
    data = Dataset(
        name=f"{run.model}-paneel",
        digest=run.herkomst.data_sha256[:32],  # MLflow takes 36 characters
        source_type="buurtpeil",
        source=json.dumps({"sha256": run.herkomst.data_sha256}),
    )
    client.log_inputs(run_id, [DatasetInput(data, [])])


def _to_milliseconden(dag: date) -> int:
    return int(datetime(dag.year, dag.month, dag.day, tzinfo=UTC).timestamp() * 1000)


def _list_bestanden(run: Modelrun) -> dict[str, bytes]:
    vensters = [
        {
            "peildatum": v.peildatum.isoformat(),
            "maten": {n: float(w) if np.isfinite(w) else None for n, w in v.maten.items()},
        }
        for v in run.vensters
    ]
    return {
        **run.bestanden,
        _KAART: run.kaart.encode(),
        "vensters.json": json.dumps(vensters, indent=1).encode(),
    }


def _read_versie(gevonden: ModelVersion, *, is_kampioen: bool) -> Versie:
    tags: dict[str, Any] = gevonden.tags
    sinds = tags.get("kampioen_sinds")
    gezakt: Sequence[str] = json.loads(tags.get("gezakt", "[]"))
    return Versie(
        model=gevonden.name,
        modelversie=tags["modelversie"],
        nummer=int(gevonden.version),
        gemaakt_op=datetime.fromtimestamp(gevonden.creation_timestamp / 1000, UTC),
        is_kampioen=is_kampioen,
        conclusie=tags.get("poort"),
        gezakt=tuple(gezakt),
        kampioen_sinds=datetime.fromisoformat(sinds) if sinds else None,
        gestopt_omdat=tuple(json.loads(tags.get("gestopt_omdat", "[]"))),
        gezakt_onderdelen=tuple(json.loads(tags.get("gezakt_onderdelen", "[]"))),
    )


def _hash_bestanden(map_: Path) -> str:
    """Return the hash of all that scoring reads."""
    som = hashlib.sha256()
    for naam in _BESTANDEN:
        som.update(f"{naam}\0".encode() + hashlib.sha256((map_ / naam).read_bytes()).digest())
    return som.hexdigest()
