// The elements in React, which sets attributes by their names and listens to events by `on` and theirs.

import type {} from '@vitro/elements/react';
import '@vitro/elements/compare';
import { useRef } from 'react';
import type { VitroCompare } from '@vitro/elements';

export function Figure({ photo }: { photo: string }) {
  const compare = useRef<VitroCompare>(null);
  return (
    <figure className="wide">
      <vitro-compare ref={compare} src={photo} severity={4} controls onresult={({ detail }) => console.log(detail.models)}>
        <img src={photo} alt="a street" />
      </vitro-compare>
      <vitro-sweep models="vit fan" images="20" id="sweep" />
      {/* @ts-expect-error One of two words. */}
      <vitro-corrupt loading="soon" />
      {/* @ts-expect-error No such attribute. */}
      <vitro-corrupt weather="fog" />
    </figure>
  );
}
