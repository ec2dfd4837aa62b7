// style.js: where the parts of <vitro-corrupt> stand.

export const STYLE = `
.caption:empty { display: none; }
@container (min-width: 640px) {
  :host([controls]) .frame { grid-template-columns: minmax(240px, 420px) minmax(0, 1fr); column-gap: 32px; }
}
`;
