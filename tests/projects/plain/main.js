// The packages as npm put them into node_modules, by their address: a browser needs nothing else.
import { VitroCompare } from './node_modules/@vitro/elements/vitro.js';
import { zoo } from './node_modules/@vitro/zoo/index.js';

VitroCompare.zoo = zoo;
