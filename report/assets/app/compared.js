// The comparison of two runs: a forest plot and its table.

// forestRows are a comparison's tasks and, below them, the averages.
function forestRows(c) {
  const rows = c.tasks.map((t) => ({...t, label: t.title || t.task}));
  for (const a of c.averages ?? []) {
    if (a.name === "all" && !a.group && c.averages.filter((o) => !o.group).length === 2) continue; // one language: the same average twice
    const known = !a.group && ["ja", "en", "all"].includes(a.name);
    rows.push({...a, label: known ? say(`average.${a.name}`) : a.name, average: true, verdict: ""});
  }
  return rows;
}

// verdictColour goes with the verdict's label in the table, which never depends on colour alone.
function verdictColour(verdict) {
  if (["regressed", "changed", "not equivalent"].includes(verdict)) return "var(--bad)";
  if (["improved", "equivalent", "identical", "ok"].includes(verdict)) return "var(--good)";
  return "var(--muted)";
}

function drawForest(width) {
  const c = facts.comparisons[state.comparison];
  const letter = runName(c.b);
  const rows = forestRows(c);
  const shown = rows.filter((r) => r.verdict !== "incomparable" && r.interval);
  if (shown.length === 0) return [];
  const narrow = width < 760;
  const ends = shown.flatMap((r) => [100 * r.interval.low, 100 * r.interval.high, -100 * (r.margin ?? 0), 100 * (r.margin ?? 0)]);
  const reach = Math.max(0.5, ...ends.map(Math.abs)) * 1.05;
  const margin = Math.max(...shown.map((r) => 100 * (r.margin ?? 0)));
  const x = (r) => 100 * r.difference;
  const rule = {strokeWidth: 2, y1: "label", y2: "label", x1: (r) => 100 * r.interval.low, x2: (r) => 100 * r.interval.high};
  const settled = (r) => r.verdict !== "no evidence";
  const columns = narrow ? [] : [
    {dx: 70, text: (r) => points(r.difference)},
    {dx: 184, text: (r) => `[${points(r.interval.low)}, ${points(r.interval.high)}]`},
    {dx: 276, text: (r) => (r.average ? "" : `${r.lost} / ${r.won}`)},
    {dx: 296, anchor: "start", text: (r) => (r.average ? "" : say(`verdict.${r.verdict}`))},
  ];
  const heads = narrow ? [] : [
    {dx: 70, text: say("column.difference")}, {dx: 184, text: say("column.interval")},
    {dx: 276, text: `${say("column.lost")} / ${say("column.won")}`}, {dx: 296, anchor: "start", text: say("column.verdict")},
  ];
  const right = narrow ? 20 : 394;
  const svg = Plot.plot({
    ...chartDefaults,
    width, height: rows.length * 28 + 92, marginLeft: narrow ? 126 : 150, marginRight: right, marginTop: 36, marginBottom: 48,
    ariaLabel: say("chart.forest", letter),
    x: {domain: [-reach, reach]},
    y: {type: "band", domain: rows.map((r) => r.label), label: null},
    marks: [
      margin > 0 ? Plot.rectY([0], {x1: -margin, x2: margin, fill: "var(--band)"}) : null,
      Plot.gridX({stroke: "var(--line)", strokeOpacity: 1}),
      Plot.ruleX([0], {stroke: "var(--text)", strokeWidth: 1.2}),
      Plot.axisX({label: say("chart.points", letter), labelArrow: "none", labelAnchor: "center", color: "var(--muted)", tickFormat: (v) => (v > 0 ? "+" + v : String(v).replace("-", "−"))}),
      Plot.axisY({label: null, tickSize: 0, fontSize: 13}),
      Plot.text([say("chart.worse", letter)], {frameAnchor: "top-left", dy: -22, fill: "var(--muted)"}),
      Plot.text([say("chart.better", letter)], {frameAnchor: "top-right", dy: -22, fill: "var(--muted)"}),
      Plot.link(shown.filter((r) => !r.average), {...rule, stroke: (r) => verdictColour(r.verdict)}),
      Plot.tickX(shown.filter((r) => !r.average), {x: (r) => 100 * r.interval.low, y: "label", inset: 8, stroke: (r) => verdictColour(r.verdict)}),
      Plot.tickX(shown.filter((r) => !r.average), {x: (r) => 100 * r.interval.high, y: "label", inset: 8, stroke: (r) => verdictColour(r.verdict)}),
      Plot.dot(shown.filter((r) => !r.average), {x, y: "label", r: 5, symbol: "square", stroke: (r) => verdictColour(r.verdict), strokeWidth: 2, fill: (r) => (settled(r) ? verdictColour(r.verdict) : "var(--surface)")}),
      Plot.link(shown.filter((r) => r.average), {...rule, stroke: "var(--text)"}),
      Plot.dot(shown.filter((r) => r.average), {x, y: "label", r: 7, symbol: "diamond", fill: "var(--text)"}),
      ...columns.map((col) => Plot.text(shown, {y: "label", text: col.text, frameAnchor: "right", dx: col.dx, textAnchor: col.anchor ?? "end", fill: col.anchor ? (r) => verdictColour(r.verdict) : "var(--text)", fontWeight: col.anchor ? "bold" : null})),
      ...heads.map((h) => Plot.text([h.text], {frameAnchor: "top-right", dx: h.dx, dy: -22, textAnchor: h.anchor ?? "end", fill: "var(--muted)"})),
      tipOf(shown, {x, y: "label", title: (r) => `${r.label}\n${points(r.difference)}  [${points(r.interval.low)}, ${points(r.interval.high)}]${r.average ? "" : `\n${say(`verdict.${r.verdict}`)}`}`}),
    ].filter(Boolean),
    color: {type: "identity"},
  });
  svg.setAttribute("role", "img");
  return [svg];
}

// comparedTable is the evidence in figures, for those who read figures. The verdict stands beside the task, where no width
// of a window hides it; what there is to say of a row stands below it.
function comparedTable() {
  const c = facts.comparisons[state.comparison];
  const head = ["column.task", "column.verdict", "column.difference", "column.interval", "column.lost", "column.won", "n", "A", runName(c.b), "column.p", "column.detectable", "column.test"];
  const texts = new Set([0, 1, 11]);
  const cell = (i, ...content) => make("td", {class: texts.has(i) ? "" : "number"}, ...content);
  const interval = (r) => (r.interval ? `${points(r.interval.low)} … ${points(r.interval.high)}` : "");
  const below = (...texts) => texts.filter(Boolean).map((text) => {
    const why = make("td", {class: "why", text});
    why.colSpan = head.length;
    return make("tr", {class: "below"}, why);
  });
  const verdictOf = (v) => make("span", {class: `verdict ${v.replaceAll(" ", "-")}`}, word(`verdict.${v}`));
  const rows = c.tasks.flatMap((t) => {
    const name = make("th", {scope: "row"}, make("a", {href: `#task=${encodeURIComponent(t.task)}`, class: "tasklink", text: t.title || t.task}));
    if (t.verdict === "incomparable") {
      const empty = make("td", {});
      empty.colSpan = head.length - 2;
      return [make("tr", {}, name, cell(1, verdictOf(t.verdict)), empty), ...below(t.mismatch ? `${t.mismatch.field}: A ${t.mismatch.a || "–"}, ${runName(c.b)} ${t.mismatch.b || "–"}` : "")];
    }
    return [make("tr", {}, name, cell(1, verdictOf(t.verdict)), cell(2, points(t.difference)), cell(3, interval(t)), lostOrWon("lost", t), lostOrWon("won", t),
      cell(6, String(t.n) + (t.clusters ? ` (${t.clusters})` : "")), cell(7, fourPlaces(t.a)), cell(8, fourPlaces(t.b)), cell(9, pValue(t.p_adjusted)),
      cell(10, t.detectable_drop ? (100 * t.detectable_drop).toFixed(2) : ""), cell(11, t.test ?? "")), ...below(t.reason, ...(t.warnings ?? []))];
  });
  for (const a of c.averages ?? []) {
    const known = !a.group && ["ja", "en", "all"].includes(a.name);
    const [gated, p] = a.gated ? [verdictOf(a.verdict), pValue(a.p_adjusted)] : ["", ""];
    rows.push(make("tr", {class: "average"}, make("th", {scope: "row"}, known ? word(`average.${a.name}`) : oneLine(a.name)), cell(1, gated), cell(2, points(a.difference)), cell(3, interval(a)),
      cell(4), cell(5), cell(6, ""), cell(7, fourPlaces(a.a)), cell(8, fourPlaces(a.b)), cell(9, p), cell(10), cell(11)));
  }
  const table = make("table", {class: "scores"},
    make("thead", {}, make("tr", {}, ...head.map((h, i) => make("th", {scope: "col", class: texts.has(i) ? "" : "number"}, h.startsWith("column.") ? word(h) : h)))),
    make("tbody", {}, ...rows));
  const only = [["A", c.only_a], [runName(c.b), c.only_b]].filter(([, tasks]) => tasks?.length).map(([run, tasks]) => make("p", {class: "warning"}, word("compared.only", run, tasks.map(oneLine).join(", "))));
  return [...only, make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": say("nav.compared")}, table)];
}

// lostOrWon is a count that leads to its documents.
function lostOrWon(outcome, t) {
  const n = t[outcome];
  if (!n) return make("td", {class: "number"}, "0");
  const show = () => showSamples({task: t.task, show: `${outcome}:${state.comparison}`});
  return make("td", {class: "number"}, make("button", {type: "button", class: "link", click: show, text: String(n)}));
}

function openCompared() {
  if (facts.comparisons.length === 0) return;
  const redraw = addChart(document.getElementById("chart-forest"), drawForest);
  const fill = () => {
    const c = facts.comparisons[state.comparison];
    document.getElementById("compared-about").replaceChildren(word("compared.about", say(`tier.${c.tier}`), c.alpha, c.adjustment));
    document.getElementById("compared-table").replaceChildren(...comparedTable());
    if (choice) choice.value = String(state.comparison);
  };
  const choice = document.getElementById("comparison");
  choice?.addEventListener("change", () => change({comparison: Number(choice.value)}));
  fill();
  watch(["comparison"], () => {
    fill();
    redraw();
  });
  return fill;
}
