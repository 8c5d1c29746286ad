// A folder as one archive: what a person picks is packed in the browser, paths kept, and handed over like a chosen file.
//
//   <button data-folder>  <input type="file" webkitdirectory data-folder-files hidden>     within a [data-media]

import { zipSync } from "../vendor/fflate/browser.js";
import { give, isTooLarge } from "./media.js";

const isWanted = (file) => !file.name.startsWith("."); // what an operating system leaves in folders

async function pack(input) {
  const media = input.closest("[data-media]");
  const files = [...input.files].filter(isWanted);
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  if (!files.length || isTooLarge(media, bytes)) return;
  const name = files[0].webkitRelativePath.split("/")[0];
  const entries = {};
  for (const file of files) {
    entries[file.webkitRelativePath.slice(name.length + 1)] = new Uint8Array(await file.arrayBuffer());
  }
  // Pictures are compressed already.
  give(media, new Blob([zipSync(entries, { level: 0 })], { type: "application/zip" }), `${name}.zip`);
  input.value = "";
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-folder]");
  button?.parentElement.querySelector("[data-folder-files]").click();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-folder-files]")) pack(event.target);
});
