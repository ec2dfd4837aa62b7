// webgpu-worker.js: the same on a graphics card, where batches are larger. The processor still makes the images.

import * as webgpu from '../engine-webgpu.js';
import { watchForLoss } from '../engine/worker/loss.js';
import { broke, listen } from './counting.js';

listen({
  batch: 64,
  async start(module) {
    if (!module) throw new Error('The engine for graphics cards is not here.');
    watchForLoss(broke);
    await webgpu.default({ module_or_path: module });
    return webgpu.open();
  },
});
