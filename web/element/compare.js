// compare.js: defines <vitro-compare>, one image under one corruption, seen by several models.
import { define } from './base/define.js';
import { VitroCompare as Own } from './compare/compare.js';

export const VitroCompare = define(Own);
