// SPDX-License-Identifier: GPL-2.0-only
// What a reader does with the page: choose a theme, filter the rows, open one, and go through its run step by step.
// Without this script every row and every drawing is there all the same.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const find = (id) => document.getElementById(id);

  // --- the theme: the system's until the reader chooses; a browser that keeps nothing forgets it

  const THEMES = { auto: "as the system", light: "light", dark: "dark" };
  const kept = (() => { try { return localStorage; } catch { return null; } })();

  function theme(name) {
    document.body.dataset.theme = name;
    find("theme").querySelector("span").textContent = THEMES[name];
    try { kept?.setItem("mmu-gather-theme", name); } catch { /* it is forgotten */ }
  }

  function themes() {
    const names = Object.keys(THEMES);
    let first = "auto";
    try { first = kept?.getItem("mmu-gather-theme") ?? "auto"; } catch { /* it was forgotten */ }
    theme(names.includes(first) ? first : "auto");
    const button = find("theme");
    button.hidden = false;
    button.addEventListener("click", () => {
      theme(names[(names.indexOf(document.body.dataset.theme) + 1) % names.length]);
    });
  }

  // --- the filters

  function filter() {
    const rule = find("rule").value.trim().toLowerCase();
    const arch = find("arch").value;
    const verdict = find("verdict").value;
    const rows = document.querySelectorAll(".rows > li");
    let shown = 0;
    for (const row of rows) {
      const fits = row.dataset.rule.includes(rule) && (!arch || row.dataset.arch === arch)
        && (!verdict || row.dataset.verdict === verdict);
      row.hidden = !fits;
      shown += fits;
    }
    find("count").textContent = `${shown} of ${rows.length} rows`;
    find("none").hidden = shown > 0 || rows.length === 0;
  }

  function filters() {
    const form = find("filters");
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(filter));
    filter();
  }

  // --- one run, step by step: what has not happened yet is covered, and the step is told in words

  function rectangle(svg, name) {
    const made = document.createElementNS(SVG, "rect");
    made.setAttribute("class", name);
    svg.append(made);
    return made;
  }

  function put(element, x, y, width, height) {
    for (const [name, value] of Object.entries({ x, y, width, height })) element.setAttribute(name, Math.max(0, value));
  }

  function word(tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  class Stepper {
    constructor(exhibit) {
      this.exhibit = exhibit;
      this.steps = JSON.parse(exhibit.querySelector("script").textContent);
      this.offender = Number(exhibit.dataset.at);
      this.svg = exhibit.querySelector("svg");
      this.told = exhibit.querySelector(".step");
      this.cover = rectangle(this.svg, "not-yet");
      this.mark = rectangle(this.svg, "here");
      this.told.hidden = false;
      const keys = exhibit.querySelector(".keys");
      keys.hidden = false;
      keys.addEventListener("click", (event) => this.go(event.target.dataset.go));
      exhibit.addEventListener("keydown", (event) => this.press(event));
      this.show(this.offender);
    }

    go(where) {
      const to = { first: 0, back: this.now - 1, next: this.now + 1, last: this.steps.length - 1, offender: this.offender };
      if (where in to) this.show(Math.max(0, Math.min(to[where], this.steps.length - 1)));
    }

    press(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const where = {
        ArrowRight: "next", n: "next", ArrowLeft: "back", p: "back",
        Home: "first", 0: "first", End: "last", $: "last", g: "offender",
      }[event.key];
      if (!where) return;
      event.preventDefault();
      this.go(where);
    }

    show(place) {
      this.now = place;
      const step = this.steps[place];
      const rows = [...this.svg.querySelectorAll("[data-step]")];
      const row = rows.find((each) => Number(each.dataset.step) === step.step);
      const [top, bottom] = [Number(row.dataset.top), Number(row.dataset.bottom)];
      const end = Math.max(...rows.map((each) => Number(each.dataset.bottom)));
      const width = this.svg.viewBox.baseVal.width;
      put(this.mark, 3, top, width - 6, bottom - top);
      put(this.cover, 0, bottom, width, place + 1 < this.steps.length ? end - bottom + 2 : 0);
      this.tell(step, place);
      for (const [go, off] of [["first", place === 0], ["back", place === 0],
        ["next", place + 1 === this.steps.length], ["last", place + 1 === this.steps.length]]) {
        // A button that is off would lose the focus, and with it the keys.
        this.exhibit.querySelector(`[data-go=${go}]`).setAttribute("aria-disabled", String(off));
      }
    }

    tell(step, place) {
      const state = document.createElement("dl");
      for (const [name, said] of Object.entries(step.state)) state.append(word("dt", name), word("dd", said));
      const seed = step.seed ? ` (${step.seed})` : "";
      const offends = step.offends && this.exhibit.dataset.rule ? `: offends against ${this.exhibit.dataset.rule}` : "";
      const head = word("b", `Step ${step.step}, ${place + 1} of ${this.steps.length}${offends}`);
      this.told.classList.toggle("offends", step.offends);
      this.told.replaceChildren(head, word("div", step.said + seed), state);
    }
  }

  // A run is made ready when its row is opened first.
  function opened(details) {
    const exhibit = details.querySelector(".exhibit");
    if (exhibit && !exhibit.stepper) exhibit.stepper = new Stepper(exhibit);
  }

  function rows() {
    for (const details of document.querySelectorAll(".rows > li > details")) {
      details.addEventListener("toggle", () => details.open && opened(details));
    }
    asked();
    addEventListener("hashchange", asked);
  }

  // The row that an address names is opened, whether the page was opened with it or a link leads there.
  function asked() {
    const row = location.hash && find(location.hash.slice(1));
    if (row instanceof HTMLDetailsElement) row.open = true;
  }

  themes();
  filters();
  rows();
})();
