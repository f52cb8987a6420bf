"use strict";
(function () {
  const FEW = 6;

  function made(name, properties) { return Object.assign(document.createElement(name), properties); }

  function sortable(table) {
    const body = table.tBodies[0];
    const given = Array.from(body.rows);
    const heads = table.querySelectorAll("thead th");
    heads.forEach(function (head, index) {
      const button = made("button", { type: "button", textContent: head.textContent });
      button.tabIndex = index ? -1 : 0;
      button.addEventListener("keydown", function (event) {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const next = step && heads[index + step];
        if (next) {
          button.tabIndex = -1;
          next.firstElementChild.tabIndex = 0;
          next.firstElementChild.focus();
          event.preventDefault();
        }
      });
      head.replaceChildren(button);
      button.addEventListener("click", function () {
        const now = head.getAttribute("aria-sort");
        const next = now === "ascending" ? "descending" : now === "descending" ? null : "ascending";
        const key = function (row) { return row.cells[index].dataset.sort; };
        const rows = given.slice();
        if (next) {
          rows.sort(function (a, b) {
            const x = key(a), y = key(b);
            if (x === "" || y === "") { return (x === "") - (y === ""); }
            const difference = Number(x) - Number(y);
            const order = Number.isNaN(difference) ? x.localeCompare(y) : difference;
            return next === "descending" ? -order : order;
          });
        }
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        if (next) { head.setAttribute("aria-sort", next); }
        body.append(...rows);
      });
    });
  }

  function filterable(table) {
    const rows = Array.from(table.tBodies[0].rows);
    if (rows.length <= FEW) { return; }
    const label = made("label", { className: "filter", textContent: "Filter rows " });
    const input = made("input", { type: "search" });
    const shown = made("output", { textContent: rows.length + " / " + rows.length });
    input.setAttribute("aria-controls", table.id);
    input.setAttribute("aria-label", "Filter rows: " + table.closest(".scroll").getAttribute("aria-label"));
    label.append(input, " ", shown);
    table.closest(".scroll").before(label);
    input.addEventListener("input", function () {
      const wanted = input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      let kept = 0;
      rows.forEach(function (row) {
        const text = Array.from(row.cells, function (cell) { return cell.textContent; })
          .join(" ").toLocaleLowerCase();
        row.hidden = !wanted.every(function (word) { return text.includes(word); });
        kept += row.hidden ? 0 : 1;
      });
      shown.textContent = kept + " / " + rows.length;
    });
  }

  function unfold() {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.matches("section")) {
      target.querySelectorAll(":scope > details.part").forEach(function (box) { box.open = true; });
    }
    for (let box = target; box; box = box.parentElement) {
      if (box.tagName === "DETAILS") { box.open = true; }
    }
    if (target) { target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", unfold);
  unfold();

  const folded = [];
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not([open])").forEach(function (box) { folded.push(box); box.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folded.splice(0).forEach(function (box) { box.open = false; });
  });

  const links = Array.from(document.querySelectorAll("nav a[href^='#']"));
  const seen = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) { return; }
      links.forEach(function (link) {
        if (link.hash === "#" + entry.target.id) { link.setAttribute("aria-current", "true"); }
        else { link.removeAttribute("aria-current"); }
      });
    });
  }, { rootMargin: "0px 0px -80% 0px" });
  document.querySelectorAll("main > section").forEach(function (section) { seen.observe(section); });

  document.querySelectorAll("table").forEach(function (table) { sortable(table); filterable(table); });

  const wide = new ResizeObserver(function (entries) {
    entries.forEach(function (entry) {
      const box = entry.target;
      box.classList.toggle("wide", box.scrollWidth > box.clientWidth + 1);
    });
  });
  document.querySelectorAll(".scroll").forEach(function (box) { wide.observe(box); });
})();
