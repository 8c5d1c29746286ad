// Light, dark or as the system: kept in a cookie, so that the server's first paint is already right.

const root = document.documentElement;

document.addEventListener("change", (event) => {
  if (!event.target.closest("[data-theme-choice]")) return;
  const theme = event.target.value;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  document.cookie = `theme=${theme}; path=/; samesite=lax; max-age=${theme ? 31_536_000 : 0}`;
  localStorage.setItem("theme", theme || "auto"); // where Django's admin looks for it
  document.dispatchEvent(new CustomEvent("theme-changed"));
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (!root.dataset.theme) document.dispatchEvent(new CustomEvent("theme-changed"));
});

const probe = document.createElement("i");
probe.hidden = true;

/** The colour that a CSS variable has now, as "rgb(…)" or, with an opacity, "rgba(…)". */
export function colour(token, opacity) {
  document.body.append(probe);
  probe.style.color = `var(${token})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return opacity === undefined ? found : found.replace(/^rgba?\(([^,]+,[^,]+,[^,)]+).*$/, `rgba($1, ${opacity})`);
}

/** The text of a CSS variable. */
export const variable = (name) => getComputedStyle(root).getPropertyValue(name).trim();
