import { VitroCompare, type ModelAnswer } from '@vitro/elements';
import { zoo } from '@vitro/zoo';

VitroCompare.zoo = zoo;

const compare = document.querySelector('vitro-compare')!;
const verdict = document.querySelector('#verdict')!;
const input = document.querySelector('input')!;
const list = document.querySelector('ul')!;

compare.addEventListener('result', ({ detail }) => {
  const right = detail.models.filter((model) => model.right).length;
  verdict.textContent = `${right} of ${detail.models.length} models are right under ${detail.corruption}.`;
});

// Any image can be classified beside the one in sight. A newer one takes the place of an older one.
let request = new AbortController();
input.addEventListener('change', async () => {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  const [image] = input.files ?? [];
  if (!image) return;
  try {
    list.replaceChildren(...(await compare.classify(image, { signal })).map(item));
  } catch (error) {
    if (!signal.aborted) list.replaceChildren(String(error));
  }
});

function item({ name, top, probabilities }: ModelAnswer): HTMLLIElement {
  const text = `${name}: ${top}, ${Math.max(...probabilities).toFixed(4)}`;
  return Object.assign(document.createElement('li'), { textContent: text });
}
