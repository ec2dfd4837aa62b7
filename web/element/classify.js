// classify.js: defines <vitro-classify>, one image, seen by one model.
import { define } from './base/define.js';
import { VitroClassify as Own } from './classify/classify.js';

export const VitroClassify = define(Own);
