// The trend of many runs of one model line: one small chart a task, runs from left to right.

function drawTrend(row, at) {
  const t = facts.trend;
  const dots = row.cells.map((c, i) => c && {i, name: t.runs[i].name, value: c.score, low: c.low ?? c.score, high: c.high ?? c.score, step: row.steps[i]}).filter(Boolean);
  const steps = dots.slice(1).map((to, k) => ({from: dots[k], to}));
  const title = row.task ? row.title : say(row.language === "ja" ? "average.ja" : row.language === "en" ? "average.en" : "average");
  const published = at >= 0 ? facts.runs[0].row?.scores[at] ?? null : null;
  const ends = dots.flatMap((d) => [d.low, d.high]).concat(published === null ? [] : [published]);
  const stepColour = (d) => (["regressed", "improved"].includes(d.step) ? verdictColour(d.step) : runColour(0));
  return (width) => {
    const svg = Plot.plot({
      ...chartDefaults, width: Math.max(180, width), height: 150, marginLeft: 44, marginRight: 12, marginTop: 10, marginBottom: 28,
      ariaLabel: say("chart.trend", title),
      x: {domain: [-0.4, t.runs.length - 0.6]}, y: {domain: [Math.max(0, Math.min(...ends) - 0.01), Math.min(1, Math.max(...ends) + 0.01)]},
      marks: [
        Plot.axisY({label: null, ticks: 4, color: "var(--muted)"}),
        Plot.axisX({label: null, ticks: t.runs.map((_, i) => i).filter((_, i) => t.runs.length <= 12 || i % Math.ceil(t.runs.length / 12) === 0), tickFormat: (i) => String(i + 1), color: "var(--muted)"}),
        published === null ? null : Plot.ruleY([published], {stroke: "var(--swallow)", strokeDasharray: "4 3"}),
        Plot.link(steps, {x1: (s) => s.from.i, x2: (s) => s.to.i, y1: (s) => s.from.value, y2: (s) => s.to.value, stroke: "var(--muted)", strokeWidth: 1.2}),
        Plot.link(dots, {x1: "i", x2: "i", y1: "low", y2: "high", stroke: stepColour, strokeWidth: 1.8}),
        Plot.dot(dots, {x: "i", y: "value", r: 4, fill: stepColour, stroke: "var(--surface)"}),
        tipOf(dots, {x: "i", y: "value", title: (d) => `${d.i + 1} ${d.name}\n${fourPlaces(d.value)}  [${fourPlaces(d.low)}, ${fourPlaces(d.high)}]${d.step ? `\n${say(`verdict.${d.step}`)}` : ""}`}),
      ].filter(Boolean),
      color: {type: "identity"},
    });
    svg.setAttribute("role", "img");
    return [make("figcaption", {text: title}), svg];
  };
}

function openTrend() {
  if (!facts.trend) return;
  const box = document.getElementById("trend-charts");
  for (const row of facts.trend.tasks) {
    row.title = oneLine(row.title);
    const figure = make("figure", {});
    box.append(figure);
    const at = facts.tasks.findIndex((t) => t.task === row.task);
    addChart(figure, (width) => drawTrend(row, at)(width));
  }
}
