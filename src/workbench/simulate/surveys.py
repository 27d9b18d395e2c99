"""Survey answers: PHQ-9 or GAD-7 by text and in the clinic, satisfaction by text."""

import numpy as np
import pyarrow as pa

from workbench.simulate.campaigns import SATISFACTION, is_survey
from workbench.simulate.columns import DAY, HOUR, MINUTE, identifiers, moments, pick, sorted_table, words
from workbench.simulate.population import DIAGNOSES, Population, patient_ids
from workbench.simulate.randomness import Index, Real, Seconds, lognormal
from workbench.simulate.texts import Texts
from workbench.simulate.world import World

INSTRUMENTS = ("PHQ-9", "GAD-7", "satisfaction")
PHQ, GAD, LIKING = range(3)
HIGHEST = np.array([27.0, 21.0, 10.0])
ANXIOUS = (DIAGNOSES.index("anxiety"), DIAGNOSES.index("trauma"))
SHARE_ASKED_IN_CLINIC = 0.12


def surveys_table(
    world: World,
    texts: Texts,
    first: int,
    messages: pa.Array,
    attended: tuple[Index, Seconds],
) -> pa.Table:
    """The canonical table `surveys`.

    The engaged answer more often. Symptoms follow a latent severity and ease over the first months.

    Args:
        world: the people whose answers they are.
        texts: the campaigns' texts.
        first: the place of the first of them among all texts.
        messages: the identifiers of all texts.
        attended: patients and moments of the appointments that were attended.
    """
    settings, people = world.settings, world.people
    rng = world.streams.of("surveys")
    asked = np.flatnonzero(is_survey(texts) & texts.reached)
    who = texts.patient[asked]
    answers = 0.5 * people.engagement[who] + rng.standard_normal(who.size) > 0.35
    asked, who = asked[answers], who[answers]
    delay = lognormal(rng, 3 * HOUR * people.pace[who], 1.2, who.size)
    by_text = texts.sent_at[asked] + MINUTE + np.minimum(delay, 10 * DAY).astype(np.int64)
    there = rng.random(attended[0].size) < SHARE_ASKED_IN_CLINIC
    patient = np.concatenate([who, attended[0][there]])
    when = np.concatenate([by_text, attended[1][there] - 8 * MINUTE])
    through = np.concatenate([first + asked, np.full(int(there.sum()), -1)])
    symptoms = np.where(np.isin(people.diagnosis[patient], ANXIOUS), GAD, PHQ)
    liking = np.concatenate([texts.template[asked] == SATISFACTION, np.zeros(int(there.sum()), bool)])
    instrument = np.where(liking, LIKING, symptoms)
    score = _scores(rng, people, patient, when, instrument)
    shown = (when >= settings.start) & (when < settings.end) & (when < people.left_at[patient])
    shown &= when > people.enrolled_at[patient]
    columns = {
        "response_id": identifiers("s", world.streams.codes(rng, int(shown.sum()))),
        "patient_id": pick(patient_ids(people), patient[shown]),
        "message_id": pick(messages, through[shown]),
        "instrument": words(instrument[shown], INSTRUMENTS),
        "score": pa.array(score[shown]),
        "responded_at": moments(when[shown]),
    }
    return sorted_table(columns, patient[shown], when[shown], instrument[shown])


def _scores(
    rng: np.random.Generator, people: Population, patient: Index, when: Seconds, instrument: Index
) -> Real:
    months = np.clip((when - people.enrolled_at[patient]) / (30 * DAY), 0, 9)
    noise = rng.standard_normal(patient.size)
    symptoms = 0.50 + 0.20 * people.severity[patient] - 0.02 * months + 0.09 * noise
    liking = 0.74 + 0.10 * people.engagement[patient] - 0.05 * people.severity[patient] + 0.12 * noise
    share = np.clip(np.where(instrument == LIKING, liking, symptoms), 0, 1)
    return np.round(share * HIGHEST[instrument])
