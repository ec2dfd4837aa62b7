import type {} from '@vitro/elements/react'; // The elements in JSX.
import { VitroCompare, type CompareState, type ImageSource } from '@vitro/elements';
import { zoo } from '@vitro/zoo';
import { useState } from 'react';

VitroCompare.zoo = zoo;

export function App() {
  const [severity, setSeverity] = useState(2);
  const [state, setState] = useState<CompareState | null>(null);
  const [image, setImage] = useState<ImageSource | null>(null);
  return (
    <main>
      <vitro-compare src="scene:7/3" corruption="fog" severity={severity} controls onresult={({ detail }) => setState(detail)} />
      <p>{state?.models.map(({ name, top }) => `${name}: ${top}`).join(', ')}</p>
      <button onClick={() => setSeverity(4)}>More fog</button>
      <input type="file" accept="image/*" onChange={({ target }) => setImage(target.files?.[0] ?? null)} />
      <vitro-classify model="fan" image={image} />
      <vitro-corrupt corruption="snow" severity={3} />
    </main>
  );
}
