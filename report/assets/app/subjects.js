// The parts of a benchmark that has parts: the manifests' own number for each, run beside run.

// subjectsOf are a task's subjects by name with each run's entry, null where a run has none of that name.
function subjectsOf(t) {
  const rows = new Map();
  t.scores.forEach((score, k) => {
    for (const s of score?.subjects ?? []) {
      if (!rows.has(s.name)) rows.set(s.name, facts.runs.map(() => null));
      rows.get(s.name)[k] = s;
    }
  });
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
}

// subjects is the table, folded; nothing where a task has no parts.
function subjects(t) {
  const rows = subjectsOf(t);
  if (rows.length === 0) return [];
  const head = [make("th", {scope: "col"}, word("subjects.name"))];
  facts.runs.forEach((r, k) => head.push(make("th", {scope: "col", class: "number", text: "n"}), make("th", {scope: "col", class: `number run-${k}`}, make("span", {class: "letter", text: r.letter}))));
  const number = (text) => make("td", {class: "number", text});
  const body = rows.map(([name, entries]) => make("tr", {}, make("th", {scope: "row", text: name}),
    ...entries.flatMap((s) => [number(s ? String(s.n) : "—"), number(s && s.max > 0 ? fourPlaces(s.value / s.max) : "—")])));
  const table = make("table", {class: "scores subjects"}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
  const box = make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": say("subjects.region")}, table);
  return [make("details", {class: "slicehead"}, make("summary", {}, word("subjects.head", rows.length)), make("p", {class: "about"}, word("subjects.about")), box)];
}
