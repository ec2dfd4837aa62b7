// worker.js: the thread in which an image is changed step by step while models watch. Its engine has gradients; tensors stay here.
// Between two steps newer wishes are let in, and only the newest is followed.

import * as module from '../engine-synthesis.js';
import { Guard } from '../engine/worker/guard.js';
import { openImage } from '../engine/worker/image.js';
import { pause } from '../engine/worker/pause.js';
import { isBreakdown, Refusal, sentence } from '../engine/worker/refusal.js';

/** @import { EngineImage } from '../engine/worker/engine-module.js' */
/** @import { Course, DifferentiableEngine, Watched } from './engine-module.js' */
/** @import { Begin, Bundle, ClassMap, FromSynthesis, Open, Seen, Step, ToSynthesis, Witness } from './messages.js' */

/** @typedef {{ name: string, shown: string, title: string, id: number, side: number, classes: string[] }} Model */
/** @typedef {{ number: number, course: Course, against: Model, models: (Model | Witness)[], clean: Uint8Array, before: Map<string, Watched | string>, witnesses: Witness[] }} Going */

const guard = new Guard(post, new Map());
/** @type {DifferentiableEngine | null} */
let engine = null;
/** A wish may come before the engine is open. */
let opening = Promise.resolve();
/** @type {Map<string, Model | string>} models by their names, or why they are refused */
const models = new Map();
/** @type {{ src: string, image: EngineImage } | null} */
let opened = null;
/** @type {Going | null} */
let going = null;
/** The newest wish. */
let newest = 0;
/** The wish that goes no further. */
let stopped = 0;
/** Where it shall be carried; only the newest place counts. @type {[number, number] | null} */
let place = null;

onmessage = ({ data }) => {
  const message = /** @type {ToSynthesis} */ (data);
  switch (message.kind) {
    case 'open': return void (opening = open(message));
    case 'begin': return void begin(message);
    case 'stop': return void (stopped = message.number);
    case 'carry': return void carry(message.number, message.place);
  }
};

/** @param {Open} message */
async function open({ module: compiled }) {
  try {
    engine = await guard.run({ kind: 'engine', key: 'engine', name: 'the engine' }, async () => {
      await module.default({ module_or_path: compiled });
      return module.open();
    });
    post({ kind: 'opened', rows: JSON.parse(module.syntheses()) });
  } catch (error) {
    post({ kind: 'failed', message: sentence(error) });
  }
}

/** @param {Begin} wish */
async function begin(wish) {
  const { number } = wish;
  newest = number;
  try {
    const begun = await start(wish);
    if (!begun) return;
    going?.course.free();
    going = begun;
    await show(begun, null);
    for (;;) {
      await pause();
      if (newest !== number) return;
      if (stopped === number) break;
      const step = await guard.run(taskOf(begun), () => begun.course.step());
      if (step === undefined) break;
      await show(begun, JSON.parse(step));
    }
    post({ kind: 'done', number });
    await explain(begun);
  } catch (error) {
    if (newest === number) post({ kind: 'refused', number, message: sentence(error) });
  }
}

/** Everything before the first step; nothing when a newer wish has come. @param {Begin} wish @returns {Promise<Going | null>} */
async function start({ number, bundles, against: name, models: names, seen, synthesis, amount, seed, place: centre }) {
  await opening;
  if (!engine) throw new Error('The engine is not open.');
  const own = engine;
  for (const bundle of bundles) await load(own, bundle);
  const image = await imageOf(seen, number);
  if (!image) return null;
  const against = models.get(name);
  if (typeof against !== 'object') throw new Refusal('bundle', against ?? `There is no model named “${name}” here.`);
  const { corruption, severity, seed: drawn, protocol } = seen;
  const clean = await guard.run({ kind: 'image', key: seen.src, name: 'the image' }, () => {
    return protocol === 'full-size' ? own.seeAtFullSize(against.id, image, corruption, severity, drawn) : own.see(against.id, image, corruption, severity, drawn);
  });
  if (newest !== number) return null;
  const task = { kind: /** @type {const} */ ('classify'), key: `model ${name}`, name: against.shown };
  const course = await guard.run(task, () => own.begin(against.id, clean, against.side, synthesis, amount, seed, ...centre));
  const watching = names.map((model) => {
    const found = models.get(model);
    return typeof found === 'object' ? found : { name: model, title: model, refusal: found ?? 'It is not here.' };
  });
  const begun = { number, course, against, models: watching, clean, before: new Map(), witnesses: [] };
  for (const model of watching) {
    if ('id' in model) begun.before.set(model.name, await guard.run(taskOf({ against: model }), () => watched(model, course, module.Shown.Clean) ?? ''));
  }
  if (newest === number) return begun;
  course.free();
  return null;
}

/** @param {DifferentiableEngine} own @param {Bundle} bundle */
async function load(own, { name, shown, bytes }) {
  try {
    const model = await guard.run({ kind: 'load', key: `model ${name}`, name: shown }, () => {
      const id = own.load(bytes);
      const { title, classes, preprocess } = JSON.parse(own.manifest(id));
      return { name, shown, title, id, side: preprocess.image_size, classes };
    });
    models.set(name, model);
  } catch (error) {
    models.set(name, `${shown} cannot be used: ${sentence(error)}.`);
  }
}

/** The image; nothing when a newer wish has come meanwhile. @param {Seen} seen @param {number} number @returns {Promise<EngineImage | null>} */
async function imageOf({ src, file, credentials }, number) {
  if (opened?.src === src) return opened.image;
  const image = await openImage(module, (name, call) => guard.run({ kind: 'image', key: src, name }, call), { src, file, credentials });
  if (newest !== number) {
    image.free();
    return null;
  }
  opened?.image.free();
  opened = { src, image };
  return image;
}

/** Where a hand moves quicker than models answer, places between are left out. @param {number} number @param {[number, number]} to */
async function carry(number, to) {
  const waits = place !== null;
  place = to;
  if (waits) return;
  await pause();
  const [now, own] = [place, going];
  place = null;
  if (own?.number !== number || newest !== number) return;
  try {
    await guard.run(taskOf(own), () => own.course.carry(...now));
    await show(own, null);
    await explain(own);
  } catch (error) {
    post({ kind: 'refused', number, message: sentence(error) });
  }
}

/** Tells what there is to see. Every model's look is a call of its own, so that each can be watched. @param {Going} own @param {Step | null} step */
async function show(own, step) {
  const { number, course, against, models: watching, clean, before } = own;
  const [image, noise] = await guard.run(taskOf({ against }), () => {
    const made = course.noise();
    const { pixels, size, onTokens } = made;
    made.free();
    return [course.image(), { pixels, size, onTokens }];
  });
  /** @type {Witness[]} */
  const witnesses = [];
  for (const model of watching) {
    if (newest !== number) return;
    const see = (/** @type {Model} */ seer) => guard.run(taskOf({ against: seer }), () => watched(seer, course, module.Shown.Made));
    witnesses.push('id' in model ? witness(model, before.get(model.name), await see(model)) : model);
  }
  const other = newest === number ? await guard.run(taskOf({ against }), () => watched(against, course, module.Shown.Control)) : null;
  if (newest !== number) return;
  const control = other === null ? null : witness(against, before.get(against.name), other);
  own.witnesses = witnesses;
  post({ kind: 'shown', number, step, side: against.side, clean, image, noise, label: against.classes[course.label] ?? '', witnesses, control });
}

/** Tells what speaks for the class that each model sees now, unless something newer is shown meanwhile: each takes a gradient. @param {Going} own */
async function explain(own) {
  const { number, course, models: watching, witnesses } = own;
  const isOld = () => newest !== number || place !== null || own.witnesses !== witnesses;
  /** @type {ClassMap[]} */
  const maps = [];
  for (const [i, model] of watching.entries()) {
    await pause();
    if (isOld()) return;
    const logits = witnesses[i]?.logits;
    maps.push('id' in model && logits ? await guard.run(taskOf({ against: model }), () => classMap(model, course, largest(logits))) : null);
  }
  if (!isOld()) post({ kind: 'explained', number, maps });
}

/** @param {Model} model @param {Course} course @param {number} index of the class @returns {ClassMap} */
function classMap({ id }, course, index) {
  try {
    return engine?.classMap(id, course, index) ?? null;
  } catch (error) {
    if (isBreakdown(error)) throw error;
    return `Nothing speaks here: ${sentence(error)}.`;
  }
}

/**
 * What a model says, beside what it said before.
 * @param {Model} model @param {Watched | string | undefined} before @param {Watched | string | null} now
 * @returns {Witness}
 */
function witness(model, before, now) {
  const { name, title, classes } = model;
  const refusal = [before, now].find((answer) => typeof answer === 'string');
  if (typeof refusal === 'string' || !before || !now || typeof before === 'string' || typeof now === 'string') {
    return { name, title, refusal: refusal || 'It says nothing.' };
  }
  const best = largest(before.probabilities);
  const said = (/** @type {Watched} */ { probabilities }) => {
    const top = largest(probabilities);
    return { top: classes[top] ?? '', probability: probabilities[top] ?? 0, still: probabilities[best] ?? 0 };
  };
  const logits = [...now.logits];
  const shift = Math.max(...logits.map((logit, i) => Math.abs(logit - (before.logits[i] ?? 0))));
  return { name, title, before: said(before), now: said(now), logits, shift };
}

/**
 * What a model says, or why it does not see it; null where there is nothing to see.
 * @param {Model} model @param {Course} course @param {number} shown
 * @returns {Watched | string | null}
 */
function watched({ id }, course, shown) {
  try {
    const answer = engine?.watch(id, course, shown);
    if (!answer) return null;
    // Each is a copy out of the engine's memory.
    const { logits, probabilities } = answer;
    answer.free();
    return { logits, probabilities };
  } catch (error) {
    if (isBreakdown(error)) throw error;
    return `Does not see it: ${sentence(error)}.`;
  }
}

/** @param {ArrayLike<number>} numbers */
function largest(numbers) {
  return Array.from(numbers).reduce((best, number, i, all) => (number > (all[best] ?? -Infinity) ? i : best), 0);
}

/** @param {Pick<Going, 'against'>} going */
function taskOf({ against: { name, shown } }) {
  return { kind: /** @type {const} */ ('classify'), key: `model ${name}`, name: shown };
}

/** @param {FromSynthesis} message */
function post(message) {
  postMessage(message);
}
