"""The tables of a segmentation, with small cells hidden."""

from workbench.present import numbers
from workbench.present.disclosure import FlowStep, Profile, cohort_flow, hide_small_cells
from workbench.present.group_shares import coarse_share, shares_of_all
from workbench.present.result import Cell, Column, Table
from workbench.present.segmentation.checks import rules_of
from workbench.present.segmentation.words import amount, asked_in_words, measure_in_words, rule_in_words
from workbench.segments.analysis import Analysis
from workbench.segments.grouping import Candidate, Grouping
from workbench.segments.methods.clinical_rules import ClinicalRules
from workbench.segments.methods.fitting import FIT_IN_WORDS
from workbench.segments.reading.profiles import profiled_features
from workbench.segments.reading.rules import RuleTree

COLUMNS_IN_WORDS = {
    "diagnosis_group": "diagnosis",
    "treatment_phase": "treatment phase",
    "therapy_type": "therapy",
    "clinic_id": "clinic",
}


def segmentation_tables(analysis: Analysis, profile: Profile) -> list[Table]:
    """Every table of the analysis, in the order of the report."""
    tables = [cohort_flow([FlowStep(step.label, step.left) for step in analysis.people.flow], profile)]
    others = [features_table(analysis)]
    if analysis.grouping is not None and analysis.grouping.candidates:
        others.append(candidates_table(analysis.grouping, profile))
    if analysis.groups:
        others += [
            groups_table(analysis, profile),
            profile_table(analysis, profile),
            distances_table(analysis, profile),
        ]
        others += [attribute_table(analysis, column) for column in described_by(analysis)]
        others.append(texts_table(analysis))
    approved = rules_of(analysis)
    if approved is not None:
        others.append(declared_rules_table(approved))
    if analysis.rules is not None:
        others += [
            rules_table(analysis, analysis.rules, profile),
            fidelity_table(analysis, analysis.rules, profile),
        ]
    return tables + [hide_small_cells(table, profile) for table in others]


def groups_table(analysis: Analysis, profile: Profile) -> Table:
    """How large the groups are, and how stable."""
    grouping = analysis.grouping
    chosen = grouping.chosen if grouping else None
    kind = grouping.kind if grouping else None
    rows: list[list[Cell]] = [
        [group.letter, group.name, group.people, share]
        for group, share in zip(
            analysis.groups, shares_of_all([each.people for each in analysis.groups], profile), strict=True
        )
    ]
    if chosen:
        rows = [[*row, stable] for row, stable in zip(rows, chosen.stability, strict=True)]
    cut = "Cuts of a continuum of" if kind == "cuts" else "Groups of"
    return Table(
        id="groups",
        caption=f"{cut} {analysis.settings.people_noun}",
        columns=[
            Column(name="group", title="Group", kind="label"),
            Column(
                name="name",
                title="As defined" if kind == "definitions" else "What most of them do",
                kind="text",
            ),
            Column(name="people", title=analysis.settings.people_noun.capitalize(), kind="people"),
            Column(name="share", title="Of all", kind="interval"),
            *(
                [Column(name="stability", title="Found again", kind="estimate", unit="Jaccard", digits=2)]
                if chosen
                else []
            ),
        ],
        rows=rows,
        groups="attributes",
        fitted=True,
        note="Definitions are not found, and so not found again."
        if kind == "definitions"
        else "Found again: Jaccard similarity under resampling; 1 is the same people, above 0.75 is stable, below 0.50 "
        "dissolved (Hennig 2007).",
    )


def profile_table(analysis: Analysis, profile: Profile) -> Table:
    """The features of each group in their units, over all events of its people."""
    rows: list[list[Cell]] = []
    for feature in profiled_features(analysis.frame):
        cells: list[Cell] = [measure_in_words(feature)]
        for group in (analysis.everyone, *analysis.groups):
            value = group.values[feature.name]
            hidden = value is None or profile.is_few(group.people)
            cells.append("–" if hidden or value is None else amount(feature, value))
        rows.append(cells)
    return Table(
        id="profiles",
        caption="What the groups do",
        columns=[
            Column(name="measure", title="Measure", kind="label"),
            Column(name="everybody", title="Everybody", kind="interval"),
            *(
                Column(name=f"group_{group.letter.lower()}", title=f"Group {group.letter}", kind="interval")
                for group in analysis.groups
            ),
        ],
        rows=rows,
        groups="none",
        note="Over all events of a group's people. These measures made the groups, so that groups differ in them by "
        "construction: this is description, and no test of it would mean anything.",
    )


def distances_table(analysis: Analysis, profile: Profile) -> Table:
    """How far each group lies from everybody in each feature that made the groups."""
    rows: list[list[Cell]] = [
        [
            feature.title,
            *(
                None if profile.is_few(group.people) else group.distances[feature.name]
                for group in analysis.groups
            ),
        ]
        for feature in analysis.frame.features
    ]
    return Table(
        id="distances",
        caption="How far each group lies from the average, in standard deviations",
        columns=[
            Column(name="measure", title="Measure", kind="label"),
            *(
                Column(
                    name=f"group_{group.letter.lower()}",
                    title=f"Group {group.letter}",
                    kind="estimate",
                    digits=1,
                )
                for group in analysis.groups
            ),
        ],
        rows=rows,
        groups="none",
        note="On the scale on which people are compared: logarithms of rates and days, log odds of shares.",
    )


def described_by(analysis: Analysis) -> tuple[str, ...]:
    """The columns by which groups are described besides; none that approved rules ask of.

    By those a group is all of one word and none of others because the rules say so: such a table tells nothing, and
    what it would have to hide gives back the few of others.
    """
    rules = rules_of(analysis)
    asked = {
        each.column for each in analysis.frame.categorical if rules is not None and each.name in rules.features
    }
    return tuple(column for column in analysis.settings.profile_by if column not in asked)


def attribute_table(analysis: Analysis, column: str) -> Table:
    """The shares of each diagnosis, phase or the like in each group; whether these made the groups is told."""
    words = COLUMNS_IN_WORDS[column]
    made = column in {each.column for each in analysis.frame.categorical}
    values = list(analysis.everyone.attributes[column])
    rows: list[list[Cell]] = [
        [group.letter, group.people, *(group.attributes[column][value] / group.people for value in values)]
        for group in analysis.groups
    ]
    return Table(
        id=f"by_{column}",
        caption=f"Groups by {words}",
        columns=[
            Column(name="group", title="Group", kind="label"),
            Column(name="people", title=analysis.settings.people_noun.capitalize(), kind="people"),
            *(
                Column(name=f"value_{at}", title=value.replace("_", " ").capitalize(), kind="share", digits=0)
                for at, value in enumerate(values)
            ),
        ],
        rows=rows,
        groups="attributes",
        fitted=True,
        note="As known on the day the study looks from. "
        + (
            f"The {words} helped to make the groups, which therefore differ in it by construction."
            if made
            else f"The {words} did not make the groups."
        ),
    )


def texts_table(analysis: Analysis) -> Table:
    """Consent and texts borne, by group."""
    rows: list[list[Cell]] = [
        [group.letter, group.people, group.consenting / group.people, group.texts] for group in analysis.groups
    ]
    return Table(
        id="texts",
        caption="Consent to texts, and texts borne",
        columns=[
            Column(name="group", title="Group", kind="label"),
            Column(name="people", title=analysis.settings.people_noun.capitalize(), kind="people"),
            Column(name="consent", title="Agree to texts", kind="share"),
            Column(name="texts", title="Texts in four weeks", kind="estimate", unit="per person", digits=2),
        ],
        rows=rows,
        groups="attributes",
        fitted=True,
        note="Texts that arrived, or were sent and not known lost, over everybody, those who agree to none included.",
    )


def candidates_table(grouping: Grouping, profile: Profile) -> Table:
    """What speaks for each number of groups."""
    return Table(
        id="numbers_of_groups",
        caption="What speaks for each number of groups",
        columns=[
            Column(name="groups", title="Groups", kind="label"),
            Column(name="fit", title="Fit", kind="estimate", digits=3),
            Column(name="continuum", title="Fit of continua", kind="estimate", digits=3),
            Column(name="chance", title="Chance in a continuum", kind="probability"),
            Column(name="stability", title="Least stable group", kind="estimate", unit="Jaccard", digits=2),
            Column(name="smallest", title="Smallest group", kind="interval"),
            Column(name="verdict", title="Verdict", kind="text"),
        ],
        rows=[
            [
                str(each.groups),
                each.fit,
                each.continuum_fit,
                each.chance,
                min(each.stability),
                smallest_in_words(grouping, each, profile),
                candidate_in_words(grouping, each),
            ]
            for each in grouping.candidates
        ],
        groups="none",
        note=f"Fit: {FIT_IN_WORDS[grouping.settings.method]}. Continua: data sets without groups, with the margins and "
        "correlations of the data. Chance: how often the best number fits a continuum as much better than others.",
    )


def smallest_in_words(grouping: Grouping, each: Candidate, profile: Profile) -> str:
    """The share of the smallest of a number of groups; of few people only that they are few."""
    if each.fewest == 0:
        return "nobody"
    return (
        f"{profile.fewer_than} people" if profile.is_few(each.fewest) else numbers.percent(min(each.shares), 0)
    )


def candidate_in_words(grouping: Grouping, each: Candidate) -> str:
    """Why a number of groups was chosen, or was not."""
    if grouping.chosen is each:
        cuts = grouping.kind == "cuts"
        return "chosen: cuts found again most surely" if cuts else "chosen: gains most over continua"
    if not grouping.exists(each):
        return "no more than a continuum"
    if not grouping.is_stable(each):
        return "not stable"
    return "gains less over continua" if grouping.is_large(each) else "a group is too small"


def declared_rules_table(rules: ClinicalRules) -> Table:
    """The rules that clinicians wrote, in the order in which they are tried."""
    rows: list[list[Cell]] = [
        [f"{at}. {rule.name}", ", and ".join(asked_in_words(each) for each in rule.conditions)]
        for at, rule in enumerate(rules.rules, start=1)
    ]
    rows.append([f"{len(rows) + 1}. {rules.rest}", "everybody else"])
    return Table(
        id="rules",
        caption="The rules, as approved",
        columns=[
            Column(name="group", title="Group", kind="label"),
            Column(name="rule", title="Who", kind="text"),
        ],
        rows=rows,
        groups="none",
        note="Tried in this order: the first that holds decides. A measure or word that is not known meets no "
        "condition, not even “is not”; what is known of few events is drawn toward the average first.",
    )


def features_table(analysis: Analysis) -> Table:
    """What each feature means."""
    rows: list[list[Cell]] = [
        [feature.title, feature.meaning, feature.unit, _use(analysis, at)]
        for at, feature in enumerate(analysis.frame.features)
    ]
    rows += [[words.title, words.meaning, "word", "taken as recorded"] for words in analysis.frame.categorical]
    rows += [
        [feature.title, feature.meaning, feature.unit, "left out: hardly more than chance"]
        for feature in analysis.frame.unreliable
    ]
    return Table(
        id="features",
        caption="The measures that make the groups",
        columns=[
            Column(name="measure", title="Measure", kind="label"),
            Column(name="meaning", title="Meaning", kind="text"),
            Column(name="unit", title="Unit", kind="text"),
            Column(name="reliability", title="Reliability", kind="text"),
        ],
        rows=rows,
        groups="none",
        note=f"Counted over the {analysis.settings.lookback_days} days before the day looked from. Reliability: "
        "the part of the differences between people that is theirs and not chance; what is known of few events is "
        "drawn toward the average.",
    )


def _use(analysis: Analysis, at: int) -> str:
    how = analysis.frame.measured[at]
    return "taken as counted" if how is None else numbers.percent(how.reliability, 0)


def rules_table(analysis: Analysis, rules: RuleTree, profile: Profile) -> Table:
    """The rules in words, and how often each is right among people it was not learned from."""
    return Table(
        id="rules",
        caption="Rules for the groups",
        columns=[
            Column(name="group", title="Group", kind="label"),
            Column(name="rule", title="Who", kind="text"),
            Column(name="tested", title="Tested on", kind="people"),
            Column(name="right", title="Right", kind="interval"),
        ],
        rows=[
            [
                label,
                rule_in_words(rule),
                rule.people,
                coarse_share(rule.right, rule.people, profile),
            ]
            for label, rule in zip(_rule_labels(analysis, rules), rules.rules, strict=True)
        ],
        groups="attributes",
        fitted=True,
        note="Tested on people the rules were not learned from. Shares are drawn toward the average where few events "
        "are known.",
    )


def _rule_labels(analysis: Analysis, rules: RuleTree) -> list[str]:
    """The letter of each rule's group; a second rule for one group is told as such."""
    letters = [analysis.groups[rule.group].letter for rule in rules.rules]
    before = [letters[:at].count(letter) for at, letter in enumerate(letters)]
    return [
        f"{letter}, rule {more + 1}" if more else letter for letter, more in zip(letters, before, strict=True)
    ]


def fidelity_table(analysis: Analysis, rules: RuleTree, profile: Profile) -> Table:
    """For each group, how many of its people the rules find."""
    return Table(
        id="fidelity",
        caption="How many of each group the rules find",
        columns=[
            Column(name="group", title="Group", kind="label"),
            Column(name="held_out", title="Tested on", kind="people"),
            Column(name="found", title="Found by the rules", kind="interval"),
        ],
        rows=[
            [group.letter, rules.people[at], coarse_share(rules.found[at], rules.people[at], profile)]
            for at, group in enumerate(analysis.groups)
        ],
        groups="attributes",
        fitted=True,
    )
