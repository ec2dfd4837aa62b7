// synthesis.js: what is done to an image while models watch, for pages. It loads an engine of its own.
export { open } from './synthesis/client.js';
