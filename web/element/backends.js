// backends.js (worker): the two engines. The processor engine is small and answers at once; the WebGPU engine is
// fetched behind it and takes over only when its logits agree with the processor's and it is not slower.
//
// The check runs on one rendered scene, once per model. No WebGPU is not an error: the chip says CPU, nothing else
// changes. When the device is lost, the processor answers again.

/** Largest allowed difference of logits, as a share of the largest logit (at least 1). Correct engines: near 1e-5. */
const TOLERANCE = 1e-3;
/** A WebGPU engine that is this many times slower on the first model is not checked any further. */
const HOPELESS = 4;

export class Backends {
  /** The processor module once open. */
  cpu = null;
  /** The corruption registry of the processor module. */
  corruptions = [];
  /** Which engine answers. */
  active = 'none';
  /** Called when another engine took over. */
  onswitch = () => {};

  #engines = {};
  #chip;
  #version;
  #choice;
  #begun = false;
  #opening;

  constructor(version, choice, chip) {
    this.#version = version;
    this.#choice = choice;
    this.#chip = chip;
  }

  /** Opens the processor engine, once. */
  openCpu() {
    this.#opening ??= this.#openCpu();
    return this.#opening;
  }

  async #openCpu() {
    const wasm = fetch(new URL(`engine-cpu_bg.wasm${this.#version}`, import.meta.url));
    const [module, { plain }] = await Promise.all([this.#import('engine-cpu.js'), this.#import('answer.js')]);
    await module.default({ module_or_path: wasm });
    const engine = module.open();
    this.#engines.cpu = {
      load: (bytes) => engine.load(bytes),
      manifest: (id) => engine.manifest(id),
      classify: async (...question) => plain(await engine.classify(...question)),
    };
    this.corruptions = JSON.parse(module.corruptions());
    this.active = 'cpu';
    this.cpu = module;
    this.#say('waiting', 'Runs on your processor.');
  }

  /** Loads a model into the processor engine and keeps its manifest. */
  loadCpu(model) {
    model.ids.cpu = this.#engines.cpu.load(model.bytes);
    model.manifest = JSON.parse(this.#engines.cpu.manifest(model.ids.cpu));
  }

  /** A model that arrives after the WebGPU engine took over is checked like the others were. */
  async admit(models) {
    if (this.active !== 'webgpu') return;
    const { refusal } = await this.#check(models).catch((error) => ({ refusal: `WebGPU stopped (${error.message})` }));
    if (refusal && this.#choice !== 'webgpu') this.#fallBack('refused', `Runs on your processor: ${refusal}.`);
  }

  async classify(model, pixels, side) {
    const backend = this.active;
    try {
      return { backend, ...(await this.#timed(backend, model, pixels, side)) };
    } catch (error) {
      if (backend === 'cpu') throw error;
      this.#fallBack('lost', `Runs on your processor: WebGPU stopped (${error.message}).`);
      return { backend: 'cpu', ...(await this.#timed('cpu', model, pixels, side)) };
    }
  }

  /** Starts the WebGPU engine behind the first answer. Later calls do nothing. */
  async beginWebgpu(models) {
    if (this.#begun) return;
    this.#begun = true;
    if (this.#choice === 'cpu') return this.#say('off', 'Runs on your processor, as the address asks (backend=cpu).');
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
    if (!adapter) return this.#say('off', 'Runs on your processor: this browser offers no WebGPU.');
    const card = [adapter.info?.vendor, adapter.info?.architecture].filter(Boolean).join(' ') || 'your graphics card';
    try {
      this.#say('loading', 'Runs on your processor while the WebGPU engine loads.');
      const { Webgpu } = await this.#import('webgpu.js');
      const engine = new Webgpu(this.#version);
      await engine.open();
      this.#engines.webgpu = engine;
      engine.lost.then((reason) => {
        if (!this.#engines.webgpu) return; // Closed by us.
        this.#fallBack('lost', `Runs on your processor: the graphics device was lost (${reason}).`);
      });
      this.#say('checking', 'Runs on your processor while the WebGPU engine is compared with it.');
      const { difference, refusal, slower } = await this.#check(models);
      const forced = this.#choice === 'webgpu';
      if ((refusal ?? slower) && !forced) {
        this.#engines.webgpu = null;
        engine.close('not needed');
        return this.#say('refused', `Runs on your processor: ${refusal ?? slower}.`);
      }
      this.active = 'webgpu';
      const within = difference > 0 ? `within ${difference.toExponential(0)} of` : 'equal to';
      const agreement = refusal ?? `logits ${within} the processor's`;
      this.#say('ready', `Runs on your graphics card (${card}${forced ? ', as the address asks' : ''}): ${agreement}.`);
      this.onswitch();
    } catch (error) {
      this.#say('refused', `Runs on your processor: the WebGPU engine did not start (${error.message ?? error}).`);
    }
  }

  /**
   * Compares the engines' logits on one scene, then their times, for every model that was not compared before.
   * `refusal` and `slower` are the reasons against WebGPU, or null.
   */
  async #check(models) {
    const scene = this.cpu.Image.scene(0, 0);
    const [pixels, side] = [scene.clean(), scene.side];
    scene.free();
    const total = { cpu: 0, webgpu: 0 };
    let difference = 0;
    let refusal = null;
    const unchecked = () => models.all().find(({ ids }) => ids.webgpu === undefined);
    for (let model = unchecked(); model; model = unchecked()) {
      model.ids.webgpu = await this.#engines.webgpu.load(model.bytes);
      const there = await this.#timed('webgpu', model, pixels, side);
      const here = await this.#timed('cpu', model, pixels, side);
      const again = await this.#timed('webgpu', model, pixels, side); // The first call compiled its shaders.
      const apart = Math.max(distance(here.logits, there.logits), distance(here.logits, again.logits));
      difference = Math.max(difference, apart);
      if (apart > TOLERANCE) {
        const detail = `${model.manifest.title}: logits ${apart.toPrecision(2)} apart`;
        refusal ??= `WebGPU gives other answers here (${detail})`;
      }
      total.webgpu += again.milliseconds;
      total.cpu += here.milliseconds;
      if (this.#choice !== 'webgpu' && total.webgpu > HOPELESS * total.cpu) break;
    }
    const times = `${total.webgpu.toFixed(0)} ms against ${total.cpu.toFixed(0)} ms`;
    const slower = total.webgpu > total.cpu ? `WebGPU agrees but is slower here (${times})` : null;
    return { difference, refusal, slower };
  }

  async #timed(backend, model, pixels, side) {
    const start = performance.now();
    const answer = await this.#engines[backend].classify(model.ids[backend], pixels, side);
    return { ...answer, milliseconds: performance.now() - start };
  }

  #fallBack(webgpu, note) {
    const switched = this.active === 'webgpu';
    this.active = 'cpu';
    this.#say(webgpu, note);
    if (switched) this.onswitch();
  }

  #say(webgpu, note) {
    this.#chip({ backend: this.active, webgpu, note });
  }

  #import(file) {
    return import(`./${file}${this.#version}`);
  }
}

/** The largest difference of logits as a share of the largest logit; infinite when it cannot be told. */
function distance(here, there) {
  const apart = Math.max(...here.map((logit, i) => Math.abs(logit - there[i])));
  const scale = Math.max(1, ...here.map(Math.abs));
  return here.length === there.length && Number.isFinite(apart) ? apart / scale : Infinity;
}
