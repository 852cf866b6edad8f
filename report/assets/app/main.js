// The page's start. Everything is in place before the documents have been read.

// remembered is a choice that outlives the page, where the browser lets a file keep one.
const remembered = {
  get(key) {
    try {
      return localStorage.getItem(`swallow-eval-report-${key}`);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`swallow-eval-report-${key}`, value);
    } catch {
      // The choice lasts as long as the page.
    }
  },
};

const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const button = document.getElementById("theme");
  button.setAttribute("aria-pressed", String(theme === "dark"));
  button.replaceChildren(word(theme === "dark" ? "theme.light" : "theme.dark"));
}

function openControls(relanguage) {
  const theme = () => remembered.get("theme") ?? (prefersDark.matches ? "dark" : "light");
  setTheme(theme());
  prefersDark.addEventListener("change", () => setTheme(theme()));
  document.getElementById("theme").addEventListener("click", () => {
    const other = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    remembered.set("theme", other);
    setTheme(other);
  });
  document.getElementById("language").addEventListener("click", () => {
    setLanguage(language === "ja" ? "en" : "ja");
    remembered.set("language", language);
    relanguage();
  });
  document.addEventListener("keydown", (e) => {
    const typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement;
    if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
      e.preventDefault();
      document.getElementById("filter-text").focus();
    } else if (e.key === "Escape" && e.target.id === "filter-text") {
      list.box.focus();
    }
  });
}

// followAddress takes the view that the address names, as a link in the page changes it.
function followAddress() {
  const parts = stateOfAddress();
  if (!parts) return;
  const chosen = parts.task !== state.task;
  change(parts);
  if (chosen) document.getElementById("task").scrollIntoView();
}

async function start() {
  const first = remembered.get("language") ?? (navigator.language.startsWith("ja") ? "ja" : "en");
  if (first === "ja") setLanguage("ja");
  else setLanguage("en");
  openControls(() => {
    redrawCharts();
    refill?.();
    redrawList();
    drawDetail();
  });
  Object.assign(state, stateOfAddress() ?? {});
  openPublished();
  const refill = openCompared();
  openTrend();
  openList();
  openStore();
  openTask();
  openDetail();
  openSearch();
  await searchAll();
  if (state.doc) {
    showDetail();
    if (list.selected >= 0) reveal(list.selected);
    document.getElementById("samples").scrollIntoView();
  } else if (state.task) {
    document.getElementById("task").scrollIntoView();
  }
  window.addEventListener("hashchange", followAddress);
  performance.mark("ready");
  document.documentElement.dataset.ready = "true";
}

start();
