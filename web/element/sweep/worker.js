// worker.js: a thread that counts scenes, or images of a folder, on the processor.

import { listen } from './counting.js';

listen({ batch: 32, start: async () => null });
