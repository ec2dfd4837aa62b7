// local-worker.js: starts a module worker from any origin. Browsers only start workers of the page's own origin; for a
// page that embeds us from elsewhere, a one-line local module imports ours.

export function startWorker(url, name) {
  const local = new URL(url).origin === location.origin;
  const line = new Blob([`import ${JSON.stringify(String(url))};`], { type: 'text/javascript' });
  return new Worker(local ? url : URL.createObjectURL(line), { type: 'module', name });
}
