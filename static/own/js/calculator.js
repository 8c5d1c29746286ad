// What comes with new results but belongs beside the fields: problems, and what a range means. The form itself is never
// replaced, so whoever types keeps the cursor.

const form = document.querySelector("form.inputs");

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showProblems(problems) {
  for (const place of form.querySelectorAll('.error[id^="e-"]')) {
    const id = place.id.slice(2);
    write(place, problems[id] ?? "");
    const box = document.getElementById(id);
    if (problems[id]) box?.setAttribute("aria-invalid", "true");
    else box?.removeAttribute("aria-invalid");
  }
}

function showSpreads(chips) {
  for (const [id, words] of Object.entries(chips)) {
    const place = document.getElementById(`s-${id}`);
    if (!place) continue;
    place.hidden = !words;
    write(place.querySelector("summary"), words);
  }
}

document.addEventListener("htmx:after:swap", () => {
  const beside = document.getElementById("beside");
  if (!beside) return;
  const { problems, chips } = JSON.parse(beside.textContent);
  showProblems(problems);
  showSpreads(chips);
});

// The form holds a token for saving, which has no place in the address of a reading.
document.addEventListener("htmx:config:request", (event) => {
  if (event.target === form) event.detail.ctx.request.body.delete("csrfmiddlewaretoken");
});
