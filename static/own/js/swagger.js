// Swagger UI has a dark look of its own, under a class of the root element: it follows our theme.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  root.classList.toggle("dark-mode", root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
}

follow();
document.addEventListener("theme-changed", follow);
