"""Every code that a check can give, with what it means. docs/reference/city-pack.md is tested against this page."""

from __future__ import annotations

from enum import StrEnum


class FaultCode(StrEnum):
    """Would mislead whoever works with the pack, so the pack is not loaded."""

    MISSING_FILE = "missing_file"
    UNREADABLE = "unreadable"
    NOT_UTF8 = "not_utf8"
    BAD_TOML = "bad_toml"
    BAD_GEOJSON = "bad_geojson"
    EMPTY_FILE = "empty_file"
    MISSING_KEY = "missing_key"
    BAD_VALUE = "bad_value"
    UNKNOWN_TIMEZONE = "unknown_timezone"
    BAD_BOUNDS = "bad_bounds"
    REFUSED_KIND = "refused_kind"
    MISSING_COLUMN = "missing_column"
    WRONG_TYPE = "wrong_type"
    NAIVE_TIME = "naive_time"
    RAGGED_ROW = "ragged_row"
    MISSING_VALUE = "missing_value"
    BAD_ID = "bad_id"
    DUPLICATE_ID = "duplicate_id"
    OUT_OF_RANGE = "out_of_range"
    BAD_GEOMETRY = "bad_geometry"
    UNKNOWN_AREA = "unknown_area"
    UNKNOWN_AGENCY = "unknown_agency"
    UNKNOWN_CALL = "unknown_call"
    UNKNOWN_EDGE = "unknown_edge"
    UNKNOWN_HOSPITAL = "unknown_hospital"
    UNKNOWN_NODE = "unknown_node"
    UNKNOWN_SITE = "unknown_site"
    UNKNOWN_STATION = "unknown_station"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_UNIT_KIND = "unknown_unit_kind"
    PERIOD_REVERSED = "period_reversed"
    SHAPE_UNEVEN = "shape_uneven"
    PERSONAL_VALUE = "personal_value"
    PLACES_ELSEWHERE = "places_elsewhere"
    MARKS_MOSTLY_REVERSED = "marks_mostly_reversed"
    NO_SHARES = "no_shares"
    DUPLICATE_TRIGGER = "duplicate_trigger"
    BAD_ACCESS = "bad_access"


class WarningCode(StrEnum):
    """Worth knowing; the pack is loaded, as the message says."""

    UNKNOWN_KEY = "unknown_key"
    UNKNOWN_COLUMN = "unknown_column"
    UNKNOWN_FILE = "unknown_file"
    FILE_NOT_THERE = "file_not_there"
    PERSONAL_COLUMN = "personal_column"
    NOT_SCANNED = "not_scanned"
    TIME_TYPE = "time_type"
    KIND_WITHOUT_SERVICE = "kind_without_service"
    KIND_WITHOUT_CARD = "kind_without_card"
    CARD_NEVER_REACHED = "card_never_reached"
    AGENCY_MADE_UP = "agency_made_up"
    UNIT_KIND_MADE_UP = "unit_kind_made_up"
    REFERENCE_WITHOUT_FILE = "reference_without_file"
    GEOMETRY_REPAIRED = "geometry_repaired"
    PLACE_INCOMPLETE = "place_incomplete"
    PLACE_OUTSIDE_BOUNDS = "place_outside_bounds"
    PLACE_TOO_FAR = "place_too_far"
    PLACE_IN_NO_AREA = "place_in_no_area"
    AREA_DISAGREES = "area_disagrees"
    BEFORE_CALL = "before_call"
    MARK_ORDER = "mark_order"
    MARK_FAR_OFF = "mark_far_off"
    NO_MARKS = "no_marks"
    REPEATED_RESPONSE = "repeated_response"
    IN_THE_FUTURE = "in_the_future"
    DUTY_OVERLAP = "duty_overlap"
    SHAPE_OFF_NODES = "shape_off_nodes"
    SHARES_RESCALED = "shares_rescaled"
    HOLIDAYS_UNKNOWN = "holidays_unknown"


EXPLAINED: dict[FaultCode | WarningCode, str] = {
    FaultCode.MISSING_FILE: "pack.toml, areas.geojson or calls.parquet, or one half of the streets, is not there",
    FaultCode.UNREADABLE: "the file cannot be read as what its name says: truncated, damaged or another format",
    FaultCode.NOT_UTF8: "a text file is not UTF-8; the message names the byte",
    FaultCode.BAD_TOML: "a TOML file breaks TOML's rules; the message names the line",
    FaultCode.BAD_GEOJSON: "the file is not a GeoJSON FeatureCollection; the message names the line where JSON broke",
    FaultCode.EMPTY_FILE: "a file that must hold something holds nothing",
    FaultCode.MISSING_KEY: "a key of a TOML file, or a property of a feature, is required and not there",
    FaultCode.BAD_VALUE: "a key of a TOML file, a property of a feature or a field of stock.csv cannot be so",
    FaultCode.UNKNOWN_TIMEZONE: "`timezone` is no name of the IANA database",
    FaultCode.BAD_BOUNDS: "`bounds` is not west, south, east, north in degrees with west < east and south < north",
    FaultCode.REFUSED_KIND: "a call kind names a crime, a suspect, a protest or an identifiable group, or police",
    FaultCode.MISSING_COLUMN: "a required column is not there",
    FaultCode.WRONG_TYPE: "a column has another type than the table on this page",
    FaultCode.NAIVE_TIME: "a column of times carries no time zone; times are timestamp[us, UTC]",
    FaultCode.RAGGED_ROW: "a row of a CSV file has more or fewer fields than the header",
    FaultCode.MISSING_VALUE: "a value that must be there is null or empty",
    FaultCode.BAD_ID: "an id of over 64 characters, a kind of over 120, or one with control characters",
    FaultCode.DUPLICATE_ID: "an id that must be unique occurs again; the message names the first row",
    FaultCode.OUT_OF_RANGE: "a number, a place or a time lies outside what is possible",
    FaultCode.BAD_GEOMETRY: "a geometry is not of the type asked for, is empty, or cannot be repaired",
    FaultCode.UNKNOWN_AREA: "refers to an area that areas.geojson does not have",
    FaultCode.UNKNOWN_AGENCY: "refers to an agency that pack.toml does not have, though it has a table of them",
    FaultCode.UNKNOWN_CALL: "a response to a call that calls.parquet does not have",
    FaultCode.UNKNOWN_EDGE: "a closure between two nodes that no street segment joins",
    FaultCode.UNKNOWN_HOSPITAL: "refers to a hospital that hospitals.geojson does not have",
    FaultCode.UNKNOWN_NODE: "refers to a node that streets_nodes.parquet does not have",
    FaultCode.UNKNOWN_SITE: "refers to a site that sites.geojson does not have",
    FaultCode.UNKNOWN_STATION: "refers to a station that stations.geojson does not have",
    FaultCode.UNKNOWN_UNIT: "refers to a unit that units.csv does not have",
    FaultCode.UNKNOWN_UNIT_KIND: "a run card, a unit or a neighbour names a unit kind that pack.toml does not have",
    FaultCode.PERIOD_REVERSED: "a period ends before it starts, or where it starts",
    FaultCode.SHAPE_UNEVEN: "`lons` and `lats` of a segment differ in length, have one vertex or hold no numbers",
    FaultCode.PERSONAL_VALUE: "an id or a text looks like an e-mail address, a telephone number or a number plate",
    FaultCode.PLACES_ELSEWHERE: "over half of the places lie over 50 km outside `bounds`: lon and lat swapped?",
    FaultCode.MARKS_MOSTLY_REVERSED: "over a fifth of the responses run backwards: columns swapped, or several zones?",
    FaultCode.NO_SHARES: "the shares of history.parquet sum to nothing",
    FaultCode.DUPLICATE_TRIGGER: "two protocols wait for the same kind of warning in the same place",
    FaultCode.BAD_ACCESS: "the rules of `access/` cannot be used; the pack loads, and everything is refused",
    WarningCode.UNKNOWN_KEY: "a key of a TOML file that Tocsin does not know is passed over",
    WarningCode.UNKNOWN_COLUMN: "a column that Tocsin does not know is passed over",
    WarningCode.UNKNOWN_FILE: "a data file that Tocsin does not know is passed over; perhaps its name is misspelt",
    WarningCode.FILE_NOT_THERE: "pack.toml states the licence of a file that is not there",
    WarningCode.PERSONAL_COLUMN: "a column that may carry persons (names, phones, plates, free text) is dropped",
    WarningCode.NOT_SCANNED: "a file is too large to be looked through for what identifies persons",
    WarningCode.TIME_TYPE: "times are not stored as timestamp[us, UTC] and were converted, to 1 µs",
    WarningCode.KIND_WITHOUT_SERVICE: "a call kind declares no service; it is counted, and shown without one",
    WarningCode.KIND_WITHOUT_CARD: "calls of a kind and priority without a run card; no units are proposed for them",
    WarningCode.CARD_NEVER_REACHED: "an earlier run card of the same kind takes every call that this one could take",
    WarningCode.AGENCY_MADE_UP: "pack.toml has no agencies; each one referred to was made up, named after its id",
    WarningCode.UNIT_KIND_MADE_UP: "pack.toml has no unit kinds; each one referred to was made up, named after its id",
    WarningCode.REFERENCE_WITHOUT_FILE: "refers to something whose file is not there; the reference is dropped",
    WarningCode.GEOMETRY_REPAIRED: "a polygon crossed itself and was repaired",
    WarningCode.PLACE_INCOMPLETE: "half a place, or one that is no number, counts as unknown",
    WarningCode.PLACE_OUTSIDE_BOUNDS: "a place outside `bounds` but within 50 km is kept without area",
    WarningCode.PLACE_TOO_FAR: "a place over 50 km outside `bounds` counts as unknown; the call still counts",
    WarningCode.PLACE_IN_NO_AREA: "a place within `bounds` lies in no area; it is kept without area",
    WarningCode.AREA_DISAGREES: "a call's place lies over 50 m outside its stated area; the stated one is kept",
    WarningCode.BEFORE_CALL: "a mark is earlier than its call was received",
    WarningCode.MARK_ORDER: "a mark is earlier than the one before it; the replay keeps it and does not apply it",
    WarningCode.MARK_FAR_OFF: "a mark lies more than 48 h after its call was received",
    WarningCode.NO_MARKS: "a response has no mark at all",
    WarningCode.REPEATED_RESPONSE: "the same unit responds to the same call more than once",
    WarningCode.IN_THE_FUTURE: "calls are received later than now",
    WarningCode.DUTY_OVERLAP: "two periods of duty of one unit overlap; they were joined",
    WarningCode.SHAPE_OFF_NODES: "a street segment's shape starts or ends over 100 m from its node",
    WarningCode.SHARES_RESCALED: "the shares of history.parquet do not sum to 1 and were rescaled",
    WarningCode.HOLIDAYS_UNKNOWN: "no public holidays are known of `country` or `subdivision`; forecasts go without",
}
