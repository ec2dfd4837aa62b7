// view-style.js: where the results of a sweep stand.

export const VIEW_STYLE = `
.answers { display: grid; grid-template-columns: minmax(0, 1fr); gap: 24px 40px; }
.beside { display: grid; gap: 24px; align-content: start; min-inline-size: 0; }
h2 { margin-block: 32px 12px; font-size: 15px; line-height: 24px; font-weight: 600; }
.summary { inline-size: 100%; border-collapse: collapse; font-size: 13px; line-height: 28px; }
.summary :is(th, td) { padding: 0 0 0 16px; border-block-end: 1px solid var(--line); text-align: end; white-space: nowrap; }
.summary th { font-weight: 400; color: var(--quiet); }
.summary :is(th, td):first-child { padding-inline-start: 0; text-align: start; }
.summary [scope=row] { color: var(--ink); font-weight: 600; }
.meaning { margin-block-start: -16px; font-size: 12px; line-height: 18px; color: var(--quiet); text-wrap: pretty; }
.scroll { overflow-x: auto; }
.same { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 8px 12px; align-items: start; }
pre { margin: 0; padding: 8px 12px; border-radius: 4px; background: var(--wash); font: 12px/1.6 ui-monospace, monospace; }
pre code { font: inherit; }

/* A heat map for each model. */
.maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 288px), 1fr)); gap: 24px 32px; align-items: start; }
.heat { inline-size: 100%; border-collapse: separate; border-spacing: 1px; table-layout: auto; font-size: 12px; line-height: 20px; }
.heat caption { text-align: start; font-size: 13px; font-weight: 600; padding-block-end: 4px; }
.heat th { padding: 0 8px 0 0; border: 0; font-weight: 400; color: var(--quiet); text-align: start; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.heat thead th + th { padding: 0; text-align: center; }
.heat td { inline-size: 13%; min-inline-size: 28px; padding: 0; border: 0; text-align: center; border-radius: 2px; background: var(--wash); print-color-adjust: exact; }
.heat .mean > * { border-block-start: 4px solid transparent; background-clip: padding-box; }
.heat .mean th { color: var(--ink); }
@media (forced-colors: active) { .heat td, .heat .mean > * { border: 1px solid GrayText; } .heat .mean th { border: 0; } }
@container (min-width: 900px) { .answers { grid-template-columns: minmax(0, 640px) minmax(0, 1fr); } }
@container (max-width: 479px) { .summary { font-size: 12px; } .summary :is(th, td) { padding-inline-start: 8px; } .summary [scope=row] { white-space: normal; line-height: 20px; } .same { grid-template-columns: minmax(0, 1fr); } .same .copy { justify-self: start; } }
@media print { .same .copy { display: none; } pre { white-space: pre-wrap; } .heat { break-inside: avoid; } }
`;
