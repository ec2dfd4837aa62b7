// walk.js: holds every row of api.json against the elements that are there, in a real browser. `walk` resolves with how many
// rows it looked at and with a line for each that is not true.

/** What a flow of each element is tried with: little work, and no pause. */
const FLOWS = {
  'vitro-compare': { src: 'scene:7/3', models: 'vit', loading: 'eager' },
  'vitro-classify': { src: 'scene:7/3', model: 'vit', loading: 'eager' },
  'vitro-corrupt': { src: '', loading: 'eager' },
  'vitro-sweep': { models: 'vit', corruptions: 'fog', severities: '3', images: '2', reveal: 'auto', loading: 'eager' },
};
/** What makes an element fail. */
const FAILURES = {
  'vitro-compare': { src: 'scene:x' },
  'vitro-classify': { src: 'scene:x' },
  'vitro-corrupt': { src: 'data:image/png;base64,*' },
  'vitro-sweep': { corruptions: 'rain' },
};
const KINDS = ['attributes', 'properties', 'methods', 'events', 'slots', 'parts', 'cssProperties', 'states', 'statics'];

export async function walk(api, photograph) {
  FLOWS['vitro-corrupt'].src = photograph;
  const failures = [];
  let rows = 0;
  for (const declared of api.elements) {
    const { tag } = declared;
    const all = Object.fromEntries(KINDS.map((kind) => [kind, joined(api, declared, kind)]));
    const check = (row, truth, what) => {
      rows += 1;
      if (!truth) failures.push(`<${tag}> ${row}: ${what}`);
    };
    const Class = customElements.get(tag);
    check(declared.class, Class !== undefined, 'is not defined');
    if (!Class) continue;
    for (const row of all.attributes) for (const [truth, what] of attribute(tag, row)) check(row.name, truth, what);
    check('attributes', same([...Class.observedAttributes].sort(), all.attributes.map(({ name }) => name).sort()), 'others are observed');
    for (const row of all.properties) for (const [truth, what] of property(tag, row)) check(row.name, truth, what);
    for (const row of all.statics) for (const [truth, what] of constant(Class, row)) check(row.name, truth, what);
    for (const row of all.methods) check(row.name, typeof Class.prototype[row.name] === 'function', 'is no method');
    for (const row of all.methods.filter(({ parameters }) => parameters.includes('AbortSignal'))) {
      const reason = new Error('not wanted any more');
      const options = { signal: AbortSignal.abort(reason) };
      const call = row.parameters.startsWith('image') ? [photograph, options] : [options];
      const thrown = await Promise.resolve().then(() => document.createElement(tag)[row.name](...call)).catch((error) => error);
      check(row.name, thrown === reason, `an aborted call ends with ${thrown}`);
    }
    const seen = await flow(tag, all);
    for (const kind of ['events', 'slots', 'parts', 'states', 'cssProperties']) {
      for (const { name } of all[kind]) check(`${kind} ${name}`, seen[kind].has(name), `was not seen; ${seen.notes.join('; ')}`);
    }
    for (const note of seen.wrong) check('flow', false, note);
  }
  return { rows, failures };
}

/** The rows of a kind, shared ones and own ones; an own row goes before a shared one of its name. */
function joined(api, declared, kind) {
  const rows = new Map();
  for (const source of [...declared.uses.map((name) => api.shared[name]), declared]) {
    for (const row of source[kind] ?? []) rows.set(row.name, row);
  }
  return [...rows.values()];
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function* attribute(tag, row) {
  const property = row.property ?? row.name;
  const make = () => document.createElement(tag);
  const valid = {
    text: ['a b'], flag: [true], integer: [row.max, row.min], choice: row.choices,
  }[row.kind];
  const invalid = {
    text: [], flag: [], integer: [['abc', row.default], ['', row.default], ['-1e9', row.min], ['1e99', row.max]], choice: [['nonsense', row.default], ['', row.default]],
  }[row.kind];
  yield [make()[property] === row.default, `the default is ${make()[property]}`];
  for (const value of valid) {
    const text = row.kind === 'flag' ? '' : String(value);
    const [byAttribute, byProperty] = [make(), make()];
    byAttribute.setAttribute(row.name, text);
    yield [byAttribute[property] === value, `the attribute ${text} reads as ${byAttribute[property]}`];
    byProperty[property] = value;
    yield [byProperty.getAttribute(row.name) === text, `the property ${value} is written as ${byProperty.getAttribute(row.name)}`];
    byProperty[property] = row.kind === 'flag' ? false : null;
    yield [!byProperty.hasAttribute(row.name) && byProperty[property] === row.default, 'is not taken back'];
    // Set on an element whose class is not there yet.
    const early = new DOMParser().parseFromString(`<${tag} loading="lazy"></${tag}>`, 'text/html').body.firstElementChild;
    early[property] = value;
    const hidden = document.body.appendChild(Object.assign(document.createElement('div'), { hidden: true }));
    hidden.append(early);
    customElements.upgrade(early);
    yield [early.getAttribute(row.name) === text && !Object.hasOwn(early, property), 'is not taken over when the class arrives'];
    hidden.remove();
  }
  for (const [text, value] of invalid) {
    const element = make();
    element.setAttribute(row.name, text);
    yield [element[property] === value, `${JSON.stringify(text)} reads as ${element[property]}`];
  }
}

function* property(tag, { name, readonly, type }) {
  const element = document.createElement(tag);
  yield [name in element, 'is not there'];
  if (type.startsWith('Promise')) yield [element[name] instanceof Promise, 'is no promise'];
  if (readonly) {
    const before = JSON.stringify(element[name]);
    try {
      element[name] = 'something else';
    } catch {
      // In strict code a property without a setter refuses aloud.
    }
    yield [JSON.stringify(element[name]) === before, 'can be written'];
  }
}

function* constant(Class, { name, default: value, readonly }) {
  yield [name in Class, 'is not there'];
  if (value !== undefined) yield [same(Class[name], value === 'null' ? null : value.replaceAll("'", '')), `is ${Class[name]}`];
  if (readonly) yield [typeof Class[name] === 'string', 'is no text'];
}

/** One life of an element, watched. */
async function flow(tag, all) {
  const seen = { events: new Set(), slots: new Set(), parts: new Set(), states: new Set(), cssProperties: new Set(), notes: [], wrong: [] };
  const element = document.createElement(tag);
  const look = () => {
    for (const { name } of all.states) if (element.matches(`:state(${name})`)) seen.states.add(name);
    for (const { name } of all.parts) if (element.shadowRoot.querySelector(`[part~="${name}"]`)) seen.parts.add(name);
    for (const { name } of all.slots) if (element.shadowRoot.querySelector(name ? `slot[name="${name}"]` : 'slot:not([name])')) seen.slots.add(name);
  };
  const fractions = [];
  for (const { name, detail } of all.events) {
    element.addEventListener(name, (event) => {
      if (event.target !== element || !(event instanceof CustomEvent)) return;
      seen.events.add(name);
      look();
      if (!event.bubbles || !event.composed) seen.wrong.push(`${name} does not leave the element`);
      if (detail === 'number' && typeof event.detail !== 'number') seen.wrong.push(`${name} carries ${event.detail}`);
      if (detail === 'ElementError' && !(event.detail.code && event.detail.message)) seen.wrong.push(`${name} carries no sentence`);
      if (name === 'progress') fractions.push(event.detail);
      seen.notes.push(name === 'error' ? `error ${event.detail.message}` : name);
    });
  }
  look();
  for (const { name } of all.cssProperties) if (follows(tag, name)) seen.cssProperties.add(name);
  for (const [name, value] of Object.entries(FLOWS[tag])) element.setAttribute(name, value);
  if (all.attributes.some(({ name }) => name === 'controls')) element.setAttribute('controls', '');
  const changes = [];
  element.addEventListener('change', () => changes.push('change'));
  document.body.append(element);
  look();
  const ready = await within(element.ready, 'ready').catch((error) => seen.wrong.push(String(error)));
  if (ready !== element) seen.wrong.push('ready does not resolve with the element');
  look();
  if (fractions.at(-1) !== 1 || fractions.some((fraction, i) => i > 0 && fraction < fractions[i - 1])) {
    seen.wrong.push(`progress went ${fractions.join(', ')}`);
  }
  if ('severity' in element) element.severity = 1;
  if (changes.length > 0) seen.wrong.push('a script that sets a property fires change');
  const menu = element.shadowRoot.querySelector('select');
  if (menu) {
    menu.value = 'contrast';
    menu.dispatchEvent(new Event('change', { bubbles: true }));
    if (element.getAttribute('corruption') !== 'contrast') seen.wrong.push('the menu does not write the attribute');
  }
  if (element.requestThumbnails) {
    await within(element.settled(), 'settled');
    const drawn = new Promise((resolve) => element.addEventListener('thumbnail', resolve, { once: true }));
    element.requestThumbnails(3, 32, ['fog']);
    await within(drawn, 'thumbnail').catch((error) => seen.wrong.push(String(error)));
  }
  const failed = new Promise((resolve) => element.addEventListener('error', resolve, { once: true }));
  for (const [name, value] of Object.entries(FAILURES[tag])) element.setAttribute(name, value);
  element.run?.().catch(() => {});
  await within(failed, 'error').catch((error) => seen.wrong.push(String(error)));
  look();
  element.remove();
  return seen;
}

/** Whether something of the element's look follows a custom property. */
function follows(tag, name) {
  const value = name.endsWith('font') ? 'serif' : 'rgb(1, 2, 3)';
  const looks = (set) => {
    const element = document.createElement(tag);
    element.setAttribute('reveal', 'interaction');
    if (set) element.style.setProperty(name, value);
    document.body.append(element);
    const found = [element, ...element.shadowRoot.querySelectorAll('*')].map((each) => {
      const { color, backgroundColor, borderColor, fontFamily, accentColor } = getComputedStyle(each);
      return [color, backgroundColor, borderColor, fontFamily, accentColor].join(' ');
    });
    element.remove();
    return found.join('\n');
  };
  return looks(false) !== looks(true);
}

function within(promise, name) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${name} did not come within 60 s`)), 60_000));
  return Promise.race([promise, late]);
}
