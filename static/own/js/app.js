// What every page has.

import "./theme.js";
import "./palette.js";
import "./copy.js";
import "./tabs.js";
import "./elapsed.js";
import "./scroll.js";
import { toast, words } from "./toast.js";

// The rail is a popover in narrow windows only; a window that grows must not keep it in the top layer.
matchMedia("(min-width: 1100px)").addEventListener("change", () => {
  const side = document.getElementById("side");
  if (side.matches(":popover-open")) side.hidePopover();
});

// fetch rejects with a TypeError when no answer came at all; answers that say "error" are shown by the server's words.
document.addEventListener("htmx:error", (event) => {
  if (event.detail.error instanceof TypeError && event.detail.ctx && !event.detail.ctx.response) toast(words("offline"));
});
