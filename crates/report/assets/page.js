"use strict";
// What moves on a report: the tiles of the heatmap, the learning curve of a point, and the table of trials.
// Everything comes from the JSON that the page carries; nothing is loaded.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const shown = (value) => (value === null ? "–" : String(value));

  // ---- Points: what a tile says.
  const named = (row) => data.axes.map((name, i) => [name, row[1 + i]]).filter(([, v]) => v !== null)
    .map(([name, value]) => `${name}=${value}`).join(" ");
  const point = ([text, rows, label]) => label ?? (rows.length ? named(data.rows[rows[0]]) || "the only point" : text);
  const told = (index) => {
    const row = data.rows[index];
    const at = (name) => row[data.columns.findIndex((column) => column.name === name)];
    return `trial ${row[0]}, seed ${at("seed")}: ${at("outcome")}, ${data.metric} ${shown(at(data.metric))}`;
  };
  const list = (rows, most) => {
    const items = rows.slice(0, most).map((index) => element("li", {}, told(index)));
    if (rows.length > most) items.push(element("li", {}, `and ${rows.length - most} more`));
    return element("ul", {}, ...items);
  };

  // ---- The learning curve of a point.
  const dialog = document.getElementById("curve");
  const show = (heading, rows) => {
    dialog.replaceChildren(
      element("form", { method: "dialog" }, element("button", { class: "close", autofocus: "" }, "Close")),
      element("h2", { id: "curve-title" }, heading),
      chart(rows.map((index) => data.curves[index]).filter((curve) => curve)),
      list(rows, 20),
    );
    dialog.showModal();
  };
  const steps = (low, high) => {
    const rough = (high - low) / 5 || 1;
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * size).find((s) => s >= rough);
    const ticks = [];
    for (let t = Math.ceil(low / step) * step; t <= high + step * 1e-9; t += step) ticks.push(+t.toPrecision(8));
    return ticks;
  };
  const chart = (curves) => {
    if (!curves.length) return element("p", {}, "No reading was taken.");
    const xs = curves.flatMap(([x]) => x), ys = curves.flatMap(([, y]) => y);
    const log = data.log && Math.min(...ys) > 0;
    const f = log ? Math.log10 : (y) => y;
    let [low, high] = [Math.min(...ys.map(f)), Math.max(...ys.map(f))];
    if (low === high) [low, high] = [low - 0.5, high + 0.5];
    const [start, end] = [Math.min(0, ...xs), Math.max(...xs) || 1];
    const narrow = matchMedia("(max-width: 48rem)").matches;
    const [W, H, L, R, T, B] = narrow ? [340, 260, 56, 12, 12, 46] : [640, 300, 64, 12, 12, 46];
    const X = (x) => L + ((x - start) / (end - start)) * (W - L - R);
    const Y = (y) => H - B - ((f(y) - low) / (high - low)) * (H - T - B);
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const draw = (name, attributes, text) => {
      const made = document.createElementNS(space, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      if (text !== undefined) made.textContent = text;
      svg.append(made);
    };
    svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${data.curve} against ${data.along}, from ${ys[0]} to ${ys[ys.length - 1]}`);
    const across = { stroke: "currentColor", "stroke-opacity": 0.15 };
    const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => 10 ** (Math.floor(low) + i));
    const round = decades.flatMap((ten) => [ten, 2 * ten, 5 * ten]).filter((y) => f(y) >= low && f(y) <= high);
    for (const y of log ? (round.length > 8 ? decades.filter((y) => round.includes(y)) : round) : steps(low, high)) {
      draw("line", { x1: L, x2: W - R, y1: Y(y), y2: Y(y), ...across });
      draw("text", { x: L - 8, y: Y(y) + 4, "text-anchor": "end" }, +y.toPrecision(3));
    }
    for (const tick of steps(start, end)) draw("text", { x: X(tick), y: H - B + 20, "text-anchor": "middle" }, tick);
    draw("text", { x: (L + W - R) / 2, y: H - 6, "text-anchor": "middle" }, data.along);
    draw("text", { x: W - R, y: T + 8, "text-anchor": "end" }, data.curve + (log ? " (log scale)" : ""));
    curves.forEach(([x, y], i) => {
      const look = { stroke: "var(--mark)", "stroke-opacity": curves.length > 1 ? 0.55 + 0.45 / (i + 1) : 1 };
      draw("polyline", { points: x.map((v, j) => `${X(v)},${Y(y[j])}`).join(" "), fill: "none", "stroke-width": 2, ...look });
      if (x.length <= 12) x.forEach((v, j) => draw("circle", { cx: X(v), cy: Y(y[j]), r: 3, fill: "var(--mark)" }));
    });
    return svg;
  };

  // ---- The heatmap: one stop for the tab key, arrows within.
  const map = document.getElementById("tiles");
  const tip = document.getElementById("tip");
  const hide = () => { tip.hidden = true; };
  const hint = (tile, cell) => {
    tip.replaceChildren(element("strong", {}, point(cell)), element("div", {}, cell[0]), list(cell[1], 8));
    tip.hidden = false;
    const [at, page] = [tile.getBoundingClientRect(), document.documentElement];
    const left = Math.min(at.left, page.clientWidth - tip.offsetWidth - 8);
    const below = at.bottom + tip.offsetHeight + 8 < page.clientHeight;
    tip.style.left = `${Math.max(8, left) + window.scrollX}px`;
    tip.style.top = `${(below ? at.bottom + 6 : at.top - tip.offsetHeight - 6) + window.scrollY}px`;
  };
  const tiles = map ? data.tiles.map(([index, wide, narrow = wide], number) => {
    const cell = data.cells[index];
    const rows = cell[1].map((row) => told(row)).slice(0, 3).join("; ");
    const tile = element("button", {
      class: "tile", type: "button", tabindex: number ? -1 : 0,
      style: [wide, narrow].map((place, sheet) =>
        place.map((share, side) => `--${"ltwh"[side]}${sheet}:${share}%`).join(";")).join(";"),
      "aria-label": `${point(cell)}: ${cell[0]}${rows ? "; " + rows : ""}`,
    });
    tile.addEventListener("mouseenter", () => hint(tile, cell));
    tile.addEventListener("focus", () => hint(tile, cell));
    tile.addEventListener("mouseleave", hide);
    tile.addEventListener("blur", hide);
    tile.addEventListener("click", () => { hide(); show(`${point(cell)}: ${cell[0]}`, cell[1]); });
    return tile;
  }) : [];
  map?.append(...tiles);
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  map?.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    const way = ways[event.key], from = tiles.indexOf(document.activeElement);
    if (!way || from < 0) return;
    event.preventDefault();
    const middle = ([, [left, top, width, height]]) => [left + width / 2, top + height / 2];
    const [x, y] = middle(data.tiles[from]);
    let [next, least] = [-1, Infinity];
    data.tiles.forEach((tile, index) => {
      const [dx, dy] = [middle(tile)[0] - x, middle(tile)[1] - y];
      const along = dx * way[0] + dy * way[1], aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      if (along > 0.01 && along + 3 * aside < least) [next, least] = [index, along + 3 * aside];
    });
    if (next < 0) return;
    tiles[from].tabIndex = -1;
    tiles[next].tabIndex = 0;
    tiles[next].focus();
  });

  // ---- The table of trials: sorts by its headings, filters by words.
  const table = document.getElementById("trials");
  const body = table.tBodies[0];
  const [filter, count, more] = ["filter", "count", "more"].map((id) => document.getElementById(id));
  const texts = data.rows.map((row) => data.columns.map((column, i) =>
    i && i <= data.axes.length ? `${column.name}=${shown(row[i])}` : shown(row[i])).join(" ").toLowerCase());
  const state = { column: 0, up: true, most: 200 };
  const before = (a, b) => {
    const [x, y] = [data.rows[a][state.column], data.rows[b][state.column]];
    if (x === null || y === null) return (x === null) - (y === null) || a - b;
    const order = typeof x === "number" && typeof y === "number" ? x - y
      : String(x).localeCompare(String(y), undefined, { numeric: true });
    return (state.up ? order : -order) || a - b;
  };
  const line = (index) => element("tr", {}, ...data.rows[index].map((value, i) => {
    const measured = i > data.axes.length && typeof value === "number" && !Number.isInteger(value);
    const text = measured ? value.toPrecision(4) : shown(value);
    const cell = element("td", data.columns[i].number ? { class: "number" } : {}, text);
    if (i === 0) {
      const open = element("button", { type: "button", "aria-label": `learning curve of trial ${value}` }, shown(value));
      open.addEventListener("click", () => show(`Trial ${value}: ${named(data.rows[index])}`, [index]));
      cell.replaceChildren(open);
    }
    return cell;
  }));
  const fill = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = data.rows.map((_, index) => index)
      .filter((index) => words.every((word) => ` ${texts[index]} `.includes(word.includes("=") ? ` ${word} ` : word)));
    kept.sort(before);
    const some = kept.slice(0, state.most);
    body.replaceChildren(...some.map(line));
    count.textContent = some.length < kept.length
      ? `${some.length} of ${kept.length} trials shown` : `${kept.length} of ${data.rows.length} trials`;
    more.hidden = some.length === kept.length;
    [...table.tHead.rows[0].cells].forEach((head, i) =>
      head.setAttribute("aria-sort", i === state.column ? (state.up ? "ascending" : "descending") : "none"));
  };
  [...table.tHead.rows[0].cells].forEach((head, i) => head.querySelector("button").addEventListener("click", () => {
    state.up = state.column === i ? !state.up : true;
    state.column = i;
    fill();
  }));
  filter.addEventListener("input", fill);
  more.addEventListener("click", () => { state.most = Infinity; fill(); });
  fill();
})();
