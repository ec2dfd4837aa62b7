// api.js: the types of what the elements offer. Written by `cargo xtask elements` from api.json: change that file.

/** @typedef {{ name: string, property: string, kind: 'text' | 'integer' | 'flag' | 'choice', default: string | number | boolean, min?: number, max?: number, choices?: string[] }} Attribute */

/**
 * What `<vitro-classify>` shows, as plain values.
 * @typedef {{ src: string, label: string | null, answer: ModelState | null, busy: boolean, error: ElementError | null }} ClassifyState
 */

/**
 * What `<vitro-compare>` shows, as plain values.
 * @typedef {{ backend: 'none' | 'cpu' | 'webgpu', src: string, corruption: string, severity: number, seed: number, protocol: 'measured' | 'full-size', label: string | null, models: ModelState[], busy: boolean, error: ElementError | null }} CompareState
 */

/**
 * What `<vitro-corrupt>` shows, as plain values. `milliseconds` is the time of the corruption alone.
 * @typedef {{ src: string, corruption: string, severity: number, seed: number, width: number, height: number, milliseconds: number | null, busy: boolean, error: ElementError | null }} CorruptState
 */

/**
 * How many of how many images were classified right.
 * @typedef {{ right: number, images: number }} Count
 */

/**
 * What is counted of one model. `protocol` is a sentence on the conditions of the measurement, `refusal` says why a model is left out, `cells` are by corruption, then by severity. `flips` says where scenes are first wrong, each once for each corruption: untouched, at each severity, never.
 * @typedef {{ name: string, title: string, protocol: string, refusal: string | null, clean: Count, cells: Count[][], flips: number[] }} Counts
 */

/**
 * Why there is no answer: a code for programs and a sentence for people.
 * @typedef {{ code: ErrorCode, message: string }} ElementError
 */

/**
 * `address`: no such scene or model, or no address. `network`: nothing could be fetched from there. `format`: no image format that can be read. `image`: a damaged image, or one that is too large. `corruption`: there is none of that name. `bundle`: the weights are damaged or of another kind. `engine`: WebAssembly or workers are not to be had.
 * @typedef {'address' | 'network' | 'format' | 'image' | 'corruption' | 'bundle' | 'engine'} ErrorCode
 */

/**
 * An image of a folder and its path there, such as `pets/cat/1.jpg`: a picker with `webkitdirectory` tells it as `webkitRelativePath`.
 * @typedef {{ path: string, file: File }} FolderImage
 */

/**
 * What can be shown in place of an address. Of a video, the frame in sight.
 * @typedef {Blob | ImageBitmap | HTMLImageElement | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas} ImageSource
 */

/**
 * One model's answer to one image. `probabilities` are in the order of `classes` and sum to 1; `top` is the most likely class.
 * @typedef {{ name: string, title: string, classes: string[], probabilities: number[], top: string, backend: 'cpu' | 'webgpu', milliseconds: number }} ModelAnswer
 */

/**
 * What a column shows: an answer, or the sentence in `error`. `right` is null where the class is not known. `levels` are the top classes at severities 0 to 5, `failsAt` the first severity that is wrong, `patches` the smallest number of patches that hold 80 % of the attention.
 * @typedef {Partial<ModelAnswer> & { name: string, title: string, error?: string, right?: boolean | null, patches?: number, levels?: (string | null)[], failsAt?: number | null }} ModelState
 */

/**
 * What `<vitro-sweep>` has counted: scenes, or the images of a folder, whose name is `dataset` then. `done` of `images` have been through every cell; `seconds` leave pauses out; `backend` is the engine that judges: the processor's, or with `backend = 'webgpu'` the card's, unless `note` says why not; `failed` are those that could not be counted, by their numbers.
 * @typedef {{ dataset: string, counted: 'scenes' | 'images', corruptions: { name: string, title: string }[], severities: readonly number[], seed: number, images: number, done: number, seconds: number, backend: 'cpu' | 'webgpu', note: string, models: Counts[], failed: { scene: number, message: string }[], running: boolean, paused: boolean, error: ElementError | null }} SweepState
 */

/**
 * A bundle of the zoo. `file` is an address, relative to `zooBase`; models of one `set` were trained and measured on the same images, those of `dataset`; one that stands `aside` is not among those that `SET/*` means.
 * @typedef {{ name: string, title: string, file: string, set?: string, dataset?: string, weights_sha256?: string, clean_top1?: number, corruption_error_mean?: number, n_images?: number, aside?: boolean }} ZooEntry
 */

/** @typedef {{ loading: 'lazy' | 'eager', reveal: 'auto' | 'interaction', poster: string, src: string, alt: string, crossOrigin: 'anonymous' | 'use-credentials', corruption: string, severity: number, seed: number, controls: boolean, models: string, label: string, protocol: 'measured' | 'full-size' }} CompareProperties */

/** @typedef {{ loading: 'lazy' | 'eager', reveal: 'auto' | 'interaction', poster: string, src: string, alt: string, crossOrigin: 'anonymous' | 'use-credentials', model: string, label: string }} ClassifyProperties */

/** @typedef {{ loading: 'lazy' | 'eager', reveal: 'auto' | 'interaction', poster: string, src: string, alt: string, crossOrigin: 'anonymous' | 'use-credentials', corruption: string, severity: number, seed: number, controls: boolean }} CorruptProperties */

/** @typedef {{ loading: 'lazy' | 'eager', reveal: 'interaction' | 'auto', poster: string, models: string, corruptions: string, severities: string, images: number }} SweepProperties */

export {};
