"""What is refused and what is not, both ways, in several languages."""

import pytest

from tocsin.model.never import refusal

REFUSED = """
Assault medical
Shooting
EMS: SHOOTING
EMS: ASSAULT VICTIM
Stab / Gunshot / Penetrating Trauma
Active assailant - fire
Robbery
Armed robbery alarm
BurglarAlarm
THEFT_FROM_VEHICLE
Homicide
Arson
Domestic violence
Child abuse
Bomb threat
Hit and run
Person with a weapon
Suspicious person
Suspect fled
Warrant service
Arrest
Police
Police information
Prisoner transport
Protest
Riot
Civil disturbance
Political rally
Demonstration
Homeless concern
homeless_concerns - other
Encampment
Migrant boat
Black male down
Drug addict
Überfall
UEBERFALL auf Tankstelle
Banküberfall
Körperverletzung
Häusliche Gewalt
Schlägerei
Brandstiftung
Polizeieinsatz
Kundgebung
Demonstrationen
Hilflose Person, obdachlos
Flüchtlingsunterkunft
Atraco
Agresión con arma blanca
Violación
Incendio provocado
Tiroteo
Manifestación
Persona sospechosa
Sin techo
Cambriolage
Agression
Coups et blessures
Incendie criminel
Rixe
Émeute
Manifestation
Individu suspect
SDF
Ryöstö
Pahoinpitely
Puukotus
Ampuminen
Tuhopoltto
Mielenosoitus
Asunnoton henkilö
Poliisitehtävä
Pakolaiskeskus
"""
TAKEN = """
Structure Fire
Medical Incident
Alarms
Water Rescue
Traffic Collision
Electrical Hazard
Citizen Assist / Service Call
Confined Space / Structure Collapse
Extrication / Entrapped (Machinery, Vehicle)
Gas Leak (Natural and LP Gases)
Odor (Strange / Unknown)
Other
Cardiac Arrest
Cardiac or Respiratory Arrest / Death
Heart attack
Animal Bites / Attacks
Potentially Life-Threatening
Transient ischemic attack
Violent storm
Fire fighting
Firefighter down
Battery fire
Stable fire
Suspected stroke
Suspected gas leak
Suspicious smell
Suspicious package
Overdose
Substance abuse
Suicide attempt
Assist Police
Fire: FIRE POLICE NEEDED
Traffic control
Trafficability check
Lightning strike
Man overboard (MOB)
Clandestine laboratory
Jewellery shop fire
Gangrene
Shooting range fire
Asian hornets
Juvenile diabetes
EMS: UNCONSCIOUS SUBJECT
EMS: HEAD INJURY
F/DOMESTIC
Wohnungsbrand
Verkehrsunfall
Wassereinbruch
Einbruch ins Eis
Höhere Gewalt
Gebäudebrand
Bewusstlose Person
Sturmschaden
Incendio de vivienda
Accidente de tráfico
Parada cardiorrespiratoria
Fuga de gas
Rescate en montaña
Feu d'habitation
Odeur suspecte
Fumée suspecte
Colis suspect
Accident de vol à voile
Manifestation sportive
Secours à personne
Rakennuspalo
Luunmurtuma
Tapaturma
Liikenneonnettomuus
Epäilty kaasuvuoto
Ensivaste
Byggnadsbrand
00

"""


@pytest.mark.parametrize("kind", REFUSED.strip().splitlines())
def test_refused(kind: str):
    why = refusal(kind)
    assert why is not None
    assert why.startswith("it names ")


@pytest.mark.parametrize("kind", TAKEN.strip().splitlines())
def test_taken(kind: str):
    assert refusal(kind) is None


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("Stabbing", "a crime ('stabbing')"),
        ("Wanted person", "a suspect or a police matter ('wanted person')"),
        ("Riot", "a protest ('riot')"),
        ("Homeless", "an identifiable group of people ('homeless')"),
    ],
)
def test_the_reason_names_the_word(kind: str, what: str):
    assert what in str(refusal(kind))


def test_a_harmless_phrase_hides_no_other_word():
    assert refusal("Cardiac arrest after stabbing") is not None
    assert refusal("Assist police, shooting") is not None


def test_any_text_is_judged():
    for kind in ("", "🔥", "\x00", "a" * 10_000, "Ⅷ", "١٢"):
        assert refusal(kind) is None
