// One document: answers of every run, what they were scored against, and the prompt as the model saw it.

const detail = {request: 0, run: 0, boundaries: true, doc: null};

// tokenLengths reads the lengths of a request's tokens in bytes.
function tokenLengths(text) {
  const lengths = [];
  for (const [found] of text.matchAll(/[0-9a-z]|\(\d+\)/g)) lengths.push(found[0] === "(" ? Number(found.slice(1, -1)) : parseInt(found, 36));
  return lengths;
}

// appendBytes shows bytes of UTF-8 that may begin or end within a character, whose lone bytes are written out.
function appendBytes(parent, bytes, show) {
  let from = 0;
  while (from < bytes.length && (bytes[from] & 0xc0) === 0x80) from++;
  let to = bytes.length;
  let last = to - 1;
  while (last > from && (bytes[last] & 0xc0) === 0x80) last--;
  const lead = bytes[last];
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (last >= from && last + length > to) to = last;
  const lone = (part) => {
    for (const b of part) parent.append(make("span", {class: "escape", text: `\\x${b.toString(16).padStart(2, "0")}`}));
  };
  lone(bytes.subarray(0, from));
  show(new TextDecoder().decode(bytes.subarray(from, to)));
  lone(bytes.subarray(to));
}

// appendTokens shows tokens start to end of a text. Tokens that share a character are shown as one, marked as bytes.
function appendTokens(parent, bytes, lengths, offsets, start, end) {
  const inside = (at) => at < bytes.length && (bytes[at] & 0xc0) === 0x80;
  for (let i = start; i < end;) {
    let j = i + 1;
    while (j < end && inside(offsets[j])) j++;
    const token = make("span", {class: `token ${i % 2 ? "odd" : "even"}${j - i > 1 ? " bytes" : ""}`});
    if (j - i > 1) token.title = say("detail.bytes", j - i);
    appendBytes(token, bytes.subarray(offsets[i], offsets[j]), (text) => appendText(token, text.replaceAll("\n", "↵\n")));
    if (offsets[i] === offsets[j]) token.append("∅");
    parent.append(token);
    i = j;
  }
}

// promptBox is one request as the model saw it.
function promptBox(x, texts, query) {
  const box = make("pre", {class: "text prompt", tabindex: 0, role: "region", "aria-label": say("detail.prompt")});
  const v = x.tokens;
  if (!v) {
    if (x.dropped_tokens > 0) box.append(make("span", {class: "cutline"}, word("detail.dropped_somewhere", x.dropped_tokens, x.prompt_tokens)));
    appendMarked(box, texts[x.prompt], query);
    if (x.continuation) {
      const scored = make("span", {class: "scored"});
      appendMarked(scored, x.continuation, query);
      box.append(scored);
    }
    box.append(make("span", {class: "end", text: "⏎"}));
    return box;
  }
  const text = v.text !== undefined ? texts[v.text] : (v.front ? " " : "") + texts[x.prompt] + (x.continuation ?? "");
  const bytes = new TextEncoder().encode(text);
  const lengths = tokenLengths(v.lengths);
  const offsets = [0];
  for (const n of lengths) offsets.push(offsets[offsets.length - 1] + n);
  const dropped = v.dropped ?? 0;
  const scoredFrom = v.scored_from ?? lengths.length;
  const part = (parent, from, to) => {
    if (detail.boundaries) return appendTokens(parent, bytes, lengths, offsets, from, to);
    appendBytes(parent, bytes.subarray(offsets[from], offsets[to]), (text) => appendMarked(parent, text, query));
  };
  if (dropped > 0) {
    const gone = make("span", {class: "dropped"});
    part(gone, 0, dropped);
    box.append(gone, make("span", {class: "cutline"}, word("detail.dropped", dropped)));
  }
  part(box, dropped, Math.max(dropped, scoredFrom));
  if (scoredFrom < lengths.length) {
    const scored = make("span", {class: "scored"});
    part(scored, scoredFrom, lengths.length);
    box.append(scored);
  }
  box.append(make("span", {class: "end", text: "⏎"}));
  return box;
}

// answerOf is what one run answered and how that was scored.
function answerOf(d, k, query) {
  const heading = severalRuns ? word("detail.answer", runName(k)) : word("detail.answer_one");
  const box = make("section", {class: `answer run-${k}`}, make("h4", {}, heading));
  const answer = d.runs[k];
  if (!answer) {
    box.append(make("p", {class: "about"}, word("detail.absent")));
    return box;
  }
  if (answer.fault) box.append(make("p", {class: "warning"}, word("detail.fault", oneLine(answer.fault))));
  box.append(make("h5", {}, word("detail.scored")), block(answer.marks[0]?.output ?? "", query));
  box.append(make("table", {class: "small"},
    make("thead", {}, make("tr", {}, make("th", {scope: "col"}, word("detail.metric")), make("th", {scope: "col"}, word("detail.statistic")))),
    make("tbody", {}, ...answer.marks.map((m) => make("tr", {}, make("th", {scope: "row", text: m.metric}), make("td", {text: m.stat.map((v) => String(v)).join("  ")}))))));
  const generated = answer.exchanges.map((x, i) => ({x, i})).filter(({x}) => x.text !== undefined);
  for (const {x, i} of generated) {
    box.append(make("h5", {}, answer.exchanges.length > 1 ? word("detail.generated_n", i + 1) : word("detail.generated")), block(x.text, query));
    const facts = [word("detail.ended", oneLine(x.finish ?? "–"), x.output_tokens)];
    if (x.lost_tokens > 0) facts.push(" · ", word("detail.lost", x.lost_tokens));
    box.append(make("p", {class: "about"}, ...facts));
  }
  const scored = answer.exchanges.map((x, i) => ({x, i})).filter(({x}) => x.logprob !== undefined);
  if (scored.length > 0) {
    const best = Math.max(...scored.map(({x}) => x.logprob));
    box.append(make("table", {class: "small"},
      make("thead", {}, make("tr", {}, ...["detail.continuation", "detail.logprob", "detail.tokens", "detail.greedy"].map((h, i) => make("th", {scope: "col", class: i ? "number" : ""}, word(h))))),
      make("tbody", {}, ...scored.map(({x, i}) => make("tr", {class: x.logprob === best ? "best" : ""},
        make("th", {scope: "row"}, make("button", {type: "button", class: "link", text: x.continuation || `${i + 1}`, click: () => showRequest(i, k)})),
        make("td", {class: "number", text: x.logprob.toFixed(4)}), make("td", {class: "number", text: String(x.output_tokens || "")}), make("td", {class: "number", text: x.is_greedy ? "✓" : ""}))))));
  }
  return box;
}

function showRequest(i, k) {
  detail.request = i;
  detail.run = k;
  drawDetail();
}

// promptSection shows one request of the document and leads to its others.
function promptSection(d, texts, query) {
  const asked = d.runs.map((r, k) => ({r, k})).filter(({r}) => r && r.exchanges.length > 0);
  if (asked.length === 0) return [];
  // Runs that were asked the same are shown once, as the first of them was.
  const shape = (r) => JSON.stringify(r.exchanges.map((x) => [texts[x.prompt], x.continuation, x.prompt_tokens, x.dropped_tokens]));
  const different = asked.filter(({r}, i) => asked.findIndex((o) => shape(o.r) === shape(r)) === i);
  const run = different.find(({k}) => k === detail.run) ?? different[0];
  const exchanges = run.r.exchanges;
  const at = Math.min(detail.request, exchanges.length - 1);
  const x = exchanges[at];
  const tools = make("p", {class: "prompttools"});
  if (exchanges.length > 1) {
    const step = (by) => () => {
      const focus = by < 0 ? "previous" : "next";
      showRequest((at + by + exchanges.length) % exchanges.length, run.k);
      document.getElementById(`request-${focus}`)?.focus();
    };
    tools.append(make("button", {type: "button", id: "request-previous", click: step(-1)}, word("detail.previous")), " ", word("detail.request", at + 1, exchanges.length), " ", make("button", {type: "button", id: "request-next", click: step(1)}, word("detail.next")), " ");
  }
  if (different.length > 1) {
    for (const {k} of different) tools.append(make("button", {type: "button", "aria-pressed": String(k === run.k), click: () => showRequest(at, k)}, word("detail.of_run", runName(k))), " ");
  }
  if (x.tokens) {
    const box = make("input", {type: "checkbox"});
    box.checked = detail.boundaries;
    box.addEventListener("change", () => {
      detail.boundaries = box.checked;
      drawDetail();
    });
    tools.append(make("label", {}, box, " ", word("detail.boundaries")));
  }
  const about = [word("detail.prompt_tokens", x.prompt_tokens)];
  if (x.dropped_tokens > 0) about.push(" · ", word("detail.dropped", x.dropped_tokens));
  if (x.until?.length) about.push(" · ", word("detail.until", x.until.map((s) => JSON.stringify(s)).map(oneLine).join(" ")));
  if (x.max_gen_toks) about.push(" · ", word("detail.at_most", x.max_gen_toks));
  if (x.protocol) about.push(" · ", word("detail.protocol", oneLine(x.protocol)));
  const box = promptBox(x, texts, query);
  // The question stands at the end, after the examples.
  requestAnimationFrame(() => {
    const marked = box.querySelector("mark");
    box.scrollTop = marked ? marked.offsetTop - box.offsetTop - 40 : box.scrollHeight;
  });
  return [make("h4", {}, word("detail.prompt")), tools, make("p", {class: "about"}, ...about), box];
}

// questionOf is the document's own question, without the examples before it.
function questionOf(d, texts, query) {
  if (d.question === undefined) return [];
  const text = texts[0].slice(d.question).trim();
  return text === "" ? [] : [make("h4", {}, word("detail.question")), block(text, query)];
}

// isRight says whether choice i is the right one: targets name it by its number or by its text.
function isRight(d, i) {
  const targets = d.targets?.length ? d.targets : [d.target];
  return targets.includes(String(i)) || targets.some((t) => t.trim() !== "" && t.trim() === d.choices[i].trim());
}

// choicesOf are the candidate answers, numbered from 0 as the outputs name them: the right one is marked, and who chose
// which.
function choicesOf(d) {
  const list = make("ol", {class: "choices"}, ...d.choices.map((c, i) => {
    const item = make("li", {class: isRight(d, i) ? "right" : ""}, make("span", {text: c}));
    if (isRight(d, i)) item.append(" ", make("span", {class: "mark right"}, "✓ ", word("detail.right")));
    d.runs.forEach((r, k) => {
      const output = r?.marks[0]?.output.trim();
      if (output === String(i) || output === c.trim()) item.append(" ", make("span", {class: `letter run-${k}`, text: runName(k), title: say("detail.chose", runName(k))}));
    });
    return item;
  }));
  list.start = 0;
  return list;
}

function drawDetail() {
  const pane = document.getElementById("detail");
  if (!detail.doc) return pane.replaceChildren(make("p", {class: "about"}, word("detail.none")));
  const {n, document: d, texts} = detail.doc;
  const x = indexed(n);
  const query = state.text.toLowerCase();
  const outcomes = facts.comparisons.map((c, i) => outcomeOf[x.outcome(i)] && make("span", {class: `outcome ${outcomeOf[x.outcome(i)]}`}, facts.comparisons.length > 1 ? `${runName(c.b)} ` : "", word(`outcome.${outcomeOf[x.outcome(i)]}`)));
  const about = [word("detail.position", x.position)];
  if (d.cluster) about.push(" · ", word("detail.cluster", oneLine(d.cluster)));
  if (d.shots?.length) about.push(" · ", word("detail.shots", d.shots.map((s) => oneLine(typeof s === "string" ? s : JSON.stringify(s))).join(", ")));
  const targets = (d.targets?.length ? d.targets : [d.target]).map((t) => block(t, query));
  pane.replaceChildren(
    make("h3", {}, make("span", {text: facts.tasks[x.task].title + " "}), word("detail.document", oneLine(typeof x.id === "string" ? x.id : JSON.stringify(x.id))), " ", ...outcomes.filter(Boolean)),
    make("p", {class: "about"}, ...about),
    ...questionOf(d, texts, query),
    ...(d.choices?.length ? [make("h4", {}, word("detail.choices")), choicesOf(d)] : []),
    make("h4", {}, word("detail.targets")), ...targets,
    make("div", {class: "answers"}, ...d.runs.map((_, k) => answerOf(d, k, query))),
    ...promptSection(d, texts, query));
}

// showDetail unpacks the chosen document; a later choice wins.
async function showDetail() {
  const n = numberOfDoc(state.doc);
  const pane = document.getElementById("detail");
  if (n < 0) {
    detail.doc = null;
    return drawDetail();
  }
  if (detail.doc?.n === n) return drawDetail();
  try {
    const found = {document: await documentOf(n), texts: await textsOf(n)};
    if (numberOfDoc(state.doc) !== n) return;
    detail.request = 0;
    detail.run = 0;
    detail.doc = {n, ...found};
    drawDetail();
    pane.scrollTop = 0;
  } catch (e) {
    pane.replaceChildren(make("p", {class: "warning"}, word("detail.failed", oneLine(e.message))));
  }
}

function openDetail() {
  document.getElementById("detail").addEventListener("keydown", (e) => {
    if (e.key === "Escape") document.getElementById("list").focus();
  });
  watch(["doc"], showDetail);
  drawDetail();
}
