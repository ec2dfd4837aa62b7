// say.js: the page's one line for what has just happened, which is read out as well. A sentence goes after a while.

const SECONDS = 8;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} sentence */
export function say(sentence) {
  const place = document.querySelector('.said');
  if (!place) return;
  place.textContent = sentence;
  clearTimeout(timer);
  timer = setTimeout(() => (place.textContent = ''), SECONDS * 1000);
}
