// The page's data. Facts and index are small; documents lie in compressed chunks that are unpacked when one is looked at.

const facts = JSON.parse(document.getElementById("facts").textContent);

// Titles go into charts and sentences, where they are one line.
for (const t of [...facts.tasks, ...facts.comparisons.flatMap((c) => c.tasks)]) t.title = oneLine(t.title || t.task);

// inflate unpacks base64 of raw DEFLATE of JSON.
async function inflate(base64) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

// documents numbers all documents of all tasks: task t's are first[t] to first[t + 1].
const store = {
  first: [],
  taskOf: new Uint16Array(0),
  chunkOf: new Uint32Array(0),
  index: null,
  total: 0,
  cache: new Map(),
};

async function openStore() {
  for (const t of facts.tasks) {
    store.first.push(store.total);
    store.total += t.documents;
  }
  store.first.push(store.total);
  store.taskOf = new Uint16Array(store.total);
  facts.tasks.forEach((_, t) => store.taskOf.fill(t, store.first[t], store.first[t + 1]));
  store.chunkOf = new Uint32Array(store.total);
  facts.chunks.forEach((c, i) => store.chunkOf.fill(i, store.first[c.task] + c.from, store.first[c.task] + c.from + c.n));
  const element = document.getElementById("index");
  store.index = await inflate(element.textContent);
  element.remove();
}

// packed is a chunk's element, which may still be on its way while the page is being read.
async function packed(number) {
  const find = () => document.getElementById(`chunk-${number}`);
  if (!find() && document.readyState === "loading") {
    await new Promise((done) => document.addEventListener("DOMContentLoaded", done, {once: true}));
  }
  const element = find();
  if (!element) throw new Error(`chunk ${number} is missing`);
  return element.textContent;
}

const cachedChunks = 24;

// unpack is a chunk; the last few are kept.
function unpack(number) {
  let chunk = store.cache.get(number);
  store.cache.delete(number);
  chunk ??= packed(number).then(inflate);
  store.cache.set(number, chunk);
  if (store.cache.size > cachedChunks) store.cache.delete(store.cache.keys().next().value);
  return chunk;
}

// documentOf is a document with its chunk's table of texts.
async function documentOf(n) {
  const number = store.chunkOf[n];
  const chunk = await unpack(number);
  const at = n - store.first[store.taskOf[n]] - facts.chunks[number].from;
  return {document: chunk.documents[at], texts: chunk.texts};
}

// indexed gives what the index knows of document n.
function indexed(n) {
  const t = store.taskOf[n];
  const at = n - store.first[t];
  const x = store.index.tasks[t];
  return {
    task: t,
    id: x.ids[at],
    position: x.positions[at],
    score: (run) => x.scores[run]?.[at] ?? null,
    outcome: (comparison) => x.outcomes?.[comparison]?.[at] ?? "-",
    length: x.lengths[at],
    cluster: x.cluster?.[at] ?? -1,
    cut: x.cut[at] === "1",
    fault: x.fault[at] === "1",
  };
}

// runName and runTitle name a run in a sentence and in a heading.
const runName = (k) => facts.runs[k].letter;
const severalRuns = facts.runs.length > 1;
