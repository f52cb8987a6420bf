"use strict";
document.querySelectorAll("table").forEach(function (table) {
  const body = table.tBodies[0];
  table.querySelectorAll("thead th").forEach(function (head, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", function () {
      const down = head.getAttribute("aria-sort") === "ascending";
      const key = function (row) { return row.cells[index].dataset.sort; };
      const rows = Array.from(body.rows).sort(function (a, b) {
        const x = key(a), y = key(b);
        if (x === "" || y === "") { return (x === "") - (y === ""); }
        const difference = Number(x) - Number(y);
        const order = Number.isNaN(difference) ? x.localeCompare(y) : difference;
        return down ? -order : order;
      });
      table.querySelectorAll("thead th").forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      body.append(...rows);
    });
  });
});
