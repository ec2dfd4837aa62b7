// foreign.js: a link may name an image or models on other hosts. The page names these hosts and fetches nothing from them before the
// visitor agrees: whoever is asked for a file learns who looks at it.

/**
 * Asks; the question goes with the answer.
 * @param {HTMLElement} place
 * @param {{ hosts: string[], answer(yes: boolean): void }} question
 */
export function askAbout(place, { hosts, answer }) {
  const words = /** @type {HTMLElement} */ (place.querySelector('p'));
  words.textContent = sentence(hosts);
  for (const name of ['fetch', 'leave']) {
    const button = /** @type {HTMLButtonElement} */ (place.querySelector(`.${name}`));
    button.onclick = () => {
      place.hidden = true;
      answer(name === 'fetch');
    };
  }
  place.hidden = false;
}

/** @param {string[]} hosts */
function sentence(hosts) {
  const list = hosts.length > 1 ? `${hosts.slice(0, -1).join(', ')} and ${hosts.at(-1)}` : hosts[0];
  return `This link asks for files from ${list}, which would learn that you opened it. Nothing has been fetched from there yet.`;
}
