"""The tables of a no-show study's validation: designs, contrasts, the choice, enough events, transport."""

from workbench.no_show.analysis import Analysis
from workbench.no_show.validation.block_scores import BlockScores
from workbench.no_show.validation.transport import Transport
from workbench.present import numbers
from workbench.present.no_show.score_tables import cells, scored
from workbench.present.no_show.words import MODEL_WORDS
from workbench.present.result import Cell, Column, Table

RANDOM, DISJOINT, ROLLING = "random split", "other patients only", "rolling origin"
TEST = "temporal (the test)"


def validation_tables(analysis: Analysis) -> list[Table]:
    """Every table of the validation, in the order of the report, before small cells are hidden."""
    found = analysis.transport
    return [
        designs_table(analysis),
        design_losses_table(analysis),
        contrasts_table(analysis),
        choice_table(analysis),
        *([sample_size_table(analysis)] if analysis.development.enough else []),
        *([transport_table(analysis, found)] if found else []),
    ]


def designs(analysis: Analysis) -> list[tuple[str, BlockScores]]:
    """The designs by name and what the chosen model scored under each, the primary one first."""
    development = analysis.development
    return [
        *([(TEST, analysis.tested)] if analysis.tested else []),
        *((f"{ROLLING} {place}", block) for place, block in enumerate(development.blocks, 1)),
        (f"{ROLLING}, all", development.rolling),
        (DISJOINT, development.disjoint),
        (RANDOM, development.random),
    ]


def designs_table(analysis: Analysis) -> Table:
    """Days, appointments and AUROC of the chosen model under every design."""
    rows: list[list[Cell]] = [
        [
            name,
            f"{numbers.day(scores.first)} to {numbers.day(scores.last)}",
            scores.patients,
            scores.appointments,
            *cells(scores.auroc, 3),
        ]
        for name, scores in designs(analysis)
    ]
    return Table(
        id="designs",
        caption=f"{MODEL_WORDS[analysis.chosen].capitalize()} by design of validation",
        columns=[
            Column(name="design", title="Design", kind="label"),
            Column(name="days", title="Days predicted", kind="text"),
            Column(name="patients", title="Patients", kind="people"),
            Column(name="appointments", title="Appointments", kind="people"),
            *scored("auroc", "AUROC", 3),
        ],
        rows=rows,
        groups="arm",
        note="The test is the primary design, and was opened once. All other rows lie before it. Rolling origin: each "
        "block is predicted by a model trained on what was known before it. The last two rows predict the appointments "
        "of all blocks again. Other patients only: the stress test for new patients. Random split: a comparison, not "
        "to be believed.",
    )


def design_losses_table(analysis: Analysis) -> Table:
    """Log loss and calibration of the chosen model under every design."""
    return Table(
        id="design_losses",
        caption="Log loss and calibration by design",
        columns=[Column(name="design", title="Design", kind="label"), *_LOSSES],
        rows=[[name, *_losses(scores)] for name, scores in designs(analysis)],
        groups="none",
        note="Log loss: lower is better. In the large: 0 is best, above 0 more miss than predicted. Slope: 1 is best, "
        "under 1 predictions are too extreme.",
    )


def contrasts_table(analysis: Analysis) -> Table:
    """The other designs against the rolling origin, paired."""
    development = analysis.development
    found = ((DISJOINT, development.new_patients), (RANDOM, development.flattery))
    rows: list[list[Cell]] = [
        [name, *cells(contrast.auroc, 4), *cells(contrast.log_loss, 5)] for name, contrast in found
    ]
    return Table(
        id="design_contrasts",
        caption="What a design adds to, or takes from, the scores of the rolling origin",
        columns=[
            Column(name="design", title="Design", kind="label"),
            *scored("auroc_gain", "AUROC higher by", 4),
            *scored("log_loss_gain", "Log loss lower by", 5),
        ],
        rows=rows,
        groups="none",
        note="Paired: the same appointments, predicted by both. Above 0 the design looks better than use would be: it "
        "flatters.",
    )


def choice_table(analysis: Analysis) -> Table:
    """Log loss of every candidate on the rolling origin's blocks, and how far it is behind the chosen one."""
    rows: list[list[Cell]] = [
        [
            MODEL_WORDS[candidate.model],
            *cells(candidate.log_loss, 4),
            *(cells(candidate.behind, 4) if candidate.behind else [None, "chosen"]),
        ]
        for candidate in analysis.development.choice.candidates
    ]
    return Table(
        id="choice",
        caption="The choice among models, made before the test was opened",
        columns=[
            Column(name="model", title="Model", kind="label"),
            *scored("log_loss", "Log loss", 4),
            *scored("behind", "Above the chosen by", 4),
        ],
        rows=rows,
        groups="none",
        note="On the rolling origin's blocks; lower is better. Differences are paired, their intervals clustered by "
        "patient.",
    )


def sample_size_table(analysis: Analysis) -> Table:
    """Events per parameter of every regression, and what the criteria ask for."""
    rows: list[list[Cell]] = [
        [
            MODEL_WORDS[found.model],
            found.parameters,
            found.appointments,
            found.events_per_parameter,
            found.expected_shrinkage,
            found.needed.shrinkage,
            found.needed.optimism,
            found.needed.intercept,
        ]
        for found in analysis.development.enough
    ]
    return Table(
        id="sample_size",
        caption="Events for each parameter, and appointments needed (Riley et al. 2020)",
        columns=[
            Column(name="model", title="Model", kind="label"),
            Column(name="parameters", title="Parameters", kind="estimate", digits=0),
            Column(name="appointments", title="Appointments", kind="people"),
            Column(name="per_parameter", title="Missed per parameter", kind="estimate", digits=0),
            Column(name="shrinkage", title="Expected shrinkage", kind="estimate", digits=3),
            Column(name="for_shrinkage", title="Needed for shrinkage .9", kind="estimate", digits=0),
            Column(name="for_optimism", title="Needed for optimism .05", kind="estimate", digits=0),
            Column(name="for_intercept", title="Needed for the rate", kind="estimate", digits=0),
        ],
        rows=rows,
        groups="arm",
        note="Needed are appointments: for a shrinkage of .9, for an R² that is at most .05 too high, and for a rate "
        "within 5 points. The criteria take appointments to be independent; those of one patient are alike, so that "
        "somewhat more are needed. Trees have no parameters to count.",
    )


def transport_table(analysis: Analysis, found: Transport) -> Table:
    """A model from another source on this study's test, before and after recalibration."""
    versions = (
        ("as it came", found.as_it_came),
        ("recalibrated in the large", found.in_the_large),
        ("recalibrated logistically", found.logistic),
        *([("trained here", analysis.tested)] if analysis.tested else []),
    )
    rows: list[list[Cell]] = [[name, *cells(scores.auroc, 3), *_losses(scores)] for name, scores in versions]
    return Table(
        id="transport",
        caption=f"{MODEL_WORDS[analysis.chosen].capitalize()} trained on the source {found.source}, on the test here",
        columns=[
            Column(name="version", title="Model", kind="label"),
            *scored("auroc", "AUROC", 3),
            *_LOSSES,
        ],
        rows=rows,
        groups="none",
        note="Recalibrated on this study's calibration block. Recalibration changes no rank, so that AUROC stays.",
    )


_LOSSES = (
    *scored("log_loss", "Log loss", 3),
    *scored("intercept", "In the large", 2),
    *scored("slope", "Slope", 2),
)


def _losses(scores: BlockScores) -> list[Cell]:
    return [
        *cells(scores.log_loss, 3),
        *cells(scores.intercept, 2),
        *cells(scores.slope, 2),
    ]
