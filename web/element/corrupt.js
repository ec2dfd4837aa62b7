// corrupt.js: defines <vitro-corrupt>, an image under a corruption; no network is fetched.
import { define } from './base/define.js';
import { VitroCorrupt as Own } from './corrupt/corrupt.js';

export const VitroCorrupt = define(Own);
