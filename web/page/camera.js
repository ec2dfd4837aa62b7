// camera.js: the camera as the page's image, frame by frame. The next frame is taken when the last one is answered, so that one is
// on its way at any time. The camera stops when the page is hidden and when another image comes; its last frame stays.

import { say } from './say.js';

/** @import { VitroCompare } from '../vitro/vitro.js' */

/** Enough for the models, and quick to encode. The camera of a phone that looks away from the visitor goes first. */
const WANTED = { audio: false, video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: { ideal: 'environment' } } };
/** What to do about each refusal of a browser. @type {Record<string, string | undefined>} */
const REFUSALS = {
  NotAllowedError: 'The camera is not allowed here. Allow it for this page in the browser, or choose an image.',
  NotFoundError: 'There is no camera. Connect one, or choose an image.',
  NotReadableError: 'The camera is in use elsewhere. Close what uses it and try again.',
};
/** What a frame is called where a file has a name. */
const NAME = 'camera.png';

/**
 * @param {HTMLButtonElement} button starts and stops it
 * @param {VitroCompare} compare
 */
export function listenForCamera(button, compare) {
  /** @type {Camera | null} */
  let camera = null;
  const show = () => {
    button.textContent = camera ? 'stop the camera' : 'camera';
  };
  /** @param {string} sentence what has ended it */
  const ended = (sentence) => {
    camera = null;
    show();
    if (sentence) say(sentence);
  };
  button.hidden = false;
  button.onclick = async () => {
    if (camera) return camera.stop('The camera is off. Its last frame stays.');
    const starting = new Camera(compare, ended);
    camera = starting;
    show();
    await starting.start();
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) camera?.stop('The camera went off when the page was hidden.');
  });
  // Dropped, chosen, pasted or rolled: whatever writes `src` goes before the camera.
  new MutationObserver(() => compare.src && camera?.leave()).observe(compare, { attributes: true, attributeFilter: ['src'] });
}

class Camera {
  #compare;
  #ended;
  #canvas = document.createElement('canvas');
  #video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  /** @type {MediaStream | null} */
  #stream = null;
  #over = false;
  /** What is shown, once there is something. @type {File | null} */
  #frame = null;

  /** @param {VitroCompare} compare @param {(sentence: string) => void} ended */
  constructor(compare, ended) {
    this.#compare = compare;
    this.#ended = ended;
  }

  async start() {
    try {
      if (!navigator.mediaDevices) throw new Error('This page was not served over https, where browsers give no camera. Choose an image.');
      const stream = await navigator.mediaDevices.getUserMedia(WANTED);
      // The visitor may have changed their mind while the browser asked.
      if (this.#over) return stop(stream);
      this.#stream = stream;
      for (const track of stream.getTracks()) track.onended = () => this.stop('The camera went off. Its last frame stays.');
      this.#video.srcObject = stream;
      await this.#video.play();
      while (!this.#over) await this.#next();
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      this.stop(REFUSALS[name] ?? message);
    }
  }

  /** Ends it; its last frame becomes the image, as if it had been chosen. @param {string} sentence */
  stop(sentence) {
    const frame = this.#frame;
    this.#end(sentence);
    if (frame) this.#compare.take(frame);
  }

  /** Ends it for another image. */
  leave() {
    this.#end('');
    this.#compare.image = null;
  }

  /** @param {string} sentence */
  #end(sentence) {
    if (this.#over) return;
    this.#over = true;
    this.#frame = null;
    if (this.#stream) stop(this.#stream);
    this.#video.srcObject = null;
    this.#ended(sentence);
  }

  /** Shows the frame in sight and waits until every model has answered. */
  async #next() {
    const frame = await this.#grab();
    if (this.#over) return;
    this.#compare.image = frame;
    // What was shown before, and its label, are not there any more.
    if (!this.#frame) this.#compare.src = '';
    this.#frame = frame;
    await new Promise((next) => setTimeout(next)); // Then the element has taken it.
    const { error } = await this.#compare.settled();
    if (error && !this.#over) throw new Error(error.message);
  }

  /** The square in the middle of the frame, without loss. */
  async #grab() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const side = Math.min(width, height);
    Object.assign(this.#canvas, { width: side, height: side });
    this.#canvas.getContext('2d')?.drawImage(this.#video, (side - width) / 2, (side - height) / 2);
    /** @type {Blob | null} */
    const blob = await new Promise((resolve) => this.#canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new Error('The camera gives no image. Try again, or choose an image.');
    return new File([blob], NAME, { type: blob.type });
  }
}

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}
