// style.js: the look of <vitro-compare>'s columns, and where things stand.

export const STYLE = `
/* One column per model; rows line up. */
.columns { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(264px, 1fr); grid-template-rows: repeat(4, auto); column-gap: 32px; overflow-x: auto; scroll-snap-type: x mandatory; scroll-padding-inline: 2px; padding: 2px; margin: -2px; }
.columns[data-empty]:not([data-empty=""])::before { content: attr(data-empty); color: var(--quiet); }
.column { display: grid; grid-template-columns: min(136px, 36%) minmax(0, 1fr); grid-row: 1 / -1; grid-template-rows: subgrid; gap: 0 16px; scroll-snap-align: start; border-block-start: 2px solid var(--line); padding-block-start: 12px; min-inline-size: 0; transition: opacity 120ms; }
.column.stale { opacity: .45; transition-delay: 160ms; } /* Quick answers do not flicker. */
.column header { grid-area: 1 / 1 / 2 / -1; padding-block-end: 12px; display: grid; grid-template-columns: minmax(0, 1fr) auto; align-content: start; }
.column header > p { grid-column: 1 / -1; }
.remove { inline-size: 32px; block-size: 24px; padding: 0; border: 0; border-radius: 4px; background: none; color: var(--quiet); cursor: pointer; }
.remove[hidden] { display: none; }
.remove:hover { color: var(--wrong); }
.name { font-size: 15px; line-height: 24px; font-weight: 600; overflow: hidden; text-overflow: ellipsis; }
.measured { font-size: 13px; line-height: 20px; color: var(--quiet); }
.measured:empty { display: none; }
.unmeasured .measured { visibility: hidden; }
.full { display: none; gap: 8px; align-items: center; font-size: 13px; line-height: 24px; color: var(--quiet); cursor: pointer; }
:host([controls]) .full { display: flex; inline-size: fit-content; }
.full input { margin: 0; accent-color: var(--accent); }
.look { grid-area: 2 / 1 / 4 / 2; align-self: start; padding: 0; border: 1px solid transparent; border-radius: 4px; background: none; cursor: zoom-in; }
.attention { display: block; inline-size: 100%; aspect-ratio: 1; border-radius: 4px; background: var(--wash); }
.waiting .look, .refused .look { pointer-events: none; }
.verdict { grid-area: 2 / 2; min-block-size: 32px; font-size: 15px; line-height: 24px; padding-block-end: 8px; display: flex; gap: 8px; align-items: baseline; min-inline-size: 0; }
.verdict .top { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.word { font-size: 13px; } .mark { font-weight: 700; }
.right .mark, .right .word { color: var(--accent); }
.wrong .mark, .wrong .word { color: var(--wrong); }
.bars { grid-area: 3 / 2; list-style: none; padding: 0; display: grid; gap: 4px; align-content: start; min-block-size: 104px; }
.bars li { display: grid; grid-template-columns: minmax(0, 1fr) auto; font-size: 13px; line-height: 18px; column-gap: 8px; }
.bars li[hidden] { display: none; }
.class { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.label .class::before { content: "◆ "; color: var(--accent); font-size: 9px; vertical-align: 1px; }
.probability { color: var(--quiet); }
.track { grid-column: 1 / -1; block-size: 4px; background: var(--wash); border-radius: 2px; }
.track i { display: block; inline-size: 0; block-size: 4px; border-radius: 2px; background: var(--faint); transition: inline-size 160ms; }
.bars li:first-child i { background: var(--accent); }
.wrong .bars li:first-child i { background: var(--wrong); }
.wrong .bars .label i { background: var(--accent); }
dl { grid-area: 4 / 1 / 5 / -1; padding-block-start: 12px; display: grid; gap: 4px; align-content: start; }
dl div { display: grid; grid-template-columns: 72px minmax(0, 1fr); column-gap: 8px; font-size: 13px; line-height: 24px; }
dt { color: var(--quiet); } dd { margin: 0; min-block-size: 24px; }
/* English words keep their order on a page that runs from right to left. */
dd, .probability, .caption, .measured, .message { unicode-bidi: plaintext; }
:host(:dir(rtl)) :is(dd, .caption, .measured, .message) { text-align: right; }
.levels dd { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }
.level { inline-size: 20px; block-size: 20px; border-radius: 50%; border: 1px solid var(--line); font-size: 11px; line-height: 18px; text-align: center; color: var(--quiet); }
.level.holds { border-color: var(--accent); background: var(--accent); color: var(--paper); }
.level.breaks { border-color: var(--wrong); color: var(--wrong); font-weight: 700; border-radius: 4px; }
.level.here { box-shadow: 0 0 0 2px var(--paper), 0 0 0 3px var(--ink); }
.words { padding-inline-start: 4px; }
.words:empty::before { content: "…"; color: var(--quiet); }
dl > [hidden] { display: none; }
.iterations dd { display: flex; flex-wrap: wrap; gap: 4px; padding-block: 4px; }
.iterations canvas { inline-size: 32px; block-size: 32px; border-radius: 2px; background: var(--wash); }
.message { grid-area: 2 / 2; font-size: 13px; line-height: 24px; color: var(--quiet); }
.refused .message { color: var(--wrong); }
.waiting :is(.verdict, .bars, dl), .refused :is(.verdict, .bars, dl) { visibility: hidden; }
.refused .message { grid-row-end: 4; }

.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--quiet); font-size: 13px; }
.map { display: grid; inline-size: 160px; padding-block-start: 6px; direction: ltr; }
.map canvas { inline-size: 160px; block-size: 8px; border-radius: 2px; opacity: .8; }
.marks { position: relative; block-size: 20px; }
.marks i { position: absolute; translate: -50%; font-style: normal; font-size: 12px; white-space: nowrap; }
.marks i:first-child { translate: 0; } .marks i:last-child { translate: -100%; }

@container (min-width: 760px) {
  .frame { grid-template-columns: minmax(280px, 420px) minmax(0, 1fr); column-gap: 40px; }
  .columns, .legend { grid-column: 1 / -1; }
  .stage { grid-area: 1 / 1; }
  .side { grid-area: 1 / 2; }
  /* With nothing else beside the image, the legend stands there; without controls, the models do, one below the other. */
  .bare .legend { grid-area: 1 / 2; align-self: end; padding-block-end: 32px; }
  :host(:not([controls])) .bare { grid-template-rows: auto 1fr; }
  :host(:not([controls])) .bare .side { display: none; }
  :host(:not([controls])) .bare .columns { grid-area: 1 / 2 / 3 / 3; grid-auto-flow: row; grid-auto-columns: minmax(0, 1fr); grid-template-rows: none; row-gap: 24px; }
  :host(:not([controls])) .bare .column { grid-row: auto; grid-template-rows: auto; }
  :host(:not([controls])) .bare .legend { grid-area: 2 / 1; align-self: start; padding: 0; }
}
@container (max-width: 1099px) { .words { flex-basis: 100%; padding: 0; } }
@container (max-width: 759px) {
  .columns { grid-auto-columns: min(86%, 360px); column-gap: 24px; scrollbar-width: none; }
  /* The controls stay under the thumb while the columns are read. */
  .side { display: contents; }
  .controls { order: 2; position: sticky; inset-block-end: 0; z-index: 1; flex-wrap: nowrap; gap: 16px; padding-block: 8px calc(8px + env(safe-area-inset-bottom)); background: var(--paper); border-block-start: 1px solid var(--line); }
  .controls .field { align-content: start; }
  .corruption { flex: 0 1 128px; min-inline-size: 0; }
  .corruption select { min-inline-size: 0; inline-size: 100%; padding: 0 8px; }
  .controls .severity { flex: 1 1 160px; max-inline-size: none; }
  .controls .seed { display: none; }
  .ticks button:first-child { font-size: 11px; }
  /* The answers come right below the image, what else there is after them. */
  ::slotted(*) { order: 1; min-inline-size: 0; }
  .legend { order: 0; }
  .frame { gap: 16px; }
}
@container (max-width: 479px) {
  .wipe { inline-size: 64%; margin-inline: auto; }
  .caption { text-align: center; }
}
@media print {
  .controls { position: static; }
  .columns { grid-auto-flow: row; grid-auto-columns: auto; grid-template-columns: 1fr 1fr; grid-template-rows: none; overflow: visible; }
  .column { grid-row: auto; grid-template-rows: auto; break-inside: avoid; }
}
`;
