"""What leaves the house: the log's facts as Parquet, block level at most, never a sealed field."""

from tocsin.adapters.export.city import CITY_FILE, find_city, read_services, remember_city, services_of
from tocsin.adapters.export.counts import CountsRelease
from tocsin.adapters.export.export import export_data, export_log
from tocsin.adapters.export.facts import FactsRelease
from tocsin.adapters.export.marks import match_file
from tocsin.adapters.export.shelf import ExportShelf

__all__ = [
    "CITY_FILE",
    "CountsRelease",
    "ExportShelf",
    "FactsRelease",
    "export_data",
    "export_log",
    "find_city",
    "match_file",
    "read_services",
    "remember_city",
    "services_of",
]
