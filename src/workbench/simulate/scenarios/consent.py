"""Two wordings of the consent prompt: opt-in from 42 to 67 %."""

from workbench.simulate.experiments import Arm, Experiment, Tilt
from workbench.simulate.scenarios.declaration import Changes, Estimand, Scenario
from workbench.simulate.templates import PROMPTS

NO_PUSH = Tilt(0.0)

CONSENT_PROMPTS = Scenario(
    name="consent_prompts",
    title="A consent prompt in new words that lifts opt-in from 42 to 67 %",
    question="Does a study of consent find who agrees under which wording, of all who were asked?",
    changed="Both thresholds above which an adult asked by text agrees.",
    expected="adopt (v2); an A/B analysis has nobody to count, for nobody has consented at the assignment",
    changes=Changes(opt_in=(0.42, 0.67)),
    prompts=Experiment(
        "consent_prompt",
        tuple(
            Arm(wording, template, 11, NO_PUSH, NO_PUSH)
            for wording, template in zip(("v1", "v2"), PROMPTS, strict=True)
        ),
        share=0.0,
        first_day=-546,
        last_day=-1,
        window_days=7,
    ),
    truth=(
        Estimand(
            name="opt_in",
            words="share who opt in to texts for care within 7 days of the prompt; no answer is no",
            population="adults asked by text before the end of the data, answered or not",
            experiment="consent_prompt",
            outcome="opt_in",
            control="v1",
            treated="v2",
            base=0.42,
            rate=0.67,
        ),
    ),
)
