"use strict";
// A click on a gain shows what it is made of: scores, their files, the commands that make them again, and examples.

const DATA = JSON.parse(document.getElementById("data").textContent);

function gainRows(kind) {
  return DATA.gains[kind].map((row, number) => {
    const one = Object.fromEntries(DATA.gains.columns.map((name, i) => [name, row[i]]));
    one.ids = { encoder: one.encoder, intermediate: one.intermediate, target: one.target, language: one.language };
    for (const name of ["encoder", "intermediate", "target"]) one[name] = DATA.names[name][one[name]];
    one.task = one.target.split(" ")[0];
    one.target = DATA.labels[one.target];
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
  const systems = [DATA.names.intermediate.indexOf(DATA.baseline), gain.ids.intermediate];
  return DATA.scores.filter(
    ([encoder, intermediate, target, language, , , zeroShot]) =>
      encoder === gain.ids.encoder && target === gain.ids.target && systems.includes(intermediate) &&
      (gain.ids.language === null ? zeroShot : language === gain.ids.language),
  );
}

function scoreTable(scores) {
  const rows = scores.map(([, intermediate, target, language, seed, value, , file]) => {
    const [key, predictions] = DATA.files[file];
    const files = predictions.map((name) => make("code", {}, `predict/${name}/predictions.parquet`));
    return make("tr", {},
      make("th", { scope: "row" }, DATA.places[DATA.names.language[language]][0]), make("td", {}, DATA.names.intermediate[intermediate]),
      make("td", {}, DATA.labels[DATA.names.target[target]]), make("td", { class: "number" }, String(seed)),
      make("td", { class: "number" }, value.toFixed(2)), make("td", {}, make("code", {}, `score/${key}`)),
      make("td", {}, ...files.flatMap((one) => [one, " "])));
  });
  const heads = ["language", "intermediate", "target", "seed", "score", "score key", "predictions"];
  return make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Scores" },
    make("table", {},
      make("caption", {}, `Scores in per cent. Folders lie in ${DATA.store}`),
      make("thead", {}, make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...rows)));
}

function commands(...further) {
  return make("pre", {}, [`# what is missing of predictions and scores\n${DATA.commands.run}`, ...further].join("\n"));
}

function commandsOf(gain) {
  const where = ` --target ${gain.task} --intermediate ${gain.intermediate} --encoder ${gain.encoder}` + (gain.tag ? ` --language ${gain.tag}` : "");
  return commands(`# this gain\n${gain.tag ? DATA.commands.languages : DATA.commands.targets}`, `# all predictions\n${DATA.commands.predictions}${where} --format csv`);
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

function gainParts(gain) {
  const where = [gain.target, gain.language, DATA.names.encoder.length > 1 ? gain.encoder : ""].filter(Boolean).join(", ");
  return [`${gain.intermediate}: ${where}`, numbersOf(gain), make("h3", {}, "Examples"), ...examplesOf(gain),
    make("h3", {}, "Scores and files"), scoreTable(scoresOf(gain)), make("h3", {}, "Make it again"), commandsOf(gain)];
}

function meanParts(title, encoder, intermediate, targets, zeroShotOnly) {
  const scores = DATA.scores.filter(
    ([itsEncoder, itsIntermediate, target, , , , zeroShot]) =>
      DATA.names.encoder[itsEncoder] === encoder && DATA.names.intermediate[itsIntermediate] === intermediate &&
      targets.includes(DATA.names.target[target]) && (zeroShot || !zeroShotOnly),
  );
  return [title, scoreTable(scores), commands()];
}

function claimParts([name, statement, keys]) {
  const wanted = new Set(keys);
  const scores = DATA.scores.filter(([, , , , , , , file]) => wanted.has(DATA.files[file][0]));
  return [`Claim: ${name}`, make("p", { dir: "auto" }, statement), scoreTable(scores), commands(`# the verdict\n${DATA.commands.claims}`)];
}

const PARTS = { // by the first letter of a cell's name
  t: (number) => gainParts(GAINS.t[number]),
  l: (number) => gainParts(GAINS.l[number]),
  m: (number) => meanParts("Scores of a mean", ...DATA.means[number], false),
  s: (number) => {
    const row = DATA.layers[number];
    return meanParts(`${row.intermediate}: ${row.panel}, layer ${row.layer}`, row.encoder, row.intermediate, row.targets, true);
  },
  v: (number) => claimParts(DATA.claims[number]),
};

function openCell(cell) {
  const [title, ...parts] = PARTS[cell[0]](Number(cell.slice(1)));
  document.getElementById("detail-title").textContent = title;
  document.getElementById("detail-body").replaceChildren(...parts);
  const dialog = document.getElementById("detail");
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cell]");
  if (button) openCell(button.dataset.cell);
});
