// messages.js: everything that the page and the worker say to each other, as types. No code.
//
// A *view* is one element on the page. Its requests carry a number, and what answers them carries it back.

/**
 * A row of the corruption registry.
 * @typedef {{ name: string, title: string, group: string, set: string, stochastic: boolean }} Corruption
 */
/**
 * What was measured when a bundle was made.
 * @typedef {{ clean_top1?: number, corruption_error_mean?: number, n_images?: number, corruption_source?: string }} Measured
 */
/**
 * A row of the zoo's list.
 * @typedef {Measured & { name: string, title: string, file: string, bytes?: number, set?: string, dataset?: string, weights_sha256?: string, aside?: boolean }} ZooEntry
 */
/**
 * What a bundle says of itself; there is more in it than is read here.
 * @typedef {{ title: string, classes: string[], methods: string[], preprocess: Preprocess, results?: Measured | null }} Manifest
 */
/**
 * How images are prepared for a model; there is more in it than is read here.
 * @typedef {{ image_size: number, filter: string, crop_pct: number }} Preprocess
 */
/**
 * Where a corruption acts: on the image as a model sees it, as it was measured, or on the square of 224 pixels before.
 * @typedef {'measured' | 'full-size'} Protocol
 */
/**
 * One model's answer to one image.
 * @typedef {object} Prediction
 * @property {Float32Array} logits
 * @property {Float32Array} probabilities
 * @property {Float32Array} attention of each patch, row by row; empty when it forms no map
 * @property {Float32Array} iterations the same map once for each step of a recurrence
 * @property {number} rows
 * @property {number} columns
 * @property {number} patches the fewest that hold 80 % of the attention
 * @property {ProbeNumber[]} numbers what the probes say in numbers
 */
/**
 * A number of a probe, with its words.
 * @typedef {{ key: string, title: string, meaning: string, value: number, words: string }} ProbeNumber
 */
/** @typedef {'cpu' | 'webgpu'} Backend */
/** @typedef {'auto' | Backend} Choice */
/** @typedef {Prediction & { backend: Backend, milliseconds: number }} Timed */
/**
 * What is known of a model on this image: its top class at severities 0 to 5, and the usual time of an answer.
 * @typedef {{ levels: (number | null)[], milliseconds: number | null }} Levels
 */
/**
 * What the WebGPU engine is doing.
 * @typedef {'off' | 'waiting' | 'loading' | 'checking' | 'ready' | 'refused' | 'lost'} WebgpuState
 */
/**
 * A piece of work that can break the engine, and what is refused when it did.
 * @typedef {object} Task
 * @property {'engine' | 'load' | 'classify' | 'image' | 'corruption' | 'scene'} kind
 * @property {string} key what is refused
 * @property {string} name of the same, for people
 */

/**
 * @typedef {object} Look a view's request for answers
 * @property {'look'} kind
 * @property {number} view
 * @property {number} number
 * @property {string} src
 * @property {string} corruption
 * @property {number} severity
 * @property {number} seed
 * @property {Protocol} protocol
 * @property {string[]} models
 * @property {RequestCredentials} credentials how the image is fetched
 */
/**
 * @typedef {object} Thumbnails a view's request for small images under these corruptions
 * @property {'thumbnails'} kind
 * @property {number} view
 * @property {number} number
 * @property {string} src
 * @property {number} severity
 * @property {number} seed
 * @property {number} side
 * @property {string[]} names
 */
/**
 * @typedef {object} Open the first message
 * @property {'open'} kind
 * @property {Choice} backend
 * @property {ZooEntry[] | null} zoo the zoo's list, when the page has one
 * @property {string | null} zooBase where the zoo is, when it is not beside the engine
 * @property {[string, string][]} refused
 * @property {[string, File][]} files
 */
/**
 * What the heads of one layer look at, a map for each, row by row, summing to one.
 * @typedef {{ name: string, heads: number[][] }} LayerMaps
 */
/**
 * A view's question after the layers of a model that has answered its newest look.
 * @typedef {{ kind: 'inside', view: number, number: number, name: string }} AskInside
 */
/** @typedef {{ kind: 'file', address: string, file: File }} KeepFile */
/** @typedef {{ kind: 'forget-file', address: string }} ForgetFile */
/** @typedef {{ kind: 'forget', view: number }} Forget */
/** @typedef {Open | Look | Thumbnails | AskInside | Forget | KeepFile | ForgetFile} ToWorker */

/** @typedef {{ kind: 'began', id: number, task: Task }} Began */
/** @typedef {{ kind: 'ended', id: number }} Ended */
/** @typedef {{ kind: 'broken', id: number | null, message: string }} Broken */
/** @typedef {{ kind: 'opened', corruptions: Corruption[], zoo: ZooEntry[] }} Opened */
/** @typedef {{ kind: 'chip', backend: 'none' | Backend, webgpu: WebgpuState, note: string }} Chip */
/** @typedef {{ kind: 'failed', message: string }} Failed */
/**
 * How much of a file is there; `of` is its size, where that is known before it comes, and `stored` that it comes from this device.
 * @typedef {{ kind: 'bytes', file: string, got: number, of: number | null, stored: boolean }} Bytes
 */
/** @typedef {Opened | Chip | Failed | Bytes} ToEngine */

/** @typedef {{ kind: 'image', src: string, side: number, label: string | null, pixels: Uint8Array }} ImageShown */
/** @typedef {{ kind: 'pixels', side: number, pixels: Uint8Array }} Pixels */
/** @typedef {{ kind: 'model', name: string, manifest: Manifest }} ModelLoaded */
/** @typedef {{ kind: 'answer', name: string, usual: number | null } & Timed & Pick<Levels, 'levels'>} Answer */
/** @typedef {{ kind: 'ahead', name: string } & Levels} Ahead */
/** @typedef {{ kind: 'refused', name: string, message: string }} Refused */
/** @typedef {{ kind: 'stopped', src: string, code: string, message: string }} Stopped */
/** @typedef {{ kind: 'thumbnail', number: number, corruption: string, side: number, pixels: Uint8Array }} Thumbnail */
/** @typedef {{ kind: 'layers', name: string, layers: LayerMaps[] }} LayersShown */
/** @typedef {{ kind: 'again' } | { kind: 'done' }} Mark */
/** @typedef {LayersShown | ImageShown | Pixels | ModelLoaded | Answer | Ahead | Refused | Stopped | Thumbnail | Mark} Said */
/** @typedef {Said & { view: number, number: number }} ToView */
/** @typedef {Began | Ended | Broken | ToEngine | ToView} FromWorker */

export {};
