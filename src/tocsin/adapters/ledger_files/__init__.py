"""Published logs of anybody: read from a folder or from the web."""

from tocsin.adapters.ledger_files.beside import LedgerBeside
from tocsin.adapters.ledger_files.find import find_log
from tocsin.adapters.ledger_files.folder import LogFolder
from tocsin.adapters.ledger_files.web import LogOnTheWeb

__all__ = ["LedgerBeside", "LogFolder", "LogOnTheWeb", "find_log"]
