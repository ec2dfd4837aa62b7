// style.js: the look of <vitro-sweep> before it has counted anything.

export const STYLE = `
.bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding-block-end: 8px; }
.plain { min-block-size: 40px; padding: 0 16px; border: 1px solid var(--line); border-radius: 4px; background: none; cursor: pointer; }
.plain:hover:enabled { border-color: var(--accent); color: var(--accent); }
.plain:disabled { color: var(--faint); cursor: default; }
.going { flex: 1 1 240px; display: flex; gap: 12px; align-items: center; font-size: 13px; color: var(--quiet); white-space: nowrap; }
progress { flex: 1 1 80px; min-inline-size: 80px; accent-color: var(--accent); }
.note { font-size: 13px; line-height: 20px; color: var(--quiet); padding-block-end: 16px; min-block-size: 36px; text-wrap: pretty; }
`;
