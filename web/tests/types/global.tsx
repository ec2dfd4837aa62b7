// The elements in JSX whose types are global.

import '@vitro/elements';

export const figure = (
  <vitro-compare src="scene:7/20" severity="4" controls class="wide" data-figure="1">
    <vitro-corrupt corruption="snow" onchange={({ detail }) => console.log(detail)} />
  </vitro-compare>
);
// @ts-expect-error No such attribute.
export const other = <vitro-corrupt weather="fog" />;
