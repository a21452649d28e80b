"use strict";
// Draws a cell on a canvas, turned by mouse, touch and keyboard. Sections are chains of frusta in um;
// each frustum is a line as wide as its mean diameter, drawn from the back to the front.

const cell = JSON.parse(document.getElementById("data").textContent);
const canvas = document.getElementById("cell");
const context = canvas.getContext("2d");
const told = document.getElementById("told");

const THINNEST_px = 0.9;
const NEAR_px = 6;
const FADED = 0.55; // of the colour of what is farthest away
const BAR_px = 120; // the longest that a scale bar may be

const count = cell.sections.reduce((sum, one) => sum + one.points.length / 4 - 1, 0);
const ends = new Float32Array(6 * count); // x, y, z of both ends
const widths = new Float32Array(count);
const lengths = new Float32Array(count);
const owner = new Int32Array(count);
const numbers = new Float64Array(count).fill(NaN);
const flat = new Float32Array(5 * count); // x, y of both ends on the screen, and the depth
const order = new Int32Array(count);

const somatic = cell.sections.map((section) => cell.regions[section.region].name === "somatic");

let number = 0;
cell.sections.forEach((section, index) => {
  const p = section.points;
  for (let at = 0; at + 4 < p.length; at += 4, number++) {
    ends.set([p[at], p[at + 1], p[at + 2], p[at + 4], p[at + 5], p[at + 6]], 6 * number);
    widths[number] = (p[at + 3] + p[at + 7]) / 2;
    lengths[number] = Math.hypot(p[at + 4] - p[at], p[at + 5] - p[at + 1], p[at + 6] - p[at + 2]);
    owner[number] = index;
    const value = section.values ? section.values[at / 4] : null;
    if (value !== null) numbers[number] = value;
  }
});

// The middle and the radius of all that there is, around which the cell turns.
const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
for (let at = 0; at < ends.length; at++) {
  low[at % 3] = Math.min(low[at % 3], ends[at]);
  high[at % 3] = Math.max(high[at % 3], ends[at]);
}
const middle = low.map((value, axis) => (value + high[axis]) / 2);
const radius = Math.max(1, Math.hypot(...low.map((value, axis) => high[axis] - value)) / 2);

// Colours: of each frustum by region, or by value; each faded in a few steps with its depth.
const STEPS = 8;
const faded = new Map();
function shade(colour, depth) {
  if (!faded.has(colour)) {
    const rgb = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    faded.set(colour, Array.from({ length: STEPS }, (_, step) => {
      const kept = FADED + (1 - FADED) * step / (STEPS - 1);
      return "rgb(" + rgb.map((part) => Math.round(255 - (255 - part) * kept)).join(",") + ")";
    }));
  }
  return faded.get(colour)[Math.max(0, Math.min(STEPS - 1, Math.floor(STEPS * depth)))];
}
const byRegion = Array.from(owner, (index) => cell.regions[cell.sections[index].region].colour);
const byValue = cell.scale ? Array.from(numbers, colourOf) : null;
let colours = byValue || byRegion;

function colourOf(value) {
  const { low, high, log, colours, none } = cell.scale;
  const through = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  if (!Number.isFinite(through)) return none;
  return colours[Math.max(0, Math.min(colours.length - 1, Math.floor(through * colours.length)))];
}

// The view: three rows of a rotation (to the right, upwards, towards us), a zoom, a shift.
const VIEWS = {
  z: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  y: [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
  x: [[0, 0, 1], [0, 1, 0], [-1, 0, 0]],
};
let rows, zoom, shift;
const hidden = new Set();

function look(view) {
  rows = VIEWS[view].map((row) => row.slice());
  fit();
}

function fit() {
  shift = [0, 0];
  const extent = [0, 1].map((row) => {
    let most = 1e-3;
    for (let at = 0; at < ends.length; at += 3) {
      most = Math.max(most, Math.abs(dot(rows[row], ends, at)));
    }
    return most;
  });
  zoom = 0.44 * Math.min(canvas.clientWidth / extent[0], (canvas.clientHeight - 40) / extent[1]);
  draw();
}

function dot(row, points, at) {
  return row[0] * (points[at] - middle[0]) + row[1] * (points[at + 1] - middle[1])
    + row[2] * (points[at + 2] - middle[2]);
}

function turn(right, up) {
  // About the screen's own axes, so that what is under the hand goes with it.
  const spin = ([a, b], angle) => {
    const cos = Math.cos(angle), sin = Math.sin(angle), one = rows[a], other = rows[b];
    rows[a] = one.map((value, axis) => cos * value + sin * other[axis]);
    rows[b] = other.map((value, axis) => cos * value - sin * one[axis]);
  };
  spin([0, 2], right);
  spin([1, 2], up);
  orthogonal();
  draw();
}

function orthogonal() {
  // Many small turns would let the rows lose their lengths and right angles.
  const length = Math.hypot(...rows[0]);
  rows[0] = rows[0].map((value) => value / length);
  const along = rows[0].reduce((sum, value, axis) => sum + value * rows[1][axis], 0);
  rows[1] = rows[1].map((value, axis) => value - along * rows[0][axis]);
  const rest = Math.hypot(...rows[1]);
  rows[1] = rows[1].map((value) => value / rest);
  const [a, b] = rows;
  rows[2] = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function magnify(factor, x, y) {
  const next = Math.max(1e-3, Math.min(1e4, zoom * factor));
  const kept = next / zoom;
  const from = [x - canvas.clientWidth / 2, y - canvas.clientHeight / 2];
  shift = shift.map((value, axis) => from[axis] - (from[axis] - value) * kept);
  zoom = next;
  draw();
}

let waiting = false;
function draw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    paint();
  });
}

function paint() {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const x0 = width / 2 + shift[0], y0 = height / 2 + shift[1];
  let shown = 0;
  for (let one = 0; one < count; one++) {
    if (hidden.has(cell.sections[owner[one]].region)) continue;
    const from = 6 * one, to = 5 * one;
    flat[to] = x0 + zoom * dot(rows[0], ends, from);
    flat[to + 1] = y0 - zoom * dot(rows[1], ends, from);
    flat[to + 2] = x0 + zoom * dot(rows[0], ends, from + 3);
    flat[to + 3] = y0 - zoom * dot(rows[1], ends, from + 3);
    flat[to + 4] = (dot(rows[2], ends, from) + dot(rows[2], ends, from + 3)) / 2;
    order[shown++] = one;
  }
  const inView = order.subarray(0, shown).sort((a, b) => flat[5 * a + 4] - flat[5 * b + 4]);
  for (const one of inView) {
    const at = 5 * one;
    const turned = Math.hypot(flat[at + 2] - flat[at], flat[at + 3] - flat[at + 1]);
    // Round ends close the bends of neurites; a soma from the side has the flat ends of its frusta.
    const round = !somatic[owner[one]] || turned < 0.3 * lengths[one] * zoom;
    context.lineCap = round ? "round" : "butt";
    context.lineWidth = Math.max(THINNEST_px, widths[one] * zoom);
    context.strokeStyle = shade(colours[one], (flat[at + 4] / radius + 1) / 2);
    context.beginPath();
    context.moveTo(flat[at], flat[at + 1]);
    context.lineTo(flat[at + 2] + (turned < 0.01 ? 0.01 : 0), flat[at + 3]);
    context.stroke();
  }
  measure();
}

// The scale bar: the longest 1, 2 or 5 with zeros that has room.
function measure() {
  const most = BAR_px / zoom;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= most * 1.000001);
  const [text, bar] = document.getElementById("length").children;
  text.textContent = Number(length.toPrecision(1)) + " um";
  bar.style.width = length * zoom + "px";
}

// What lies under the pointer says its name and its value.
function tell(x, y) {
  let nearest = -1, best = NEAR_px;
  for (let one = 0; one < count; one++) {
    if (hidden.has(cell.sections[owner[one]].region)) continue;
    const at = 5 * one, dx = flat[at + 2] - flat[at], dy = flat[at + 3] - flat[at + 1];
    const through = Math.max(0, Math.min(1,
      ((x - flat[at]) * dx + (y - flat[at + 1]) * dy) / (dx * dx + dy * dy || 1)));
    const away = Math.hypot(x - flat[at] - through * dx, y - flat[at + 1] - through * dy)
      - widths[one] * zoom / 2;
    if (away < best) [nearest, best] = [one, away];
  }
  told.style.display = nearest < 0 ? "none" : "block";
  if (nearest < 0) return;
  const section = cell.sections[owner[nearest]];
  const value = numbers[nearest];
  const words = Number.isNaN(value) ? "" : ", " + cell.scale.label + ": " + Number(value.toPrecision(4));
  told.textContent = section.name + ", " + widths[nearest].toFixed(2) + " um thick" + words;
  told.style.left = Math.min(x + 12, canvas.clientWidth - told.offsetWidth - 4) + "px";
  told.style.top = Math.max(4, y - 30) + "px";
}

// Hands: one pointer turns, with shift or the right button it moves; two move and zoom.
const pointers = new Map();
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  told.style.display = "none";
});
canvas.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) {
    tell(event.clientX, event.clientY);
    return;
  }
  const here = [event.clientX, event.clientY];
  const moved = [here[0] - before[0], here[1] - before[1]];
  if (pointers.size === 2) {
    const [, other] = [...pointers].find(([id]) => id !== event.pointerId);
    const apart = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]) || 1;
    shift = [shift[0] + moved[0] / 2, shift[1] + moved[1] / 2];
    magnify(apart(here) / apart(before), (here[0] + other[0]) / 2, (here[1] + other[1]) / 2);
  } else if (event.shiftKey || event.buttons === 2) {
    shift = [shift[0] + moved[0], shift[1] + moved[1]];
    draw();
  } else {
    turn(moved[0] / 150, -moved[1] / 150);
  }
  pointers.set(event.pointerId, here);
});
for (const ended of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(ended, (event) => pointers.delete(event.pointerId));
}
canvas.addEventListener("pointerleave", () => { told.style.display = "none"; });
canvas.addEventListener("contextmenu", (event) => event.preventDefault());
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  magnify(Math.exp(-Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 120) / 500),
    event.clientX, event.clientY);
}, { passive: false });

const KEYS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const way = KEYS[event.key], key = event.key.toLowerCase();
  if (way && event.shiftKey) {
    shift = [shift[0] + 20 * way[0], shift[1] - 20 * way[1]];
    draw();
  } else if (way) {
    turn(way[0] * 0.1, way[1] * 0.1);
  } else if (event.key === "+" || event.key === "=") {
    magnify(1.15, canvas.clientWidth / 2, canvas.clientHeight / 2);
  } else if (event.key === "-") {
    magnify(1 / 1.15, canvas.clientWidth / 2, canvas.clientHeight / 2);
  } else if (key in VIEWS) {
    look(key);
  } else if (key === "0") {
    fit();
  } else if (key === "c" && byValue) {
    colours = colours === byValue ? byRegion : byValue;
    explain();
    draw();
  } else {
    return;
  }
  event.preventDefault();
});

// The legend: regions can be hidden; values have a bar.
function explain() {
  const legend = document.getElementById("legend");
  legend.replaceChildren();
  const there = new Set(cell.sections.map((section) => section.region));
  cell.regions.forEach((region, index) => {
    if (!there.has(index)) return;
    const line = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !hidden.has(index);
    box.addEventListener("change", () => {
      hidden[box.checked ? "delete" : "add"](index);
      draw();
    });
    line.append(box);
    if (colours === byRegion) {
      const patch = document.createElement("i");
      patch.style.background = region.colour;
      line.append(patch);
    }
    line.append(region.name);
    legend.append(line);
  });
  if (colours !== byValue) return;
  const { label, low, high, colours: steps } = cell.scale;
  const bar = document.createElement("div"), strip = document.createElement("div");
  bar.id = "bar";
  strip.style.background = "linear-gradient(to right," + steps.join(",") + ")";
  const limits = document.createElement("p"), words = document.createElement("p");
  for (const limit of [low, high]) {
    const text = document.createElement("span");
    text.textContent = Number(limit.toPrecision(3));
    limits.append(text);
  }
  words.textContent = label;
  bar.append(strip, limits, words);
  legend.append(bar);
}

new ResizeObserver(draw).observe(canvas);
explain();
look("z");
