// One task: what its number rests on, run by run, how its documents are distributed, and its place among the
// published models.

// evidenceOf is a run's evidence for a task.
function evidenceOf(t, k) {
  const score = t.scores[k];
  const list = make("dl", {});
  const add = (key, ...content) => list.append(make("div", {}, make("dt", {}, word(key)), make("dd", {}, ...content)));
  if (!score) return make("p", {class: "about"}, word("task.absent"));
  const cell = t.cells[k];
  if (score.hole) add("task.hole", oneLine(score.hole));
  if (cell) {
    add("task.score", make("strong", {text: fourPlaces(cell.score)}));
    if (cell.method) add("task.interval", `${fourPlaces(cell.low)} – ${fourPlaces(cell.high)} (`, word(`method.${cell.method}`, cell.clusters ?? ""), ")");
  }
  add("task.scored", word("task.of", score.n, score.total));
  const [value, ...others] = score.values ?? [];
  if (value) add("task.signature", make("code", {text: `${value.metric}  ${value.signature}`}));
  const missing = score.unmeasured ?? [];
  if (others.length + missing.length > 0) add("task.other",
    ...others.map((v) => make("div", {text: `${oneLine(v.metric)} ${fourPlaces(v.value / v.max)}${v.n ? ` (n ${v.n})` : ""}`})),
    ...missing.map((u) => make("div", {text: `${oneLine(u.metric)} — ${oneLine(u.hole)}`})));
  if (score.protocol) add("task.protocol", oneLine(score.protocol));
  if (score.version) add("task.version", oneLine(score.version));
  const notes = facts.runs[k].notes.filter((n) => n.task === t.task && !["note.hole", "note.unpinned", "note.unpinned_rows", "note.pinless", "note.stand_in", "note.stand_in_rows"].includes(n.key));
  add("task.cuts", ...(notes.length > 0 ? notes.map((n) => make("div", {}, word(n.key, ...n.args.map(oneLine)))) : [word("task.cuts_none")]));
  for (const f of score.data ?? []) {
    add("task.data", make("span", {text: `${f.path} `}), digestStart(f.sha256), make("span", {class: `state ${f.state === "official" ? "" : "odd"}`, text: ` ${f.state}, ${f.rows === f.expected_rows || !f.expected_rows ? f.rows : `${f.rows}/${f.expected_rows}`}`}));
  }
  if (score.prompts_digest) add("task.prompts", digestStart(score.prompts_digest));
  if (score.samples_digest) add("task.samples", digestStart(score.samples_digest));
  return list;
}

// drawDistribution is the documents of a task by score, where there is more to them than right and wrong.
function drawDistribution(at) {
  const x = store.index.tasks[at];
  const bins = 20;
  const bars = facts.runs.flatMap((run, k) => {
    const counts = new Array(bins).fill(0);
    for (const s of x.scores[k] ?? []) if (s !== null) counts[Math.max(0, Math.min(bins - 1, Math.floor((s / 1e4) * bins)))]++;
    return counts.map((n, i) => ({k, n, x1: i / bins, x2: (i + 1) / bins}));
  });
  const share = (d) => (d.x2 - d.x1) / facts.runs.length;
  return (width) => {
    const svg = Plot.plot({
      ...chartDefaults, width: Math.min(width, 560), height: 190, marginLeft: 48, marginBottom: 36,
      ariaLabel: say("chart.distribution"),
      x: {domain: [0, 1]}, y: {nice: true},
      marks: [
        Plot.axisX({label: say("chart.score"), labelArrow: "none", labelAnchor: "center", color: "var(--muted)"}),
        Plot.axisY({label: say("chart.documents"), labelArrow: "none", ticks: 4, color: "var(--muted)"}),
        Plot.rectY(bars, {x1: (d) => d.x1 + d.k * share(d), x2: (d) => d.x1 + (d.k + 1) * share(d), y: "n", fill: (d) => runColour(d.k), inset: 0.5}),
        Plot.ruleX([0], {stroke: "var(--line)"}),
      ],
      color: {type: "identity"},
    });
    svg.setAttribute("role", "img");
    return [make("figcaption", {}, word("chart.distribution")), svg];
  };
}

// countsOf leads from a task to groups of its documents.
function countsOf(t, at) {
  const x = store.index.tasks[at];
  const button = (label, n, show) => make("button", {type: "button", class: "count", click: () => showSamples({task: t.task, show})}, make("strong", {text: String(n)}), " ", label);
  const groups = [];
  facts.runs.forEach((run, k) => {
    const scores = (x.scores[k] ?? []).filter((s) => s !== null);
    if (scores.length === 0) return;
    const suffix = severalRuns ? ` (${run.letter})` : "";
    groups.push(button(word("filter.right", suffix), scores.filter((s) => s === 10000).length, `right:${k}`));
    if (!t.binary) groups.push(button(word("filter.partial", suffix), scores.filter((s) => s > 0 && s < 10000).length, `partial:${k}`));
    groups.push(button(word("filter.wrong", suffix), scores.filter((s) => s === 0).length, `wrong:${k}`));
  });
  facts.comparisons.forEach((c, i) => {
    const letters = x.outcomes?.[i] ?? "";
    const count = (which) => [...letters].filter(which).length;
    groups.push(button(word("filter.lost", runName(c.b)), count((x) => x === "l"), `lost:${i}`));
    groups.push(button(word("filter.won", runName(c.b)), count((x) => x === "w"), `won:${i}`));
    groups.push(button(word("filter.changed", runName(c.b)), count((x) => x !== "-"), `changed:${i}`));
  });
  const cuts = x.cut.split("1").length - 1;
  if (cuts > 0) groups.push(button(word("filter.cut"), cuts, "cut"));
  return make("p", {class: "counts"}, ...groups);
}

// ranking lists the published models and the runs by their score of a task.
function ranking(t, at) {
  const rows = (facts.published?.rows ?? []).filter((r) => r.scores[at] !== null).map((r) => ({title: r.title, score: r.scores[at]}));
  if (rows.length === 0) return [];
  facts.runs.forEach((run, k) => {
    if (t.cells[k]) rows.push({title: run.title, score: t.cells[k].score, k});
  });
  rows.sort((a, b) => b.score - a.score);
  const cells = rows.map((r) => make("tr", {class: r.k === undefined ? "" : `ours run-${r.k}`},
    make("th", {scope: "row"}, ...(r.k === undefined ? [] : [make("span", {class: "letter", text: runName(r.k)}), " "]), r.title), make("td", {class: "number", text: r.k === undefined ? r.score.toFixed(facts.published.digits) : fourPlaces(r.score)})));
  const box = make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": say("task.ranking")},
    make("table", {class: "scores"}, make("caption", {}, word("task.ranking")), make("tbody", {}, ...cells)));
  requestAnimationFrame(() => {
    const own = box.querySelector(".ours");
    if (own) box.scrollTop = own.offsetTop - box.clientHeight / 2;
  });
  return [box];
}

function fillTask() {
  const panel = document.getElementById("task-panel");
  document.getElementById("task-choice").value = state.task;
  forgetCharts(panel);
  const at = facts.tasks.findIndex((t) => t.task === state.task);
  if (at < 0) return panel.replaceChildren(make("p", {class: "about"}, word("task.none")));
  const t = facts.tasks[at];
  const cards = facts.runs.map((run, k) => make("article", {class: `card run-${k}`}, make("h3", {}, make("span", {class: "letter", text: run.letter}), ` ${run.title}`), evidenceOf(t, k)));
  const figure = make("figure", {});
  const beside = make("div", {class: "taskcharts"}, figure, ...ranking(t, at));
  panel.replaceChildren(countsOf(t, at), make("div", {class: "cards"}, ...cards), ...subjects(t), ...slices(t, at), beside);
  if (!t.binary && store.index.tasks[at].scores.some((s) => s)) addChart(figure, drawDistribution(at));
}

function openTask() {
  document.getElementById("task-choice").addEventListener("change", (e) => change({task: e.target.value}));
  watch(["task", "comparison"], fillTask);
  fillTask();
}
