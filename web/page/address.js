// address.js: the page's state in its address, so that a view can be sent to somebody. An image that the visitor dropped
// stays on the device and out of the address; everything else is in it.

const NAMES = ['src', 'corruption', 'severity', 'seed', 'models'];

/** Sets the element and the theme from the address. */
export function restore(compare) {
  const address = new URLSearchParams(location.search);
  for (const name of NAMES) {
    if (address.get(name)) compare.setAttribute(name, address.get(name));
  }
  if (['light', 'dark'].includes(address.get('theme'))) document.documentElement.dataset.theme = address.get('theme');
}

/** Writes the element and the theme into the address; what the address says of anything else (`backend`) stays. */
export function remember(compare) {
  const address = new URLSearchParams(location.search);
  for (const name of NAMES) {
    const value = String(compare[name]);
    if (value && !/(^|\s)(blob|data):/.test(value)) address.set(name, value);
    else address.delete(name);
  }
  const { theme } = document.documentElement.dataset;
  if (theme) address.set('theme', theme);
  // Slashes, colons and spaces may stand as they are; the address is meant to be read.
  const text = address.toString().replaceAll('%2F', '/').replaceAll('%3A', ':');
  history.replaceState(null, '', `?${text}${location.hash}`);
}
