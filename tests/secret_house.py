"""A whole house over the tiny city with secrets planted in it, asked without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.accounts import give_token, signed_in
from tests.asking import Answer, Asker
from tests.city import write_tiny_pack
from tests.house import PORT
from tocsin.accounting.access import RoleId
from tocsin.adapters.clocks import WallClock
from tocsin.bootstrap import House, open_house
from tocsin.bootstrap_exercise import ExerciseHall
from tocsin.bootstrap_settings import Settings
from tocsin.web.app import api_document, create_app

SLOW = frozenset({"sign_in", "make_first_account", "set_password", "find_usage", "show_code"})
"""Operations that take their time on purpose: a password's hash, an answer that is equal for everybody."""
PLACE = 10.031234567
KIND = "canarykind77"
PASSWORD = "canary herons wade quietly 4711"  # noqa: S105 - planted to be looked for
RAW = "canaryraw4712"


@dataclass
class SecretHouse:
    """A running house; `canaries` may never be seen in an answer."""

    house: House
    folder: Path
    runner: asyncio.Runner
    asker: Asker
    document: dict[str, Any] = field(default_factory=api_document)
    canaries: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        return self.runner.run(self.asker.ask(method, path, headers, body))

    def headers(self, name: str) -> dict[str, str]:
        """What a new session or token of this asker sends; its secret becomes a canary."""
        accounts = self.house.identity.accounts
        own = {"Origin": f"http://127.0.0.1:{PORT}", "X-Tocsin": "1"}
        if name == "signed out":
            return own
        if name.startswith("token:"):
            token = give_token(accounts, name.removeprefix("token:"), secret=f"tocsin_canary_{name}")
            self.canaries[name] = token
            return {"Authorization": f"Bearer {token}"}
        headers = signed_in(accounts, PORT, name)
        self.canaries[f"session of {name}"] = headers["Cookie"].partition("=")[2]
        return headers

    def plant(self) -> None:
        """Calls with an exact place, a reported kind and unreadable bytes; an account with a password."""
        token = {"Authorization": f"Bearer {self.house.token}"}
        now = WallClock().now().isoformat()
        call = {"call": "c1", "received": now, "kind": KIND, "lon": PLACE, "lat": 50.03}
        assert self.ask("POST", "/api/calls", token, json.dumps(call).encode()).status == 201
        self.ask("POST", "/api/calls", token, json.dumps({"call": "c2", "note": RAW}).encode())
        giving = self.house.identity.giving
        given = giving.invite("ada", "Fire", [RoleId("dispatcher")], None)
        giving.set_password(given.secret, PASSWORD)
        self.canaries |= {
            "place": str(PLACE),
            "kind": KIND,
            "password": PASSWORD,
            "raw": RAW,
            "token": self.house.token,
            "link": given.secret,
        }


@contextmanager
def open_secret_house(folder: Path) -> Iterator[SecretHouse]:
    """Live, with exercises, a ledger and accounts."""
    pack = write_tiny_pack(folder / "pack")
    manifest = pack / "pack.toml"
    manifest.write_text(manifest.read_text().replace('kind = "replay"', 'kind = "intake"'))
    house = open_house(str(pack), folder / "data", demo=False, settings=Settings(seed=1))
    hall = ExerciseHall(house.pack, folder / "data", Settings(seed=1), WallClock())
    app = create_app(
        house.desk,
        token=house.token,
        demo_session=False,
        missing={},
        port=PORT,
        rehearsals=hall,
        residents=house.account.residents,
        account=house.account,
        policy=house.account.policy,
        identity=house.identity,
    )
    house.start()
    with asyncio.Runner() as runner:
        context = app.router.lifespan_context(app)
        runner.run(context.__aenter__())
        try:
            secret = SecretHouse(house, folder, runner, Asker(app, PORT))
            secret.plant()
            yield secret
        finally:
            runner.run(context.__aexit__(None, None, None))
            hall.close()
            house.close()
