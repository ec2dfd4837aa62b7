// style.js: <vitro-classify> is one column without its neighbours.

export const STYLE = `
.columns { grid-auto-columns: minmax(0, 420px); grid-template-rows: none; overflow: visible; }
.columns .column { grid-row: auto; grid-template-rows: auto; border-block-start: 0; padding-block-start: 0; }
.levels { display: none !important; }
.note:empty { display: none; }
.note { color: var(--quiet); }
`;
