// sweep.js: defines <vitro-sweep>, accuracy over severity, counted here.
import { define } from './base/define.js';
import { VitroSweep as Own } from './sweep/sweep.js';

export const VitroSweep = define(Own);
