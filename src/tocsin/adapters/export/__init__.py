"""What leaves the house: the log's facts as Parquet, block level at most, never a sealed field."""

from tocsin.adapters.export.city import CITY_FILE, find_city, read_services, remember_city
from tocsin.adapters.export.export import export_data, export_log
from tocsin.adapters.export.facts import FactsRelease
from tocsin.adapters.export.shelf import ExportShelf

__all__ = [
    "CITY_FILE",
    "ExportShelf",
    "FactsRelease",
    "export_data",
    "export_log",
    "find_city",
    "read_services",
    "remember_city",
]
