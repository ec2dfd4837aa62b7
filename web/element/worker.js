// worker.js: the engine's thread. Every tensor and every corruption lives here, so the page never waits.
//
// In:  open {backend} · look {view, number, src, corruption, severity, seed, models} ·
//      thumbnails {view, number, src, severity, seed, side} · forget {view}
// Out: opened {corruptions, zoo} · chip {backend, webgpu, note} · failed {message}; to one view: image {src} ·
//      thumbnail, and with the number of the look: again · pixels · model · answer · ahead · refused · done · stopped
//
// Order of work: the newest look of each view; then the other severities of that look, so that moving the slider answers
// at once and the view can say where a model fails; then thumbnails. Between any two steps newer messages are let in and
// stale work is dropped.

// The build's name is passed on to every other file of the engine. These imports are not awaited here: a worker that
// waits at its top level loses the messages that arrive meanwhile.
const version = new URL(import.meta.url).search;
const files = ['backends.js', 'models.js', 'image.js', 'engine-cpu.js'];
const parts = Promise.all(files.map((file) => import(`./${file}${version}`)));

const views = new Map();
let backends, models, openImage;
let running = false;

onmessage = ({ data }) => {
  if (data.kind === 'open') open(data.backend);
  else if (data.kind === 'forget') forget(data.view);
  else {
    const view = views.get(data.view) ?? { id: data.view, answers: new Map() };
    views.set(data.view, view);
    view[data.kind] = data;
    if (data.kind === 'look') view.todo = 'look';
    work();
  }
};

async function open(backend) {
  try {
    const [{ Backends }, { Models }, image] = await parts;
    openImage = image.openImage;
    backends = new Backends(version, backend, (chip) => post({ kind: 'chip', ...chip }));
    models = new Models(backends);
    const opening = backends.openCpu();
    const zoo = await models.readZoo(new URL('zoo/', import.meta.url));
    for (const { look } of views.values()) fetchModels(models.chosen(look?.models)); // While the engine compiles.
    await opening;
    backends.onswitch = answerAgain;
    post({ kind: 'opened', corruptions: backends.corruptions, zoo });
    work();
  } catch (error) {
    post({ kind: 'failed', message: sentence(error) });
  }
}

function forget(id) {
  views.get(id)?.image?.free();
  views.delete(id);
}

/** Works until nothing is left to do. One loop for all views: they share the engine in turn. */
async function work() {
  if (running || !backends?.cpu) return;
  running = true;
  for (let step = next(); step; step = next()) {
    try {
      await step.run(step.view);
    } catch (error) {
      step.view.todo = null;
      tell(step.view, { kind: 'stopped', code: error.code ?? error.name ?? 'engine', message: sentence(error) });
    }
    await pause();
  }
  running = false;
}

/** The most urgent step, or nothing. */
function next() {
  const all = [...views.values()];
  const find = (run, test) => {
    const view = all.find(test);
    return view && { run, view };
  };
  return find(look, ({ todo }) => todo === 'look')
    ?? find(ahead, ({ todo }) => todo === 'ahead')
    ?? find(thumbnail, (view) => view.thumbnails && view.image);
}

/** Answers a view's newest request: its pixels first, then one model after the other. */
async function look(view) {
  const job = view.look;
  if (view.src !== job.src) return openFor(view);
  const { side } = view.image;
  view.pixels = corrupted(view, job.severity);
  tell(view, { kind: 'pixels', side, pixels: view.pixels.slice() });
  const names = models.chosen(job.models);
  fetchModels(names);
  for (const name of names) {
    await pause();
    if (view.look !== job) return;
    try {
      const { manifest } = await models.get(name);
      if (view.look !== job) return;
      tell(view, { kind: 'model', name, manifest });
      const result = await answer(view, job.severity, name);
      if (view.look !== job) return;
      tell(view, { kind: 'answer', name, ...result, ...sofar(view, name) });
    } catch (error) {
      tell(view, { kind: 'refused', name, message: sentence(error) });
    }
  }
  if (view.look !== job) return;
  tell(view, { kind: 'done' });
  view.todo = 'ahead';
  backends.beginWebgpu(models);
}

/** Starts all downloads at once; whoever awaits a model hears of its failure. */
function fetchModels(names) {
  for (const name of names) models.get(name).catch(() => {});
}

/** Opens the newest `src` of a view without holding up the others; the look is taken up again afterwards. */
function openFor(view) {
  const { src } = view.look;
  view.todo = null;
  if (view.opening === src) return;
  view.opening = src;
  const current = () => view.look.src === src && views.get(view.id) === view;
  const opened = (image) => {
    if (!current()) return image.free();
    view.image?.free();
    Object.assign(view, { src, image, clean: image.clean(), answers: new Map() });
    const { side, label = null } = image;
    tell(view, { kind: 'image', src, side, label, pixels: view.clean.slice() });
    view.todo = 'look';
    work();
  };
  const failed = (error) => {
    if (current()) tell(view, { kind: 'stopped', code: error.code ?? error.name, message: sentence(error) });
  };
  openImage(backends.cpu, src).then(opened).catch(failed).finally(() => {
    if (view.opening === src) view.opening = null;
  });
}

/** Computes one answer that the slider may ask for next. */
async function ahead(view) {
  const job = view.look;
  for (const severity of [0, 5, 1, 2, 3, 4]) {
    for (const name of models.chosen(job.models)) {
      if (!models.has(name) || view.answers.has(answerKey(job, severity, name))) continue;
      await answer(view, severity, name);
      if (view.look === job) tell(view, { kind: 'ahead', name, ...sofar(view, name) });
      return;
    }
  }
  view.todo = null;
}

/** One model on one severity of the view's look, from memory when it was asked before. */
async function answer(view, severity, name) {
  const { look: job, answers } = view;
  const key = answerKey(job, severity, name);
  if (!answers.has(key)) {
    const pixels = severity === job.severity ? view.pixels : corrupted(view, severity);
    answers.set(key, await models.classify(name, pixels, view.image.side));
  }
  return answers.get(key);
}

/** What is known of a model on this image so far: its top class at severities 0 to 5, and its usual time. */
function sofar(view, name) {
  const known = [0, 1, 2, 3, 4, 5].map((severity) => view.answers.get(answerKey(view.look, severity, name)));
  const levels = known.map((result) => (result ? result.probabilities.indexOf(Math.max(...result.probabilities)) : null));
  return { levels, milliseconds: models.milliseconds(name, backends.active) };
}

function answerKey({ corruption, seed }, severity, name) {
  return severity === 0 ? `clean ${name}` : `${corruption} ${severity} ${seed} ${name}`;
}

function corrupted({ look: job, image, clean }, severity) {
  return severity === 0 ? clean : image.corrupt(job.corruption, severity, job.seed);
}

/** The next small image of a thumbnail request. */
function thumbnail(view) {
  const job = view.thumbnails;
  job.at ??= 0;
  const corruption = backends.corruptions[job.at++];
  if (!corruption || view.src !== job.src) {
    view.thumbnails = null;
    return;
  }
  const pixels = view.image.thumbnail(corruption.name, job.severity, job.seed, job.side);
  tell(view, { kind: 'thumbnail', number: job.number, corruption: corruption.name, side: job.side, pixels });
}

/** After a change of engine every view is answered again. */
function answerAgain() {
  for (const view of views.values()) {
    view.answers = new Map();
    if (!view.look || view.src !== view.look.src) continue;
    view.look = { ...view.look };
    view.todo = 'look';
    tell(view, { kind: 'again' });
  }
  work();
}

function tell(view, message) {
  post({ view: view.id, number: view.look?.number, ...message }, message.pixels ? [message.pixels.buffer] : []);
}

function post(message, transfer = []) {
  postMessage(message, transfer);
}

const turns = new MessageChannel();
const resumes = [];
turns.port1.onmessage = () => resumes.shift()();

/** Lets newer messages in; a timer would wait 4 ms. */
function pause() {
  return new Promise((resume) => {
    resumes.push(resume);
    turns.port2.postMessage(null);
  });
}

function sentence(error) {
  return String(error?.message ?? error);
}
