// What somebody who uses the elements from TypeScript writes; the checker reads it, and nothing runs it.

import { VitroCompare, VitroSweep, type CompareState, type ModelAnswer } from '@vitro/elements';
import { VitroCorrupt } from '@vitro/elements/corrupt';

VitroCompare.assetBase = '/vitro/';
VitroCompare.zoo = [{ name: 'mine', title: 'Mine', file: '/models/mine.safetensors' }];
// @ts-expect-error There is no such engine.
VitroCompare.backend = 'gpu';
// @ts-expect-error The name of the build is not to be changed.
VitroCompare.build = '';

const compare: VitroCompare = document.createElement('vitro-compare');
compare.severity = 4;
compare.crossOrigin = 'use-credentials';
// @ts-expect-error A number, not its text.
compare.severity = '4';
// @ts-expect-error One of two words.
compare.loading = 'soon';
// @ts-expect-error What is shown follows from the attributes.
compare.state = null;

compare.addEventListener('result', ({ detail }) => {
  const state: CompareState = detail;
  console.log(state.models.map(({ title, top }) => `${title}: ${top}`));
});
compare.addEventListener('error', function ({ detail: { code, message } }) {
  if (code === 'format') console.log(this.src, message);
  // @ts-expect-error The list of codes is closed.
  if (code === 'weather') return;
});
compare.addEventListener('click', ({ clientX }) => clientX);
compare.addEventListener('something-else', () => {});

export async function use(video: HTMLVideoElement, signal: AbortSignal): Promise<ModelAnswer[]> {
  const { models } = await compare.ready;
  console.log(models.toUpperCase());
  const corrupt = document.querySelector('vitro-corrupt') ?? new VitroCorrupt();
  corrupt.image = video;
  const { data } = await corrupt.corrupt(video, { corruption: 'snow', severity: 2, signal });
  const sweep: VitroSweep = document.createElement('vitro-sweep');
  const [first] = (await sweep.run({ signal })).models;
  console.log(data.length, first?.cells[0]?.[0]?.right);
  // @ts-expect-error An image, not a number.
  await compare.classify(3);
  return compare.classify('scene:7/3', { signal });
}
