// The runs beside the published models: a dot plot for each of the two tables.

const families = [
  {key: "other", test: (row) => !/swallow/i.test(row.title)},
  {key: "swallow", test: (row) => /swallow/i.test(row.title)},
];

// sizeOf is a published model's size in thousand millions of parameters as its title gives it, which its dot's size
// follows.
function sizeOf(row) {
  const found = /(\d+(?:\.\d+)?)B\b/i.exec(row.title);
  return found ? Math.max(1, Number(found[1])) : 7;
}

// otherFamily is what the published models that are no Swallow models are called.
function otherFamily() {
  const others = facts.published.rows.filter(families[0].test);
  return others.every((row) => row.title.startsWith("Llama 2")) ? "published.llama" : "published.others";
}

function drawPublished(lang) {
  const tasks = facts.tasks.map((t, i) => ({...t, at: i})).filter((t) => t.language === lang);
  const chosen = document.getElementById("highlight").value;
  return (width) => {
    if (tasks.length === 0) return [];
    const narrow = width < 560;
    const dots = facts.published.rows.flatMap((row, r) => tasks.filter((t) => row.scores[t.at] !== null).map((t) => ({
      task: t.title, value: row.scores[t.at], row, chosen: String(r) === chosen, family: families.find((f) => f.test(row)).key,
    })));
    const runs = facts.runs.flatMap((run, k) => tasks.filter((t) => t.cells[k]).map((t) => ({
      task: t.title, value: t.cells[k].score, low: t.cells[k].low ?? t.cells[k].score, high: t.cells[k].high ?? t.cells[k].score, k, run,
    })));
    // Several runs lie one below the other within their task's row.
    const offset = (k) => (facts.runs.length > 1 ? (k - (facts.runs.length - 1) / 2) * 9 : 0);
    const described = [
      ...dots.map((d) => ({task: d.task, value: d.value, title: `${d.row.title}\n${d.task}  ${d.value.toFixed(facts.published.digits)}`})),
      ...runs.map((d) => ({task: d.task, value: d.value, title: `${d.run.letter} ${d.run.title}\n${d.task}  ${fourPlaces(d.value)}  [${fourPlaces(d.low)}, ${fourPlaces(d.high)}]`})),
    ];
    const rowHeight = Math.max(30, 14 + 9 * facts.runs.length);
    const svg = Plot.plot({
      ...chartDefaults,
      width, height: tasks.length * rowHeight + 76,
      marginLeft: narrow ? 124 : 130, marginRight: 18, marginTop: 30, marginBottom: 46,
      ariaLabel: say("chart.published", say(lang === "ja" ? "table.ja" : "table.en")),
      x: {domain: [0, 1], label: say("chart.score"), labelArrow: "none", ticks: narrow ? 5 : 10},
      y: {type: "band", domain: tasks.map((t) => t.title), label: null},
      marks: [
        Plot.gridX({stroke: "var(--line)", strokeOpacity: 1}),
        Plot.axisX({label: say("chart.score"), labelArrow: "none", labelAnchor: "center", ticks: narrow ? 5 : 10, color: "var(--muted)"}),
        Plot.axisX({anchor: "top", label: null, ticks: narrow ? 5 : 10, color: "var(--muted)"}),
        Plot.axisY({label: null, tickSize: 0, fontSize: 13}),
        Plot.ruleY(tasks, {y: "title", x1: 0, x2: 1, stroke: "var(--line)"}),
        ...families.map((f) => Plot.dot(dots.filter((d) => d.family === f.key && !d.chosen), {
          x: "value", y: "task", r: (d) => Math.max(1.6, 2.6 + Math.log2(sizeOf(d.row) / 7)), stroke: `var(--${f.key})`, strokeWidth: 1.4,
          fill: f.key === "swallow" ? `var(--${f.key})` : "var(--surface)", fillOpacity: f.key === "swallow" ? 0.55 : 1, strokeOpacity: facts.published.rows.length > 30 ? 0.6 : 1,
        })),
        Plot.dot(dots.filter((d) => d.chosen), {x: "value", y: "task", r: 7, stroke: "var(--text)", strokeWidth: 2, fill: (d) => `var(--${d.family})`}),
        ...facts.runs.flatMap((_, k) => {
          const own = runs.filter((d) => d.k === k);
          return [
            Plot.link(own, {x1: "low", x2: "high", y1: "task", y2: "task", stroke: runColour(k), strokeWidth: 2.5, dy: offset(k)}),
            Plot.dot(own, {x: "value", y: "task", r: 5.5, symbol: "diamond", fill: runColour(k), stroke: "var(--surface)", strokeWidth: 1.2, dy: offset(k)}),
          ];
        }),
        tipOf(described, {x: "value", y: "task", title: "title"}),
      ],
      r: {type: "identity"},
    });
    svg.setAttribute("role", "img");
    return [make("figcaption", {}, word(lang === "ja" ? "table.ja" : "table.en")), svg];
  };
}

function openPublished() {
  if (!facts.published) return;
  const draw = ["ja", "en"].map((lang) => {
    const figure = document.getElementById(`chart-published-${lang}`);
    return addChart(figure, (width) => drawPublished(lang)(width));
  });
  const legend = document.getElementById("published-legend");
  for (const f of families) legend.append(make("span", {class: `key ${f.key}`}), word(f.key === "swallow" ? "published.swallow" : otherFamily()));
  facts.runs.forEach((run, k) => legend.append(make("span", {class: `key diamond run-${k}`}), make("span", {text: `${run.letter} ${run.title}`})));
  document.getElementById("highlight").addEventListener("change", () => draw.forEach((d) => d()));
}
