"""Which call kinds Tocsin never takes: those that name a crime, a suspect, a protest or an identifiable group.

The house's first rule (docs/concepts/never.md): nothing here counts, forecasts or draws such calls, whoever asks. A
kind is judged by its words alone. Three lists a reason, in the languages named beside them: `words` match a whole word,
`stems` its beginning (so that they bend with the language), `phrases` whole words in a row. `_HARMLESS` phrases are
set aside first: a cardiac arrest is no arrest.

The lists are ours. They err towards refusing what names an offence, and towards taking what names an injury.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip())


@dataclass(frozen=True, slots=True)
class _Reason:
    """`what` completes the sentence "it names …". All text is lower case without accents."""

    what: str
    words: frozenset[str]
    stems: tuple[str, ...]
    phrases: tuple[str, ...] = ()

    def find(self, tokens: list[str], spaced: str) -> str | None:
        """The word, stem or phrase that matches first, or None."""
        for token in tokens:
            if token in self.words or token.startswith(self.stems):
                return token
        return next((phrase for phrase in self.phrases if f" {phrase} " in spaced), None)


_CRIME = _Reason(
    "a crime",
    # English
    _words(
        """
        assault assaults assaulted assaulting stab stabs stabbed stabbing stabbings gsw gun guns gunman gunmen shot
        shots assailant assailants shooting shootings shooter shooters rape raped rapes rapist robbed theft thefts
        thief thieves stolen stealing arson arsonist knife knifed knifing armed fight fights brawl affray abuse
        abused intruder intruders hijack hijacked hijacking carjacking mugged mugging holdup dui crime crimes
        criminal criminals felony felonies offence offences offense offenses lynching
        """
    )
    # German
    | _words("mord morde raub einbruch einbruche totschlag betrug amok amoklauf schlagerei schlaegerei gewalttat")
    # Spanish, Portuguese
    | _words(
        """
        robo robos hurto hurtos atraco atracos asalto asaltos violacion violaciones tiroteo tiroteos disparos delito
        delitos crimen crimenes pelea peleas rina reyerta ladron ladrones roubo assalto estupro furto furtos
        """
    )
    # French, Italian
    | _words(
        """
        viol viols meurtre meurtres rixe rixes bagarre bagarres fusillade delit delits braquage braquages attentat
        attentats rapina stupro sparatoria
        """
    )
    # Finnish
    | _words("murto murtohalytys asuntomurto automurto murha tappo tapon tappelu")
    # Swedish, Dutch
    | _words("inbrott stold moord diefstal overval misshandel"),
    (
        # English
        *_words(
            "homicid murder manslaugh robber burglar larcen shoplift kidnap abduct hostage terroris vandal trespass"
        ),
        *_words("prowler stalker stalking harass fraud forger extort blackmail smuggl traffick gunshot firearm weapon"),
        *_words("violence molest looting looter felon perpetrat offender criminal"),
        # German
        *_words("uberfall ueberfall raububer raubueber bankuber bankueber diebst einbrech vergewalt korperverletz"),
        *_words("koerperverletz messerstech messerangriff schiesser schusswaff geisel brandstift erpress entfuhr"),
        *_words("entfuehr straftat verbrech kriminal totung toetung gewaltdelikt gewalttat rauber raeuber"),
        # Spanish, Portuguese
        *_words("asesin agresion apunal secuestr rehen delincuen violencia vandalis extorsion estafa narcotraf"),
        # French, Italian
        *_words("cambriol assassin agression poignard otage delinquan pyroman omicid aggression accoltell"),
        # Finnish
        *_words("ryost varka henkirik rikos rikoll raiska pahoinpit puukot ampumi ampumav vakivalt panttiv"),
        *_words("tuhopol ilkival"),
        # Swedish, Dutch
        *_words("valdtakt skottloss knivskar mishandel verkracht steekpart schietpart"),
    ),
    _phrases(
        """
        hit and run, hold up, bomb threat, threatening behaviour, threatening behavior, domestic dispute,
        domestic disturbance, drug deal, drug dealing, drug offence, drug offense, violent person, violent man,
        violent behaviour, violent behavior, drunk driving, hausliche gewalt, haeusliche gewalt, sexuelle gewalt,
        arma de fuego, arma blanca, incendio provocado, incendio intencionado, vol a main armee, vol a l etalage,
        vol avec violence, coups et blessures, coups de feu, arme a feu, arme blanche, incendie criminel,
        incendie volontaire, sexual offence, sexual offense, sexual violence
        """
    ),
)
_SUSPECT = _Reason(
    "a suspect or a police matter",
    _words(
        """
        suspect suspects fugitive fugitives warrant warrants arrest arrests arrested custody inmate inmates prisoner
        prisoners police policing polizei policia gendarmerie poliisi polisen politie polizia
        verdachtiger verdaechtiger verdachtige tater taeter tatverdachtiger sospechoso sospechosa sospechosos
        detenido detenida
        """
    ),
    ("polizeieins", "poliisiteht", "policial"),
    _phrases(
        """
        law enforcement, traffic stop, wanted person, suspicious person, suspicious persons, suspicious people,
        suspicious man, suspicious woman, suspicious male, suspicious female, suspicious subject, suspicious vehicle,
        suspicious activity, suspicious behaviour, suspicious behavior, suspicious circumstances, verdachtige person,
        verdaechtige person, individu suspect, personne suspecte, persona sospechosa, epailyttava henkilo
        """
    ),
)
_PROTEST = _Reason(
    "a protest",
    _words(
        """
        riot riots rioting rioter rioters unrest demonstration demonstrations demonstrator demonstrators
        demonstrationen picket pickets picketing kundgebung kundgebungen krawall krawalle aufruhr versammlung
        protesta protestas manifestacion manifestaciones disturbio disturbios motin huelga
        manifestation manifestations greve greves emeute emeutes lakko mellakka mellakat upplopp sciopero betoging
        """
    ),
    (*_words("protest mielenoso manifestant manifestazion manifestac ausschreit randal attroup demonstrant"),),
    _phrases(
        """
        civil disturbance, civil disorder, public disorder, public disturbance, unlawful assembly, political rally,
        sit in, disturbance of the peace
        """
    ),
)
_GROUP = _Reason(
    "an identifiable group of people",
    _words(
        """
        vagrant vagrants vagrancy transients migrant migrants refugee refugees gypsy gypsies jew jews jewish arab arabs
        asian asians african africans caucasian hispanic hispanics latino latinos latina latinas gay gays lesbian
        lesbians gang gangs addict addicts addicted junkie junkies beggar beggars begging squatter squatters
        encampment encampments foreigner foreigners panhandler panhandlers panhandling loitering juvenile juveniles
        asylum zigeuner juden judisch juedisch bettler bettlerin auslander auslaender migranten
        indigente indigentes vagabundo vagabundos gitano gitanos judio judios mendigo mendigos
        sdf clochard clochards juif juifs juive juives gitan gitans roms clandestin clandestins
        mamu senzatetto daklozen dakloze
        """
    ),
    (
        *_words("homeless immigrant muslim islam hindu sikh lgbt transgender homosex prostitut"),
        *_words("obdachlos wohnungslos fluchtling fluechtling asylbew asylant drogensucht"),
        *_words("inmigrant migrante refugiado musulman refugie immigre mendian"),
        *_words("kodito asunnoto pakolai maahanmuut turvapaik romani mustalai juutalai kerjalai narkomaan"),
        *_words("hemlos flykting vluchteling"),
    ),
    _phrases(
        """
        black man, black men, black male, black males, black woman, black female, black person, black youth,
        white man, white men, white male, white males, white woman, white female, white person, white youth,
        sex worker, sex workers, rough sleeper, rough sleepers, sin techo, sin hogar, sans abri, sans abris,
        sans domicile, sem abrigo, mentally ill, ethnic group, ethnic minority
        """
    ),
)
_REASONS = (_CRIME, _SUSPECT, _PROTEST, _GROUP)
_HARMLESS = _phrases(
    """
    cardiac arrest, respiratory arrest, cardiopulmonary arrest, cardiac or respiratory arrest, cardiac and
    respiratory arrest, cardiac respiratory arrest, traumatic arrest, heart arrest, fire police, assist police,
    assist to police, assistance to police, police assist, police assistance, assist law enforcement, amtshilfe
    polizei, unterstutzung polizei, assistance police, virka apu poliisi, substance abuse, alcohol abuse, drug
    abuse, armed forces, fire fight, shooting range, oilseed rape, shot blasting, suspect package, suspect device,
    suspect smell, suspect odour, suspect odor, colis suspect, objet suspect, paquet suspect, bagage suspect,
    produit suspect, asian hornet, asian hornets, asian giant hornet, juvenile diabetes, manifestation sportive,
    manifestation culturelle, manifestations sportives, einbruch ins eis, einbruch eis, einbruch in eis
    """
)
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_NO_LETTER = re.compile(r"[\W\d_]+")


@lru_cache(4096)
def refusal(kind: str) -> str | None:
    """Why a call kind is never taken, as the end of a sentence, or None when it is taken.

    Args:
        kind: the kind as a pack or a feed names it, in any case and with or without accents.
    """
    tokens = _tokens_of(kind)
    spaced = f" {' '.join(tokens)} "
    for phrase in _HARMLESS:
        spaced = spaced.replace(f" {phrase} ", "  ")
    for reason in _REASONS:
        found = reason.find(spaced.split(), spaced)
        if found is not None:
            return f"it names {reason.what} ({found!r}), and Tocsin never takes such calls (docs/concepts/never.md)"
    return None


def _tokens_of(kind: str) -> list[str]:
    """Lower-case words without accents; `AssaultMedical` and `ASSAULT_MEDICAL` are two words each."""
    spread = _CAMEL.sub(" ", unicodedata.normalize("NFC", kind))
    plain = "".join(c for c in unicodedata.normalize("NFKD", spread.casefold()) if not unicodedata.combining(c))
    return _NO_LETTER.sub(" ", plain).split()
