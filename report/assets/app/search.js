// Filters and the search. Filters need the index alone; the search unpacks chunk after chunk and lets the page breathe
// between two of them.

const search = {run: 0};

const shows = () => {
  const options = [["all", ["filter.all"]]];
  facts.comparisons.forEach((c, i) => {
    for (const outcome of ["lost", "won", "changed"]) options.push([`${outcome}:${i}`, [`filter.${outcome}`, runName(c.b)]]);
  });
  facts.runs.forEach((run, k) => {
    const suffix = severalRuns ? ` (${run.letter})` : "";
    for (const mark of ["wrong", "partial", "right"]) options.push([`${mark}:${k}`, [`filter.${mark}`, suffix]]);
  });
  options.push(["cut", ["filter.cut"]], ["fault", ["filter.fault"]]);
  return options;
};

const sorts = () => [["position", ["sort.position"]], ["low", ["sort.low"]], ["high", ["sort.high"]], ...(severalRuns ? [["loss", ["sort.loss"]], ["gain", ["sort.gain"]]] : [])];
const wheres = () => [["all", ["where.all"]], ["answers", ["where.answers"]], ["prompts", ["where.prompts"]]];

// fillSelect offers options; option elements are words, so that they follow the language.
function fillSelect(id, options, key) {
  const select = document.getElementById(id);
  for (const [value, [name, ...args]] of options) {
    const option = make("option", {text: say(name, ...args)});
    option.value = value;
    option.dataset.word = name;
    option.dataset.args = JSON.stringify(args);
    select.append(option);
  }
  select.addEventListener("change", () => change({[key]: select.value}));
}

// shown says whether the index puts a document under the filter.
function shown() {
  const [kind, number] = state.show.split(":");
  const i = Number(number);
  const letter = {lost: "l", won: "w", changed: "c"}[kind];
  if (letter) return (x) => (kind === "changed" ? x.outcome(i) !== "-" : x.outcome(i) === letter);
  switch (kind) {
    case "right": return (x) => x.score(i) === 10000;
    case "wrong": return (x) => x.score(i) === 0;
    case "partial": return (x) => x.score(i) !== null && x.score(i) !== 0 && x.score(i) !== 10000;
    case "length": {
      const [low, high] = number.split("-").map(Number);
      return (x) => x.length >= low && x.length <= high;
    }
    case "cluster": return (x) => x.cluster === i;
    case "cut": return (x) => x.cut;
    case "fault": return (x) => x.fault;
  }
  return () => true;
}

// candidates are the documents that task and filter leave, in evaluation order.
function candidates() {
  const t = facts.tasks.findIndex((x) => x.task === state.task);
  const [from, to] = t < 0 ? [0, store.total] : [store.first[t], store.first[t + 1]];
  const rows = [];
  const test = shown();
  const all = state.show === "all";
  for (let n = from; n < to; n++) if (all || test(indexed(n))) rows.push(n);
  return rows;
}

// ordered sorts documents; evaluation order decides between equals.
function ordered(rows) {
  const other = facts.comparisons[state.comparison]?.b ?? 0;
  const keys = {
    low: (x) => x.score(0), high: (x) => negative(x.score(0)),
    loss: (x) => apart(x, other), gain: (x) => negative(apart(x, other)),
  };
  const key = keys[state.sort];
  if (!key) return Uint32Array.from(rows);
  const of = new Map(rows.map((n) => [n, key(indexed(n)) ?? Infinity]));
  return Uint32Array.from(rows).sort((a, b) => of.get(a) - of.get(b) || a - b);
}

const negative = (v) => (v === null ? null : -v);
const apart = (x, other) => (x.score(0) === null || x.score(other) === null ? null : x.score(other) - x.score(0));

// folded is a text as the search compares it: full-width and half-width forms and cases are the same.
const folded = (s) => s.normalize("NFKC").toLowerCase();

// piecesWith marks the pieces that have the query, which none has across two of them: a piece ends in a blank line.
async function piecesWith(query, mine) {
  const hits = new Set();
  let at = performance.now();
  for (let block = 0; block < facts.pieces.length; block++) {
    const found = await (store.cache.get(pieceBlock(block)) ?? packed(pieceBlock(block)).then(unblocked));
    if (mine !== search.run) return hits;
    found.forEach((s, i) => folded(s).includes(query) && hits.add(facts.pieces[block] + i));
    if (performance.now() - at > 50) {
      await pause();
      at = performance.now();
    }
  }
  return hits;
}

// matcher tests a document by its identifier and what its block has of it.
function matcher(query, where, hits) {
  const has = (s) => s !== undefined && s !== null && folded(String(s)).includes(query);
  return (id, d) => {
    if (has(typeof id === "string" ? id : JSON.stringify(id))) return true;
    const texts = where === "answers" ? null : d.texts.map((stored) => stored.some((p) => (typeof p === "string" ? has(p) : hits.has(p))));
    for (const r of d.runs) {
      if (!r) continue;
      if (texts && r.exchanges.some((x) => texts[x.prompt] || has(x.continuation))) return true;
      if (where !== "prompts" && (r.exchanges.some((x) => has(x.text)) || r.marks.some((m) => has(m.output)))) return true;
    }
    return where !== "prompts" && (has(d.target) || (d.targets ?? []).some(has) || (d.choices ?? []).some(has));
  };
}

const pause = () => new Promise((done) => setTimeout(done));

// searchAll shows what the filters leave and the search finds; a later call ends an earlier one.
async function searchAll() {
  const mine = ++search.run;
  const rows = candidates();
  const query = folded(state.text.trim());
  const status = document.getElementById("search-status");
  const tell = (...w) => status.replaceChildren(word(...w));
  const total = rows.length;
  if (!query) {
    setRows(ordered(rows));
    return tell("search.found", total, store.total);
  }
  const found = [];
  let shownAt = performance.now();
  let at = 0;
  setRows(new Uint32Array(0));
  tell("search.running", 0, 0);
  let hits;
  try {
    hits = state.where === "answers" ? new Set() : await piecesWith(query, mine);
  } catch (e) {
    if (mine === search.run) tell("detail.failed", oneLine(e.message));
    return;
  }
  if (mine !== search.run) return;
  while (at < total) {
    const number = store.chunkOf[rows[at]];
    const place = facts.chunks[number];
    const first = store.first[place.task] + place.from;
    let block;
    try {
      block = await (store.cache.get(chunk(number)) ?? packed(chunk(number)).then(unblocked));
    } catch (e) {
      if (mine === search.run) tell("detail.failed", oneLine(e.message));
      return;
    }
    if (mine !== search.run) return;
    const matches = matcher(query, state.where, hits);
    for (; at < total && rows[at] < first + place.n; at++) if (matches(indexed(rows[at]).id, block.documents[rows[at] - first])) found.push(rows[at]);
    const now = performance.now();
    if (now - shownAt > 200) {
      shownAt = now;
      setRows(ordered(found));
      tell("search.running", found.length, Math.floor((100 * at) / total));
    }
    await pause();
    if (mine !== search.run) return;
  }
  setRows(ordered(found));
  tell("search.found", found.length, store.total);
}

// showSamples goes to documents from elsewhere on the page.
function showSamples(parts) {
  change({text: "", doc: "", ...parts});
  document.getElementById("samples").scrollIntoView();
  list.box.focus({preventScroll: true});
}

function openSearch() {
  fillSelect("filter-outcome", shows(), "show");
  fillSelect("filter-sort", sorts(), "sort");
  fillSelect("filter-where", wheres(), "where");
  const text = document.getElementById("filter-text");
  let waiting = 0;
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => change({text: text.value}), 150);
  });
  document.getElementById("filters").addEventListener("submit", (e) => {
    e.preventDefault();
    clearTimeout(waiting);
    change({text: text.value});
    list.box.focus();
  });
  const follow = () => {
    const outcome = document.getElementById("filter-outcome");
    outcome.querySelector(".slice")?.remove();
    if (/^(length|cluster):/.test(state.show)) { // a slice is chosen elsewhere, and named here while it is
      const option = make("option", {class: "slice", text: say("filter.slice", facts.tasks.find((t) => t.task === state.task)?.title ?? "")});
      option.value = state.show;
      outcome.append(option);
    }
    outcome.value = state.show;
    document.getElementById("filter-sort").value = state.sort;
    document.getElementById("filter-where").value = state.where;
    if (text.value !== state.text) text.value = state.text;
  };
  watch(["task", "show", "sort", "text", "where", "comparison"], () => {
    follow();
    list.box.scrollTop = 0;
    searchAll();
  });
  follow();
}
