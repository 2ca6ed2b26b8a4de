"use strict";
// The table of instances: sorted, filtered, in pages, with details on demand;
// the choice of light or dark; the size of the graph. All text reaches the page
// through textContent.
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const rows = data.node.length;
  const root = document.documentElement;

  // make gives an element with attributes and children; texts become text.
  const make = (tag, attributes, ...children) => {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v);
    e.append(...children);
    return e;
  };

  // Names are written as what they share with the one before, and the rest.
  const names = new Array(rows);
  for (let i = 0, before = ""; i < rows; i++) {
    before = names[i] = before.slice(0, data.name[2 * i]) + data.name[2 * i + 1];
  }

  // Sizes and times are written as in the rest of the page.
  const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const counted = (n, noun) => (n === 1 ? "1 " + noun : number(n) + " " + noun + "s");
  const trim = (s) => s.replace(/\.0$/, "");
  const sizeOf = (kib) => {
    let v = kib, unit = 0;
    if (!kib) return "–";
    while (v >= 1023.5 && unit < 4) { v /= 1024; unit++; }
    return trim(v.toFixed(v >= 99.95 ? 0 : 1)) + " " + "KMGTP"[unit] + "iB";
  };
  const pair = (n, large, small, a, b) => {
    const v = Math.round(n / small), per = large / small;
    return Math.floor(v / per) + a + (v % per ? (v % per) + b : "");
  };
  const single = (n, one, name) => {
    const tenths = Math.round(n / one * 10);
    return (tenths < 100 ? trim((tenths / 10).toFixed(1)) : Math.round(n / one)) + name;
  };
  const ms = 1e3, s = 1e6, m = 60 * s, h = 60 * m, d = 24 * h;
  const timeOf = (us) => {
    if (us < 0) return "-" + timeOf(-us);
    if (us === 0) return "0s";
    if (us < ms) return single(us, 1, "us");
    if (Math.round(us / ms) * ms < s) return single(us, ms, "ms");
    if (Math.round(us / s) * s < m) return single(us, s, "s");
    if (Math.round(us / s) * s < h) return pair(us, m, s, "m", "s");
    if (Math.round(us / m) * m < d) return pair(us, h, m, "h", "m");
    return pair(us, d, h, "d", "h");
  };
  const runBegan = Number(data.start);
  const two = (n) => String(n).padStart(2, "0");
  const dateOf = (t) => t.getFullYear() + "-" + two(t.getMonth() + 1) + "-" + two(t.getDate()) + " " +
    two(t.getHours()) + ":" + two(t.getMinutes()) + ":" + two(t.getSeconds());
  const earlier = data.classes.indexOf("earlier");
  const beganOf = (i) => data.state[i] === earlier
    ? dateOf(new Date(runBegan + data.began[i])) : "+" + timeOf(Math.max(0, data.began[i]) * ms);

  // What is shown: the rows that pass the filter, in order, from one on.
  const view = { rows: [], from: 0, size: 100, by: "", down: false, box: null, open: new Set() };
  const body = byId("table").tBodies[0];
  const words = byId("words"), state = byId("state"), chip = byId("node"), said = byId("said");

  // The nodes of a box of a picture of the graph.
  const nodesOf = (picture, box) => new Set(data.box[picture].flatMap((b, i) => (b === box ? [i] : [])));

  const passes = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const only = state.value === "" ? -1 : Number(state.value);
    const nodes = view.box && view.box.nodes;
    const reasons = data.reasons.map((r) => r.toLowerCase());
    const nodeNames = data.nodes.map((n) => n.toLowerCase());
    return (i) => {
      if (only >= 0 && data.state[i] !== only) return false;
      if (nodes && !nodes.has(data.node[i])) return false;
      if (!wanted.length) return true;
      const text = names[i].toLowerCase() + "\n" + nodeNames[data.node[i]] + "\n" + reasons[data.reason[i]] + "\n" + data.states[data.state[i]];
      return wanted.every((w) => text.includes(w));
    };
  };

  const collator = new Intl.Collator("en", { numeric: true });
  const ranks = (texts) => {
    const order = texts.map((_, i) => i).sort((a, b) => collator.compare(texts[a], texts[b]));
    const rank = new Array(texts.length);
    order.forEach((i, k) => { rank[i] = k; });
    return rank;
  };
  const rankOf = {};
  const keyOf = (by) => {
    if (by === "name") return rankOf.name ||= ranks(names);
    if (by === "node" || by === "reason") {
      const rank = rankOf[by] ||= ranks(by === "node" ? data.nodes : data.reasons);
      return data[by].map((k) => rank[k]);
    }
    return data[by];
  };

  const choose = () => {
    const keep = passes();
    view.rows = [];
    for (let i = 0; i < rows; i++) if (keep(i)) view.rows.push(i);
    if (view.by) {
      const key = keyOf(view.by), sign = view.down ? -1 : 1;
      view.rows.sort((a, b) => sign * (key[a] - key[b]) || a - b);
    }
    view.from = 0;
    draw();
  };

  const detailsRow = (i) => {
    const box = make("div");
    const row = make("tr", { class: "details", id: "d" + i }, make("td", { colspan: "12" }, box));
    const facts = make("dl", { class: "facts" });
    const fact = (name, text, mono) => {
      if (text) facts.append(make("div", {}, make("dt", {}, name), make("dd", mono ? { class: "mono" } : {}, text)));
    };
    const list = (title, pairs) => {
      if (!pairs || !pairs.length) return;
      box.append(make("h3", {}, title));
      const dl = make("dl", { class: "facts" });
      for (const [k, v] of pairs) dl.append(make("div", {}, make("dt", {}, k), make("dd", { class: "mono" }, v)));
      box.append(dl);
    };
    const text = (title, content) => {
      if (content) box.append(make("h3", {}, title), make("pre", { tabindex: "0", "aria-label": title }, content));
    };
    const x = data.detail[i];
    box.append(facts);
    if (!x) {
      fact("Details", "are not in this page. See: raphe show " + data.base + " " + names[i], true);
      return row;
    }
    const f = x.failure || {};
    fact("Failed", f.cause);
    fact("Mend", f.mend);
    fact("Interface", x.interface);
    fact("Command", x.command, true);
    const dir = data.base + "/" + names[i];
    if (x.dir) {
      fact("Directory", dir, true);
      fact("Logs", dir + "/stdout.txt and stderr.txt, where it wrote to them", true);
    }
    const used = [];
    if (x.pss) used.push(sizeOf(x.pss >> 10) + " PSS");
    if (x.vsize) used.push(sizeOf(Math.floor(x.vsize / 1024)) + " address space");
    if (x.processes) used.push(counted(x.processes, "process").replace(/processs$/, "processes") + " at once");
    if (x.in) used.push(sizeOf(Math.ceil(x.in / 1024)) + " of input files");
    fact("At most", used.join(", "));
    const claim = [];
    if (data.asked[i]) claim.push(sizeOf(data.asked[i]) + (x.from ? " (" + x.from + ")" : ""));
    if (x.limit) claim.push("ended above " + sizeOf(Math.floor(x.limit / 1024)));
    fact("Memory set aside", claim.join(", "));
    fact("Crash file", f.crashfile, true);
    fact("To go on", f.rerun, true);
    for (const b of x.before || []) {
      fact("Attempt " + b.n, "failed: " + b.cause + " (" + timeOf(b.wall * ms) + (b.peak ? ", " + sizeOf(Math.floor(b.peak / 1024)) + " at most" : "") + ")");
    }
    list("Parameters", Object.entries(f.parameters || {}));
    text("Detail", f.detail);
    text("Last lines of standard error", f.stderr);
    text("Last lines of standard output", f.stdout);
    list("Inputs", x.inputs);
    list("Outputs", x.outputs);
    list("Settings", x.settings);
    if (x.more) box.append(make("p", { class: "note" }, "and " + number(x.more) + " more: raphe show has them"));
    return row;
  };

  const rowOf = (i) => {
    const open = view.open.has(i);
    const toggle = make("button", { type: "button", class: "expand", "aria-expanded": String(open), "data-row": i }, names[i]);
    if (open) toggle.setAttribute("aria-controls", "d" + i);
    const cell = (text) => make("td", { class: "num" }, text);
    return make("tr", {},
      make("th", { scope: "row" }, toggle),
      make("td", {}, data.nodes[data.node[i]]),
      make("td", {}, make("span", { class: "state " + data.classes[data.state[i]] }, data.states[data.state[i]])),
      cell(beganOf(i)), cell(timeOf(data.wall[i])), cell(data.cpu[i] ? timeOf(data.cpu[i]) : "–"),
      cell(sizeOf(data.peak[i])), cell(sizeOf(data.asked[i])), cell(sizeOf(data.read[i])), cell(sizeOf(data.write[i])),
      cell(String(data.attempt[i])), make("td", {}, data.reasons[data.reason[i]]));
  };

  const draw = () => {
    const to = Math.min(view.rows.length, view.from + view.size);
    const shown = [];
    for (const i of view.rows.slice(view.from, to)) {
      shown.push(rowOf(i));
      if (view.open.has(i)) shown.push(detailsRow(i));
    }
    body.replaceChildren(...shown);
    const n = view.rows.length;
    said.textContent = (n === rows ? counted(n, "instance") : number(n) + " of " + counted(rows, "instance")) +
      (view.by ? ", sorted by " + headings.get(view.by).textContent.toLowerCase() + (view.down ? ", largest first" : "") : data.state[0] < data.classes.indexOf("done") ? ", what needs a look first" : ", as they began") + ".";
    byId("page").textContent = n ? number(view.from + 1) + " to " + number(to) + " of " + number(n) : "nothing matches";
    for (const b of document.querySelectorAll("#pages [data-go]")) {
      b.disabled = /first|before/.test(b.dataset.go) ? view.from === 0 : to >= n;
    }
    chip.hidden = !view.box;
    if (view.box) {
      chip.textContent = "Node: " + view.box.name + " ✕";
      chip.setAttribute("aria-label", "Show all nodes again, not only " + view.box.name);
    }
    for (const a of document.querySelectorAll("[data-box]")) {
      if (view.box && a === view.box.link) a.setAttribute("aria-current", "true");
      else a.removeAttribute("aria-current");
    }
  };

  // Headings become buttons that sort; again, the other way round.
  const headings = new Map();
  const textual = new Set(["name", "node", "state", "began", "reason"]);
  for (const th of document.querySelectorAll("#table thead th")) {
    const b = make("button", { type: "button" }, th.textContent);
    headings.set(th.dataset.by, b);
    th.replaceChildren(b);
    th.setAttribute("aria-sort", "none");
    b.addEventListener("click", () => {
      const by = th.dataset.by;
      view.down = view.by === by ? !view.down : !textual.has(by);
      view.by = by;
      for (const other of document.querySelectorAll("#table thead th")) other.setAttribute("aria-sort", "none");
      th.setAttribute("aria-sort", view.down ? "descending" : "ascending");
      choose();
    });
  }

  body.addEventListener("click", (e) => {
    const b = e.target.closest(".expand");
    if (!b) return;
    const i = Number(b.dataset.row), row = b.closest("tr");
    if (view.open.delete(i)) {
      row.nextElementSibling.remove();
      b.removeAttribute("aria-controls");
    } else {
      view.open.add(i);
      row.after(detailsRow(i));
      b.setAttribute("aria-controls", "d" + i);
    }
    b.setAttribute("aria-expanded", String(view.open.has(i)));
  });

  let waiting = 0;
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(choose, rows > 20000 ? 200 : 30);
  });
  state.addEventListener("change", choose);
  byId("filter").addEventListener("submit", (e) => { e.preventDefault(); choose(); });
  byId("clear").addEventListener("click", () => {
    words.value = state.value = "";
    view.box = null;
    choose();
  });
  chip.addEventListener("click", () => { view.box = null; choose(); words.focus(); });
  for (const a of document.querySelectorAll("[data-box]")) {
    a.addEventListener("click", (e) => {
      e.preventDefault();
      view.box = { link: a, name: a.dataset.name, nodes: nodesOf(Number(a.dataset.view), Number(a.dataset.box)) };
      choose();
      byId("instances").scrollIntoView();
      byId("instances-h").focus({ preventScroll: true });
    });
  }
  byId("pages").addEventListener("click", (e) => {
    const go = e.target.dataset.go, last = Math.max(0, Math.ceil(view.rows.length / view.size) - 1) * view.size;
    if (!go) return;
    view.from = { first: 0, before: Math.max(0, view.from - view.size), next: Math.min(last, view.from + view.size), last }[go];
    draw();
  });
  byId("size").addEventListener("change", (e) => {
    view.size = Number(e.target.value);
    view.from = Math.floor(view.from / view.size) * view.size;
    draw();
  });

  // Light or dark: the system's choice until the reader makes one. A page that
  // was opened from a file may be refused a memory.
  const theme = byId("theme"), system = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => { try { return localStorage.getItem("raphe-theme"); } catch { return null; } };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const showTheme = () => theme.setAttribute("aria-pressed", String(isDark()));
  if (/^(light|dark)$/.test(remembered() || "")) root.dataset.theme = remembered();
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("raphe-theme", root.dataset.theme); } catch { /* it holds for this page */ }
    showTheme();
  });
  system.addEventListener("change", showTheme);
  showTheme();

  // The pictures of the graph at their own size, or as wide as the page; what is
  // wider begins in its middle.
  const graphs = [...document.querySelectorAll("svg.graph")].map((svg) => ({
    svg, w: svg.width.baseVal.value, h: svg.height.baseVal.value, zoom: 1, begun: false,
  }));
  const fit = (g) => Math.min(1, (g.svg.parentElement.clientWidth - 2) / g.w);
  const resize = (g, to) => {
    g.zoom = Math.min(4, Math.max(0.05, to));
    g.svg.setAttribute("width", g.w * g.zoom);
    g.svg.setAttribute("height", g.h * g.zoom);
  };
  const begin = () => {
    for (const g of graphs) {
      const frame = g.svg.parentElement;
      if (g.begun || !frame.clientWidth) continue;
      g.begun = true;
      if (fit(g) > 0.6) resize(g, fit(g));
      frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
    }
  };
  for (const b of document.querySelectorAll("[data-zoom]")) {
    b.addEventListener("click", () => {
      for (const g of graphs) {
        if (g.svg.parentElement.clientWidth) resize(g, { fit: fit(g), 1: 1, "+": g.zoom * 1.25, "-": g.zoom / 1.25 }[b.dataset.zoom]);
      }
    });
  }
  for (const r of document.querySelectorAll("input[name=view]")) r.addEventListener("change", begin);

  root.classList.add("scripted");
  choose();
  begin();
})();
