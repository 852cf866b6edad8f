// Charts. Observable Plot draws them as SVG; colours are the style sheet's variables, so that a chart follows the theme.

const charts = [];

// addChart draws a chart into a figure now, when the language changes and when the width does.
function addChart(figure, draw) {
  const redraw = () => {
    const width = figure.clientWidth;
    if (width > 0) figure.replaceChildren(...draw(width).filter(Boolean));
  };
  charts.push({figure, redraw, width: figure.clientWidth});
  redraw();
  return redraw;
}

// forgetCharts forgets the charts within an element that is about to be filled anew.
function forgetCharts(within) {
  for (let i = charts.length - 1; i >= 0; i--) if (within.contains(charts[i].figure)) charts.splice(i, 1);
}

function redrawCharts() {
  for (const c of charts) c.redraw();
}

// A chart is drawn anew only where its own width changed.
let resizing = 0;
window.addEventListener("resize", () => {
  cancelAnimationFrame(resizing);
  resizing = requestAnimationFrame(() => {
    for (const c of charts) {
      if (c.figure.clientWidth === c.width) continue;
      c.width = c.figure.clientWidth;
      c.redraw();
    }
  });
});

const runColour = (k) => `var(--run-${k})`;
const chartDefaults = {className: "plot", style: {fontSize: "12px", background: "none", overflow: "visible"}};

// tipOf shows what lies under the pointer.
function tipOf(data, options) {
  return Plot.tip(data, Plot.pointer({...options, fill: "var(--surface)", stroke: "var(--line)", fontSize: 12, pathFilter: "none"}));
}
