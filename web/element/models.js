// models.js (worker): the bundles, by name. Reads the zoo's list, fetches a bundle when it is first wanted and loads it
// into whichever engines are running. A name that looks like an address is fetched from there.

/** How many times of a model are kept. */
const TIMES = 9;

export class Models {
  #backends;
  #zoo = [];
  #base;
  #loads = new Map();
  #loaded = new Map();

  constructor(backends) {
    this.#backends = backends;
  }

  /** Reads `index.json`; a missing zoo is an empty one. */
  async readZoo(base) {
    this.#base = base;
    try {
      const response = await fetch(new URL('index.json', base), { cache: 'no-cache' });
      if (response.ok) this.#zoo = await response.json();
    } catch {
      this.#zoo = [];
    }
    return this.#zoo;
  }

  /** The wanted names in order; all of the zoo when nothing is named. */
  chosen(names) {
    return names?.length ? names : this.#zoo.map((entry) => entry.name);
  }

  has(name) {
    return this.#loaded.has(name);
  }

  /** Every loaded model, for the check of a second engine. */
  all() {
    return [...this.#loaded.values()];
  }

  /** The loaded model of that name: `{ name, manifest, bytes, ids, times }`. */
  get(name) {
    if (!this.#loads.has(name)) {
      const load = this.#load(name);
      load.catch(() => this.#loads.delete(name)); // The next request may try again.
      this.#loads.set(name, load);
    }
    return this.#loads.get(name);
  }

  /** One model's answer for RGBA pixels, with the engine that gave it. */
  async classify(name, pixels, side) {
    const model = await this.get(name);
    const answer = await this.#backends.classify(model, pixels, side);
    model.times[answer.backend] = [...(model.times[answer.backend] ?? []), answer.milliseconds].slice(-TIMES);
    return answer;
  }

  /** The median of a model's last times; a single one may include the engine's own warming up. */
  milliseconds(name, backend) {
    const times = [...(this.#loaded.get(name)?.times[backend] ?? [])].sort((a, b) => a - b);
    return times[Math.floor(times.length / 2)] ?? null;
  }

  async #load(name) {
    const response = await fetch(this.#address(name));
    if (!response.ok) throw new Error(`The model could not be fetched: the server answered ${response.status}.`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    await this.#backends.openCpu();
    const model = { name, bytes, ids: {}, times: {} };
    this.#backends.loadCpu(model);
    this.#loaded.set(name, model);
    await this.#backends.admit(this);
    return model;
  }

  #address(name) {
    const entry = this.#zoo.find((candidate) => candidate.name === name);
    if (entry) {
      const address = new URL(entry.file, this.#base);
      if (entry.weights_sha256) address.searchParams.set('v', entry.weights_sha256.slice(0, 12));
      return address;
    }
    if (/^(https?|blob|data):/.test(name)) return name;
    const known = this.#zoo.map((candidate) => candidate.name).join(', ') || 'none';
    throw new Error(`There is no model named “${name}” here. Known: ${known}.`);
  }
}
