// image-style.js: the image with its bar, and the controls beside it.

export const IMAGE_STYLE = `
.frame { display: grid; grid-template-columns: minmax(0, 1fr); gap: 24px; }
.side { display: grid; gap: 24px; align-content: start; min-inline-size: 0; }
.controls { display: none; }
:host([controls]) .controls { display: flex; }

/* The image. */
.wipe { position: relative; aspect-ratio: 1; overflow: hidden; border-radius: 4px; background: var(--wash); touch-action: pan-y; user-select: none; }
.wipe canvas { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; display: block; }
.wipe .corrupted { clip-path: inset(0 0 0 var(--at)); image-rendering: pixelated; }
.wipe[data-state=pair] { cursor: ew-resize; }
.bar { position: absolute; inset-block: 0; left: var(--at); inline-size: 2px; margin-left: -1px; background: #fff; box-shadow: 0 0 0 1px rgb(0 0 0 / .35); }
.bar::after { content: "◂ ▸"; position: absolute; top: 50%; left: 50%; translate: -50% -50%; padding: 8px 8px; border-radius: 20px; background: #fff; color: #1b1e24; font-size: 12px; line-height: 16px; white-space: nowrap; box-shadow: 0 0 0 1px rgb(0 0 0 / .35); }
.bar:focus-visible { outline: none; }
.bar:focus-visible::after { outline: 2px solid var(--accent); outline-offset: 2px; }
.tag { position: absolute; inset-block-start: 8px; padding: 0 8px; border-radius: 4px; background: rgb(0 0 0 / .62); color: #fff; font-size: 13px; line-height: 24px; pointer-events: none; }
.left { left: 8px; } .wipe .right { right: 8px; inset-block: auto 8px; }
.empty { position: absolute; inset: 0; display: grid; place-content: center; padding: 32px; text-align: center; text-wrap: balance; overflow-wrap: anywhere; color: var(--quiet); }
.wipe[data-state=empty] > :not(.empty), .wipe:not([data-state=empty]) > .empty, .wipe[data-state=clean] > :is(.bar, .tag, .corrupted) { display: none; }
.caption { margin-block-start: 8px; font-size: 13px; line-height: 20px; color: var(--quiet); min-block-size: 24px; }

/* Corruption, severity, seed. */
.controls { flex-wrap: wrap; gap: 16px 32px; align-items: start; }
.field { display: grid; gap: 4px; }
.field label { display: block; }
.field > span, .field label > span { display: block; color: var(--quiet); font-size: 13px; line-height: 20px; }
select, input[type=number] { block-size: 40px; padding: 0 12px; border: 1px solid var(--line); border-radius: 4px; background: var(--paper); }
select { min-inline-size: 176px; }
.severity { flex: 1 1 240px; max-inline-size: 360px; }
.scale { display: grid; }
input[type=range] { inline-size: 100%; block-size: 24px; margin: 0; accent-color: var(--accent); cursor: pointer; }
.ticks { display: flex; justify-content: space-between; }
.ticks button { inline-size: 32px; margin-inline: -8px; padding: 0; border: 0; background: none; color: var(--quiet); font-size: 13px; line-height: 16px; text-align: center; cursor: pointer; }
.ticks button:first-child { text-align: start; margin-inline-start: 0; }
.ticks button:last-child { margin-inline-end: -8px; }
.ticks .here { color: var(--ink); font-weight: 600; }
.seed { grid-template-columns: 88px 40px; }
.seed label { grid-column: 1 / -1; }
.seed input { inline-size: 100%; appearance: textfield; }
.seed.idle { opacity: .5; }
.plain { block-size: 40px; border: 1px solid var(--line); border-radius: 4px; background: none; cursor: pointer; }
.plain:hover, .ticks button:hover { color: var(--accent); }
`;
