// sw.js: the page's service worker. It keeps the page, the engine and the models on the device under the name of their build, so
// that a second visit works without a network.
//
// Addresses name the build they belong to (`?v=`), so what is asked for decides what is answered, and two builds are never mixed:
// a new page comes from the network when there is one, and with it the addresses of everything else. What is kept is hashed before
// it is used; a damaged copy is dropped and fetched again. Only this site's own page installs this script; elements on the pages
// of other people do not.

(() => {
  /** The name of the site's build, and of the elements in it. The build writes these lines. */
  const SITE = '';
  const ELEMENTS = '';
  /** Every file by its path: its SHA-256, and whether it is kept before anybody asks for it. @type {Record<string, { sha256: string, ahead: boolean } | undefined>} */
  const FILES = {};

  const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
  const scope = new URL(worker.registration.scope);
  const OURS = `vitro ${scope.pathname} `;
  const NAME = `${OURS}${SITE} ${ELEMENTS}`;
  /** How long a page waits for the network before it comes from the device, in milliseconds. */
  const PATIENCE_MS = 3000;
  /** What a joined script shares with others, or asks for later: it has its own hash in its name. */
  const PART = /\/vitro\/parts\/|\/page\/\w+-[0-9A-Z]{8}\.js$/;

  worker.addEventListener('install', (event) => {
    // Nothing is mixed, so there is nothing to wait for.
    event.waitUntil(keepAhead().then(() => worker.skipWaiting()));
  });
  worker.addEventListener('activate', (event) => event.waitUntil(tidy()));
  worker.addEventListener('message', (event) => {
    const { kind, addresses } = event.data;
    if (kind === 'keep') event.waitUntil(keepAll(addresses).then(() => event.source?.postMessage({ kind: 'kept' })));
  });
  worker.addEventListener('fetch', (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== 'GET' || request.headers.has('range') || pathOf(url) === null) return;
    event.respondWith(answer(event, request, url));
  });

  /** A file's path on the site, or null for what is none of it. @param {URL} url */
  function pathOf({ origin, pathname }) {
    if (origin !== scope.origin || !pathname.startsWith(scope.pathname)) return null;
    const path = decodeURIComponent(pathname.slice(scope.pathname.length));
    return path === '' || path.endsWith('/') ? `${path}index.html` : path;
  }

  /** The name of the build that an address belongs to. @param {string} address */
  function buildOf(address) {
    return address ? new URL(address).searchParams.get('v') : null;
  }

  /**
   * Under which address something is kept. Bundles of different weights may have the same path.
   * @param {URL} url
   */
  function keyOf(url) {
    const path = pathOf(url) ?? '';
    const key = new URL(path, scope);
    if (path.endsWith('.safetensors')) key.search = url.search;
    return key.href;
  }

  /** @param {FetchEvent} event @param {Request} request @param {URL} url */
  async function answer(event, request, url) {
    // Scripts of a joined build import the engines without a name; their own address has it.
    const build = buildOf(url.href) ?? (url.pathname.endsWith('.js') ? buildOf(request.referrer) : null);
    const isBundle = url.pathname.endsWith('.safetensors');
    if (request.cache === 'reload') return fetchAndKeep(event, request, url);
    if (build === SITE || build === ELEMENTS || PART.test(url.pathname) || (isBundle && build)) return fromDevice(event, request, url);
    if (build && !isBundle) return (await fromEarlier(url, build)) ?? fetch(request);
    return fromNetwork(event, request, url);
  }

  /** What is of this build: from the device, or else from the network. @param {FetchEvent} event @param {Request} request @param {URL} url */
  async function fromDevice(event, request, url) {
    const kept = await copyOf(url);
    if (kept && (await isWhole(kept, FILES[pathOf(url) ?? '']?.sha256))) return kept;
    if (!kept) return fetchAndKeep(event, request, url);
    await (await caches.open(NAME)).delete(keyOf(url));
    try {
      return await fetchAndKeep(event, new Request(request, { cache: 'reload' }), url);
    } catch {
      return new Response('', { status: 504, statusText: 'the copy on this device is damaged', headers: { 'vitro-stored': 'damaged' } });
    }
  }

  /** What is of an earlier build that a page in sight still belongs to. @param {URL} url @param {string} build */
  async function fromEarlier(url, build) {
    const name = (await earlier()).find((candidate) => candidate.split(' ').includes(build));
    const kept = name && (await (await caches.open(name)).match(keyOf(url)));
    return kept && (await isWhole(kept, kept.headers.get('vitro-sha256') ?? 'none')) ? kept : null;
  }

  /** What may have changed: from the network, or from the device when there is none or it is slow. @param {FetchEvent} event @param {Request} request @param {URL} url */
  async function fromNetwork(event, request, url) {
    const kept = await copyOf(url);
    const whole = kept && (await isWhole(kept, FILES[pathOf(url) ?? '']?.sha256)) ? kept : null;
    if (!whole) return fetchAndKeep(event, request, url);
    /** @type {Promise<Response>} */
    const late = new Promise((resolve) => setTimeout(() => resolve(whole), PATIENCE_MS));
    const response = await Promise.race([fetch(request).catch(() => whole), late]);
    return response.ok || response.type === 'opaqueredirect' || response.status === 304 ? response : whole;
  }

  /** @param {FetchEvent} event @param {Request} request @param {URL} url */
  async function fetchAndKeep(event, request, url) {
    const response = await fetch(request);
    if (response.ok && FILES[pathOf(url) ?? '']) event.waitUntil(put(url, response.clone()).catch(() => {}));
    return response;
  }

  /** What is kept of this build under that address. @param {URL} url */
  function copyOf(url) {
    return caches.match(keyOf(url), { cacheName: NAME });
  }

  /** Keeps what a page needs from the start. What did not change since an earlier build is not fetched again. */
  async function keepAhead() {
    await caches.open(NAME);
    for (const [path, file] of Object.entries(FILES)) if (file?.ahead) await keep(new URL(path, scope));
  }

  /** Keeps these too, the page itself having fetched them just now. @param {string[]} addresses */
  async function keepAll(addresses) {
    if (!(await caches.has(NAME))) await keepAhead(); // The browser needed the room.
    for (const address of addresses) {
      const url = new URL(address);
      if (FILES[pathOf(url) ?? '']) await keep(url).catch(() => {}); // A full disk is no failure of the page's.
    }
    await tidy();
  }

  /** @param {URL} url */
  async function keep(url) {
    const path = pathOf(url) ?? '';
    if (await copyOf(url)) return;
    for (const name of await earlier()) {
      const kept = await (await caches.open(name)).match(keyOf(url));
      if (kept && kept.headers.get('vitro-sha256') === FILES[path]?.sha256 && (await put(url, kept))) return;
    }
    // The browser's own cache has what the page fetched.
    for (const how of /** @type {const} */ (['force-cache', 'reload'])) {
      const response = await fetch(addressOf(url, path), { cache: how });
      if (response.ok && (await put(url, response))) return;
    }
    throw new Error(`${path} arrives damaged`);
  }

  /** The address by which the page asks for a file. @param {URL} url @param {string} path */
  function addressOf(url, path) {
    const address = new URL(path === 'index.html' ? '' : path, scope);
    const build = path.startsWith('vitro/') ? ELEMENTS : SITE;
    if (path.endsWith('.safetensors')) address.search = url.search;
    else if (path !== 'index.html' && !/^(vitro\/zoo|page\/photographs)\//.test(path) && !PART.test(`/${path}`)) address.search = `v=${build}`;
    return address;
  }

  /** Keeps a response that is whole, unless the visitor has deleted everything; false when it is not whole. @param {URL} url @param {Response} response */
  async function put(url, response) {
    const sha256 = FILES[pathOf(url) ?? '']?.sha256 ?? '';
    const bytes = await response.arrayBuffer();
    if ((await digest(bytes)) !== sha256) return false;
    const headers = new Headers(response.headers);
    for (const name of ['content-encoding', 'content-length']) headers.delete(name);
    for (const [name, value] of [['vitro-stored', 'yes'], ['vitro-sha256', sha256], ['vitro-bytes', String(bytes.byteLength)]]) headers.set(name ?? '', value ?? '');
    if (await caches.has(NAME)) await (await caches.open(NAME)).put(keyOf(url), new Response(bytes, { headers }));
    return true;
  }

  /** @param {Response} response @param {string | undefined} sha256 */
  async function isWhole(response, sha256) {
    return (await digest(await response.clone().arrayBuffer())) === sha256;
  }

  /** @param {ArrayBuffer} bytes */
  async function digest(bytes) {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  /** The caches of earlier builds of this site. */
  async function earlier() {
    return (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== NAME);
  }

  /** Drops earlier builds once no second page is open, which might still be one of theirs. */
  async function tidy() {
    const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
    if (pages.filter(({ url }) => pathOf(new URL(url)) !== null).length > 1) return;
    for (const name of await earlier()) await caches.delete(name);
  }
})();
