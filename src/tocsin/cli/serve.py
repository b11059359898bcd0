"""`tocsin demo` and `tocsin serve`: a desk and its console on loopback.

What a desk needs (compiled searches, the web) is imported where it is used: other commands start without it.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import webbrowser
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.show import desk_progress, fail

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tocsin.adapters.ledgers.publish import Publisher
    from tocsin.bootstrap import House
    from tocsin.bootstrap_settings import Settings
    from tocsin.cli.server import Server
    from tocsin.ports import Ledger

HOST = "127.0.0.1"
LOOPBACK = frozenset({HOST, "localhost", "::1"})
DEMO_PACK = "san_francisco"
DEMO_DATA = Path(".tocsin") / "demo"

Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port on loopback, 0 for a free one; 8765 unless tocsin.toml says otherwise."),
]


def demo(
    port: Port = None,
    speed: Annotated[
        float | None, typer.Option(help="Desk seconds a second; 10 unless tocsin.toml says otherwise.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Show the city that ships with Tocsin: a recorded week, forecast and planned as it goes."""
    from tocsin.bootstrap import browser_wanted
    from tocsin.bootstrap_settings import read_settings

    settings = read_settings(Path())
    playing = _playing_speed(speed, settings)
    house, listening = _open(DEMO_PACK, DEMO_DATA, HOST, port, settings, demo=True)
    house.desk.set_speed(playing)
    house.desk.play()
    _run(house, listening, HOST, DEMO_DATA, settings, browser=browser and browser_wanted(), demo=True)


def serve(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    data: Annotated[Path, typer.Option(help="Folder that keeps the log. Made where it is missing.")],
    port: Port = None,
    host: Annotated[
        str,
        typer.Option(
            help="Address to answer on. Another one than loopback wants an account, and a proxy with TLS: --public-url."
        ),
    ] = HOST,
    public_url: Annotated[
        str | None, typer.Option(help="https address that browsers see, where a proxy with TLS stands before it.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = False,
) -> None:
    """Run a city's desk and its console."""
    from tocsin.bootstrap_identity import check_public_url
    from tocsin.bootstrap_settings import read_settings

    settings = read_settings(Path())
    if public_url is not None:
        settings = replace(settings, public_url=check_public_url(public_url, "--public-url"))
    _check_host(host, settings)
    house, listening = _open(pack, data, host, port, settings, demo=False)
    if host not in LOOPBACK and house.identity.giving.first_wanted():
        house.close()
        listening.close()
        fail(f"--host {host}: make the first account on loopback before others can reach this desk.")
    _run(house, listening, host, data, settings, browser=browser, demo=False)


def _check_host(host: str, settings: Settings) -> None:
    """Passwords and cookies never cross a network in the clear: beyond loopback there is a proxy with TLS."""
    if host in LOOPBACK:
        return
    if not is_address(host):
        fail(f"--host {host}: name an address of this machine: 127.0.0.1, or such as 10.0.0.7 behind a proxy with TLS.")
    if not settings.public_url:
        fail(
            f"--host {host}: beyond loopback a proxy with TLS has to stand before this desk. Use 127.0.0.1, or say "
            "the proxy's address: --public-url https://desk.city.example (docs/how-to/run-it-for-real.md)."
        )


def _open(
    pack: str, data: Path, host: str, port: int | None, settings: Settings, *, demo: bool
) -> tuple[House, socket.socket]:
    from tocsin.bootstrap import open_house

    listening = _listen(host, port if port is not None else settings.port)
    try:
        with desk_progress("Running to the start" if demo else "Opening the log") as bar:
            first: list[datetime] = []

            def progress(now: datetime, until: datetime) -> None:
                first.append(now)
                bar(first[0], now, until)

            house = open_house(pack, data, demo=demo, settings=settings, progress=progress)
    except BaseException:
        listening.close()
        raise
    return house, listening


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before any work is done, so that a taken one is told at once."""
    # Named as TCP, so that asyncio sends small answers at once instead of waiting 40 ms for an acknowledgement.
    listening = socket.socket(_family(host), socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        fail(f"port {port} on {host} cannot be had ({error.strerror}). Try: --port {port + 1 if port < 65535 else 0}")
    return listening


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_address(host: str) -> bool:
    """Whether it is an IP address, not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _find_published(ledger: Ledger) -> Publisher | None:
    """What of the ledger is published; None of one that leaves nothing behind."""
    from tocsin.adapters.ledgers import SqliteLedger

    return ledger.publisher if isinstance(ledger, SqliteLedger) else None


def _run(
    house: House, listening: socket.socket, host: str, data: Path, settings: Settings, *, browser: bool, demo: bool
) -> None:
    import uvicorn

    from tocsin.adapters.clocks import WallClock
    from tocsin.bootstrap_exercise import ExerciseHall
    from tocsin.cli.server import Server
    from tocsin.web.app import create_app

    hall = ExerciseHall(house.pack, data, settings, WallClock())
    port = listening.getsockname()[1]
    url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
    app = create_app(
        house.desk,
        token=house.token,
        demo_session=demo,
        missing=house.pack.report.missing,
        port=port,
        rehearsals=hall,
        ledger=_find_published(house.account.ledger),
        residents=house.account.residents,
        account=house.account,
        policy=house.account.policy,
        identity=house.identity,
        public=settings.public_url or None,
    )
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        # Whose word on where a request came from is believed: a proxy's that was named, else nobody's.
        proxy_headers=bool(settings.public_url),
        forwarded_allow_ips=settings.proxy,
    )
    server = Server(config)
    with server.heed_signals():
        house.start()
        try:
            asyncio.run(
                _serve(
                    server,
                    app,
                    house,
                    listening,
                    url,
                    f"{settings.public_url}/" if settings.public_url else url,
                    browser=browser,
                    demo=demo,
                )
            )
        finally:
            hall.close()
            house.close()
    if server.ended_by == signal.SIGINT:
        sys.exit(130)


async def _serve(
    server: Server,
    app: FastAPI,
    house: House,
    listening: socket.socket,
    url: str,
    seen: str,
    *,
    browser: bool,
    demo: bool,
) -> None:
    loop, streams = asyncio.get_running_loop(), (app.state.front.hub, app.state.exercises)
    server.farewell = lambda: loop.call_soon_threadsafe(
        lambda: ending.extend(loop.create_task(stream.stop()) for stream in streams)
    )
    ending: list[asyncio.Task[None]] = []
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        typer.echo(f"Tocsin is ready at {url}")
        typer.echo(f"Token for machine intake: {house.token}")
        first = None if demo else house.identity.giving.first_link()
        opened = url if first is None else f"{seen}sign-in#first={first}"
        if first is not None:
            typer.echo(f"To make the first account, open within a day {opened}")
        if browser:
            webbrowser.open(opened)
    await serving


def _playing_speed(said: float | None, settings: Settings) -> float:
    speed, where = (settings.speed, "tocsin.toml: speed") if said is None else (said, "--speed")
    if not 0 < speed <= settings.max_speed:
        fail(f"{where} {speed:g}: must be above 0 and at most {settings.max_speed:g}. Try: --speed 10")
    return speed
