// Our engines and onnxruntime-web on one page: the same weights, the same image, in turn.
//
// `cargo xtask bench browser` lays this file beside the built page's folder `vitro`, the folder `ort` of onnxruntime-web and the
// exported model, opens a page, and calls `open`, then `times` once a round for each side.

const at = (file) => new URL(file, import.meta.url).href;
const bytes = async (file) => new Uint8Array(await (await fetch(at(file))).arrayBuffer());

let ours;
let theirs;

/**
 * Loads the model on both sides. Resolves to the largest difference of their logits, or says why onnxruntime-web has none.
 * Our engine prepares the image and reads its attention as the page needs it; onnxruntime-web gets its input ready.
 */
export async function open({ engine, bundle, side, mean, std }) {
    const load = async (name) => {
        const module = await import(at(`vitro/engine-${name}.js`));
        await module.default();
        return module;
    };
    const images = await load('cpu');
    const own = await (engine === 'cpu' ? images : await load(engine)).open();
    const id = own.load(await bytes(`vitro/zoo/${bundle}`));
    // At the model's own size, so that preparing it moves no pixel.
    const pixels = images.Image.scene(7, 3).thumbnail('fog', 3, 0, side);
    ours = async () => {
        const answer = await own.classify(id, pixels, side);
        const logits = answer.logits;
        answer.free();
        return logits;
    };
    const data = new Float32Array(3 * side * side);
    for (let i = 0; i < data.length; i++) {
        const channel = Math.floor(i / (side * side));
        data[i] = (pixels[4 * (i % (side * side)) + channel] / 255 - mean[channel]) / std[channel];
    }
    try {
        const ort = await import(at('ort/ort.webgpu.min.mjs'));
        ort.env.wasm.wasmPaths = at('ort/');
        ort.env.wasm.numThreads = 1;
        const session = await ort.InferenceSession.create(at('model.onnx'), {
            executionProviders: [engine === 'cpu' ? 'wasm' : engine],
        });
        theirs = async () => {
            const { y } = await session.run({ x: new ort.Tensor('float32', data, [1, 3, side, side]) });
            return y.getData();
        };
        const [a, b] = [await ours(), await theirs()];
        return { apart: Math.max(...a.map((logit, index) => Math.abs(logit - b[index]))) };
    } catch (error) {
        theirs = undefined;
        return { missing: String(error) };
    }
}

/** Milliseconds of `runs` calls of one side, after some that warm up. */
export async function times({ side, runs, warmUps }) {
    const call = side === 'ours' ? ours : theirs;
    const taken = [];
    for (let run = -warmUps; run < runs; run++) {
        const start = performance.now();
        await call();
        if (run >= 0) taken.push(performance.now() - start);
    }
    return taken;
}

/** Milliseconds of an image when `count` workers classify `images` each, and the same again `runs` times. */
export async function sweep({ count, bundle, side, images, runs }) {
    const workers = Array.from({ length: count }, () => new Worker(at('sweep.js'), { type: 'module' }));
    const answer = (worker) => new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => (data.failed ? reject(new Error(data.failed)) : resolve());
        worker.onerror = ({ message }) => reject(new Error(message));
    });
    const all = (message) => Promise.all(workers.map((worker) => {
        const answered = answer(worker);
        worker.postMessage(message);
        return answered;
    }));
    await all({ bundle, side });
    await all({ images: Math.min(images, 10) });
    const taken = [];
    for (let run = 0; run < runs; run++) {
        const start = performance.now();
        await all({ images });
        taken.push((performance.now() - start) / (count * images));
    }
    for (const worker of workers) worker.terminate();
    return taken;
}
