// Types of the elements. Written by `cargo xtask elements` from api.json: change that file.

import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { VitroCompare, VitroCompareAttributes, VitroClassify, VitroClassifyAttributes, VitroCorrupt, VitroCorruptAttributes, VitroSweep, VitroSweepAttributes } from './vitro.js';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'vitro-compare': VitroCompareAttributes & DetailedHTMLProps<HTMLAttributes<VitroCompare>, VitroCompare>;
      'vitro-classify': VitroClassifyAttributes & DetailedHTMLProps<HTMLAttributes<VitroClassify>, VitroClassify>;
      'vitro-corrupt': VitroCorruptAttributes & DetailedHTMLProps<HTMLAttributes<VitroCorrupt>, VitroCorrupt>;
      'vitro-sweep': VitroSweepAttributes & DetailedHTMLProps<HTMLAttributes<VitroSweep>, VitroSweep>;
    }
  }
}
