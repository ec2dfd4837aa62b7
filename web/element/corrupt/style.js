// style.js: where the parts of <vitro-corrupt> stand.

export const STYLE = `
.stage { max-inline-size: 480px; }
.caption:empty { display: none; }
.choose { display: inline-grid; place-content: center; justify-self: start; padding: 0 16px; position: relative; }
.choose:focus-within { outline: 2px solid var(--accent); outline-offset: 2px; }
:host(:not([controls])) .frame:not(.imageless) .choose { display: none; }
@container (min-width: 640px) {
  :host([controls]) .frame { grid-template-columns: minmax(240px, 420px) minmax(0, 1fr); column-gap: 32px; }
}
`;
