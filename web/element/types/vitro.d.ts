// Types of the elements. Written by `cargo xtask elements` from api.json: change that file.

/** What `<vitro-classify>` shows, as plain values. */
export type ClassifyState = { src: string, label: string | null, answer: ModelState | null, busy: boolean, error: ElementError | null };

/** What `<vitro-compare>` shows, as plain values. */
export type CompareState = { backend: 'none' | 'cpu' | 'webgpu', src: string, corruption: string, severity: number, seed: number, protocol: 'measured' | 'full-size', label: string | null, models: ModelState[], busy: boolean, error: ElementError | null };

/** What `<vitro-corrupt>` shows, as plain values. `milliseconds` is the time of the corruption alone. */
export type CorruptState = { src: string, corruption: string, severity: number, seed: number, width: number, height: number, milliseconds: number | null, busy: boolean, error: ElementError | null };

/** How many of how many images were classified right. */
export type Count = { right: number, images: number };

/** What is counted of one model. `protocol` is a sentence on the conditions of the measurement, `refusal` says why a model is left out, `cells` are by corruption, then by severity. `flips` says where scenes are first wrong, each once for each corruption: untouched, at each severity, never. */
export type Counts = { name: string, title: string, protocol: string, refusal: string | null, clean: Count, cells: Count[][], flips: number[] };

/** Why there is no answer: a code for programs and a sentence for people. */
export type ElementError = { code: ErrorCode, message: string };

/** `address`: no such scene or model, or no address. `network`: nothing could be fetched from there. `format`: no image format that can be read. `image`: a damaged image, or one that is too large. `corruption`: there is none of that name. `bundle`: the weights are damaged or of another kind. `engine`: WebAssembly or workers are not to be had. */
export type ErrorCode = 'address' | 'network' | 'format' | 'image' | 'corruption' | 'bundle' | 'engine';

/** An image of a folder and its path there, such as `pets/cat/1.jpg`: a picker with `webkitdirectory` tells it as `webkitRelativePath`. */
export type FolderImage = { path: string, file: File };

/** What can be shown in place of an address. Of a video, the frame in sight. */
export type ImageSource = Blob | ImageBitmap | HTMLImageElement | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas;

/** One model's answer to one image. `probabilities` are in the order of `classes` and sum to 1; `top` is the most likely class. */
export type ModelAnswer = { name: string, title: string, classes: string[], probabilities: number[], top: string, backend: 'cpu' | 'webgpu', milliseconds: number };

/** What a column shows: an answer, or the sentence in `error`. `right` is null where the class is not known. `levels` are the top classes at severities 0 to 5, `failsAt` the first severity that is wrong, `patches` the smallest number of patches that hold 80 % of the attention. */
export type ModelState = Partial<ModelAnswer> & { name: string, title: string, error?: string, right?: boolean | null, patches?: number, levels?: (string | null)[], failsAt?: number | null };

/** What `<vitro-sweep>` has counted: scenes, or the images of a folder, whose name is `dataset` then. `done` of `images` have been through every cell; `seconds` leave pauses out; `backend` is the engine that judges: the processor's, or with `backend = 'webgpu'` the card's, unless `note` says why not; `failed` are those that could not be counted, by their numbers. */
export type SweepState = { dataset: string, counted: 'scenes' | 'images', corruptions: { name: string, title: string }[], severities: readonly number[], seed: number, images: number, done: number, seconds: number, backend: 'cpu' | 'webgpu', note: string, models: Counts[], failed: { scene: number, message: string }[], running: boolean, paused: boolean, error: ElementError | null };

/** A bundle of the zoo. `file` is an address, relative to `zooBase`; models of one `set` were trained and measured on the same images, those of `dataset`; one that stands `aside` is not among those that `SET/*` means. */
export type ZooEntry = { name: string, title: string, file: string, set?: string, dataset?: string, weights_sha256?: string, clean_top1?: number, corruption_error_mean?: number, n_images?: number, aside?: boolean };

/** Events of `<vitro-compare>`. */
export interface VitroCompareEventMap {
  /** The first result is in sight. */
  load: CustomEvent<null>;
  /** How much of what was asked for is there, 0 to 1; it never goes back while one request is answered. */
  progress: CustomEvent<number>;
  /** There is no answer. The element shows the same sentence. */
  error: CustomEvent<ElementError>;
  /** The newest request is fully answered. */
  result: CustomEvent<VitroCompare['state']>;
  /** The visitor changed these attributes. Setting a property from a script fires nothing. */
  change: CustomEvent<Record<string, string | number>>;
  /** A small image that was asked for: RGBA, `side` pixels wide and high. */
  thumbnail: CustomEvent<{ corruption: string, side: number, pixels: Uint8Array }>;
}

/** `<vitro-compare>`: One image under one corruption, seen by several models. */
export declare class VitroCompare extends HTMLElement {
  /** Where the engine's files are, when they are not beside the script: an address that ends in a slash. Set it before the first element starts. */
  static assetBase: string | null;
  /** Name of the build: a hash of its files. */
  static readonly build: string;
  /** Where the zoo's `index.json` and bundles are, when they are not in `zoo/` beside the engine. Set it before the first element starts. */
  static zooBase: string | null;
  /** The zoo as a list in place of an `index.json`, such as the one that the package `@vitro/zoo` exports. Set it before the first element starts. */
  static zoo: ZooEntry[] | null;
  /** Which engine answers. `auto` begins on the processor, fetches the larger engine for graphics cards behind the first answer, and changes to it where it is quicker. Set it before the first element starts. */
  static backend: 'auto' | 'cpu' | 'webgpu';
  /** `lazy` fetches nothing before the element is near the window, `eager` starts at once. */
  loading: 'lazy' | 'eager';
  /** `interaction` shows a button over the poster and fetches nothing before it is pressed; hovering over it, or focusing it, fetches the engine. */
  reveal: 'auto' | 'interaction';
  /** The address of an image that stands in the element's place until it starts. Without one, an `<img>` inside the element stands there. */
  poster: string;
  /** The address of an image, or `scene:SEED/INDEX`: a rendered scene whose class is known. Without it an `<img>` inside the element is the image, and without that `scene:7/20`. */
  src: string;
  /** What the image shows, for those who do not see it. */
  alt: string;
  /** Whether cookies go along when `src` is on another site, as for `<img>`. */
  crossOrigin: 'anonymous' | 'use-credentials';
  /** Name of a corruption. */
  corruption: string;
  /** 0 is the clean image, 5 the strongest. */
  severity: number;
  /** Seed of the corruption's random numbers. */
  seed: number;
  /** Shows the menu of corruptions, the severity and the seed. */
  controls: boolean;
  /** Names of the zoo or addresses of bundles, separated by spaces; `SET/*` is a set of the zoo, `*`, or nothing, its first set. */
  models: string;
  /** The known class of the image, when it is one of the models' classes. The class of a scene is known without it. */
  label: string;
  /** Where the corruption acts. `measured`: on the image as the models see it, as when their accuracies were measured; models that see images of another size than the first are left out. `full-size`: on the square of 224 pixels, before each model makes its input from it; nothing was measured so. */
  protocol: 'measured' | 'full-size';
  /** Resolves with the element at its first result. Rejects with an `Error` whose `code` is one of the error codes if it stops before. */
  readonly ready: Promise<this>;
  /** An image that is not at an address. It goes before `src` until it is set to null, and does not appear in the attributes. */
  image: ImageSource | null;
  /** What is shown. */
  readonly state: CompareState;
  /** Shows an image to the models, beside what is in sight, and resolves with one answer for each model that gives one. Rejects with an `Error` whose `code` is one of the error codes. */
  classify(image: ImageSource | string, options?: { signal?: AbortSignal }): Promise<ModelAnswer[]>;
  /** Resolves once the newest request is answered or refused. */
  settled(): Promise<CompareState>;
  /** Shows an image file, or adds a bundle to the models, as if the visitor had chosen it. */
  take(file: File): Promise<void>;
  /** What each head of each layer of a model looks at in what is shown, and their rollout: a map for each head, row by row, summing to one. Empty while the model has no answer, and where it forms no attention between patches. */
  layers(model: string): Promise<{ name: string, heads: number[][] }[]>;
  /** The corrupted image in sight as a PNG file, without loss; the clean one at severity 0. Rejects when there is none. */
  png(): Promise<Blob>;
  /** Asks for small images under these corruptions, or all; each comes as a `thumbnail` event. */
  requestThumbnails(severity: number, side: number, names?: string[]): void;
  addEventListener<Type extends keyof VitroCompareEventMap>(type: Type, listener: (this: VitroCompare, event: VitroCompareEventMap[Type]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: (this: VitroCompare, event: HTMLElementEventMap[Type]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof VitroCompareEventMap>(type: Type, listener: (this: VitroCompare, event: VitroCompareEventMap[Type]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: (this: VitroCompare, event: HTMLElementEventMap[Type]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

/** What `<vitro-compare>` takes in JSX. */
export interface VitroCompareAttributes {
  loading?: 'lazy' | 'eager';
  reveal?: 'auto' | 'interaction';
  poster?: string;
  src?: string;
  alt?: string;
  crossorigin?: 'anonymous' | 'use-credentials';
  corruption?: string;
  severity?: number | string;
  seed?: number | string;
  controls?: boolean;
  models?: string;
  label?: string;
  protocol?: 'measured' | 'full-size';
  image?: ImageSource | null;
  onload?: (event: VitroCompareEventMap['load']) => void;
  onprogress?: (event: VitroCompareEventMap['progress']) => void;
  onerror?: (event: VitroCompareEventMap['error']) => void;
  onresult?: (event: VitroCompareEventMap['result']) => void;
  onchange?: (event: VitroCompareEventMap['change']) => void;
  onthumbnail?: (event: VitroCompareEventMap['thumbnail']) => void;
}

/** Events of `<vitro-classify>`. */
export interface VitroClassifyEventMap {
  /** The first result is in sight. */
  load: CustomEvent<null>;
  /** How much of what was asked for is there, 0 to 1; it never goes back while one request is answered. */
  progress: CustomEvent<number>;
  /** There is no answer. The element shows the same sentence. */
  error: CustomEvent<ElementError>;
  /** The newest request is fully answered. */
  result: CustomEvent<VitroClassify['state']>;
}

/** `<vitro-classify>`: One image, seen by one model. */
export declare class VitroClassify extends HTMLElement {
  /** Where the engine's files are, when they are not beside the script: an address that ends in a slash. Set it before the first element starts. */
  static assetBase: string | null;
  /** Name of the build: a hash of its files. */
  static readonly build: string;
  /** Where the zoo's `index.json` and bundles are, when they are not in `zoo/` beside the engine. Set it before the first element starts. */
  static zooBase: string | null;
  /** The zoo as a list in place of an `index.json`, such as the one that the package `@vitro/zoo` exports. Set it before the first element starts. */
  static zoo: ZooEntry[] | null;
  /** Which engine answers. `auto` begins on the processor, fetches the larger engine for graphics cards behind the first answer, and changes to it where it is quicker. Set it before the first element starts. */
  static backend: 'auto' | 'cpu' | 'webgpu';
  /** `lazy` fetches nothing before the element is near the window, `eager` starts at once. */
  loading: 'lazy' | 'eager';
  /** `interaction` shows a button over the poster and fetches nothing before it is pressed; hovering over it, or focusing it, fetches the engine. */
  reveal: 'auto' | 'interaction';
  /** The address of an image that stands in the element's place until it starts. Without one, an `<img>` inside the element stands there. */
  poster: string;
  /** The address of an image, or `scene:SEED/INDEX`: a rendered scene whose class is known. Without it an `<img>` inside the element is the image, and without that `scene:7/20`. */
  src: string;
  /** What the image shows, for those who do not see it. */
  alt: string;
  /** Whether cookies go along when `src` is on another site, as for `<img>`. */
  crossOrigin: 'anonymous' | 'use-credentials';
  /** A name of the zoo or the address of a bundle; nothing is the zoo's first. */
  model: string;
  /** The known class of the image, when it is one of the model's classes. */
  label: string;
  /** Resolves with the element at its first result. Rejects with an `Error` whose `code` is one of the error codes if it stops before. */
  readonly ready: Promise<this>;
  /** An image that is not at an address. It goes before `src` until it is set to null, and does not appear in the attributes. */
  image: ImageSource | null;
  /** What is shown. */
  readonly state: ClassifyState;
  /** Shows an image to the model, beside what is in sight. Rejects with an `Error` whose `code` is one of the error codes. */
  classify(image: ImageSource | string, options?: { signal?: AbortSignal }): Promise<ModelAnswer>;
  /** What each head of each layer looks at in what is shown, and their rollout: a map for each head, row by row, summing to one. Empty while there is no answer. */
  layers(): Promise<{ name: string, heads: number[][] }[]>;
  /** Resolves once the newest request is answered or refused. */
  settled(): Promise<ClassifyState>;
  addEventListener<Type extends keyof VitroClassifyEventMap>(type: Type, listener: (this: VitroClassify, event: VitroClassifyEventMap[Type]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: (this: VitroClassify, event: HTMLElementEventMap[Type]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof VitroClassifyEventMap>(type: Type, listener: (this: VitroClassify, event: VitroClassifyEventMap[Type]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: (this: VitroClassify, event: HTMLElementEventMap[Type]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

/** What `<vitro-classify>` takes in JSX. */
export interface VitroClassifyAttributes {
  loading?: 'lazy' | 'eager';
  reveal?: 'auto' | 'interaction';
  poster?: string;
  src?: string;
  alt?: string;
  crossorigin?: 'anonymous' | 'use-credentials';
  model?: string;
  label?: string;
  image?: ImageSource | null;
  onload?: (event: VitroClassifyEventMap['load']) => void;
  onprogress?: (event: VitroClassifyEventMap['progress']) => void;
  onerror?: (event: VitroClassifyEventMap['error']) => void;
  onresult?: (event: VitroClassifyEventMap['result']) => void;
}

/** Events of `<vitro-corrupt>`. */
export interface VitroCorruptEventMap {
  /** The first result is in sight. */
  load: CustomEvent<null>;
  /** How much of what was asked for is there, 0 to 1; it never goes back while one request is answered. */
  progress: CustomEvent<number>;
  /** There is no answer. The element shows the same sentence. */
  error: CustomEvent<ElementError>;
  /** The newest request is fully answered. */
  result: CustomEvent<VitroCorrupt['state']>;
  /** The visitor changed these attributes. Setting a property from a script fires nothing. */
  change: CustomEvent<Record<string, string | number>>;
}

/** `<vitro-corrupt>`: An image under a corruption, beside the clean one. No network is fetched. */
export declare class VitroCorrupt extends HTMLElement {
  /** Where the engine's files are, when they are not beside the script: an address that ends in a slash. Set it before the first element starts. */
  static assetBase: string | null;
  /** Name of the build: a hash of its files. */
  static readonly build: string;
  /** `lazy` fetches nothing before the element is near the window, `eager` starts at once. */
  loading: 'lazy' | 'eager';
  /** `interaction` shows a button over the poster and fetches nothing before it is pressed; hovering over it, or focusing it, fetches the engine. */
  reveal: 'auto' | 'interaction';
  /** The address of an image that stands in the element's place until it starts. Without one, an `<img>` inside the element stands there. */
  poster: string;
  /** The address of an image. Without it an `<img>` inside the element is the image; without that the element asks for one. */
  src: string;
  /** What the image shows, for those who do not see it. */
  alt: string;
  /** Whether cookies go along when `src` is on another site, as for `<img>`. */
  crossOrigin: 'anonymous' | 'use-credentials';
  /** Name of a corruption. */
  corruption: string;
  /** 0 is the clean image, 5 the strongest. */
  severity: number;
  /** Seed of the corruption's random numbers. */
  seed: number;
  /** Shows the menu of corruptions, the severity and the seed. */
  controls: boolean;
  /** Resolves with the element at its first result. Rejects with an `Error` whose `code` is one of the error codes if it stops before. */
  readonly ready: Promise<this>;
  /** An image that is not at an address. It goes before `src` until it is set to null, and does not appear in the attributes. */
  image: ImageSource | null;
  /** What is shown. */
  readonly state: CorruptState;
  /** Corrupts an image beside what is in sight; what the options leave out is the element's. Rejects with an `Error` whose `code` is one of the error codes. */
  corrupt(image: ImageSource | string, options?: { corruption?: string, severity?: number, seed?: number, signal?: AbortSignal }): Promise<ImageData>;
  /** Resolves once the newest request is answered or refused. */
  settled(): Promise<CorruptState>;
  /** Shows an image file, as if the visitor had dropped it. */
  take(file: File): Promise<void>;
  addEventListener<Type extends keyof VitroCorruptEventMap>(type: Type, listener: (this: VitroCorrupt, event: VitroCorruptEventMap[Type]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: (this: VitroCorrupt, event: HTMLElementEventMap[Type]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof VitroCorruptEventMap>(type: Type, listener: (this: VitroCorrupt, event: VitroCorruptEventMap[Type]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: (this: VitroCorrupt, event: HTMLElementEventMap[Type]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

/** What `<vitro-corrupt>` takes in JSX. */
export interface VitroCorruptAttributes {
  loading?: 'lazy' | 'eager';
  reveal?: 'auto' | 'interaction';
  poster?: string;
  src?: string;
  alt?: string;
  crossorigin?: 'anonymous' | 'use-credentials';
  corruption?: string;
  severity?: number | string;
  seed?: number | string;
  controls?: boolean;
  image?: ImageSource | null;
  onload?: (event: VitroCorruptEventMap['load']) => void;
  onprogress?: (event: VitroCorruptEventMap['progress']) => void;
  onerror?: (event: VitroCorruptEventMap['error']) => void;
  onresult?: (event: VitroCorruptEventMap['result']) => void;
  onchange?: (event: VitroCorruptEventMap['change']) => void;
}

/** Events of `<vitro-sweep>`. */
export interface VitroSweepEventMap {
  /** The first result is in sight. */
  load: CustomEvent<null>;
  /** How much of what was asked for is there, 0 to 1; it never goes back while one request is answered. */
  progress: CustomEvent<number>;
  /** There is no answer. The element shows the same sentence. */
  error: CustomEvent<ElementError>;
  /** Every image has been through. */
  result: CustomEvent<SweepState>;
}

/** `<vitro-sweep>`: Accuracy over severity, counted here on rendered scenes or on a folder of images, with intervals. */
export declare class VitroSweep extends HTMLElement {
  /** Where the engine's files are, when they are not beside the script: an address that ends in a slash. Set it before the first element starts. */
  static assetBase: string | null;
  /** Name of the build: a hash of its files. */
  static readonly build: string;
  /** Where the zoo's `index.json` and bundles are, when they are not in `zoo/` beside the engine. Set it before the first element starts. */
  static zooBase: string | null;
  /** The zoo as a list in place of an `index.json`, such as the one that the package `@vitro/zoo` exports. Set it before the first element starts. */
  static zoo: ZooEntry[] | null;
  /** Which engine answers. `auto` begins on the processor, fetches the larger engine for graphics cards behind the first answer, and changes to it where it is quicker. Set it before the first element starts. */
  static backend: 'auto' | 'cpu' | 'webgpu';
  /** `lazy` fetches nothing before the element is near the window, `eager` starts at once. */
  loading: 'lazy' | 'eager';
  /** `interaction` waits for the button, since a sweep keeps the processor busy; `auto` starts by itself. */
  reveal: 'interaction' | 'auto';
  /** The address of an image that stands in the element's place until it starts. Without one, an `<img>` inside the element stands there. */
  poster: string;
  /** Names of the zoo or addresses of bundles, separated by spaces; `SET/*` is a set of the zoo, `*`, or nothing, its first set. */
  models: string;
  /** Names of corruptions, separated by spaces; the default are the fifteen of the benchmark. Without any, the untouched images alone are counted. */
  corruptions: string;
  /** Severities, separated by spaces. */
  severities: string;
  /** Number of scenes, or of images of the folder, spread evenly over the classes. */
  images: number;
  /** Resolves with the element at its first result. Rejects with an `Error` whose `code` is one of the error codes if it stops before. */
  readonly ready: Promise<this>;
  /** Images in class folders to count on instead of scenes. The next run takes them; with test images beside training images, those. */
  folder: readonly FolderImage[] | null;
  /** What has been counted. */
  readonly state: SweepState;
  /** Counts anew and resolves when every image has been through. An aborted sweep rejects with the signal's reason and keeps what was counted. */
  run(options?: { signal?: AbortSignal }): Promise<SweepState>;
  /** Stops after the images that are in work. */
  pause(): void;
  /** Goes on where it stopped. */
  resume(): void;
  /** Ends the sweep; what was counted stays in sight. */
  cancel(): void;
  /** The counts as CSV: model, corruption, severity, right, images, accuracy and the ends of its 95 % interval. */
  csv(): string;
  /** The same as a PNG image: curves, the numbers of each model, where images are first wrong, and the heat maps. Rejects when nothing is counted. */
  png(): Promise<Blob>;
  addEventListener<Type extends keyof VitroSweepEventMap>(type: Type, listener: (this: VitroSweep, event: VitroSweepEventMap[Type]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: (this: VitroSweep, event: HTMLElementEventMap[Type]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Type extends keyof VitroSweepEventMap>(type: Type, listener: (this: VitroSweep, event: VitroSweepEventMap[Type]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener<Type extends keyof HTMLElementEventMap>(type: Type, listener: (this: VitroSweep, event: HTMLElementEventMap[Type]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

/** What `<vitro-sweep>` takes in JSX. */
export interface VitroSweepAttributes {
  loading?: 'lazy' | 'eager';
  reveal?: 'interaction' | 'auto';
  poster?: string;
  models?: string;
  corruptions?: string;
  severities?: string;
  images?: number | string;
  folder?: readonly FolderImage[] | null;
  onload?: (event: VitroSweepEventMap['load']) => void;
  onprogress?: (event: VitroSweepEventMap['progress']) => void;
  onerror?: (event: VitroSweepEventMap['error']) => void;
  onresult?: (event: VitroSweepEventMap['result']) => void;
}

/** What any element takes in JSX. */
export interface EveryAttribute {
  id?: string;
  class?: string;
  title?: string;
  lang?: string;
  dir?: string;
  slot?: string;
  hidden?: boolean;
  style?: unknown;
  key?: unknown;
  ref?: unknown;
  children?: unknown;
  [data: `data-${string}`]: unknown;
  [aria: `aria-${string}`]: unknown;
}

declare global {
  interface HTMLElementTagNameMap {
    'vitro-compare': VitroCompare;
    'vitro-classify': VitroClassify;
    'vitro-corrupt': VitroCorrupt;
    'vitro-sweep': VitroSweep;
  }
  namespace JSX {
    interface IntrinsicElements {
      'vitro-compare': VitroCompareAttributes & EveryAttribute;
      'vitro-classify': VitroClassifyAttributes & EveryAttribute;
      'vitro-corrupt': VitroCorruptAttributes & EveryAttribute;
      'vitro-sweep': VitroSweepAttributes & EveryAttribute;
    }
  }
}
