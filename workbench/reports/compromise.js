"use strict";
(() => {
  const data = JSON.parse(document.getElementById("archive").textContent);
  const place = document.getElementById("compromise");
  const models = data.models;
  const SVG = "http://www.w3.org/2000/svg";
  const BLUE = "#2463a8", INK = "#1d2733", LIGHT = "#c3cfdc", GRID = "#e3e8ee", MUTED = "#66717f";
  const weights = data.axes.map(() => 1);
  let picked = 0;
  let byHand = false;

  function made(name, attributes, text) {
    const svg = ["svg", "path", "line", "circle", "polyline", "text", "title", "g", "rect"].includes(name);
    const element = svg ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function short(value) {
    return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
  }

  function cut(text, longest) {
    return text.length > longest ? text.slice(0, longest - 1) + "…" : text;
  }

  function weighed(model) {
    return model.axes.reduce((sum, score, i) => sum + weights[i] * score, 0);
  }

  function best() {
    let found = 0;
    models.forEach((model, i) => { if (weighed(model) < weighed(models[found])) found = i; });
    return found;
  }

  const sliders = made("div", { class: "sliders" });
  const shown = data.axes.map((name, i) => {
    const row = made("label", { class: "slider" });
    const said = made("output", {}, "1");
    const input = made("input", { type: "range", min: "-4", max: "4", step: "0.5", value: "0" });
    input.addEventListener("input", () => {
      weights[i] = Number(input.value) <= -4 ? 0 : 2 ** Number(input.value);
      byHand = false;
      draw();
    });
    row.append(made("span", { title: name }, cut(name, 60)), input, said);
    sliders.append(row);
    return { input, said };
  });
  const again = made("button", { type: "button" }, "All weights 1");
  again.addEventListener("click", () => {
    shown.forEach((one, i) => { one.input.value = "0"; weights[i] = 1; });
    byHand = false;
    draw();
  });
  const words = made("p", { class: "headline", "aria-live": "polite" });
  const lines = made("div", { class: "scroll" });
  const table = made("div", { class: "scroll" });
  const commands = made("pre");
  const traces = made("div", { class: "traces" });
  place.append(sliders, again, words, lines, traces, table, commands);

  const width = Math.max(840, 90 * data.axes.length), height = 300;
  const longest = Math.min(26, Math.max(...data.axes.map((name) => name.length)));
  const left = 46, right = 30, top = 16, bottom = 28 + 2.4 * longest;
  const largest = Math.max(1, ...models.map((model) => Math.max(...model.axes)));
  const ticks = [0, 1, 2, 5, 10, 20, 50, 100, 250, 500, 1000].filter((t) => t <= largest * 1.05);
  const x = (i) => left + ((width - left - right) * (i + 0.5)) / data.axes.length;
  const y = (score) =>
    height - bottom - ((height - top - bottom) * Math.log1p(score)) / Math.log1p(largest);

  function path(model) {
    return model.axes.map((score, i) => `${i ? "L" : "M"}${x(i)},${y(score)}`).join("");
  }

  function curve(i, color, thick, dash) {
    const g = made("g");
    const attributes = { d: path(models[i]), fill: "none", stroke: color, "stroke-width": thick };
    if (dash) attributes["stroke-dasharray"] = dash;
    g.append(made("path", attributes));
    models[i].axes.forEach((score, axis) => {
      g.append(made("circle", { cx: x(axis), cy: y(score), r: thick + 1, fill: color }));
    });
    return g;
  }

  function drawLines() {
    const svg = made("svg", {
      viewBox: `0 0 ${width} ${height}`, role: "img", class: "compromises",
      "aria-label": "Scores of all individuals of the archive",
    });
    for (const tick of ticks) {
      svg.append(made("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick), stroke: GRID }));
      svg.append(made("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end", fill: MUTED }, tick));
    }
    data.axes.forEach((name, i) => {
      const text = made("text", {
        transform: `translate(${x(i)},${height - bottom + 16}) rotate(-20)`, "text-anchor": "end",
        fill: INK,
      }, cut(name, 26));
      text.append(made("title", {}, name));
      svg.append(text);
    });
    models.forEach((_, i) => {
      const one = curve(i, LIGHT, 1.2);
      one.setAttribute("class", "choice");
      one.append(made("title", {}, `compromise ${i + 1}`));
      one.addEventListener("click", () => { picked = i; byHand = true; draw(); });
      svg.append(one);
    });
    svg.append(curve(0, INK, 1.6, "5 4"), curve(picked, BLUE, 2.6));
    lines.replaceChildren(svg);
  }

  function voltage(one, box, color, thick) {
    const points = one.t.map((t, i) => `${box.x(t)},${box.y(one.v[i])}`).join(" ");
    return made("polyline", { points, fill: "none", stroke: color, "stroke-width": thick });
  }

  function panel(here, there) {
    const both = there ? [here, there] : [here];
    const of = (key, least) => Math[least](...both.map((one) => one[key].reduce((a, b) => Math[least](a, b))));
    const [begin, end, low, high] = [of("t", "min"), of("t", "max"), of("v", "min"), of("v", "max")];
    const box = {
      x: (t) => 40 + (470 * (t - begin)) / (end - begin || 1),
      y: (v) => 130 - (115 * (v - low)) / (high - low || 1),
    };
    const svg = made("svg", { viewBox: "0 0 520 152", role: "img", "aria-label": here.name });
    for (const value of [low, high]) {
      const text = { x: 34, y: box.y(value) + 4, "text-anchor": "end", fill: MUTED };
      svg.append(made("text", text, value.toFixed(0)));
    }
    for (const [t, anchor] of [[begin, "start"], [end, "end"]]) {
      svg.append(made("text", { x: box.x(t), y: 148, "text-anchor": anchor, fill: MUTED }, `${t} ms`));
    }
    if (there) svg.append(voltage(there, box, LIGHT, 1.6));
    svg.append(voltage(here, box, BLUE, 1.1));
    const whole = made("figure");
    whole.append(made("figcaption", {}, here.name), svg);
    return whole;
  }

  function drawTraces() {
    const model = models[picked];
    if (!model.traces) {
      const why = `No traces of this compromise are drawn: workbench report ${data.run} --traces 8 ` +
        `simulates a few that stand for all, --pick ${picked + 1} this one.`;
      traces.replaceChildren(made("p", { class: "note" }, why));
      return;
    }
    const first = picked && models[0].traces ? models[0].traces : [];
    traces.replaceChildren(...model.traces.map((one) =>
      panel(one, first.find((other) => other.name === one.name))));
  }

  function drawTable() {
    const body = made("tbody");
    const largestScore = Math.max(...models[picked].features, ...models[0].features, 1e-9);
    data.features.forEach((feature, i) => {
      const [here, there] = [models[picked].features[i], models[0].features[i]];
      const row = made("tr");
      row.append(made("td", {}, feature.name), made("td", {}, feature.target));
      row.append(made("td", {}, short(here)), made("td", {}, short(there)));
      const cell = made("td");
      const svg = made("svg", { viewBox: "0 0 200 14", width: "200", height: "14" });
      const long = (score) => (196 * Math.log1p(score)) / Math.log1p(largestScore);
      svg.append(made("rect", { x: 0, y: 1, width: long(here), height: 6, fill: BLUE }));
      svg.append(made("rect", { x: 0, y: 9, width: long(there), height: 3, fill: MUTED }));
      cell.append(svg);
      row.append(cell);
      body.append(row);
    });
    const head = made("tr");
    for (const title of ["Feature", "Target ± SD", "Score here", "Score of the first", ""]) {
      head.append(made("th", {}, title));
    }
    const whole = made("table"), above = made("thead");
    above.append(head);
    whole.append(above, body);
    table.replaceChildren(whole);
  }

  function draw() {
    if (!byHand) picked = best();
    shown.forEach((one, i) => { one.said.textContent = String(Number(weights[i].toPrecision(3))); });
    const model = models[picked];
    words.textContent = `Compromise ${picked + 1} of ${models.length}: individual ` +
      `${model.individual} of generation ${model.generation}, sum ${short(model.sum)} SD.`;
    const values = data.parameters.map((name, i) => `${name} = ${model.parameters[i]}`);
    commands.textContent = `workbench report ${data.run} --pick ${picked + 1}\n` +
      `--params ${data.run}:${model.generation}/${model.individual}\n\n${values.join("\n")}`;
    drawLines();
    drawTraces();
    drawTable();
  }

  draw();
})();
