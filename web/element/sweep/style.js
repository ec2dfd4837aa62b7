// style.js: the look of <vitro-sweep>.

export const STYLE = `
.bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding-block-end: 16px; }
.plain { min-block-size: 40px; padding: 0 16px; border: 1px solid var(--line); border-radius: 4px; background: none; cursor: pointer; }
.plain:hover:enabled { color: var(--accent); }
.plain:disabled { color: var(--faint); cursor: default; }
progress { flex: 1 1 120px; accent-color: var(--accent); }
.curves { min-block-size: 120px; }
.note { font-size: 13px; line-height: 20px; color: var(--quiet); padding-block: 8px; min-block-size: 36px; }
summary { cursor: pointer; color: var(--quiet); font-size: 13px; line-height: 24px; }
.scroll { overflow-x: auto; }
code { display: block; padding: 8px 12px; border-radius: 4px; background: var(--wash); font: 12px/1.6 ui-monospace, monospace; white-space: pre; }
table { border-collapse: collapse; font-size: 13px; line-height: 24px; }
th, td { padding: 0 12px 0 0; text-align: start; border-block-end: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 400; color: var(--quiet); }
td { text-align: end; }
`;
