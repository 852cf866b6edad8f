// The list of documents. Only the rows in sight exist; a row's text is unpacked when it comes into sight.

const rowHeight = 56;
const list = {rows: new Uint32Array(0), selected: -1, box: null, space: null, drawn: new Map()};

const outcomeOf = {l: "lost", w: "won", c: "changed"};

// markOf is one run's score of a document as a small sign with its meaning.
function markOf(x, k) {
  const score = x.score(k);
  const letter = severalRuns ? runName(k) : "";
  if (score === null) return make("span", {class: "mark none", text: `${letter}–`});
  if (facts.tasks[x.task].binary) {
    const right = score === 10000;
    return make("span", {class: `mark ${right ? "right" : "wrong"}`, text: `${letter}${right ? "✓" : "✗"}`, title: say(right ? "mark.right" : "mark.wrong")});
  }
  return make("span", {class: "mark part", text: `${letter} ${(score / 1e4).toFixed(2)}`});
}

function drawRow(i) {
  const n = list.rows[i];
  const x = indexed(n);
  const t = facts.tasks[x.task];
  const row = make("div", {class: "row", role: "option", id: `row-${i}`, "aria-selected": String(i === list.selected), "aria-posinset": i + 1, "aria-setsize": list.rows.length});
  row.style.top = `${i * rowHeight}px`;
  const outcome = facts.comparisons.length > 0 ? outcomeOf[x.outcome(state.comparison)] : undefined;
  row.append(make("div", {class: "rowhead"},
    make("span", {class: "rowname", text: `${state.task ? "" : t.title + " "}#${x.position}`}),
    make("span", {class: "rowid", text: typeof x.id === "string" ? x.id : JSON.stringify(x.id)}),
    ...facts.runs.map((_, k) => markOf(x, k)),
    outcome ? make("span", {class: `outcome ${outcome}`}, word(`outcome.${outcome}`)) : null,
    x.cut ? make("span", {class: "outcome cut"}, word("mark.cut")) : null,
    x.fault ? make("span", {class: "outcome cut"}, word("mark.fault")) : null));
  const snippet = make("div", {class: "snippet"});
  row.append(snippet);
  row.addEventListener("mousedown", (e) => {
    e.preventDefault();
    list.box.focus({preventScroll: true});
    select(i);
  });
  documentOf(n).then((d) => {
    snippet.textContent = d.runs.map((r) => (r ? oneLine((r.marks[0]?.output ?? "").slice(0, 80)) || "∅" : "–")).join(" | ") + " → " + oneLine((d.targets?.[0] ?? d.target ?? "").slice(0, 60));
  }, () => {
    snippet.textContent = "";
  });
  return row;
}

// drawList makes the rows in sight and forgets those out of it.
function drawList() {
  const first = Math.max(0, Math.floor(list.box.scrollTop / rowHeight) - 4);
  const last = Math.min(list.rows.length, Math.ceil((list.box.scrollTop + list.box.clientHeight) / rowHeight) + 4);
  for (const [i, row] of list.drawn) {
    if (i < first || i >= last) {
      row.remove();
      list.drawn.delete(i);
    }
  }
  for (let i = first; i < last; i++) {
    if (list.drawn.has(i)) continue;
    const row = drawRow(i);
    list.drawn.set(i, row);
    list.space.append(row);
  }
}

// setRows shows other documents and keeps the chosen one chosen where it is among them.
function setRows(rows) {
  const kept = list.selected >= 0 ? list.rows[list.selected] : numberOfDoc(state.doc);
  list.rows = rows;
  list.selected = kept === undefined ? -1 : rows.indexOf(kept);
  redrawList();
}

function redrawList() {
  list.drawn.clear();
  list.space.replaceChildren();
  list.space.style.height = `${list.rows.length * rowHeight}px`;
  if (list.rows.length === 0) list.space.append(make("p", {class: "empty"}, word("list.empty")));
  drawList();
  point();
}

// point tells assistive technology which row is the current one.
function point() {
  if (list.selected >= 0 && list.drawn.has(list.selected)) list.box.setAttribute("aria-activedescendant", `row-${list.selected}`);
  else list.box.removeAttribute("aria-activedescendant");
}

function reveal(i) {
  const top = i * rowHeight;
  if (top < list.box.scrollTop) list.box.scrollTop = top;
  else if (top + rowHeight > list.box.scrollTop + list.box.clientHeight) list.box.scrollTop = top + rowHeight - list.box.clientHeight;
  drawList();
}

function select(i) {
  if (i < 0 || i >= list.rows.length) return;
  list.drawn.get(list.selected)?.setAttribute("aria-selected", "false");
  list.selected = i;
  reveal(i);
  list.drawn.get(i)?.setAttribute("aria-selected", "true");
  point();
  change({doc: docOfNumber(list.rows[i])});
}

function listKey(e) {
  const page = Math.max(1, Math.floor(list.box.clientHeight / rowHeight) - 1);
  const end = list.rows.length - 1;
  const moves = {ArrowDown: list.selected + 1, ArrowUp: list.selected - 1, PageDown: list.selected + page, PageUp: list.selected - page, Home: 0, End: end};
  if (e.key in moves && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    select(Math.max(0, Math.min(end, moves[e.key])));
  } else if (e.key === "Enter" && list.selected >= 0) {
    e.preventDefault();
    document.getElementById("detail").focus();
  }
}

function openList() {
  list.box = document.getElementById("list");
  list.space = document.getElementById("list-space");
  list.box.addEventListener("scroll", drawList, {passive: true});
  list.box.addEventListener("keydown", listKey);
  window.addEventListener("resize", drawList);
}
