// pause.js: a break between two steps of a worker.

const turns = new MessageChannel();
/** @type {(() => void)[]} */
const resumes = [];
turns.port1.onmessage = () => resumes.shift()?.();

/** Lets newer messages in; a timer would wait 4 ms. @returns {Promise<void>} */
export function pause() {
  return new Promise((resume) => {
    resumes.push(resume);
    turns.port2.postMessage(null);
  });
}
