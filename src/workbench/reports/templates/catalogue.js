// Search and filter; without this script the whole catalogue is shown.
(() => {
  const form = document.getElementById("find");
  const told = document.getElementById("told");
  const entries = [...document.querySelectorAll(".entry")];
  const texts = entries.map((entry) => entry.textContent.toLowerCase());
  const marks = entries.map((entry) => JSON.parse(entry.dataset.marks));
  const find = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = [...form.querySelectorAll("select")].filter((select) => select.value);
    let found = 0;
    entries.forEach((entry, place) => {
      const fits = words.every((word) => texts[place].includes(word))
        && chosen.every((select) => marks[place][select.name].includes(select.value));
      entry.hidden = !fits;
      found += fits;
    });
    for (const study of document.querySelectorAll(".study")) {
      study.hidden = !study.querySelector(".entry:not([hidden])");
    }
    told.textContent = words.length || chosen.length ? `${found} of ${entries.length} shown` : "";
  };
  form.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  find();
})();
