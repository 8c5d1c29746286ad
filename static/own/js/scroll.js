// Boxes that scroll can be reached by the keyboard while something in them is out of sight.

function mark() {
  for (const box of document.querySelectorAll(".scroll, .as-table, pre")) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

mark();
addEventListener("resize", mark);
document.addEventListener("htmx:after:swap", mark);
document.addEventListener("tab-chosen", mark);
document.addEventListener("toggle", mark, true);
