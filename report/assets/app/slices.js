// Slices of one task's documents: by the length of the question and by cluster.

const lengthSlices = 4;
const clustersShown = 10;

// sliceOf sums up documents, given by their numbers within the task.
function sliceOf(x, at, documents) {
  const means = facts.runs.map((_, k) => {
    const scores = documents.map((i) => x.scores[k]?.[i] ?? null).filter((s) => s !== null);
    return scores.length === 0 ? null : scores.reduce((a, b) => a + b, 0) / scores.length / 1e4;
  });
  const changes = facts.comparisons.map((c, i) => ({
    difference: means[0] === null || means[c.b] === null ? null : means[c.b] - means[0],
    lost: documents.filter((d) => x.outcomes?.[i]?.[d] === "l").length, won: documents.filter((d) => x.outcomes?.[i]?.[d] === "w").length,
  }));
  return {n: documents.length, means, changes};
}

// lengthsOf cuts a task's documents into parts of about equal number by the length of their question. Questions of one
// length stay together.
function lengthsOf(x) {
  const order = x.lengths.map((length, i) => ({length, i})).filter((d) => d.length > 0).sort((a, b) => a.length - b.length || a.i - b.i);
  const parts = [];
  let from = 0;
  for (let part = 1; part <= lengthSlices && from < order.length; part++) {
    let to = Math.max(from + 1, Math.round((order.length * part) / lengthSlices));
    while (to < order.length && order[to].length === order[to - 1].length) to++;
    parts.push({low: order[from].length, high: order[to - 1].length, documents: order.slice(from, to).map((d) => d.i)});
    from = to;
  }
  return parts;
}

// clustersOf are a task's clusters with their documents, those that changed most, or score lowest, first.
function clustersOf(x, at) {
  const parts = (x.clusters ?? []).map((name, number) => ({name, number, documents: []}));
  x.cluster?.forEach((number, i) => number >= 0 && parts[number].documents.push(i));
  for (const p of parts) p.slice = sliceOf(x, at, p.documents);
  const moved = (p) => Math.abs((p.slice.changes[state.comparison]?.won ?? 0) - (p.slice.changes[state.comparison]?.lost ?? 0));
  const score = (p) => p.slice.means[0] ?? 2;
  return parts.sort((a, b) => (facts.comparisons.length > 0 ? moved(b) - moved(a) : score(a) - score(b)) || a.number - b.number);
}

// sliceTable has a row a slice, which leads to its documents.
function sliceTable(t, x, at, rows) {
  const c = facts.comparisons[state.comparison];
  const number = (text) => make("td", {class: "number", text});
  const head = [make("th", {scope: "col"}), make("th", {scope: "col", class: "number", text: "n"}), ...facts.runs.map((r, k) => make("th", {scope: "col", class: `number run-${k}`}, make("span", {class: "letter", text: r.letter})))];
  if (c) head.push(make("th", {scope: "col", class: "number", text: `${runName(c.b)} − A`}), make("th", {scope: "col", class: "number"}, word("column.lost")), make("th", {scope: "col", class: "number"}, word("column.won")));
  return make("table", {class: "scores slices"}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows.map(({label, show, slice}) => {
    const row = make("tr", {}, make("th", {scope: "row"}, make("button", {type: "button", class: "link", click: () => showSamples({task: t.task, show})}, label)), number(String(slice.n)),
      ...slice.means.map((m) => number(m === null ? "—" : fourPlaces(m))));
    if (c) {
      const change = slice.changes[state.comparison];
      row.append(number(change.difference === null ? "—" : points(change.difference)), number(String(change.lost)), number(String(change.won)));
    }
    return row;
  })));
}

// slices are the tables of one task.
function slices(t, at) {
  const x = store.index.tasks[at];
  const box = (caption, ...content) => make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": caption.textContent}, make("p", {class: "slicehead"}, caption), ...content);
  const out = [];
  const lengths = lengthsOf(x);
  if (lengths.length > 1) {
    out.push(box(word("slices.length"), sliceTable(t, x, at, lengths.map((p) => ({label: word("slices.characters", p.low, p.high), show: `length:${p.low}-${p.high}`, slice: sliceOf(x, at, p.documents)})))));
  }
  const clusters = clustersOf(x, at);
  if (clusters.length > 1) {
    const rows = clusters.map((p) => ({label: oneLine(p.name), show: `cluster:${p.number}`, slice: p.slice}));
    const shown = Math.min(clustersShown, rows.length);
    const table = box(word("slices.cluster"), make("p", {class: "about slicehead"}, word(facts.comparisons.length > 0 ? "slices.most" : "slices.lowest", shown, rows.length)), sliceTable(t, x, at, rows.slice(0, shown)));
    if (rows.length > shown) table.append(make("details", {class: "slicehead"}, make("summary", {}, word("slices.more", rows.length)), sliceTable(t, x, at, rows.slice(shown))));
    out.push(table);
  }
  return out.length === 0 ? [] : [make("p", {class: "about"}, word("slices.about")), make("div", {class: "slicetables"}, ...out)];
}
