// webgpu-worker.js: the WebGPU engine's own thread. Compiling shaders may block for seconds; here it blocks nobody.
//
// In:  {number, call: 'open' | 'load' | 'classify', args}
// Out: {number, result} or {number, error}; {lost} once the device is gone or the engine broke.

const version = new URL(import.meta.url).search;
let engine;

const calls = {
  async open() {
    watchForLoss();
    const wasm = fetch(new URL(`engine-webgpu_bg.wasm${version}`, import.meta.url));
    const module = await import(`./engine-webgpu.js${version}`);
    await module.default({ module_or_path: wasm });
    engine = await module.open();
  },
  load(bytes) {
    return engine.load(bytes);
  },
  async classify(id, pixels, side) {
    const { plain } = await import(`./answer.js${version}`);
    return plain(await engine.classify(id, pixels, side));
  },
};

onmessage = async ({ data: { number, call, args } }) => {
  try {
    postMessage({ number, result: await calls[call](...args) });
  } catch (error) {
    postMessage({ number, error: String(error?.message ?? error) });
  }
};

// A call whose engine broke down never settles, so the break itself is reported.
onerror = (event) => postMessage({ lost: String(event?.message ?? event) });
onunhandledrejection = ({ reason }) => postMessage({ lost: String(reason?.message ?? reason) });

/** Reports the loss of any device that the engine asks for. */
function watchForLoss() {
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await request.apply(this, options);
    device.lost.then(({ message, reason }) => postMessage({ lost: message || reason || 'no reason given' }));
    return device;
  };
}
