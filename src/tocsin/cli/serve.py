"""`tocsin demo` and `tocsin serve`: a desk and its console on loopback."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from tocsin.bootstrap import House, Settings, browser_wanted, open_house, read_settings
from tocsin.cli.show import desk_progress, fail
from tocsin.web.app import create_app

HOST = "127.0.0.1"
DEMO_PACK = "san_francisco"
DEMO_DATA = Path(".tocsin") / "demo"


def demo(
    port: Annotated[int | None, typer.Option(help="Port on loopback; 8765 unless tocsin.toml says otherwise.")] = None,
    speed: Annotated[float | None, typer.Option(help="Desk seconds a second.")] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Show the city that ships with Tocsin: a recorded week, forecast and planned as it goes."""
    settings = read_settings(Path())
    house, listening = _open(DEMO_PACK, DEMO_DATA, port, settings, demo=True)
    house.desk.set_speed(_checked_speed(speed or settings.speed, settings))
    house.desk.play()
    _run(house, listening, browser=browser and browser_wanted(), demo=True)


def serve(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    data: Annotated[Path, typer.Option(help="Folder that keeps the log. Made where it is missing.")],
    port: Annotated[int | None, typer.Option(help="Port on loopback; 8765 unless tocsin.toml says otherwise.")] = None,
    host: Annotated[str, typer.Option(help="Loopback only, until there are accounts.")] = HOST,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = False,
) -> None:
    """Run a city's desk and its console."""
    if not _is_loopback(host):
        fail(f"--host {host}: until Tocsin has accounts it answers on loopback only. Use 127.0.0.1, or a tunnel to it.")
    house, listening = _open(pack, data, port, read_settings(Path()), demo=False)
    _run(house, listening, browser=browser, demo=False)


def _open(pack: str, data: Path, port: int | None, settings: Settings, *, demo: bool) -> tuple[House, socket.socket]:
    listening = _listen(port if port is not None else settings.port)
    with desk_progress("Running to the start" if demo else "Opening the log") as bar:
        first: list[datetime] = []

        def progress(now: datetime, until: datetime) -> None:
            first.append(now)
            bar(first[0], now, until)

        house = open_house(pack, data, demo=demo, settings=settings, progress=progress)
    return house, listening


def _listen(port: int) -> socket.socket:
    """Take the port before any work is done, so that a taken one is told at once."""
    # Named as TCP, so that asyncio sends small answers at once instead of waiting 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        fail(f"port {port} on {HOST} cannot be had ({error.strerror}). Try: --port {port + 1 if port < 65535 else 0}")
    return listening


def _run(house: House, listening: socket.socket, *, browser: bool, demo: bool) -> None:
    port = listening.getsockname()[1]
    url = f"http://{HOST}:{port}/"
    app = create_app(house.desk, token=house.token, demo_session=demo, missing=house.pack.report.missing, port=port)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
    )
    house.desk.start()
    try:
        asyncio.run(_serve(uvicorn.Server(config), house, listening, url, browser=browser, with_token=not demo))
    finally:
        house.desk.close()


async def _serve(
    server: uvicorn.Server, house: House, listening: socket.socket, url: str, *, browser: bool, with_token: bool
) -> None:
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        opened = f"{url}?token={house.token}" if with_token else url
        typer.echo(f"Tocsin is ready at {url}")
        typer.echo(f"Token for writes and machine intake: {house.token}")
        if with_token:
            typer.echo(f"To work from a browser, open {opened}")
        if browser:
            webbrowser.open(opened)
    await serving


def _checked_speed(speed: float, settings: Settings) -> float:
    if not 0 < speed <= settings.max_speed:
        fail(f"--speed {speed:g}: must be above 0 and at most {settings.max_speed:g}")
    return speed


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
