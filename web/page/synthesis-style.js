// synthesis-style.js: the style of the panel in synthesis.js, which comes with it: a visitor who does not open it does not load it.

const STYLE = `
.panel.synthesis .about { max-inline-size: 64ch; min-block-size: 2lh; margin: 0 0 16px; color: var(--quiet); }
.panel.synthesis .amount { display: grid; grid-template-columns: auto auto; gap: 0 8px; align-items: center; }
.panel.synthesis .amount span { grid-column: 1 / 3; }
.panel.synthesis .amount input { inline-size: 160px; block-size: 40px; }
.panel.synthesis .amount output { min-inline-size: 12ch; font-size: 15px; color: var(--vitro-ink); }
.panel.synthesis form { gap: 12px 24px; margin-block-end: 12px; }
.panel.synthesis form button { padding: 0 16px; border: 1px solid var(--line); border-radius: 4px; background: none; font: inherit; font-size: 15px; line-height: 38px; color: inherit; cursor: pointer; white-space: nowrap; }
.panel.synthesis form button:hover:enabled { border-color: var(--vitro-accent); color: var(--vitro-accent); }
.panel.synthesis form button:disabled { opacity: 0.5; cursor: default; }
.panel.synthesis .told { min-block-size: 1lh; margin: 0 0 12px; }
.panel.synthesis .results:not([hidden]) { display: grid; gap: 24px; }
.panel.synthesis .pictures { display: grid; grid-template-columns: repeat(3, minmax(0, 224px)); gap: 16px; }
.panel.synthesis figure { margin: 0; }
.panel.synthesis figcaption { padding-block-start: 4px; font-size: 13px; line-height: 20px; color: var(--quiet); }
.panel.synthesis canvas { display: block; inline-size: 100%; aspect-ratio: 1; border-radius: 4px; image-rendering: pixelated; }
.panel.synthesis .movable { cursor: move; touch-action: none; }
.panel.synthesis .movable:focus-visible { outline: 2px solid var(--vitro-accent); outline-offset: 2px; }
.panel.synthesis .said { display: flex; flex-wrap: wrap; gap: 24px 48px; align-items: start; }
.panel.synthesis table { border-collapse: collapse; font-size: 15px; line-height: 24px; }
.panel.synthesis caption { padding-block-end: 4px; text-align: start; font-size: 13px; color: var(--quiet); }
.panel.synthesis :is(th, td) { padding: 4px 24px 4px 0; text-align: start; vertical-align: top; font-weight: 400; border-block-start: 1px solid var(--line); }
.panel.synthesis thead th { font-size: 13px; color: var(--quiet); border-block-start: 0; }
.panel.synthesis td { font-variant-numeric: tabular-nums; }
.panel.synthesis .moved { font-weight: 600; }
.panel.synthesis .course { inline-size: 240px; }
.panel.synthesis .course svg { display: block; inline-size: 240px; block-size: 64px; border-block-end: 1px solid var(--line); }
.panel.synthesis polyline { fill: none; stroke: var(--vitro-accent); stroke-width: 2; vector-effect: non-scaling-stroke; }
.panel.synthesis .speaks p { max-inline-size: 64ch; margin: 0 0 8px; font-size: 13px; line-height: 20px; color: var(--quiet); }
.panel.synthesis .maps { display: flex; flex-wrap: wrap; gap: 16px; min-block-size: 136px; }
.panel.synthesis .maps figure { inline-size: 112px; }
.panel.synthesis .old canvas { opacity: 0.4; }
@media (max-width: 600px) {
  .panel.synthesis .pictures { gap: 8px; }
  .panel.synthesis :is(th, td) { padding-inline-end: 12px; }
}
`;

/** Gives the document the style, once. @param {Document} page */
export function adoptStyle(page) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
  } catch {
    // Safari before 16.4 has no such sheets: the panel stays plain.
  }
}
