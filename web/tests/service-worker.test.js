import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import vm from 'node:vm';

const SCOPE = 'https://host/a/b/';
const SOURCE = await readFile(new URL('../sw.js', import.meta.url), 'utf8');
const hash = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex');

/** Caches as browsers have them, as far as the worker uses them. They outlive a worker. */
class Store {
  /** @type {Map<string, Map<string, Response>>} */
  all = new Map();
  keys = async () => [...this.all.keys()];
  has = async (/** @type {string} */ name) => this.all.has(name);
  match = async (/** @type {string} */ key, /** @type {{ cacheName: string }} */ { cacheName }) => this.all.get(cacheName)?.get(key)?.clone();
  delete = async (/** @type {string} */ name) => this.all.delete(name);
  open = async (/** @type {string} */ name) => {
    const entries = this.all.get(name) ?? new Map();
    this.all.set(name, entries);
    return {
      match: async (/** @type {string} */ key) => entries.get(key)?.clone(),
      put: async (/** @type {string} */ key, /** @type {Response} */ response) => void entries.set(key, response),
      delete: async (/** @type {string} */ key) => entries.delete(key),
    };
  };
}

/** A site whose files change, and which may be out of reach; it counts what it is asked for. */
class Network {
  /** @type {Record<string, string>} */
  files = {};
  reachable = true;
  /** @type {string[]} */
  asked = [];
  fetch = async (/** @type {Request | URL} */ request, /** @type {RequestInit} */ init = {}) => {
    const url = new URL(request instanceof URL ? request : request.url);
    this.asked.push(`${url.pathname.slice(new URL(SCOPE).pathname.length)}${url.search}`);
    if (!this.reachable) throw new TypeError('no network');
    void init;
    const text = this.files[url.pathname.slice(new URL(SCOPE).pathname.length) || 'index.html'];
    return new Response(text ?? 'none', { status: text === undefined ? 404 : 200, headers: { 'content-type': 'text/plain' } });
  };
}

/**
 * A worker of a build with these files, and what it does when something happens.
 * @param {string} build
 * @param {Record<string, string>} files
 * @param {{ store: Store, network: Network, pages?: number }} around
 */
function worker(build, files, { store, network, pages = 1 }) {
  const known = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, { sha256: hash(text), ahead: !path.endsWith('.safetensors') }]));
  const source = SOURCE.replace("SITE = ''", `SITE = 'site${build}'`).replace("ELEMENTS = ''", `ELEMENTS = 'elements${build}'`).replace('FILES = {}', `FILES = ${JSON.stringify(known)}`);
  /** @type {Record<string, (event: any) => void>} */
  const hear = {};
  const self = {
    registration: { scope: SCOPE },
    clients: { matchAll: async () => Array.from({ length: pages }, () => ({ url: SCOPE })) },
    skipWaiting: async () => {},
    addEventListener: (/** @type {string} */ type, /** @type {(event: any) => void} */ listener) => void (hear[type] = listener),
  };
  const timer = (/** @type {() => void} */ call, /** @type {number} */ after) => setTimeout(call, after).unref();
  vm.runInNewContext(source, { self, caches: store, fetch: network.fetch, crypto, URL, Request, Response, Headers, Uint8Array, setTimeout: timer });
  /** @param {string} type @param {object} event */
  const happen = async (type, event = {}) => {
    /** @type {Promise<unknown>[]} */
    const waits = [];
    /** @type {Promise<Response> | null} */
    let response = null;
    hear[type]?.({ waitUntil: (/** @type {Promise<unknown>} */ wait) => waits.push(wait), respondWith: (/** @type {Promise<Response>} */ given) => (response = given), ...event });
    const answer = await /** @type {Promise<Response> | null} */ (response);
    await Promise.all(waits);
    return answer;
  };
  return {
    install: () => happen('install'),
    activate: () => happen('activate'),
    keep: (/** @type {string[]} */ paths) => happen('message', { data: { kind: 'keep', addresses: paths.map((path) => SCOPE + path) }, source: null }),
    ask: (/** @type {string} */ path, /** @type {RequestInit} */ init = {}) => happen('fetch', { request: new Request(SCOPE + path, init) }),
  };
}

const FILES = { 'index.html': 'the page', 'page/page.js': 'the script', 'vitro/engine.wasm': 'the engine', 'vitro/zoo/vit.safetensors': 'weights' };
const text = async (/** @type {Response | null} */ response) => response?.text();

test('after a first visit everything comes from the device, in any folder and for any question', async () => {
  const [store, network] = [new Store(), new Network()];
  network.files = { ...FILES };
  const built = worker('1', FILES, { store, network });
  await built.install();
  await built.activate();
  await built.keep(['vitro/zoo/vit.safetensors?v=12']);
  network.reachable = false;
  for (const [address, expected] of [['?severity=4', 'the page'], ['page/page.js?v=site1', 'the script'], ['vitro/engine.wasm?v=elements1', 'the engine'], ['vitro/zoo/vit.safetensors?v=12', 'weights']]) {
    assert.equal(await text(await built.ask(address ?? '')), expected, address);
  }
  assert.equal((await built.ask('vitro/engine.wasm?v=elements1'))?.headers.get('vitro-stored'), 'yes');
  await assert.rejects(built.ask('docs/other.html'), /no network/);
});

test('what is not of this site is left alone', async () => {
  const built = worker('1', FILES, { store: new Store(), network: new Network() });
  assert.equal(await built.ask('../c/index.html'), null);
  assert.equal(await built.ask('index.html', { method: 'POST' }), null);
  assert.equal(await built.ask('index.html', { headers: { range: 'bytes=0-1' } }), null);
});

test('a damaged copy is dropped and fetched again, and without a network it says what it is', async () => {
  const [store, network] = [new Store(), new Network()];
  network.files = { ...FILES };
  const built = worker('1', FILES, { store, network });
  await built.install();
  const entries = /** @type {Map<string, Response>} */ ([...store.all.values()][0]);
  const damage = () => entries.set(`${SCOPE}vitro/engine.wasm`, new Response('the engjne'));
  damage();
  assert.equal(await text(await built.ask('vitro/engine.wasm?v=elements1')), 'the engine');
  network.reachable = false;
  assert.equal(await text(await built.ask('vitro/engine.wasm?v=elements1')), 'the engine', 'healed for good');
  damage();
  const refused = await built.ask('vitro/engine.wasm?v=elements1');
  assert.deepEqual([refused?.status, refused?.headers.get('vitro-stored')], [504, 'damaged']);
});

test('a new build fetches what has changed, takes over, and is never mixed with the old one', async () => {
  const [store, network] = [new Store(), new Network()];
  network.files = { ...FILES };
  const old = worker('1', FILES, { store, network });
  await old.install();
  const changed = { ...FILES, 'index.html': 'the new page', 'page/page.js': 'the new script' };
  network.files = { ...changed };
  network.asked = [];
  const fresh = worker('2', changed, { store, network, pages: 2 });
  await fresh.install();
  assert.deepEqual(network.asked.sort(), ['', 'page/page.js?v=site2'], 'the engine is copied');
  await fresh.activate();
  assert.equal(await text(await fresh.ask('page/page.js?v=site1')), 'the script', 'a page of the old build goes on');
  assert.equal(await text(await fresh.ask('page/page.js?v=site2')), 'the new script');
  assert.equal(await text(await fresh.ask('')), 'the new page');
  const alone = worker('2', changed, { store, network });
  await alone.activate();
  assert.equal(store.all.size, 1, 'the old build goes once no page can be of it');
});

test('a build that arrives damaged is not taken, and the old one stays', async () => {
  const [store, network] = [new Store(), new Network()];
  network.files = { ...FILES, 'page/page.js': 'something else' };
  await assert.rejects(worker('1', FILES, { store, network }).install(), /page\/page\.js arrives damaged/);
});

test('what was deleted stays deleted, until a page wants it kept again', async () => {
  const [store, network] = [new Store(), new Network()];
  network.files = { ...FILES };
  const built = worker('1', FILES, { store, network });
  await built.install();
  store.all.clear();
  assert.equal(await text(await built.ask('page/page.js?v=site1')), 'the script');
  assert.equal(await text(await built.ask('')), 'the page');
  assert.equal(store.all.size, 0);
  await built.keep(['vitro/zoo/vit.safetensors?v=12']);
  assert.deepEqual([...store.all.values()].map(({ size }) => size), [4]);
});

test('with a network the page is the newest one, and a server in trouble does not take it away', async () => {
  const [store, network] = [new Store(), new Network()];
  network.files = { ...FILES };
  const built = worker('1', FILES, { store, network });
  await built.install();
  network.files['index.html'] = 'the newest page';
  assert.equal(await text(await built.ask('')), 'the newest page');
  delete network.files['index.html'];
  assert.equal(await text(await built.ask('')), 'the page');
});
