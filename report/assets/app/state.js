// What the reader looks at. It lives in the address after #, so that a view can be linked to.

const state = {task: "", show: "all", sort: "position", text: "", where: "all", doc: "", comparison: 0};
const initialState = {...state};
const watchers = [];

// change sets parts of the state and tells whoever watches any of them.
function change(parts) {
  const changed = Object.keys(parts).filter((k) => state[k] !== parts[k]);
  if (changed.length === 0) return;
  Object.assign(state, parts);
  const kept = new URLSearchParams();
  for (const [k, v] of Object.entries(state)) if (v !== initialState[k]) kept.set(k, String(v));
  history.replaceState(null, "", "#" + kept.toString());
  for (const w of watchers) if (w.keys.some((k) => changed.includes(k))) w.call();
}

function watch(keys, call) {
  watchers.push({keys, call});
}

// stateOfAddress reads the address; what it does not name is as at the start, what it misspells is ignored.
function stateOfAddress() {
  if (!location.hash.includes("=")) return null;
  const given = new URLSearchParams(location.hash.slice(1));
  const parts = {...initialState};
  for (const k of Object.keys(parts)) if (given.has(k)) parts[k] = given.get(k);
  if (!facts.tasks.some((t) => t.task === parts.task)) parts.task = "";
  parts.comparison = facts.comparisons[Number(parts.comparison)] ? Number(parts.comparison) : 0;
  return parts;
}

// numberOfDoc is the document that the state names as task/ordinal within the task, -1 for none.
function numberOfDoc(doc) {
  const cut = doc.lastIndexOf("/");
  const t = facts.tasks.findIndex((x) => x.task === doc.slice(0, cut));
  const at = Number(doc.slice(cut + 1));
  return t < 0 || !Number.isInteger(at) || at < 0 || at >= facts.tasks[t].documents ? -1 : store.first[t] + at;
}

function docOfNumber(n) {
  const t = store.taskOf[n];
  return `${facts.tasks[t].task}/${n - store.first[t]}`;
}
