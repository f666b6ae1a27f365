"use strict";
// A click on a gain shows what it is made of: scores, their files, the commands that make them again, and examples.

const DATA = JSON.parse(document.getElementById("data").textContent);

function gainRows(kind) {
  return DATA.gains[kind].map((row, number) => {
    const one = Object.fromEntries(DATA.gains.columns.map((name, i) => [name, row[i]]));
    one.ids = { encoder: one.encoder, intermediate: one.intermediate, target: one.target, language: one.language };
    for (const name of ["encoder", "intermediate", "target"]) one[name] = DATA.names[name][one[name]];
    one.cell = kind[0] + number;
    one.weights = DATA.weights[one.encoder] ?? null;
    if (one.language !== null) {
      one.tag = DATA.names.language[one.language];
      [one.language, one.place, one.order] = DATA.places[one.tag];
    }
    return one;
  });
}

const GAINS = { t: gainRows("targets"), l: gainRows("languages") };

function signed(value) {
  return (value < 0 ? "" : "+") + value.toFixed(2);
}

function described(pairs) {
  return make("dl", {}, ...pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", { dir: "auto" }, String(value))]));
}

function numbersOf(gain) {
  if (gain.gain === null) return make("p", {}, "Not measured: no seed has all the scores.");
  return described([
    ["gain, points", signed(gain.gain)],
    ["95% interval", `${signed(gain.low)} to ${signed(gain.high)}` + (gain.seeds === 1 ? " (one seed: for these models alone)" : "")],
    ["p of no gain", `${gain.p}; Holm ${gain.holm}, BH ${gain.bh} over the rows of its table`],
    ["p of a gain of the margin", gain.none],
    ["minimum detectable effect", gain.mde.toFixed(2)],
    ["baseline, per cent", gain.baseline === null ? "not measured" : gain.baseline.toFixed(2)],
    ["seeds, languages, examples", `${gain.seeds}, ${gain.languages}, ${gain.examples}`],
    ["missing, flagged pairs", `${gain.missing}, ${gain.flagged}`],
  ]);
}

function scoresOf(gain) {
  const reference = DATA.names.intermediate.indexOf(DATA.baseline);
  const systems = [reference, gain.ids.intermediate];
  return DATA.scores.filter(
    ([encoder, intermediate, target, language, , , zeroShot]) =>
      encoder === gain.ids.encoder && target === gain.ids.target && systems.includes(intermediate) &&
      (gain.ids.language === null ? zeroShot : language === gain.ids.language),
  );
}

function scoreTable(gain) {
  const rows = scoresOf(gain).map(([, intermediate, , language, seed, value, , file]) => {
    const [key, predictions] = DATA.files[file];
    const tag = DATA.names.language[language];
    const files = predictions.map((name) => make("code", {}, `predict/${name}/predictions.parquet`));
    return make("tr", {},
      make("th", { scope: "row" }, DATA.places[tag][0]), make("td", {}, DATA.names.intermediate[intermediate]),
      make("td", { class: "number" }, String(seed)), make("td", { class: "number" }, value.toFixed(2)),
      make("td", {}, make("code", {}, `score/${key}`)), make("td", {}, ...files.flatMap((one) => [one, " "])));
  });
  const heads = ["language", "intermediate", "seed", "score", "score key", "predictions"];
  return make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Scores" },
    make("table", {},
      make("caption", {}, `Scores in per cent. Folders lie in ${DATA.store}`),
      make("thead", {}, make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...rows)));
}

function commandsOf(gain) {
  const target = gain.target.split(" ")[0];
  const where = ` --target ${target} --intermediate ${gain.intermediate} --encoder ${gain.encoder}` + (gain.tag ? ` --language ${gain.tag}` : "");
  return make("pre", {},
    `# the predictions and scores, as far as they are missing\n${DATA.commands.run}\n` +
    `# this gain\n${gain.tag ? DATA.commands.languages : DATA.commands.targets}\n` +
    `# all predictions\n${DATA.commands.predictions}${where} --format csv`);
}

function exampleOf(example, gain) {
  const said = (name) => {
    const [answer, score] = example.said[DATA.names.intermediate.indexOf(name)] ?? [null, 0];
    return answer === null ? "not measured" : `${example.answers[answer]} (${score.toFixed(2)})`;
  };
  return make("article", {}, make("h4", {}, `Example ${example.id}`),
    described([...example.texts, ["gold", example.gold], [DATA.baseline, said(DATA.baseline)], [gain.intermediate, said(gain.intermediate)]]));
}

function examplesOf(gain) {
  const start = `${gain.ids.encoder}/${gain.ids.target}/`;
  const keys = Object.keys(DATA.samples).filter((key) => (gain.tag ? key === start + gain.ids.language : key.startsWith(start)));
  if (!keys.length) {
    return [make("p", {}, "No examples here: a retrieval target, or data that cannot be read. The last command above prints all predictions.")];
  }
  const place = make("div", { class: "examples" });
  const name = (key) => DATA.places[DATA.names.language[key.split("/")[2]]][0];
  const show = (key) => place.replaceChildren(...DATA.samples[key].map((example) => exampleOf(example, gain)));
  show(keys[0]);
  const found = [make("p", {}, "Those on which systems differ most, of the first seed: no random sample. Behind an answer its score, 0 to 1.")];
  if (keys.length > 1) {
    const select = make("select", {}, ...keys.map((key) => make("option", { value: key }, name(key))));
    select.addEventListener("change", () => show(select.value));
    found.push(make("label", {}, "Language: ", select));
  }
  return [...found, place];
}

function openCell(cell) {
  const gain = GAINS[cell[0]][Number(cell.slice(1))];
  const where = [gain.target, gain.language, DATA.names.encoder.length > 1 ? gain.encoder : ""].filter(Boolean).join(", ");
  document.getElementById("detail-title").textContent = `${gain.intermediate}: ${where}`;
  document.getElementById("detail-body").replaceChildren(
    numbersOf(gain), make("h3", {}, "Examples"), ...examplesOf(gain),
    make("h3", {}, "Scores and files"), scoreTable(gain), make("h3", {}, "Make it again"), commandsOf(gain));
  const dialog = document.getElementById("detail");
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cell]");
  if (button) openCell(button.dataset.cell);
});
