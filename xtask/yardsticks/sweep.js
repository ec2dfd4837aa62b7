// A worker of a sweep: an instance of the engine of its own, which classifies as many images as it is told.

const at = (file) => new URL(file, import.meta.url).href;

let classify;

async function prepare({ bundle, side }) {
    const module = await import(at('vitro/engine-cpu.js'));
    await module.default();
    const engine = module.open();
    const id = engine.load(new Uint8Array(await (await fetch(at(`vitro/zoo/${bundle}`))).arrayBuffer()));
    const pixels = module.Image.scene(7, 3).thumbnail('fog', 3, 0, side);
    classify = async () => (await engine.classify(id, pixels, side)).free();
}

onmessage = async ({ data }) => {
    try {
        if (data.bundle) await prepare(data);
        for (let image = 0; image < (data.images ?? 0); image++) await classify();
        postMessage({});
    } catch (error) {
        postMessage({ failed: String(error) });
    }
};
